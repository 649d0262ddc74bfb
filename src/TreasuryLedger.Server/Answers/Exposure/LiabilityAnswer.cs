using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Liabilities;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>What is free by the end of a day, against what may be asked for by then.</summary>
/// <param name="Days">The day, so many after that of asOf.</param>
/// <param name="Until">Its last instant.</param>
/// <param name="Callable">Debt that lenders may ask for by then.</param>
/// <param name="Liquid">What is free by then, less haircut.</param>
/// <param name="Ratio">Liquid for each unit of callable, rounded down; absent where nothing may be asked for.</param>
/// <param name="Cash">The money and stablecoins among what is free.</param>
/// <param name="CashRatio">The same of these alone.</param>
public sealed record CoverageRow(
    int Days,
    Instant Until,
    Amount? Callable,
    Amount? Liquid,
    ExactDecimal? Ratio,
    Amount? Cash,
    ExactDecimal? CashRatio);

/// <summary>What a lending position owes, and when.</summary>
/// <param name="Account">The position.</param>
/// <param name="Lender">Its venue.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens, with interest up to asOf.</param>
/// <param name="Value">Worth; absent without a valid price.</param>
/// <param name="MaturesAt">The day that was agreed; absent: none.</param>
/// <param name="RecallNoticeDays">How many days after a recall; absent: it cannot be recalled.</param>
/// <param name="CallableAt">The earliest instant at which the lender may have it; absent: never.</param>
/// <param name="Due">The band of the day that was agreed.</param>
/// <param name="Callable">The band of the earliest instant.</param>
/// <param name="IsLiquidatable">Whether the position may be liquidated now: then it counts as asked for today.</param>
/// <param name="Rate">Simple yearly borrow rate; absent if nobody observed it.</param>
/// <param name="PerDay">Interest of an average day at that rate.</param>
/// <param name="PerYear">Interest of 365 days at that rate.</param>
public sealed record LiabilityDebtRow(
    AccountId Account,
    string Lender,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount? Value,
    Instant? MaturesAt,
    int? RecallNoticeDays,
    Instant? CallableAt,
    LiabilityBand Due,
    LiabilityBand Callable,
    bool IsLiquidatable,
    ExactDecimal? Rate,
    Amount? PerDay,
    Amount? PerYear);

/// <summary>Units that are free now or later.</summary>
/// <param name="Account">Where; absent if nobody knows where they are sent.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">Worth; absent without a valid price.</param>
/// <param name="Counted">The same less haircut.</param>
/// <param name="FreeAt">From when on; absent: nobody knows.</param>
/// <param name="Free">Its band.</param>
/// <param name="Waits">Why they are not free now; absent if they are.</param>
public sealed record LiabilityAssetRow(
    AccountId? Account,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount? Value,
    Amount? Counted,
    Instant? FreeAt,
    LiabilityBand Free,
    LockReason? Waits);

/// <summary>What borrowing costs at the rates of asOf; absent where a rate or a price lacks.</summary>
/// <param name="PaidPerDay">Interest owed for an average day.</param>
/// <param name="EarnedPerDay">Interest on supply for an average day.</param>
/// <param name="NetPerDay">Paid less earned.</param>
/// <param name="PaidPerYear">For 365 days.</param>
/// <param name="EarnedPerYear">For 365 days.</param>
/// <param name="NetPerYear">For 365 days.</param>
/// <param name="NetOfDebt">Net of a year for each unit of debt, rounded down; absent without debt.</param>
/// <param name="Lacking">Positions and assets whose rate nobody observed, as position:asset.</param>
public sealed record CarryRow(
    Amount? PaidPerDay,
    Amount? EarnedPerDay,
    Amount? NetPerDay,
    Amount? PaidPerYear,
    Amount? EarnedPerYear,
    Amount? NetPerYear,
    ExactDecimal? NetOfDebt,
    ImmutableArray<string> Lacking);

/// <summary>How long until a position may be liquidated while prices stay.</summary>
/// <param name="Account">The position.</param>
/// <param name="RateAdded">A year, added to every borrow rate.</param>
/// <param name="HealthFactor">Now; absent without debt.</param>
/// <param name="SecondsUntilLiquidation">0 if it may be now; absent if not within 100 years.</param>
/// <param name="LiquidationAt">When that is; absent likewise.</param>
public sealed record LiabilityTimeRow(
    AccountId Account,
    ExactDecimal RateAdded,
    ExactDecimal? HealthFactor,
    long? SecondsUntilLiquidation,
    Instant? LiquidationAt);

