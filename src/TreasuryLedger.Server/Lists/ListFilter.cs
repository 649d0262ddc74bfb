using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists;

/// <summary>In which order of recording rows come.</summary>
public enum ListOrder
{
    /// <summary>The first recorded first.</summary>
    Oldest,

    /// <summary>The last recorded first.</summary>
    Newest,
}

/// <summary>What a list is about: all that is given must hold. Absent means any.</summary>
public sealed record ListFilter
{
    /// <summary>An account that the entry moves units at, or names.</summary>
    public AccountId? Account { get; init; }

    /// <summary>An asset that the entry moves, or names; with an account: by the same movement.</summary>
    public AssetId? Asset { get; init; }

    /// <summary>What the movement is about.</summary>
    public MovementSide? Side { get; init; }

    /// <summary>Fewest whole tokens that the movement changes, in or out (inclusive); needs an asset.</summary>
    public ExactDecimal? QuantityMin { get; init; }

    /// <summary>Most whole tokens that the movement changes, in or out (inclusive); needs an asset.</summary>
    public ExactDecimal? QuantityMax { get; init; }

    /// <summary>The currency of a price.</summary>
    public AssetId? Currency { get; init; }

    /// <summary>Lowest price (inclusive).</summary>
    public ExactDecimal? PriceMin { get; init; }

    /// <summary>Highest price (inclusive).</summary>
    public ExactDecimal? PriceMax { get; init; }

    /// <summary>Pinned names of events, one of which the entry says; empty means any.</summary>
    public string[] Types { get; init; } = [];

    /// <summary>Observation or instruction.</summary>
    public EntryMode? Mode { get; init; }

    /// <summary>How good its evidence is.</summary>
    public EvidenceQuality? Quality { get; init; }

    /// <summary>Who asked.</summary>
    public string? Actor { get; init; }

    /// <summary>Who says so.</summary>
    public string? Source { get; init; }

    /// <summary>How its fact id begins.</summary>
    public string? FactPrefix { get; init; }

    /// <summary>Effective at it or later.</summary>
    public Instant? EffectiveFrom { get; init; }

    /// <summary>Effective earlier.</summary>
    public Instant? EffectiveUntil { get; init; }

    /// <summary>Recorded at it or later.</summary>
    public Instant? RecordedFrom { get; init; }

    /// <summary>Recorded earlier.</summary>
    public Instant? RecordedUntil { get; init; }

    /// <summary>Whether an entry known by then voids it.</summary>
    public bool? Voided { get; init; }

    /// <summary>Whether it asks for movements.</summary>
    public bool AsksMovements =>
        Account is not null || Asset is not null || Side is not null || QuantityMin is not null
        || QuantityMax is not null;

    /// <summary>Whether it asks for more of the entry than when it was recorded.</summary>
    public bool AsksEntries =>
        Types.Length > 0 || Mode is not null || Quality is not null || Actor is not null || Source is not null
        || FactPrefix is not null || EffectiveFrom is not null || EffectiveUntil is not null || Voided is not null;

    /// <summary>The parameters by which any list is filtered.</summary>
    public static ParameterText[] EntryParameters =>
    [
        new("type", "query", typeof(string), "One or more names of events, joined by commas; without a version all of "
            + "that name.", "asset_sold,asset_acquired"),
        new("mode", "query", typeof(EntryMode), "Observations or instructions.", "observation"),
        new("quality", "query", typeof(EvidenceQuality), "How good the evidence is.", "fact"),
        new("actor", "query", typeof(string), "Who asked.", "desk"),
        new("source", "query", typeof(string), "Who says so.", "kraken"),
        new("fact", "query", typeof(string), "How the fact id begins; case matters.", "kraken:"),
        new("effectiveFrom", "query", typeof(Instant), "Effective at this instant or later.", "2026-01-01T00:00:00Z"),
        new("effectiveUntil", "query", typeof(Instant), "Effective before this instant.", "2026-02-01T00:00:00Z"),
        new("recordedFrom", "query", typeof(Instant), "Recorded at this instant or later.", "2026-01-01T00:00:00Z"),
        new("recordedUntil", "query", typeof(Instant), "Recorded before this instant.", "2027-02-01T00:00:00Z"),
        new("voided", "query", typeof(bool), "Only entries that another voids, or only those that none does, as known "
            + "at knownAt; without it both.", "false"),
    ];

    /// <summary>The parameters by which lists of movements, and of entries by their movements, are filtered.</summary>
    public static ParameterText[] MovementParameters =>
    [
        new("account", "query", typeof(AccountId), "An account at which units move, or that is named.", "wallet"),
        new("asset", "query", typeof(AssetId), "An asset that moves, or that is named; with an account: by the same "
            + "movement.", "ETH"),
        new("side", "query", typeof(MovementSide), "What the movement is about: units held, owed, intended by an "
            + "instruction, claimed by a second source, or only named.", "held"),
        new("quantityMin", "query", typeof(ExactDecimal), "Fewest whole tokens that the movement changes, in or out "
            + "(inclusive); needs an asset.", "0.5"),
        new("quantityMax", "query", typeof(ExactDecimal), "Most whole tokens likewise (inclusive).", "100"),
    ];

