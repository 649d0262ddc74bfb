using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Orders that a book takes the lots at one account by a method of its own, from the effective instant on. It cannot be
/// back-dated, unless the book's terms then count what evidence attests (Lots/SPEC.md 13.5).
/// </summary>
public sealed record GiveStandingOrder : Command, IBookDecision
{
    /// <summary>The book's name; `official` takes two persons.</summary>
    public required string Book { get; init; }

    /// <summary>The account.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The method: fifo, lifo, hifo, lofo, average or specific. Absent: the book's own again.</summary>
    public LotMethod? Method { get; init; }

    /// <summary>
    /// For the official book: the position of the entry that proposes this very order. Absent: this one proposes it.
    /// </summary>
    public long? Proposal { get; init; }

    internal override Decision Decide(TreasuryState state) => Decide(state, DecisionContext.Empty);

    internal override Decision Decide(TreasuryState state, DecisionContext context)
    {
        var check = new Checks(state);
        LotTerms.CheckBook(check, Book);
        check.Account(Account, Place.Any);
        check.Term(
            Method is not { } method || !Ranking.IsWindowed(method), "method",
            "must be one by which a single account can be kept");
        var isAttested = LotTerms.Of(state, Book, EffectiveAt).Conventions?.Identification
            == IdentificationRule.Attested;
        var decided = new StandingOrderGiven(Book, Account, Method);
        this.CheckPersons(check, state, context, decided);
        check.That(isAttested || EffectiveAt >= context.RecordedAt, () => Refusal.Of(
            RefusalCode.OrderBackDated,
            $"It is {context.RecordedAt}; a standing order for book {Book} cannot begin at {EffectiveAt}.",
            ("book", Book),
            ("recordedAt", context.RecordedAt)));
        return check.Accept(this.Recorded(decided, context));
    }
}
