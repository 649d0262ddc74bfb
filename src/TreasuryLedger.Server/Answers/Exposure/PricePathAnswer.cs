using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>How a recorded path is laid over positions.</summary>
public enum PathScale
{
    /// <summary>It begins at the positions' own price and moves by the same parts.</summary>
    Relative,

    /// <summary>Its prices are taken as they are.</summary>
    Absolute,
}

/// <summary>A point of the path.</summary>
/// <param name="ObservedAt">When the price was observed.</param>
/// <param name="Observed">The price that was recorded.</param>
/// <param name="Price">The price that the positions see.</param>
/// <param name="Low">The lowest that they see since the point before.</param>
/// <param name="LowestHealthFactor">Of all positions, at that low; absent without debt.</param>
/// <param name="Liquidatable">How many may be liquidated at that low.</param>
public sealed record PathRow(
    Instant ObservedAt,
    ExactDecimal Observed,
    ExactDecimal Price,
    ExactDecimal Low,
    ExactDecimal? LowestHealthFactor,
    int Liquidatable);

/// <summary>A position along the path.</summary>
/// <param name="Account">The position.</param>
/// <param name="HealthFactor">Before the path; absent without debt.</param>
/// <param name="LowestHealthFactor">At its lowest point.</param>
/// <param name="LowestAt">When that is on the path.</param>
/// <param name="BelowAt">The first point at which it is below the health factor to keep; absent if none.</param>
/// <param name="BelowPrice">The low that the position sees there.</param>
public sealed record PathPosition(
    AccountId Account,
    ExactDecimal? HealthFactor,
    ExactDecimal? LowestHealthFactor,
    Instant? LowestAt,
    Instant? BelowAt,
    ExactDecimal? BelowPrice);

