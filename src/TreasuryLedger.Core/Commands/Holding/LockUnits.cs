using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that units at an account cannot leave before an instant: staked, vested or held back.</summary>
public sealed record LockUnits : Command
{
    /// <summary>Where; not a lending position.</summary>
    public required AccountId Account { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>From this instant on (inclusive) they are free; later than effectiveAt.</summary>
    public required Instant Until { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var locked = check.Leg(Account, Place.Holding, Asset, Quantity);
        check.Term(Until > EffectiveAt, "until", "must be later than effectiveAt");
        return check.Accept(new UnitsLocked(locked, Until));
    }
}