    /// <summary>The parameters by which lists of prices are filtered beside.</summary>
    public static ParameterText[] PriceParameters =>
    [
        new("asset", "query", typeof(AssetId), "Of what.", "ETH"),
        new("currency", "query", typeof(AssetId), "In what.", "USD"),
        new("priceMin", "query", typeof(ExactDecimal), "Lowest price (inclusive).", "1000"),
        new("priceMax", "query", typeof(ExactDecimal), "Highest price (inclusive).", "5000"),
    ];

    /// <summary>Reads what all lists have.</summary>
    /// <exception cref="ProblemException">A parameter is not of its form.</exception>
    public static ListFilter ReadEntries(QueryReader query) => new()
    {
        Types = TypesOf(query),
        Mode = query.Word<EntryMode>("mode"),
        Quality = query.Word<EvidenceQuality>("quality"),
        Actor = NameOf(query, "actor"),
        Source = NameOf(query, "source"),
        FactPrefix = PrefixOf(query),
        EffectiveFrom = query.Value<Instant>("effectiveFrom"),
        EffectiveUntil = query.Value<Instant>("effectiveUntil"),
        RecordedFrom = query.Value<Instant>("recordedFrom"),
        RecordedUntil = query.Value<Instant>("recordedUntil"),
        Voided = query.Text("voided") is null ? null : query.Flag("voided"),
    };

    /// <summary>Reads what lists of movements have, and lists of entries.</summary>
    /// <exception cref="ProblemException">A parameter is not of its form.</exception>
    public static ListFilter ReadMovements(QueryReader query)
    {
        var filter = ReadEntries(query) with
        {
            Account = query.Value<AccountId>("account"),
            Asset = query.Value<AssetId>("asset"),
            Side = query.Word<MovementSide>("side"),
            QuantityMin = query.Value<ExactDecimal>("quantityMin"),
            QuantityMax = query.Value<ExactDecimal>("quantityMax"),
        };
        return filter is { Asset: null, QuantityMin: not null } or { Asset: null, QuantityMax: not null }
            ? throw Invalid(
                filter.QuantityMin is null ? "quantityMax" : "quantityMin",
                "needs an asset: quantities of different assets cannot be compared")
            : filter;
    }

    /// <summary>Reads what lists of prices have.</summary>
    /// <exception cref="ProblemException">A parameter is not of its form.</exception>
    public static ListFilter ReadPrices(QueryReader query) => ReadEntries(query) with
    {
        Asset = query.Value<AssetId>("asset"),
        Currency = query.Value<AssetId>("currency"),
        PriceMin = query.Value<ExactDecimal>("priceMin"),
        PriceMax = query.Value<ExactDecimal>("priceMax"),
    };

    /// <summary>The filter as one text: two filters are the same if these are.</summary>
    public string Canonical() => string.Join('&', new (string Name, object? Value)[]
    {
        ("account", Account), ("asset", Asset), ("side", Side), ("quantityMin", QuantityMin),
        ("quantityMax", QuantityMax), ("currency", Currency), ("priceMin", PriceMin), ("priceMax", PriceMax),
        ("type", Types.Length == 0 ? null : string.Join(',', Types)), ("mode", Mode), ("quality", Quality),
        ("actor", Escape(Actor)), ("source", Escape(Source)), ("fact", FactPrefix),
        ("effectiveFrom", EffectiveFrom), ("effectiveUntil", EffectiveUntil), ("recordedFrom", RecordedFrom),
        ("recordedUntil", RecordedUntil), ("voided", Voided),
    }.Where(part => part.Value is not null).Select(part =>
        string.Create(CultureInfo.InvariantCulture, $"{part.Name}={part.Value}")));

    private static string? Escape(string? text) => text is null ? null : Uri.EscapeDataString(text);

    /// <summary>Reads how a fact id begins.</summary>
    /// <exception cref="ProblemException">No fact id begins so.</exception>
    internal static string? PrefixOf(QueryReader query) =>
        query.Text("fact") is not { Length: > 0 } prefix ? null
        : IdText.IsReference(prefix) ? prefix
        : throw Invalid("fact", "must begin as fact ids do");

    /// <summary>Reads the name of an actor or source.</summary>
    /// <exception cref="ProblemException">It is too long, or not plain text.</exception>
    internal static string? NameOf(QueryReader query, string parameter) =>
        query.Text(parameter) is not { } text ? null
        : text.Length is > 0 and <= IdText.ReferenceLengthMax && !text.Any(char.IsControl) ? text
        : throw Invalid(parameter, $"must be a name of at most {IdText.ReferenceLengthMax} characters");

    private static string[] TypesOf(QueryReader query)
    {
        if (query.Text("type") is not { } text)
        {
            return [];
        }

        var found = text.Split(',').Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, EventNames.Named, StringComparer.Ordinal);
        return found.FirstOrDefault(pair => pair.Value.Length == 0).Key is { } unknown
            ? throw Invalid("type", $"names no event '{(unknown.Length > 40 ? unknown[..40] : unknown)}'")
            :
            [
                .. found.Values.SelectMany(names => names)
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ];
    }

    private static ProblemException Invalid(string name, string why) =>
        ProblemException.Of(ErrorRegistry.QueryInvalid, $"The parameter '{name}' {why}.", ("parameter", name));
}
