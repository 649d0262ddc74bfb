using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Limits;

/// <summary>An entry about limits, the playbook or alerts that counts.</summary>
/// <param name="Event">What it says.</param>
/// <param name="Fact">Its fact; names an alert.</param>
/// <param name="At">From when on.</param>
/// <param name="By">Its position.</param>
public sealed record RiskEntry(LedgerEvent Event, FactId Fact, Instant At, long By)
{
    /// <summary>What an entry says.</summary>
    public static RiskEntry Of(NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new RiskEntry(entry.Event, entry.Fact, entry.EffectiveAt, entry.Position);
    }
}

/// <summary>Limits from an instant on.</summary>
/// <param name="Entry">The position of the entry that sets them; absent for those of the opening.</param>
/// <param name="From">From when on; absent: always.</param>
/// <param name="Limits">The limits.</param>
public sealed record DatedLimits(long? Entry, Instant? From, RiskLimits Limits);

/// <summary>A playbook from an instant on.</summary>
/// <param name="Entry">The position of the entry that adopts it.</param>
/// <param name="From">From when on.</param>
/// <param name="Bands">From the highest bound to the lowest.</param>
public sealed record DatedPlaybook(long Entry, Instant From, ImmutableArray<PlaybookBand> Bands);

/// <summary>What two persons decide from an instant on.</summary>
/// <param name="Entry">The position of the entry that says so.</param>
/// <param name="From">From when on.</param>
/// <param name="InstructionsAbove">Instructions worth more than this, in the reporting currency; absent: none.</param>
public sealed record DatedFourEyes(long Entry, Instant From, ExactDecimal? InstructionsAbove);

/// <summary>An alert that was raised, and what became of it.</summary>
/// <param name="Fact">Names it.</param>
/// <param name="Entry">The position of the entry that raised it.</param>
/// <param name="Since">Since when the limit is broken, as was said then.</param>
/// <param name="Raised">What was said.</param>
/// <param name="Acknowledged">The first entry by which somebody took notice.</param>
/// <param name="Resolved">The first entry that resolves it.</param>
public sealed record RecordedAlert(
    FactId Fact, long Entry, Instant Since, AlertRaised Raised, RiskEntry? Acknowledged, RiskEntry? Resolved);

/// <summary>What a treasury has said of risk: limits, playbooks and alerts, as known (SPEC 9).</summary>
/// <param name="entries">The entries that count, in any order.</param>
public sealed class RiskBook(IEnumerable<RiskEntry> entries)
{
    private readonly ImmutableArray<RiskEntry> _entries = [.. entries.OrderBy(one => one.At).ThenBy(one => one.By)];

    /// <summary>Every set of limits that has been in force by an instant, those of the opening first.</summary>
    /// <param name="opening">The treasury's opening.</param>
    /// <param name="at">Inclusive.</param>
    public ImmutableArray<DatedLimits> Limits(TreasuryOpened opening, Instant at)
    {
        ArgumentNullException.ThrowIfNull(opening);
        return
        [
            new DatedLimits(null, null, RiskLimits.Of(opening.Limits)),
            .. from one in _entries
               where one.At <= at && one.Event is LimitsSet
               select new DatedLimits(one.By, one.At, ((LimitsSet)one.Event).Limits),
        ];
    }

    /// <summary>The limits in force at an instant.</summary>
    /// <inheritdoc cref="Limits"/>
    public RiskLimits LimitsAt(TreasuryOpened opening, Instant at) => Limits(opening, at)[^1].Limits;

    /// <summary>The playbook in force at an instant; absent if there is none.</summary>
    /// <param name="at">Inclusive.</param>
    public DatedPlaybook? PlaybookAt(Instant at) =>
        _entries.LastOrDefault(one => one.At <= at && one.Event is PlaybookAdopted) is { } one
            && ((PlaybookAdopted)one.Event).Bands is { IsEmpty: false } bands
            ? new DatedPlaybook(one.By, one.At, bands)
            : null;

    /// <summary>What two persons decide at an instant; absent before anybody said so.</summary>
    /// <param name="at">Inclusive.</param>
    public DatedFourEyes? FourEyesAt(Instant at) =>
        _entries.LastOrDefault(one => one.At <= at && one.Event is FourEyesSet) is { } one
            ? new DatedFourEyes(one.By, one.At, ((FourEyesSet)one.Event).InstructionsAbove)
            : null;

    /// <summary>The alerts that were raised by an instant, in order.</summary>
    /// <param name="at">Inclusive; also of what became of them.</param>
    public ImmutableArray<RecordedAlert> Alerts(Instant at) =>
    [
        .. from one in _entries
           where one.At <= at && one.Event is AlertRaised
           select new RecordedAlert(
               one.Fact, one.By, one.At, (AlertRaised)one.Event,
               First(at, told => (told as AlertAcknowledged)?.Alert == one.Fact),
               First(at, told => (told as AlertResolved)?.Alert == one.Fact)),
    ];

    private RiskEntry? First(Instant at, Func<LedgerEvent, bool> isIt) =>
        _entries.FirstOrDefault(one => one.At <= at && isIt(one.Event));
}

/// <summary>The band of a playbook that a health factor is in.</summary>
public static class Playbook
{
    /// <summary>The band; absent above all of them and without debt.</summary>
    /// <param name="bands">From the highest bound to the lowest.</param>
    /// <param name="healthFactor">Absent without debt.</param>
    public static PlaybookBand? BandOf(ImmutableArray<PlaybookBand> bands, ExactDecimal? healthFactor) =>
        healthFactor is { } factor ? bands.LastOrDefault(band => factor < band.HealthFactorBelow) : null;
}
