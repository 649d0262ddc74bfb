using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records that supplied units went from one indexed position to another one of the treasury. Debt cannot be handed
/// over: the contract forbids it.
/// </summary>
public sealed record TransferSupply : Command
{
    /// <summary>The lending position that they left.</summary>
    public required AccountId From { get; init; }

    /// <summary>The lending position that they reached.</summary>
    public required AccountId To { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>The touch of the position that they left.</summary>
    public required TouchTerms FromTouch { get; init; }

    /// <summary>The touch of the position that they reached.</summary>
    public required TouchTerms ToTouch { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var sent = check.Leg(From, Place.Lending, Asset, Quantity);
        check.Account(To, Place.Lending);
        check.Different(From, To);
        Touching.Kind(check, state, From, hasIndex: true, Mode);
        Touching.Kind(check, state, To, hasIndex: true, Mode);
        var left = Touching.Of(
            check, (From, Asset, InterestSide.Supply), FromTouch, sent.Quantity, TouchWay.TransferOut);
        var came = Touching.Of(check, (To, Asset, InterestSide.Supply), ToTouch, sent.Quantity, TouchWay.TransferIn);
        return check.Accept(Touching.Event(new AssetTransferred(sent, To, []), left, came));
    }
}
