using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records that units of a dispatched transfer arrived, all or some. More than was sent is recorded and shown as
/// such.
/// </summary>
public sealed record ConfirmArrival : Command
{
    /// <summary>The fact of the dispatch.</summary>
    public required FactId Transfer { get; init; }

    /// <summary>
    /// Where they arrived; not a lending position. Absent: where the transfer was going. Needed if the arrival is told
    /// before its dispatch.
    /// </summary>
    public AccountId? Account { get; init; }

    /// <summary>Of what. Absent: of what was sent. Needed if the arrival is told before its dispatch.</summary>
    public AssetId? Asset { get; init; }

    /// <summary>How much arrived, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    internal override IEnumerable<FactId> NamedFacts => base.NamedFacts.Append(Transfer);

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        if (state.HolderOf(Transfer) is null && Account is { } account && Asset is { } asset)
        {
            // Facts come in any order: the dispatch will be told later, and the arrival waits for it.
            return check.Accept(new TransferArrived(Transfer, check.Leg(account, Place.Holding, asset, Quantity)));
        }

        var holder = check.Holder(Transfer);
        check.FactKind(holder?.Event is TransferDispatched, holder, "a transfer in transit");
        if (holder?.Event is not TransferDispatched dispatched)
        {
            return new Decision.Refused(check.First!);
        }

        var received = check.Leg(Account ?? dispatched.To, Place.Holding, Asset ?? dispatched.Sent.Asset, Quantity);
        return check.Accept(new TransferArrived(Transfer, received));
    }
}
