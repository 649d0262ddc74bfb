using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>At which instants a history has points.</summary>
public enum HistoryPoints
{
    /// <summary>The end of each day in the treasury's time zone.</summary>
    Day,

    /// <summary>Each entry that changes a lending position.</summary>
    Entry,
}

/// <summary>Why a point of a history has no health factor, though something is owed.</summary>
public enum HistoryGap
{
    /// <summary>
    /// Nothing that secures the debt is recorded there: an opening that is told piece by piece, or an unsecured loan.
    /// </summary>
    CollateralMissing,
}

/// <summary>A lending position at a point of a history.</summary>
/// <param name="Account">The position; absent for all of them taken together, which no lender looks at.</param>
/// <param name="Collateral">Whole tokens of the asset; absent of all together.</param>
/// <param name="Debt">Worth of its debt; absent without figures.</param>
/// <param name="LoanToValue">Debt for each unit of collateral; absent without figures or collateral.</param>
/// <param name="HealthFactor">Below 1 it may be liquidated; absent without figures or debt.</param>
/// <param name="LiquidationPrice">At this price of the asset and below it may be liquidated; absent if at none.</param>
/// <param name="Gap">Why there is no health factor.</param>
public sealed record HistoryRow(
    AccountId? Account,
    ExactDecimal? Collateral,
    Amount? Debt,
    ExactDecimal? LoanToValue,
    ExactDecimal? HealthFactor,
    ExactDecimal? LiquidationPrice,
    HistoryGap? Gap = null);

/// <summary>Lending positions and the market at one instant.</summary>
/// <param name="AsOf">The instant in the world (inclusive).</param>
/// <param name="Entry">The last entry that changed a lending position then; absent at the end of a day.</param>
/// <param name="Price">The price of the asset then; absent without a valid one.</param>
/// <param name="Low">The lowest price of its local day that the price book knows.</param>
/// <param name="Positions">By account; the one without an account, all together, comes last.</param>
public sealed record HistoryPoint(
    Instant AsOf, long? Entry, ExactDecimal? Price, ExactDecimal? Low, ImmutableArray<HistoryRow> Positions);

