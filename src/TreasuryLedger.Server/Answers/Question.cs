using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>What is asked of a treasury, before its time zone and its own policy are known.</summary>
/// <param name="AsOf">The instant in the world, or a day; <c>null</c> means now.</param>
/// <param name="KnownAt">The instant in the ledger; <c>null</c> means the newest settled one.</param>
/// <param name="Book">The book that is asked; <c>null</c> means the official one.</param>
/// <param name="Method">Another lot method than the book's.</param>
/// <param name="Scope">Another basis scope.</param>
/// <param name="Stablecoins">Another treatment of stablecoins.</param>
/// <param name="Income">Another basis of income.</param>
/// <param name="Sequence">Another order of lots.</param>
/// <param name="MissingBasis">Another cost of units without one.</param>
/// <param name="Fees">Other fees of trades.</param>
/// <param name="Moves">Whether wraps, collateral, staking and bridges are disposals, all of them or none.</param>
/// <param name="Measurement">Another measurement than the book's.</param>
/// <param name="Currency">Another reporting currency than the treasury's.</param>
/// <param name="MinPosition">The answer must know the treasury's entries up to here (read your own write).</param>
public sealed record Question(
    AsOf? AsOf,
    Instant? KnownAt,
    string? Book,
    LotMethod? Method,
    BasisScope? Scope,
    StablecoinTreatment? Stablecoins,
    IncomeBasis? Income,
    LotSequence? Sequence,
    MissingBasis? MissingBasis,
    FeeBasis? Fees,
    MoveTreatment? Moves,
    MeasurementBasis? Measurement,
    AssetId? Currency,
    long MinPosition)
{
    /// <summary>The time parameters of every read.</summary>
    public static ParameterText[] Times =>
    [
        new("asOf", "query", typeof(AsOf),
            "The instant in the world (inclusive): facts count that happened at or before it. RFC 3339 with an offset "
            + "and at most six fractional digits; or a date, which means the end of that day in the treasury's time "
            + "zone. Without it: now, or under a replayed clock the instant of knownAt.", "2026-02-06"),
        new("knownAt", "query", typeof(Instant),
            "The instant in the ledger (inclusive): facts count that were recorded at or before it. Not in the future. "
            + "Without it: the newest settled instant, which the answer prints.", "2026-02-06T23:59:59Z"),
        new("minPosition", "query", typeof(long),
            "The journal's position that the answer must at least know; 503 if it does not reach it.", "15"),
    ];

    /// <summary>The parameters of every derived answer.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Times,
        new("book", "query", typeof(string),
            "The book that is asked, by its name (GET .../books); without it the official one.", "us-gaap"),
        new("method", "query", typeof(LotMethod), "What if: another lot method than the book's.", "hifo"),
        new("scope", "query", typeof(BasisScope), "What if: another basis scope than the book's.", "perAccount"),
        new("stablecoins", "query", typeof(StablecoinTreatment), "What if: another treatment of stablecoins.", "lots"),
        new("income", "query", typeof(IncomeBasis), "What if: another basis of income in kind.", "zero"),
        MeasurementParameter("the book's"),
        CurrencyParameter,
        .. Conventions("the book's"),
    ];

    /// <summary>The currency of every amount.</summary>
    public static ParameterText CurrencyParameter => new(
        "currency", "query", typeof(AssetId),
        "Another reporting currency than the treasury's: what has no price in it is converted by the recorded price of "
        + "one currency in the other at the instant of each value, under the book's age of prices; without one it is "
        + "unvalued.", "EUR");

    /// <summary>The what-if that changes what is measured at fair value.</summary>
    /// <param name="whose">Whose it is otherwise.</param>
    public static ParameterText MeasurementParameter(string whose) => new(
        "measurement", "query", typeof(MeasurementBasis),
        $"What if: all at cost, or tokens at fair value, instead of {whose} terms.", "fairValue");

    /// <summary>What-ifs that change conventions.</summary>
    /// <param name="whose">Whose they are otherwise.</param>
    public static ParameterText[] Conventions(string whose) =>
    [
        new("sequence", "query", typeof(LotSequence),
            $"What if: lots by arrival, as a broker sees them, or by acquisition, instead of {whose}.", "arrival"),
        new("missingBasis", "query", typeof(MissingBasis),
            $"What if: units without a cost cost nothing, or nobody knows, instead of {whose}.", "zero"),
        new("fees", "query", typeof(FeeBasis),
            $"What if: fees of trades in cost and proceeds, or an expense, instead of {whose}.", "expense"),
        new("moves", "query", typeof(MoveTreatment),
            "What if: wraps, receipts, collateral, staking and bridges are all of them disposals at the price of their "
            + $"instant, or none is, instead of {whose}.", "disposal"),
    ];

    /// <summary>Those of them that name a policy.</summary>
    public static IEnumerable<ParameterText> Policy => Parameters.Skip(Times.Length);

    /// <summary>Reads a question.</summary>
    /// <exception cref="ProblemException">A parameter is not of its form.</exception>
    public static Question Read(QueryReader query) => new(
        query.Value<AsOf>("asOf"),
        query.Value<Instant>("knownAt"),
        query.Text("book"),
        query.Word<LotMethod>("method"),
        query.Word<BasisScope>("scope"),
        query.Word<StablecoinTreatment>("stablecoins"),
        query.Word<IncomeBasis>("income"),
        query.Word<LotSequence>("sequence"),
        query.Word<MissingBasis>("missingBasis"),
        query.Word<FeeBasis>("fees"),
        query.Word<MoveTreatment>("moves"),
        query.Word<MeasurementBasis>("measurement"),
        query.Value<AssetId>("currency"),
        query.Number("minPosition", 0, long.MaxValue) ?? 0);

    /// <summary>Reads a question that has only times.</summary>
    /// <inheritdoc cref="Read"/>
    public static Question ReadTimes(QueryReader query) => new(
        query.Value<AsOf>("asOf"),
        query.Value<Instant>("knownAt"),
        Book: null,
        Method: null,
        Scope: null,
        Stablecoins: null,
        Income: null,
        Sequence: null,
        MissingBasis: null,
        Fees: null,
        Moves: null,
        Measurement: null,
        Currency: null,
        query.Number("minPosition", 0, long.MaxValue) ?? 0);

    /// <summary>The book that is asked, with what the question changes of it.</summary>
    public BookChoice Choice => new(Book)
    {
        Method = Method,
        Scope = Scope,
        Stablecoins = Stablecoins,
        Income = Income,
        Sequence = Sequence,
        MissingBasis = MissingBasis,
        Fees = Fees,
        Treatments = Moves is { } moves ? Treatments.All(moves) : null,
        Measurement = Measurement,
        Currency = Currency,
    };
}

/// <summary>An as-of parameter: an instant, or a day that ends when its time zone says so.</summary>
public readonly record struct AsOf : Core.Money.IText<AsOf>
{
    private readonly Instant _instant;
    private readonly DateOnly? _day;

    private AsOf(Instant instant, DateOnly? day) => (_instant, _day) = (instant, day);

    /// <summary>An instant.</summary>
    public static AsOf Of(Instant instant) => new(instant, null);

    /// <inheritdoc/>
    public static string Expected => $"{Instant.Expected}, or a date such as 2026-02-06";

    /// <inheritdoc/>
    public static bool TryParse(string? text, out AsOf value)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", invariant, DateTimeStyles.None, out var day)
            && day.Year is >= 1970 and <= 9998)
        {
            value = new AsOf(default, day);
            return true;
        }

        var isInstant = Instant.TryParse(text, out var instant);
        value = new AsOf(instant, null);
        return isInstant;
    }

    /// <summary>The instant: the one given, or the last microsecond of the day in a time zone.</summary>
    public Instant In(TimeZoneInfo zone) => _day is { } day ? LocalDay.EndOf(day, zone) : _instant;

    /// <summary>The text it was given as.</summary>
    public override string ToString() =>
        _day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? _instant.ToString();
}
