using System.Collections.Immutable;

namespace TreasuryLedger.Core.Postings;

/// <summary>What a chart account is about.</summary>
public enum ChartType
{
    /// <summary>What is held.</summary>
    Asset,

    /// <summary>What is owed.</summary>
    Liability,

    /// <summary>What owners put in, and what was there when the journal began.</summary>
    Equity,

    /// <summary>What was earned or gained.</summary>
    Income,

    /// <summary>What was spent.</summary>
    Expense,
}

/// <summary>The two columns of a trial balance.</summary>
public enum PostingSide
{
    /// <summary>More than zero.</summary>
    Debit,

    /// <summary>Less than zero.</summary>
    Credit,
}

/// <summary>Under which line of a statement a chart account stands.</summary>
public enum ChartHeading
{
    /// <summary>What is kept in lots, at cost.</summary>
    DigitalAssets,

    /// <summary>Money, and stablecoins at par.</summary>
    Cash,

    /// <summary>Cost of what left for a value that nobody knows.</summary>
    UnvaluedSuspense,

    /// <summary>What lending positions owe.</summary>
    Debt,

    /// <summary>Proceeds of what nobody knows the cost of.</summary>
    BasisMissing,

    /// <summary>What owners put in, and what was there when the journal began.</summary>
    Capital,

    /// <summary>Units given for others; never an amount.</summary>
    UnitsExchanged,

    /// <summary>Proceeds less cost of what was disposed of.</summary>
    RealizedGains,

    /// <summary>Changes in fair value beyond what was realized.</summary>
    Remeasurement,

    /// <summary>Income in kind and in cash.</summary>
    Income,

    /// <summary>Interest, fees and what debt came to cost.</summary>
    Expenses,
}

/// <summary>The accounts of the chart: a closed set, in the order of statements (SPEC 2).</summary>
public enum ChartAccount
{
    /// <summary>Digital assets at wallets, custodians, exchanges and banks.</summary>
    DigitalAssetsHeld,

    /// <summary>Digital assets that a lending position holds as collateral.</summary>
    DigitalAssetsPledged,

    /// <summary>Digital assets that left one account and have not reached another.</summary>
    DigitalAssetsInTransit,

    /// <summary>Under universal scope: the cost of digital assets, which then belongs to no place.</summary>
    DigitalAssetsPooledCost,

    /// <summary>In a book that measures at fair value: what digital assets are carried at beyond their cost.</summary>
    DigitalAssetsRemeasured,

    /// <summary>Money, and stablecoins at par.</summary>
    Cash,

    /// <summary>Cash that a lending position holds as collateral.</summary>
    CashPledged,

    /// <summary>Cash that left one account and has not reached another.</summary>
    CashInTransit,

    /// <summary>What a missing value keeps open: a line for each.</summary>
    UnvaluedSuspense,

    /// <summary>Debt without accrued interest, at what it was worth when it was borrowed.</summary>
    Borrowings,

    /// <summary>Interest that was accrued and not repaid.</summary>
    InterestPayable,

    /// <summary>What a missing cost basis keeps open: a line for each.</summary>
    BasisMissing,

    /// <summary>The other side of what was held and owed when the journal began.</summary>
    OpeningBalances,

    /// <summary>What owners put in.</summary>
    ContributedCapital,

    /// <summary>Fair value less cost of what was there when a book began to measure at fair value.</summary>
    FairValueAdoption,

    /// <summary>The other side of units given for other units; it never has an amount.</summary>
    UnitsExchanged,

    /// <summary>Proceeds less cost; of liquidations without what stands in the next account.</summary>
    RealizedGains,

    /// <summary>The part of realized gains that bonus and protocol fee of liquidations took.</summary>
    LiquidationPenalty,

    /// <summary>Changes in fair value beyond what was realized.</summary>
    Remeasurement,

    /// <summary>Staking, rewards and the like.</summary>
    Yield,

    /// <summary>Interest on what lending positions hold.</summary>
    SupplyInterest,

    /// <summary>Debt that lenders gave up, at what it was worth then.</summary>
    DebtForgiven,

    /// <summary>Cash at par exchanged for more or less of other cash at par.</summary>
    CashDifferences,

    /// <summary>Interest owed.</summary>
    InterestExpense,

    /// <summary>Fees that neither an acquisition nor a sale bears.</summary>
    Fees,

    /// <summary>Cash seized beyond the debt that it covered.</summary>
    LiquidationExcess,

    /// <summary>What debt was worth when it was repaid less what it was carried at.</summary>
    DebtRevaluation,
}

/// <summary>What the chart says of an account.</summary>
/// <param name="Account">Which.</param>
/// <param name="Heading">Under which line of a statement it stands.</param>
/// <param name="Type">What it is about.</param>
/// <param name="NormalSide">On which side its balance stands as a rule.</param>
public sealed record ChartEntry(
    ChartAccount Account, ChartHeading Heading, ChartType Type, PostingSide NormalSide);

/// <summary>The chart of accounts.</summary>
public static class ChartOfAccounts
{
    /// <summary>Every account, in the order of statements.</summary>
    public static ImmutableArray<ChartEntry> All { get; } =
    [
        .. Enum.GetValues<ChartAccount>().Select(account => account switch
        {
            <= ChartAccount.DigitalAssetsRemeasured => Of(account, ChartHeading.DigitalAssets, ChartType.Asset),
            <= ChartAccount.CashInTransit => Of(account, ChartHeading.Cash, ChartType.Asset),
            ChartAccount.UnvaluedSuspense => Of(account, ChartHeading.UnvaluedSuspense, ChartType.Asset),
            <= ChartAccount.InterestPayable => Of(account, ChartHeading.Debt, ChartType.Liability),
            ChartAccount.BasisMissing => Of(account, ChartHeading.BasisMissing, ChartType.Liability),
            <= ChartAccount.FairValueAdoption => Of(account, ChartHeading.Capital, ChartType.Equity),
            ChartAccount.UnitsExchanged => Of(account, ChartHeading.UnitsExchanged, ChartType.Equity),
            ChartAccount.LiquidationPenalty => Of(account, ChartHeading.RealizedGains, ChartType.Income) with
            {
                NormalSide = PostingSide.Debit,
            },
            ChartAccount.RealizedGains => Of(account, ChartHeading.RealizedGains, ChartType.Income),
            ChartAccount.Remeasurement => Of(account, ChartHeading.Remeasurement, ChartType.Income),
            <= ChartAccount.CashDifferences => Of(account, ChartHeading.Income, ChartType.Income),
            _ => Of(account, ChartHeading.Expenses, ChartType.Expense),
        }),
    ];

    /// <summary>What the chart says of an account.</summary>
    public static ChartEntry Of(ChartAccount account) => All[(int)account];

    /// <summary>Whether postings to it say that something is not known.</summary>
    public static bool IsOpenQuestion(ChartAccount account) =>
        account is ChartAccount.UnvaluedSuspense or ChartAccount.BasisMissing;

    private static ChartEntry Of(ChartAccount account, ChartHeading heading, ChartType type) => new(
        account, heading, type,
        type is ChartType.Asset or ChartType.Expense ? PostingSide.Debit : PostingSide.Credit);
}