/// <summary>Health factor, loan-to-value and liquidation price against the market, over time.</summary>
/// <param name="Viewpoint">Where the answer stands: its last point.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="TimeZone">Whose days they are.</param>
/// <param name="By">At which instants it has points.</param>
/// <param name="Asset">Whose price it is; absent if no position ever held anything.</param>
/// <param name="Points">In order.</param>
public sealed record ExposureHistoryAnswer(
    Standpoint Viewpoint,
    string Version,
    string TimeZone,
    HistoryPoints By,
    AssetId? Asset,
    ImmutableArray<HistoryPoint> Points)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        ExposureQuestions.Asset,
        new("by", "query", typeof(HistoryPoints), "At which instants; without it the end of each day.", "day"),
        SeriesAnswer.Parameters.Single(parameter => parameter.Name == "from"),
    ];

    /// <summary>The question.</summary>
    public static Func<SeenExposure, ExposureHistoryAnswer> Read(QueryReader query)
    {
        var asset = query.Value<AssetId>("asset");
        var by = query.Word<HistoryPoints>("by") ?? HistoryPoints.Day;
        var from = query.Value<AsOf>("from");
        return exposure => Of(exposure, asset, by, from?.In(exposure.Seen.Zone));
    }

    private static ExposureHistoryAnswer Of(
        SeenExposure exposure, AssetId? asked, HistoryPoints by, Instant? from)
    {
        var seen = exposure.Seen;
        if (asked is { } unknown && !seen.At.Registers.Assets.ContainsKey(unknown))
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(Core.Commands.RefusalCode.AssetUnknown).Code,
                $"The asset {unknown} is not registered.",
                ("asset", unknown));
        }

        var instants = by == HistoryPoints.Day
            ? SeriesAnswer.Ends(seen.Zone, from, seen.Standpoint.AsOf, SeriesStep.Day)
                .Select(at => (At: at, Entry: (long?)null)).ToList()
            : Entries(seen, from);
        var points = instants.Select(one => (one.Entry, Treasury: seen.AsOf(one.At)))
            .Select(one => (one.Entry, one.Treasury,
                Accounts: SeenExposure.AccountsOf(seen, exposure.Asked, one.Treasury)))
            .ToList();
        var asset = asked ?? points.Select(point => SeenExposure.LargestOf(point.Accounts))
            .FirstOrDefault(one => one is not null);
        return new ExposureHistoryAnswer(
            seen.Standpoint,
            exposure.Version.Text(),
            seen.Opened.TimeZone,
            by,
            asset,
            [.. points.Select(point => Point(seen, point.Treasury, point.Entry, point.Accounts, asset))]);
    }

    private static List<(Instant At, long? Entry)> Entries(Seen seen, Instant? from)
    {
        var registers = seen.At.Registers;
        List<(Instant At, long? Entry)> instants =
        [
            .. seen.At.Entries
                .Where(entry => entry.EffectiveAt >= (from ?? default)
                    && (Movements.Owed(entry.Event).Length > 0 || Movements.Held(entry.Event).Any(moved =>
                        registers.Accounts[moved.Account].Kind == AccountKind.LendingPosition)))
                .GroupBy(entry => entry.EffectiveAt)
                .Select(same => (same.Key, (long?)same.Last().Position)),
        ];
        return instants.Count <= SeriesAnswer.PointsMax ? instants : throw ProblemException.Of(
            ErrorRegistry.QueryInvalid,
            $"A history has at most {SeriesAnswer.PointsMax} points; begin later with 'from'.",
            ("parameter", "from"));
    }

    private static HistoryPoint Point(
        Seen seen, TreasuryAt at, long? entry, PositionAccounts accounts, AssetId? asset)
    {
        var id = asset is { } one ? accounts.ReserveOf(one) : -1;
        var price = asset is { } priced && at.Registers.Assets.ContainsKey(priced)
            ? at.Valuer.PriceAt(priced, at.Viewpoint.AsOf)
            : default;
        var together = LendingPositions.Together(at.Positions);
        return new HistoryPoint(
            at.Viewpoint.AsOf,
            entry,
            price.State == Core.Prices.PriceState.Valid ? price.Price?.Price : null,
            asset is { } low ? LowOf(seen, at, low) : null,
            [
                .. accounts.All.Select(position => Row(position, id, units =>
                    new Quantity(units).ToTokens(at.Registers.DecimalsOf(asset!.Value)))),
                .. at.Positions.IsEmpty || asset is not { } sum || !at.Registers.Assets.ContainsKey(sum)
                    ? Array.Empty<HistoryRow>()
                    :
                    [
                        new HistoryRow(
                            null, null, together.DebtAmount, together.LoanToValue,
                            together.Collateral.IsEmpty ? null : together.HealthFactor,
                            together.LiquidationPrice(sum, at.Registers.DecimalsOf(sum))),
                    ],
            ]);
    }

    private static HistoryRow Row(
        PositionAccount position, int id, Func<System.Numerics.BigInteger, ExactDecimal> tokens)
    {
        if (position.Account is not { } account)
        {
            return new HistoryRow(position.Id, null, null, null, null, null);
        }

        var data = AccountData.Of(account);
        var isThere = account.Reserves.Any(reserve => reserve.Id == id);
        var level = isThere ? LiquidationLevels.Of(account, id) : null;
        var isBare = account.Holdings.All(held => held.ScaledSupply.IsZero) && !data.Debt.IsZero;
        return new HistoryRow(
            position.Id,
            isThere ? tokens(account.Supplied(id)) : null,
            Shown.Base(data.Debt),
            Shown.LoanToValue(data),
            isBare ? null : Shown.Wad(data.HealthFactor),
            Shown.Level(level),
            isBare ? HistoryGap.CollateralMissing : null);
    }

    /// <summary>The lowest price of a local day, of the asset or of what it stands for.</summary>
    private static ExactDecimal? LowOf(Seen seen, TreasuryAt at, AssetId asset)
    {
        var day = LocalDay.Of(at.Viewpoint.AsOf, seen.Zone);
        var assets = at.Registers.Assets;
        for (AssetId? one = asset; one is { } named; one = assets.GetValueOrDefault(named)?.StandsFor?.Asset)
        {
            var prices = at.Prices
                .Between(named, seen.Opened.ReportingCurrency, LocalDay.StartOf(day, seen.Zone),
                    LocalDay.EndOf(day, seen.Zone))
                .Select(entry => (PriceRecorded)entry.Event)
                .Select(price => price.Session?.Low ?? price.Price)
                .ToList();
            if (prices.Count > 0)
            {
                return prices.Min();
            }
        }

        return null;
    }
}