/// <summary>A recorded path of prices over positions whose units stay.</summary>
/// <param name="Viewpoint">Where the positions stand.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="PriceBook">Whose prices.</param>
/// <param name="PriceBookPosition">Up to which of its entries.</param>
/// <param name="PathAsset">Of what; absent if no position holds anything and nobody named it.</param>
/// <param name="Asset">Whose price follows it; absent if no position holds anything.</param>
/// <param name="Scale">How it is laid over the positions.</param>
/// <param name="HealthFactorMin">The health factor to keep.</param>
/// <param name="Positions">By account.</param>
/// <param name="Points">In order.</param>
/// <param name="Lacking">Positions without figures.</param>
public sealed record PricePathAnswer(
    Standpoint Viewpoint,
    string Version,
    string PriceBook,
    long PriceBookPosition,
    AssetId? PathAsset,
    AssetId? Asset,
    PathScale Scale,
    ExactDecimal HealthFactorMin,
    ImmutableArray<PathPosition> Positions,
    ImmutableArray<PathRow> Points,
    ImmutableArray<AccountId> Lacking)
{
    private const int PointsMax = 5_000;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        ExposureQuestions.Asset,
        new("priceBook", "query", typeof(string), "Whose prices; without it the treasury's own book.", "reference"),
        new("pathKnownAt", "query", typeof(Instant),
            "What the book of the path knows: up to this instant; without it the question's. A path may come later "
            + "than the positions.", "2026-02-09T00:00:00Z"),
        new("pathAsset", "query", typeof(AssetId), "The asset whose prices are the path; without it the same.", "ETH"),
        new("from", "query", typeof(AsOf), "The first price (inclusive); without it the first there is.", "2026-01-26"),
        new("until", "query", typeof(AsOf), "The last price (inclusive); without it asOf.", "2026-02-08"),
        new("scale", "query", typeof(PathScale), "How the path is laid over the positions; without it relative.",
            "relative"),
        ExposureQuestions.LeastHealthFactor,
    ];

    /// <summary>What is asked for.</summary>
    /// <param name="Asset">Whose price moves.</param>
    /// <param name="Book">Whose prices.</param>
    /// <param name="KnownAt">Up to when they are known; absent: as the positions.</param>
    /// <param name="PathAsset">Of what.</param>
    /// <param name="From">The first.</param>
    /// <param name="Until">The last.</param>
    /// <param name="Scale">How it is laid over the positions.</param>
    /// <param name="Least">The health factor to keep.</param>
    internal sealed record Asked(
        AssetId? Asset,
        string? Book,
        Instant? KnownAt,
        AssetId? PathAsset,
        AsOf? From,
        AsOf? Until,
        PathScale Scale,
        BigInteger Least);

    /// <summary>Reads what is asked for.</summary>
    internal static Asked Read(QueryReader query) => new(
        query.Value<AssetId>("asset"), query.Text("priceBook"), query.Value<Instant>("pathKnownAt"),
        query.Value<AssetId>("pathAsset"),
        query.Value<AsOf>("from"), query.Value<AsOf>("until"), query.Word<PathScale>("scale") ?? PathScale.Relative,
        LadderAnswer.LeastHealthFactor(query));

    /// <summary>The answer.</summary>
    /// <param name="exposure">The treasury.</param>
    /// <param name="book">The price book as known at its instant.</param>
    /// <param name="asked">What is asked for.</param>
    internal static PricePathAnswer Of(SeenExposure exposure, JournalView book, Asked asked)
    {
        var seen = exposure.Seen;
        var asset = exposure.AssetOr(asked.Asset);
        var path = asked.PathAsset
            ?? (asset is { } known && seen.At.Registers.Assets.ContainsKey(known)
                ? seen.At.Registers.PoolOf(known)
                : asset);
        var observed = path is not { } named ? [] : book.Log.Memory.Prices(book.Log).At(book.Head.Position)
            .Between(
                named, seen.Opened.ReportingCurrency, asked.From?.In(seen.Zone) ?? default,
                asked.Until?.In(seen.Zone) ?? seen.Standpoint.AsOf)
            .Select(entry => (At: entry.EffectiveAt, Price: (PriceRecorded)entry.Event)).ToList();
        if (observed.Count > PointsMax || (observed.Count > 0 && observed[0].Price.Price.Sign == 0))
        {
            throw ExposureQuery.Invalid(
                "from", $"and until hold {observed.Count} prices of {path}; at most {PointsMax} are answered, and the "
                    + "first must not be zero");
        }

        var id = asset is { } moves ? exposure.Accounts.ReserveOf(moves) : -1;
        var accounts = exposure.Accounts.Whole.OrderBy(one => one.Key).ToList();
        var own = accounts.SelectMany(one => one.Value.Reserves).FirstOrDefault(reserve => reserve.Id == id)?.Price8;
        var first = observed.Count > 0 ? Eighths(observed[0].Price.Price) : BigInteger.One;
        BigInteger Seen(ExactDecimal price) => asked.Scale == PathScale.Absolute || own is null
            ? Eighths(price)
            : PricePath.Scaled(Eighths(price), first, own.Value);
        List<PathPoint> points =
        [
            .. observed.Select(one => new PathPoint(
                (one.At.Microseconds - observed[0].At.Microseconds) / MicrosecondsPerSecond,
                Seen(one.Price.Price),
                BigInteger.Min(Seen(one.Price.Price), Seen(one.Price.Session?.Low ?? one.Price.Price)))),
        ];
        var health = PricePath.Of(accounts, id, points);
        return new PricePathAnswer(
            seen.Standpoint, exposure.Version.Text(), book.Head.Journal.Id!, book.Head.Position, path, asset,
            asked.Scale, new ExactDecimal(asked.Least, 18),
            [
                .. accounts.Select((one, i) => Position(
                    one, asked.Least, [.. observed.Select((at, k) => (at.At, points[k].Low8, health[k][i]))])),
            ],
            [.. observed.Select((one, k) => Row(one.At, one.Price.Price, points[k], health[k]))],
            [.. exposure.Accounts.All.Where(account => account.Account is null).Select(account => account.Id)]);
    }

    private static PathPosition Position(
        KeyValuePair<AccountId, AaveAccount> account,
        BigInteger least,
        ImmutableArray<(Instant At, BigInteger Low8, PathHealth Health)> along)
    {
        if (along.IsEmpty)
        {
            return new PathPosition(
                account.Key, Shown.Wad(AccountData.Of(account.Value).HealthFactor), null, null, null, null);
        }

        var lowest = along.MinBy(point => point.Health.LowHealthFactor);
        var below = along.Where(point => point.Health.LowHealthFactor < least).Take(1).ToList();
        var hasDebt = lowest.Health.LowHealthFactor != Uint256.Max;
        return new PathPosition(
            account.Key,
            Shown.Wad(AccountData.Of(account.Value).HealthFactor),
            Shown.Wad(lowest.Health.LowHealthFactor),
            hasDebt ? lowest.At : null,
            below.Count > 0 ? below[0].At : null,
            below.Count > 0 ? Shown.Price(below[0].Low8) : null);
    }

    private static PathRow Row(
        Instant at, ExactDecimal observed, PathPoint point, ImmutableArray<PathHealth> health) => new(
        at,
        observed,
        Shown.Price(point.Price8),
        Shown.Price(point.Low8),
        health.IsEmpty ? null : Shown.Wad(health.Min(one => one.LowHealthFactor)),
        health.Count(one => one.LowHealthFactor < WadRayMath.Wad));

    private static BigInteger Eighths(ExactDecimal price) => price.Scale <= 8
        ? price.Mantissa * PowerOfTen.Of(8 - price.Scale)
        : price.Mantissa / PowerOfTen.Of(price.Scale - 8);
}
