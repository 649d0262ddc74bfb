using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Answers;

/// <summary>Units at an account.</summary>
/// <param name="Account">Where; the lending position for a debt.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens; negative while facts are missing (a shortfall).</param>
public sealed record BalanceRow(AccountId Account, AssetId Asset, ExactDecimal Quantity);

/// <summary>What is held and owed.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Balances">Units held, by account and asset.</param>
/// <param name="Debts">Units owed, by lending position and asset.</param>
public sealed record BalancesAnswer(
    Standpoint Viewpoint, ImmutableArray<BalanceRow> Balances, ImmutableArray<BalanceRow> Debts)
{
    /// <summary>The answer.</summary>
    public static BalancesAnswer Of(Seen seen) => new(
        seen.Standpoint,
        [.. seen.At.State.Balances().Select(b => new BalanceRow(b.Account, b.Asset, seen.Tokens(b.Asset, b.Quantity)))],
        [.. seen.At.State.Debts().Select(d => new BalanceRow(d.Position, d.Asset, seen.Tokens(d.Asset, d.Quantity)))]);
}

/// <summary>A span of time with missing units.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Kind">Units held, or debt (more was repaid than was owed).</param>
/// <param name="From">The first instant of it (inclusive).</param>
/// <param name="Until">The first instant without it (exclusive); absent if it lasts.</param>
/// <param name="Deepest">Most missing within it, in whole tokens.</param>
/// <param name="Latest">Missing at its last change, in whole tokens; 0 once it has ended.</param>
public sealed record ShortfallRow(
    AccountId Account,
    AssetId Asset,
    ShortfallKind Kind,
    Instant From,
    Instant? Until,
    ExactDecimal Deepest,
    ExactDecimal Latest);

/// <summary>Where facts are missing: no figure that rests on these is complete.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Shortfalls">By account, asset, kind and start.</param>
/// <param name="Next">Of a page: pass it as <c>cursor</c> for the next one; absent on the last one.</param>
public sealed record ShortfallsAnswer(
    Standpoint Viewpoint, ImmutableArray<ShortfallRow> Shortfalls, string? Next = null)
{
    /// <summary>The answer.</summary>
    public static ShortfallsAnswer Of(Seen seen) => new(
        seen.Standpoint,
        [
            .. seen.At.State.Shortfalls().Select(s => Row(seen, s)),
        ]);

    /// <summary>A shortfall as callers see it.</summary>
    public static ShortfallRow Row(Seen seen, Shortfall s) => new(
        s.Account, s.Asset, s.Kind, s.From, s.Until, seen.Tokens(s.Asset, s.Deepest), seen.Tokens(s.Asset, s.Latest));
}

/// <summary>A dispatched transfer of which something is under way, or of which too much arrived.</summary>
/// <param name="Fact">The fact of the dispatch, which arrivals name.</param>
/// <param name="Asset">Of what.</param>
/// <param name="From">From where; absent if only the arrival is known.</param>
/// <param name="To">Where it is going; absent as above.</param>
/// <param name="SentAt">When it left; absent as above.</param>
/// <param name="ExpectedBy">After this instant (exclusive) it is overdue; absent if nobody said.</param>
/// <param name="Sent">Whole tokens that left.</param>
/// <param name="Arrived">Whole tokens that arrived.</param>
/// <param name="Remaining">Whole tokens under way; negative if more arrived than was sent.</param>
/// <param name="Overdue">Whether they are late.</param>
public sealed record TransferRow(
    FactId Fact,
    AssetId Asset,
    AccountId? From,
    AccountId? To,
    Instant? SentAt,
    Instant? ExpectedBy,
    ExactDecimal Sent,
    ExactDecimal Arrived,
    ExactDecimal Remaining,
    bool Overdue);

/// <summary>What is under way between accounts.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Transfers">Those under way by fact; of a list all that match, in effective order.</param>
/// <param name="Next">Of a page: pass it as <c>cursor</c> for the next one; absent on the last one.</param>
public sealed record TransfersAnswer(
    Standpoint Viewpoint, ImmutableArray<TransferRow> Transfers, string? Next = null)
{
    /// <summary>The answer.</summary>
    public static TransfersAnswer Of(Seen seen) => new(
        seen.Standpoint,
        [
            .. seen.At.State.InTransit(seen.Standpoint.AsOf).Select(t => Row(seen, t)),
        ]);

    /// <summary>A transfer as callers see it.</summary>
    public static TransferRow Row(Seen seen, TransferInTransit t) => new(
        t.Fact, t.Asset, t.From, t.To, t.SentAt, t.ExpectedBy, seen.Tokens(t.Asset, t.Sent),
        seen.Tokens(t.Asset, t.Arrived), seen.Tokens(t.Asset, t.Remaining), t.Overdue);
}
