using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>Units of a lot.</summary>
/// <param name="Lot">The lot: the fact that brought it, a colon and the leg.</param>
/// <param name="Quantity">How much of it, in whole tokens, more than 0.</param>
public sealed record IdentifiedLotTerms(LotId Lot, ExactDecimal Quantity);

/// <summary>What lots are like; what is absent does not matter.</summary>
/// <param name="Lot">The lot itself.</param>
/// <param name="AcquiredFrom">Acquired at or after this instant.</param>
/// <param name="AcquiredBefore">Acquired before this instant.</param>
/// <param name="UnitCost">The whole cost per token as acquired, fees included, in the reporting currency.</param>
public sealed record LotFilterTerms(
    LotId? Lot, Instant? AcquiredFrom, Instant? AcquiredBefore, ExactDecimal? UnitCost);

/// <summary>
/// Records that the lots of a disposal or a transfer were identified, at the effective instant: lots by name, or what
/// they are like, or a method. Whether it counts is for the terms of each book to say (Lots/SPEC.md 13).
/// </summary>
public sealed record IdentifyLots : Command
{
    /// <summary>The fact of the disposal or transfer; it may be recorded later.</summary>
    public required FactId Of { get; init; }

    /// <summary>Its leg: 0 for the units themselves, 2 and up for fees in kind.</summary>
    public int Leg { get; init; }

    /// <summary>The asset that leaves, in whose tokens quantities are.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Lots by name, in the order in which they leave; without <see cref="Filter"/> and <see cref="Method"/>.
    /// </summary>
    public ImmutableArray<IdentifiedLotTerms> Lots { get; init; } = [];

    /// <summary>What the lots are like.</summary>
    public LotFilterTerms? Filter { get; init; }

    /// <summary>By which method they leave: fifo, lifo, hifo or lofo.</summary>
    public LotMethod? Method { get; init; }

    internal override IEnumerable<FactId> NamedFacts => base.NamedFacts.Append(Of);

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Leg >= 0, "leg", "must be 0 or more");
        check.Asset(Asset);
        var lots = check.Each("lots", Lots, lot => new LotUnits(
            lot.Lot.Fact, lot.Lot.Leg, check.Units(Asset, lot.Quantity, least: 1)));
        var isDescribed = Filter is not null || Method is not null;
        check.Term(
            lots.IsEmpty == isDescribed, "lots", "must be there, or filter or method instead, and not both");
        check.Term(
            lots.DistinctBy(lot => (lot.Acquisition, lot.Leg)).Count() == lots.Length, "lots",
            "must name each lot once");
        check.Term(
            Filter is not { Lot: null, AcquiredFrom: null, AcquiredBefore: null, UnitCost: null }, "filter",
            "must say something");
        if (Filter?.UnitCost is { } cost)
        {
            check.Number(cost, "unitCost", cost.Sign >= 0, "0 or more");
        }

        LotTerms.CheckOrder(check, Method);
        var holder = state.HolderOf(Of);
        check.That(holder is null || holder.EffectiveAt >= EffectiveAt, () => Refusal.Of(
            RefusalCode.IdentificationTooLate,
            $"{Of} happened at {holder!.EffectiveAt}; lots are identified no later.",
            ("of", Of),
            ("entry", holder.Position),
            ("effectiveAt", holder.EffectiveAt)));
        var filter = Filter is null
            ? null
            : new LotFilter(
                Filter.Lot?.Fact, Filter.Lot?.Leg, Filter.AcquiredFrom, Filter.AcquiredBefore, Filter.UnitCost);
        return check.Accept(new LotsIdentified(Of, Leg, lots, filter, Method));
    }
}
