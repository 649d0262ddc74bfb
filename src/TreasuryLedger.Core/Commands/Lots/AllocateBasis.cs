using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Units of a lot for an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Lot">The lot: the fact that brought it, a colon and the leg.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">How much of it, in whole tokens, more than 0.</param>
public sealed record AllocatedLotTerms(AccountId Account, LotId Lot, AssetId Asset, ExactDecimal Quantity);

/// <summary>
/// Says for good which lots of a book lie at which account where its scope becomes per account: lots by name, and all
/// others by a rule (Rev. Proc. 2024-28; Lots/SPEC.md 16.4). Once for each book; it is never voided.
/// </summary>
public sealed record AllocateBasis : Command, IBookDecision
{
    /// <summary>The book's name; `official` takes two persons.</summary>
    public required string Book { get; init; }

    /// <summary>Lots by name; may be empty.</summary>
    public ImmutableArray<AllocatedLotTerms> Units { get; init; } = [];

    /// <summary>The order in which all other lots are given out: fifo, lifo, hifo or lofo.</summary>
    public LotMethod Method { get; init; } = LotMethod.Fifo;

    /// <summary>The accounts that get those first, in this order; then come the others by id.</summary>
    public ImmutableArray<AccountId> Accounts { get; init; } = [];

    /// <summary>
    /// For the official book: the position of the entry that proposes this very allocation. Absent: this one proposes
    /// it.
    /// </summary>
    public long? Proposal { get; init; }

    internal override Decision Decide(TreasuryState state) => Decide(state, DecisionContext.Empty);

    internal override Decision Decide(TreasuryState state, DecisionContext context)
    {
        var check = new Checks(state);
        LotTerms.CheckBook(check, Book);
        var units = check.Each("units", Units, unit =>
        {
            var leg = check.Leg(unit.Account, Place.Any, unit.Asset, unit.Quantity);
            return new AllocatedUnits(unit.Account, new LotUnits(unit.Lot.Fact, unit.Lot.Leg, leg.Quantity));
        });
        LotTerms.CheckOrder(check, Method);
        ImmutableArray<AccountId> accounts = Accounts.IsDefault ? [] : Accounts;
        foreach (var account in accounts)
        {
            check.Account(account, Place.Any);
        }

        check.Term(accounts.Distinct().Count() == accounts.Length, "accounts", "must name each account once");
        var before = state.AllocationOf(Book);
        check.That(before is null, () => Refusal.Of(
            RefusalCode.AllocationFinal,
            $"Entry {before!.By} allocates the lots of book {Book}, for good.",
            ("book", Book),
            ("entry", before.By)));
        var decided = new BasisAllocated(Book, units, Method, accounts);
        this.CheckPersons(check, state, context, decided);
        return check.Accept(this.Recorded(decided, context));
    }
}
