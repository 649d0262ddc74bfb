using System.Collections.Immutable;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>An event that says something about one book and does nothing in the others.</summary>
public interface IOfBook
{
    /// <summary>The book's name.</summary>
    string Book { get; }
}

/// <summary>Units of one lot.</summary>
/// <param name="Acquisition">The fact that brought the lot.</param>
/// <param name="Leg">Its leg (Lots/SPEC 2.2).</param>
/// <param name="Quantity">Smallest units, more than zero.</param>
public sealed record LotUnits(FactId Acquisition, int Leg, Quantity Quantity);

/// <summary>Lots by what they are like; what is absent does not matter.</summary>
/// <param name="Acquisition">The fact that brought the lot.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="AcquiredFrom">Acquired at or after this instant.</param>
/// <param name="AcquiredBefore">Acquired before this instant.</param>
/// <param name="UnitCost">The whole cost per token as acquired, fees included.</param>
public sealed record LotFilter(
    FactId? Acquisition, int? Leg, Instant? AcquiredFrom, Instant? AcquiredBefore, ExactDecimal? UnitCost);

/// <summary>
/// Somebody identified the lots that a disposal or a transfer takes, by name, by what they are like, or by a method.
/// It happened at its effective instant, and counts by the terms of each book (Lots/SPEC 13).
/// </summary>
/// <param name="Fact">The disposal or transfer; it may not be recorded yet.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Lots">Lots by name, in the order in which they leave; empty if they are not named.</param>
/// <param name="Filter">What they are like; absent if that is not said.</param>
/// <param name="Method">The method among them; absent: the book's.</param>
public sealed record LotsIdentified(
    FactId Fact, int Leg, ImmutableArray<LotUnits> Lots, LotFilter? Filter, LotMethod? Method) : LedgerEvent;

/// <summary>
/// From the effective instant on (inclusive) a book takes the lots at one account by this method, whatever its own is.
/// </summary>
/// <param name="Book">The book's name.</param>
/// <param name="Account">The account.</param>
/// <param name="Method">The method; absent: the book's own again.</param>
public sealed record StandingOrderGiven(string Book, AccountId Account, LotMethod? Method) : LedgerEvent, IOfBook;

/// <summary>Units of a lot that a place gets.</summary>
/// <param name="Account">The account.</param>
/// <param name="Units">Of which lot, and how many.</param>
public sealed record AllocatedUnits(AccountId Account, LotUnits Units);

/// <summary>
/// Says once and for all which lots of a book lie at which account where its scope becomes per account (Rev. Proc.
/// 2024-28): those that are named, then the others by a rule.
/// </summary>
/// <param name="Book">The book's name.</param>
/// <param name="Units">Lots by name; may be empty.</param>
/// <param name="Method">The order in which the other lots are given out.</param>
/// <param name="Accounts">The accounts that get them first, in this order; then come the others by id.</param>
public sealed record BasisAllocated(
    string Book, ImmutableArray<AllocatedUnits> Units, LotMethod Method, ImmutableArray<AccountId> Accounts)
    : LedgerEvent, IOfBook;

/// <summary>
/// Somebody proposes what is to be decided about lots of the official book; it counts once somebody else decides it.
/// </summary>
/// <param name="Decision">What would be decided: an allocation or a standing order.</param>
/// <param name="ProposedBy">Who proposes it.</param>
public sealed record DecisionProposed(LedgerEvent Decision, string ProposedBy) : LedgerEvent, IOfBook
{
    string IOfBook.Book => ((IOfBook)Decision).Book;
}

/// <summary>Units of a lot as the treasury that handed them over kept it.</summary>
/// <param name="Quantity">Smallest units, more than zero.</param>
/// <param name="AcquiredAt">When they were acquired there.</param>
/// <param name="Cost">What they cost there, fees included; absent if nobody knows.</param>
/// <param name="Book">In which book; absent: in every book for which nothing else is said.</param>
public sealed record TakenOverLot(Quantity Quantity, Instant AcquiredAt, CurrencyAmount? Cost, string? Book);

/// <summary>
/// Units came from another treasury of the same owners: the other half of a pair, under the same fact.
/// </summary>
/// <param name="Received">What came, and where.</param>
/// <param name="Treasury">The treasury that gave it.</param>
/// <param name="Lots">What they were there; what is missing to all units, nobody knows yet.</param>
public sealed record UnitsTakenOver(Leg Received, string Treasury, ImmutableArray<TakenOverLot> Lots) : LedgerEvent
{
    /// <summary>The lots in a book: its own, or else those of every book.</summary>
    public ImmutableArray<TakenOverLot> LotsOf(string book) =>
        [.. Lots.Where(lot => lot.Book == (Lots.Any(own => own.Book == book) ? book : null))];
}

/// <summary>Units went to another treasury of the same owners: the one half of a pair.</summary>
/// <param name="Sent">What left, and from where.</param>
/// <param name="Treasury">The treasury that gets it, by its name there.</param>
/// <param name="Fees">What it cost; may be in any asset.</param>
public sealed record UnitsHandedOver(Leg Sent, string Treasury, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;
