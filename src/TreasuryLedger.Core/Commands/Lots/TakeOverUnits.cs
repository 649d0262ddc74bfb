using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records that units came from another treasury of the same owners, which hands them over under the same fact; in
/// whatever order the two are told. By a book's terms they bring date and cost, or are acquired at their value then
/// (Lots/SPEC.md 16.6).
/// </summary>
public sealed record TakeOverUnits : Command
{
    /// <summary>Where the units came; not a lending position.</summary>
    public required AccountId To { get; init; }

    /// <summary>The treasury that gave them: its id.</summary>
    public required string Treasury { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>
    /// What the units were there, as its side of the handover tells. In no book more than came; what is missing has no
    /// cost until somebody tells it.
    /// </summary>
    public ImmutableArray<TakenOverLotTerms> Lots { get; init; } = [];

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Texts.IsBookId(Treasury), "treasury", Texts.BookIdExpected);
        var received = check.Leg(To, Place.Holding, Asset, Quantity);
        var lots = check.Each("lots", Lots, lot => Lot(check, lot));
        if (check.First is null)
        {
            foreach (var book in lots.GroupBy(lot => lot.Book))
            {
                var told = book.Aggregate(Money.Quantity.Zero, (sum, lot) => sum + lot.Quantity);
                check.Term(told <= received.Quantity, "lots", $"have more units than the {Quantity} {Asset} that came");
            }
        }

        return check.Accept(new UnitsTakenOver(received, Treasury, lots));
    }

    private TakenOverLot Lot(Checks check, TakenOverLotTerms lot)
    {
        var units = check.Leg(To, Place.Holding, Asset, lot.Quantity).Quantity;
        check.Term(
            lot.AcquiredAt <= EffectiveAt,
            "acquiredAt",
            $"is {lot.AcquiredAt}, after the units came at {EffectiveAt}; it must not be later");
        check.Term(lot.Book is null || Texts.IsBookId(lot.Book), "book", Texts.BookIdExpected);
        check.Value(lot.Cost);
        return new TakenOverLot(units, lot.AcquiredAt, lot.Cost, lot.Book);
    }
}

/// <summary>Units of a lot as the treasury that handed them over kept it.</summary>
/// <param name="Quantity">How much, in whole tokens, more than 0.</param>
/// <param name="AcquiredAt">When they were acquired there; not after they came.</param>
/// <param name="Cost">What they cost there, fees included; absent if nobody knows.</param>
/// <param name="Book">In which book; absent: in every book for which no lot is told by name.</param>
public sealed record TakenOverLotTerms(
    ExactDecimal Quantity, Instant AcquiredAt, CurrencyAmount? Cost, string? Book = null);
