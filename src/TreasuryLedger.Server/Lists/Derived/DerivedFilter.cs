using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>What a derived list is about: all that is given must hold. Absent means any.</summary>
public sealed record DerivedFilter
{
    /// <summary>An asset of the row: as its entry names it, or whose lots it is about.</summary>
    public AssetId? Asset { get; init; }

    /// <summary>An account of the row.</summary>
    public AccountId? Account { get; init; }

    /// <summary>Words of the list's kinds, one of which the row has; empty means any.</summary>
    public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>A lot that the row is about.</summary>
    public LotId? Lot { get; init; }

    /// <summary>Who says so.</summary>
    public string? Source { get; init; }

    /// <summary>Who recorded it.</summary>
    public string? Actor { get; init; }

    /// <summary>How its fact id begins.</summary>
    public string? FactPrefix { get; init; }

    /// <summary>The worst evidence that it rests on.</summary>
    public EvidenceQuality? Quality { get; init; }

    /// <summary>Lowest amount (inclusive).</summary>
    public Amount? AmountMin { get; init; }

    /// <summary>Highest amount (inclusive).</summary>
    public Amount? AmountMax { get; init; }

    /// <summary>Lowest gain (inclusive).</summary>
    public Amount? GainMin { get; init; }

    /// <summary>Highest gain (inclusive).</summary>
    public Amount? GainMax { get; init; }

    /// <summary>Whether nothing is missing in it, or it is over.</summary>
    public bool? Complete { get; init; }

    /// <summary>Effective at it or later.</summary>
    public Instant? EffectiveFrom { get; init; }

    /// <summary>Effective earlier.</summary>
    public Instant? EffectiveUntil { get; init; }

    /// <summary>Recorded at it or later.</summary>
    public Instant? RecordedFrom { get; init; }

    /// <summary>Recorded earlier.</summary>
    public Instant? RecordedUntil { get; init; }

    /// <summary>Reads what a list knows of these.</summary>
    /// <param name="query">The query.</param>
    /// <param name="known">The filters of the list.</param>
    /// <exception cref="ProblemException">A parameter is not of its form.</exception>
    public static DerivedFilter Read(QueryReader query, FilterText known) => new()
    {
        Asset = query.Value<AssetId>("asset"),
        Account = query.Value<AccountId>("account"),
        Kinds = known.Kind is { } kind ? KindsOf(query, kind.Name, kind.Words) : [],
        Lot = known.HasLot ? query.Value<LotId>("lot") : null,
        Source = known.HasEntry ? ListFilter.NameOf(query, "source") : null,
        Actor = known.HasEntry ? ListFilter.NameOf(query, "actor") : null,
        FactPrefix = known.HasEntry ? ListFilter.PrefixOf(query) : null,
        Quality = known.HasQuality ? query.Word<EvidenceQuality>("quality") : null,
        AmountMin = known.Amount is null ? null : query.Value<Amount>("amountMin"),
        AmountMax = known.Amount is null ? null : query.Value<Amount>("amountMax"),
        GainMin = known.HasGain ? query.Value<Amount>("gainMin") : null,
        GainMax = known.HasGain ? query.Value<Amount>("gainMax") : null,
        Complete = known.Complete is not { } flag || query.Text(flag.Name) is null ? null : query.Flag(flag.Name),
        EffectiveFrom = query.Value<Instant>("effectiveFrom"),
        EffectiveUntil = query.Value<Instant>("effectiveUntil"),
        RecordedFrom = known.HasEntry ? query.Value<Instant>("recordedFrom") : null,
        RecordedUntil = known.HasEntry ? query.Value<Instant>("recordedUntil") : null,
    };

    /// <summary>Whether a row is what the list is about; who recorded it is looked up later.</summary>
    public bool Matches(in DerivedFacts row) =>
        (Asset is not { } asset || row.Asset == asset || row.Pool == asset)
        && (Account is not { } account || row.Account == account || row.OtherAccount == account)
        && (Kinds.IsEmpty || Kinds.Contains(row.Kind))
        && (Lot is not { } lot || row.Lots.Contains(lot))
        && (Quality is not { } quality || row.Quality == quality)
        && (AmountMin is not { } least || row.Amount >= least)
        && (AmountMax is not { } most || row.Amount <= most)
        && (GainMin is not { } low || row.Gain >= low)
        && (GainMax is not { } high || row.Gain <= high)
        && (Complete is not { } complete || row.IsComplete == complete)
        && (EffectiveFrom is not { } from || row.At >= from)
        && (EffectiveUntil is not { } until || row.At < until)
        && MatchesEntry(row.Entry);

    private bool MatchesEntry(NarrowEntry? entry) =>
        (Source is not { } source || entry?.Source == source)
        && (FactPrefix is not { } prefix
            || entry?.Fact.ToString().StartsWith(prefix, StringComparison.Ordinal) == true)
        && (RecordedFrom is not { } since || entry?.RecordedAt >= since)
        && (RecordedUntil is not { } before || entry?.RecordedAt < before);

