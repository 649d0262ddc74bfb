using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Units held at an account.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units, not zero; negative while facts are missing (a shortfall).</param>
public sealed record Balance(AccountId Account, AssetId Asset, Quantity Quantity);

/// <summary>Units owed by a lending position.</summary>
/// <param name="Position">Who owes.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units, not zero; negative if more was repaid than was owed (a shortfall).</param>
public sealed record DebtBalance(AccountId Position, AssetId Asset, Quantity Quantity);

/// <summary>What a shortfall is about.</summary>
public enum ShortfallKind
{
    /// <summary>More units left than were there.</summary>
    Units,

    /// <summary>More was repaid than was owed.</summary>
    Debt,
}

/// <summary>A span of time in which units were missing: some fact is not recorded yet, or one is wrong.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Kind">Units held or debt.</param>
/// <param name="From">The first instant of it (inclusive).</param>
/// <param name="Until">The first instant without it (exclusive); absent if it lasts at the viewpoint.</param>
/// <param name="Deepest">Most smallest units missing within it.</param>
/// <param name="Latest">Smallest units missing at its last change; zero once it has ended.</param>
public sealed record Shortfall(
    AccountId Account,
    AssetId Asset,
    ShortfallKind Kind,
    Instant From,
    Instant? Until,
    Quantity Deepest,
    Quantity Latest);

/// <summary>A dispatched transfer of which something is still under way, or of which too much arrived.</summary>
/// <param name="Fact">The fact of the dispatch.</param>
/// <param name="Asset">Of what.</param>
/// <param name="From">From where; absent if the dispatch itself is not visible.</param>
/// <param name="To">Where it is going; absent as above.</param>
/// <param name="SentAt">When it left; absent as above.</param>
/// <param name="ExpectedBy">After this instant (exclusive) it is overdue; absent if nobody said.</param>
/// <param name="Sent">Smallest units that left.</param>
/// <param name="Arrived">Smallest units that arrived.</param>
/// <param name="Overdue">Whether units are still missing after <paramref name="ExpectedBy"/> at the viewpoint.</param>
public sealed record TransferInTransit(
    FactId Fact,
    AssetId Asset,
    AccountId? From,
    AccountId? To,
    Instant? SentAt,
    Instant? ExpectedBy,
    Quantity Sent,
    Quantity Arrived,
    bool Overdue)
{
    /// <summary>Smallest units under way, not zero; negative if more arrived than was sent.</summary>
    public Quantity Remaining => Sent - Arrived;
}

/// <summary>The totals of one pool, by which its conservation is checked.</summary>
/// <param name="Pool">The asset whose lots it holds.</param>
/// <param name="Account">Under per-account scope: where.</param>
/// <param name="InTransit">Under per-account scope: the transfer that carries it.</param>
/// <param name="Balance">Units held by postings, in transit included.</param>
/// <param name="Open">Units of open lots.</param>
/// <param name="Deficit">Units that left without a lot.</param>
/// <param name="OpenCost">The known cost of open lots.</param>
public sealed record PoolTotals(
    AssetId Pool,
    AccountId? Account,
    FactId? InTransit,
    Quantity Balance,
    Quantity Open,
    Quantity Deficit,
    Amount OpenCost)
{
    /// <summary>Units of open lots less units that left without a lot are the balance, exactly (SPEC 9.1).</summary>
    public bool IsConserved => Open - Deficit == Balance;
}

/// <summary>
/// What a treasury held, owed, gained and spent at a viewpoint under a policy. Derived from the visible entries alone;
/// every list is in a stated order, so that the same entries give the same book.
/// </summary>
public sealed record Book
{
    /// <summary>Where the book stands on both time axes.</summary>
    public required Viewpoint Viewpoint { get; init; }

    /// <summary>How it was derived.</summary>
    public required BookPolicy Policy { get; init; }

    /// <summary>Units held, by account and asset; zero balances are left out.</summary>
    public required ImmutableArray<Balance> Balances { get; init; }

    /// <summary>Units owed, by position and asset; zero debts are left out.</summary>
    public required ImmutableArray<DebtBalance> Debts { get; init; }

    /// <summary>Open lots, by pool, account, transfer, acquisition and order of the fold.</summary>
    public required ImmutableArray<OpenLot> OpenLots { get; init; }

    /// <summary>Disposals in the order of the fold.</summary>
    public required ImmutableArray<Disposal> Disposals { get; init; }

    /// <summary>Income in the order of the fold.</summary>
    public required ImmutableArray<Income> Incomes { get; init; }

    /// <summary>Expenses in the order of the fold.</summary>
    public required ImmutableArray<Expense> Expenses { get; init; }

    /// <summary>Contributions in the order of the fold.</summary>
    public required ImmutableArray<Contribution> Contributions { get; init; }

    /// <summary>Liquidations in the order of the fold.</summary>
    public required ImmutableArray<Liquidation> Liquidations { get; init; }

    /// <summary>Spans with missing units, by account, asset, kind and start.</summary>
    public required ImmutableArray<Shortfall> Shortfalls { get; init; }

    /// <summary>Transfers under way, by fact.</summary>
    public required ImmutableArray<TransferInTransit> InTransit { get; init; }

    /// <summary>The totals of each pool, by pool, account and transfer.</summary>
    public required ImmutableArray<PoolTotals> Pools { get; init; }

    /// <summary>The known cost of everything acquired; always the open cost plus the cost taken by disposals.</summary>
    public required Amount CostAcquired { get; init; }

    /// <summary>The known cost of all open lots.</summary>
    public Amount CostOpen => Pools.Aggregate(Amount.Zero, (sum, pool) => sum + pool.OpenCost);

    /// <summary>The known cost that disposals took.</summary>
    public Amount CostDisposed => Disposals.Aggregate(Amount.Zero, (sum, disposal) => sum + disposal.MatchedCost);

    /// <summary>The exact realized gain on all units whose cost and proceeds are known.</summary>
    public Amount RealizedGain => Disposals.Aggregate(
        Amount.Zero, (sum, disposal) => sum + (disposal.MatchedGain ?? Amount.Zero));

    /// <summary>The units held at an account.</summary>
    public Quantity BalanceOf(AccountId account, AssetId asset) =>
        Balances.FirstOrDefault(b => b.Account == account && b.Asset == asset)?.Quantity ?? Quantity.Zero;

    /// <summary>The units owed by a position.</summary>
    public Quantity DebtOf(AccountId position, AssetId asset) =>
        Debts.FirstOrDefault(d => d.Position == position && d.Asset == asset)?.Quantity ?? Quantity.Zero;

    /// <summary>Whether units and cost are conserved to the last digit (SPEC 9).</summary>
    public bool IsConserved => Pools.All(pool => pool.IsConserved) && CostAcquired == CostOpen + CostDisposed;
}