/// <summary>Liabilities against assets.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Haircut">The part of worth that was taken off assets whose price moves.</param>
/// <param name="Coverage">Liquidity coverage.</param>
/// <param name="Carry">Cost of carry.</param>
/// <param name="Rungs">By when debt is due and assets are free, the earliest first.</param>
/// <param name="Debts">By position and asset.</param>
/// <param name="Assets">By asset and place; what secures a debt is not among them.</param>
/// <param name="Times">By position, then by rate.</param>
/// <param name="Lacking">Positions without figures.</param>
public sealed record LiabilityAnswer(
    Standpoint Viewpoint,
    string Version,
    ExactDecimal Haircut,
    CoverageRow Coverage,
    CarryRow Carry,
    ImmutableArray<LiabilityRung> Rungs,
    ImmutableArray<LiabilityDebtRow> Debts,
    ImmutableArray<LiabilityAssetRow> Assets,
    ImmutableArray<LiabilityTimeRow> Times,
    ImmutableArray<AccountId> Lacking)
{
    private const int SecondsToMicroseconds = 1_000_000;

    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        new("days", "query", typeof(long), "Coverage by the end of which day, at most 3,660; without it 30.", "30"),
        new("haircut", "query", typeof(string),
            "The part of worth taken off assets whose price moves; without it 0.", "0.15"),
        new("rates", "query", typeof(string),
            "A year, added to borrow rates for the time to liquidation, with commas; without it 0,0.05,0.1.", "0,0.05"),
    ];

    /// <summary>The question.</summary>
    public static Func<SeenExposure, LiabilityAnswer> Read(QueryReader query)
    {
        var (zero, one) = (ExactDecimal.Zero, ExactDecimal.One);
        var days = (int)(query.Number("days", 0, 3_660) ?? 30);
        var haircut = ExposureQuery.Bps(query, "haircut", zero, one, 0);
        var rates = ExposureQuery.BpsList(query, "rates", zero, one, [0, 500, 1_000]);
        return exposure => Of(exposure, days, haircut, rates);
    }

    private static LiabilityAnswer Of(SeenExposure exposure, int days, int haircut, ImmutableArray<int> rates)
    {
        var (seen, whole) = (exposure.Seen, exposure.Accounts.Whole.ToDictionary());
        var at = new DatedLiabilities(exposure, haircut);
        var (due, callable) = (
            at.Debts.Select(debt => new DatedValue(debt.MaturesAt, debt.Value)).ToList(),
            at.Debts.Select(debt => new DatedValue(debt.CallableAt, debt.Value)).ToList());
        var liquid = at.Assets.Select(asset => new DatedValue(asset.FreeAt, asset.Counted)).ToList();
        var cash = at.Assets.Where(asset => !at.IsMoving(asset.Asset))
            .Select(asset => new DatedValue(asset.FreeAt, asset.Counted));
        var (asked, free, ratio) = at.Ladder.Coverage(days, callable, liquid);
        var (_, money, ofMoney) = at.Ladder.Coverage(days, callable, cash);
        return new LiabilityAnswer(
            seen.Standpoint,
            exposure.Version.Text(),
            Shown.Bps(haircut),
            new CoverageRow(days, at.Ladder.EndOf(days), asked, free, ratio, money, ofMoney),
            at.Carry(),
            at.Ladder.Of(due, callable, liquid),
            at.Debts,
            at.Assets,
            [.. whole.OrderBy(one => one.Key).SelectMany(one => rates.Select(rate => Time(one.Key, one.Value, rate)))],
            [.. exposure.Accounts.All.Where(one => one.Account is null).Select(one => one.Id)]);
    }

    private static LiabilityTimeRow Time(AccountId id, AaveAccount account, int rate)
    {
        var seconds = Horizon.SecondsUntilBelow(rate == 0 ? account : Horizon.WithBorrowRates(account, rate));
        return new LiabilityTimeRow(
            id,
            Shown.Bps(rate),
            Shown.Wad(AccountData.Of(account).HealthFactor),
            seconds,
            seconds is { } after ? new Instant((account.Now + after) * SecondsToMicroseconds) : null);
    }
}