    private static ImmutableArray<string> KindsOf(QueryReader query, string name, IReadOnlyList<string> words)
    {
        if (query.Text(name) is not { } text)
        {
            return [];
        }

        var wanted = text.Split(',');
        return wanted.All(words.Contains)
            ? [.. wanted.Distinct()]
            : throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                $"The parameter '{name}' must be one or more of {string.Join(", ", words)}, joined by commas.",
                ("parameter", name));
    }
}

/// <summary>What a filter asks of a row.</summary>
/// <param name="Asset">Of what, as its entry names it.</param>
/// <param name="Kind">The word of its kind.</param>
/// <param name="At">When; absent if nobody can tell.</param>
/// <param name="Entry">The entry that it belongs to; absent if it belongs to none.</param>
public readonly record struct DerivedFacts(AssetId? Asset, string Kind, Instant? At, NarrowEntry? Entry)
{
    /// <summary>Whose lots it is about.</summary>
    public AssetId? Pool { get; init; }

    /// <summary>Where.</summary>
    public AccountId? Account { get; init; }

    /// <summary>Where else.</summary>
    public AccountId? OtherAccount { get; init; }

    /// <summary>The lots that it is about.</summary>
    public IEnumerable<LotId> Lots { get => field ?? []; init; }

    /// <summary>The worst evidence that it rests on.</summary>
    public EvidenceQuality? Quality { get; init; }

    /// <summary>Its amount; absent if nobody knows it.</summary>
    public Amount? Amount { get; init; }

    /// <summary>Its gain; absent if nobody knows it.</summary>
    public Amount? Gain { get; init; }

    /// <summary>Whether nothing is missing in it, or it is over.</summary>
    public bool? IsComplete { get; init; }
}

/// <summary>Which filters a list has, and what they mean there.</summary>
/// <param name="When">What the effective instant of a row is.</param>
public sealed record FilterText(string When)
{
    /// <summary>The parameter of kinds, its words and what it means.</summary>
    public (string Name, IReadOnlyList<string> Words, string Meaning)? Kind { get; init; }

    /// <summary>What the amount of a row is.</summary>
    public string? Amount { get; init; }

    /// <summary>The parameter of completeness and what it means.</summary>
    public (string Name, string Meaning)? Complete { get; init; }

    /// <summary>Whether rows name lots.</summary>
    public bool HasLot { get; init; }

    /// <summary>Whether rows have a gain.</summary>
    public bool HasGain { get; init; }

    /// <summary>Whether rows rest on evidence.</summary>
    public bool HasQuality { get; init; }

    /// <summary>Whether rows belong to an entry.</summary>
    public bool HasEntry { get; init; }

    /// <summary>The parameters.</summary>
    public ParameterText[] Parameters =>
    [
        new("asset", "query", typeof(AssetId), "Of what: the asset, or the one whose lots it shares.", "ETH"),
        new("account", "query", typeof(AccountId), "Where.", "exchange"),
        .. Kind is { } kind
            ? new ParameterText[]
            {
                new(kind.Name, "query", typeof(string),
                    $"{kind.Meaning} One or more of {string.Join(", ", kind.Words)}, joined by commas.", kind.Words[0]),
            }
            : [],
        .. When.Length == 0 ? [] : new ParameterText[]
        {
            new("effectiveFrom", "query", typeof(Instant), $"{When} at this instant or later.", "2026-01-01T00:00:00Z"),
            new("effectiveUntil", "query", typeof(Instant), $"{When} before this instant.", "2026-02-01T00:00:00Z"),
        },
        .. Complete is { } flag
            ? new ParameterText[] { new(flag.Name, "query", typeof(bool), flag.Meaning, "true") }
            : [],
        .. HasLot
            ? new ParameterText[]
            {
                new("lot", "query", typeof(LotId), "Only those that took some of this lot.", "kraken:trade-1001:0"),
            }
            : [],
        .. Amount is null ? [] : new ParameterText[]
        {
            new("amountMin", "query", typeof(Amount), $"Lowest {Amount} (inclusive).", "100"),
            new("amountMax", "query", typeof(Amount), $"Highest {Amount} (inclusive).", "10000"),
        },
        .. HasGain
            ? new ParameterText[]
            {
                new("gainMin", "query", typeof(Amount), "Lowest realized gain (inclusive).", "-100"),
                new("gainMax", "query", typeof(Amount), "Highest realized gain (inclusive).", "100"),
            }
            : [],
        .. HasQuality
            ? new ParameterText[]
            {
                new("quality", "query", typeof(EvidenceQuality), "The worst evidence that it rests on.", "fact"),
            }
            : [],
        .. HasEntry ? ListFilter.EntryParameters.Where(parameter =>
            parameter.Name is "source" or "actor" or "fact" or "recordedFrom" or "recordedUntil") : [],
    ];
}
