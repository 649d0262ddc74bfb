using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Statements;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>Where a transfer stands.</summary>
public enum TransferStatus
{
    /// <summary>Some of it has not arrived.</summary>
    UnderWay,

    /// <summary>Some of it has not arrived in time.</summary>
    Overdue,

    /// <summary>More arrived than was sent.</summary>
    OverArrived,

    /// <summary>All of it arrived, later or at once.</summary>
    Arrived,
}

/// <summary>Transfers as entries bring them forth.</summary>
internal static class TransferStates
{
    /// <summary>Where a transfer stands.</summary>
    public static TransferStatus StatusOf(TransferInTransit transfer) =>
        transfer.Remaining.Sign < 0 ? TransferStatus.OverArrived
        : transfer.Remaining.IsZero ? TransferStatus.Arrived
        : transfer.Overdue ? TransferStatus.Overdue
        : TransferStatus.UnderWay;

    /// <summary>
    /// The transfer that begins with an entry, as it stands at the viewpoint; one whose dispatch nobody knows begins
    /// with the first arrival.
    /// </summary>
    public static IEnumerable<TransferInTransit> Of(TreasuryAt treasury, Core.Lots.EntryRows happened)
    {
        var (entry, asOf) = (happened.Entry, treasury.Viewpoint.AsOf);
        var found = entry.Event switch
        {
            AssetTransferred moved => new TransferInTransit(
                entry.Fact, moved.Sent.Asset, moved.Sent.Account, moved.To, entry.EffectiveAt, null,
                moved.Sent.Quantity, moved.Sent.Quantity, Overdue: false),
            TransferDispatched sent => treasury.State.Transfer(entry.Fact, sent.Sent.Asset, asOf),
            TransferArrived came => Alone(treasury, happened, came),
            _ => null,
        };
        return found is null ? [] : [found];
    }

    private static TransferInTransit? Alone(
        TreasuryAt treasury, Core.Lots.EntryRows happened, TransferArrived came)
    {
        var (transfer, asset, at) = (came.Transfer, came.Received.Asset, happened.Entry.EffectiveAt);
        var found = treasury.State.Transfer(transfer, asset, treasury.Viewpoint.AsOf);
        var isFirst = found is { From: null }
            && happened.State().Transfer(transfer, asset, at)?.Arrived == came.Received.Quantity;
        return isFirst ? found : null;
    }
}
