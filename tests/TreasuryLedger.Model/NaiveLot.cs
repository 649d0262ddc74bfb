using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>Units with one name, date and cost that lie in one pool.</summary>
/// <param name="Fact">The fact that brought them.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Acquired">When they were acquired.</param>
/// <param name="Turn">The place of that fact's entry in the order of all entries.</param>
/// <param name="Price">The price it was valued with, if one was needed.</param>
public sealed record NaiveLot(FactId Fact, int Leg, Instant Acquired, int Turn, string? Price)
{
    /// <summary>The worst evidence of the cost.</summary>
    public EvidenceQuality Quality { get; set; }

    /// <summary>Units left.</summary>
    public BigInteger Units { get; set; }

    /// <summary>Cost left; <c>null</c> if nobody knows it. Under average cost the pool knows it instead.</summary>
    public BigInteger? Cost { get; set; }

    /// <summary>The how-manieth part that came to this place it was.</summary>
    public int Came { get; set; }

    /// <summary>Units as acquired, by which HIFO ranks.</summary>
    public BigInteger RankUnits { get; set; }

    /// <summary>Cost as acquired, by which HIFO ranks.</summary>
    public BigInteger? RankCost { get; set; }

    /// <summary>How much of that cost are fees.</summary>
    public BigInteger Fees { get; set; }
}

/// <summary>A part of a lot that leaves its pool.</summary>
/// <param name="Lot">The lot.</param>
/// <param name="Units">How many units.</param>
/// <param name="Cost">What they cost, if known.</param>
/// <param name="Quality">The worst evidence of that cost.</param>
public sealed record NaivePart(NaiveLot Lot, BigInteger Units, BigInteger? Cost, EvidenceQuality Quality);

/// <summary>The lots of one asset, and under per-account scope of one place.</summary>
/// <param name="Name">The asset, with the account or transfer behind an @.</param>
public sealed record NaivePool(string Name)
{
    /// <summary>By which method lots leave it.</summary>
    public LotMethod Method { get; set; }

    /// <summary>Whether units with a known cost leave at their average.</summary>
    public bool IsAveraging => Method == LotMethod.Average || NaiveRules.LooksAtOtherDays(Method);

    /// <summary>In no order; sorted when one must be picked.</summary>
    public List<NaiveLot> Lots { get; } = [];

    /// <summary>Of each lot the part that last moved in, even if it has left again.</summary>
    public Dictionary<(FactId Fact, int Leg), NaiveLot> MovedIn { get; } = [];

    /// <summary>How many parts ever came, those that joined another one aside.</summary>
    public int Came { get; set; }

    /// <summary>Units by postings alone, whatever the lots say.</summary>
    public BigInteger Balance { get; set; }

    /// <summary>Units that left without a lot.</summary>
    public BigInteger Deficit { get; set; }

    /// <summary>Average cost only: units with a known cost.</summary>
    public BigInteger KnownUnits { get; set; }

    /// <summary>Average cost only: what they cost together.</summary>
    public BigInteger KnownCost { get; set; }

    /// <summary>Average cost only: the worst lot with a cost that came in since there were none.</summary>
    public EvidenceQuality KnownQuality { get; set; }
}

/// <summary>A value and how much it may be relied on.</summary>
/// <param name="Attos">In 10^-18 of the reporting currency; <c>null</c> if nobody knows.</param>
/// <param name="Quality">The worst evidence it rests on.</param>
/// <param name="Price">The price it was made with, if one was needed.</param>
public readonly record struct Worth(BigInteger? Attos, EvidenceQuality Quality, string? Price);
