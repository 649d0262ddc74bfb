using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// What is left of an acquisition at one place, as the fold keeps it. Once it is in a pool it never changes: what is
/// left after a part was taken is another value, so snapshots of a pool share their lots.
/// </summary>
internal sealed record Lot
{
    private readonly KeptNumber _originalUnits;
    private readonly KeptNumber _originalCost;
    private readonly KeptNumber _feesInCost;
    private readonly KeptNumber _units;
    private readonly KeptNumber _cost;

    public required LotId Id { get; init; }

    public required Instant AcquiredAt { get; init; }

    /// <summary>Where the acquisition stands in the order of the fold: entry order, then leg.</summary>
    public required long Ordinal { get; init; }

    public required long Entry { get; init; }

    public required EvidenceQuality Quality { get; init; }

    public PriceUsed? Price { get; init; }

    /// <summary>As acquired (or as converted): by it HIFO ranks, so that floors never change a rank.</summary>
    public required BigInteger OriginalUnits
    {
        get => _originalUnits.Value;
        init => _originalUnits = new KeptNumber(value);
    }

    /// <inheritdoc cref="OriginalUnits"/>
    public required BigInteger OriginalCost
    {
        get => _originalCost.Value;
        init => _originalCost = new KeptNumber(value);
    }

    /// <summary>The part of <see cref="OriginalCost"/> that were fees.</summary>
    public BigInteger FeesInCost
    {
        get => _feesInCost.Value;
        init => _feesInCost = new KeptNumber(value);
    }

    /// <summary><c>false</c> if the basis is missing; its costs are then zero and mean nothing.</summary>
    public required bool HasCost { get; init; }

    public required BigInteger Units
    {
        get => _units.Value;
        init => _units = new KeptNumber(value);
    }

    /// <summary>Cost of <see cref="Units"/> in 10^-18; kept by the pool instead under average cost.</summary>
    public required BigInteger Cost
    {
        get => _cost.Value;
        init => _cost = new KeptNumber(value);
    }

    /// <summary>
    /// Order of coming into this pool, which gives it: decides between parts of one lot that were converted apart.
    /// </summary>
    public long Arrival { get; set; }

    /// <summary>Whether it came into this pool from another place, so that more of it may join it.</summary>
    public bool IsCarried { get; set; }

    /// <summary>
    /// <c>floor(2^64 × cost ÷ units)</c> as acquired, at most the largest number: where two differ, the unit costs
    /// differ the same way. Given by a pool that takes the highest first.
    /// </summary>
    public UInt128 Rank { get; set; }

    /// <summary>The same lot at another place: date, id and rank stay.</summary>
    public Lot Carry(BigInteger units, BigInteger cost, EvidenceQuality quality) =>
        this with { Units = units, Cost = cost, Quality = quality };

    /// <summary>The same lot in units of another pool: date and id stay, it ranks by what was converted.</summary>
    public Lot Convert(BigInteger units, BigInteger cost, EvidenceQuality quality) => this with
    {
        OriginalUnits = units,
        OriginalCost = cost,
        FeesInCost = FeesInCost.IsZero ? FeesInCost : FeesInCost * cost / OriginalCost,
        Units = units,
        Cost = cost,
        Quality = quality,
    };
}
