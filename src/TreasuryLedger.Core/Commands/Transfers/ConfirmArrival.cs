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

    /// <summary>Where they arrived; not a lending position. Absent: where the transfer was going.</summary>
    public AccountId? Account { get; init; }

    /// <summary>How much arrived, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var holder = check.Holder(Transfer);
        check.FactKind(holder?.Event is TransferDispatched, holder, "a transfer in transit");
        if (holder?.Event is not TransferDispatched dispatched)
        {
            return new Decision.Refused(check.First!);
        }

        var received = check.Leg(Account ?? dispatched.To, Place.Holding, dispatched.Sent.Asset, Quantity);
        return check.Accept(new TransferArrived(Transfer, received));
    }
}
