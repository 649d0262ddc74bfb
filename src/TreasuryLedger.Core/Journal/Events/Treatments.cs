namespace TreasuryLedger.Core.Journal;

/// <summary>What it is in a book when units become others, or go where others use them, and nobody pays.</summary>
public enum MoveTreatment
{
    /// <summary>No disposal: lots keep date and cost.</summary>
    NoDisposal,

    /// <summary>A disposal at what the units are worth at that instant; what comes is a new lot.</summary>
    Disposal,
}

/// <summary>
/// Which moves a book takes for disposals. What happened is recorded without saying what it is; each first value is
/// what holds where a book says nothing.
/// </summary>
/// <param name="Wraps">Units become those of a wrapper, or back.</param>
/// <param name="Receipts">Units become those of a receipt, or back.</param>
/// <param name="Collateral">Units go to a lending position as collateral, or come back.</param>
/// <param name="Staking">Units become those of a staked token or go to a staking account, or come back.</param>
/// <param name="Bridges">Units become those that stand for them on another chain, or back.</param>
public sealed record Treatments(
    MoveTreatment Wraps = MoveTreatment.NoDisposal,
    MoveTreatment Receipts = MoveTreatment.NoDisposal,
    MoveTreatment Collateral = MoveTreatment.NoDisposal,
    MoveTreatment Staking = MoveTreatment.NoDisposal,
    MoveTreatment Bridges = MoveTreatment.NoDisposal)
{
    /// <summary>What holds where a book says nothing.</summary>
    public static Treatments Starter { get; } = new();

    /// <summary>The same for every kind of move.</summary>
    /// <param name="treatment">What all of them are.</param>
    public static Treatments All(MoveTreatment treatment) =>
        new(treatment, treatment, treatment, treatment, treatment);

    /// <summary>What it is when units become those of a stand-in, or back.</summary>
    /// <param name="kind">Why the one stands for the other.</param>
    public MoveTreatment Of(StandInKind kind) => kind switch
    {
        StandInKind.Wrapped => Wraps,
        StandInKind.Receipt => Receipts,
        StandInKind.Staked => Staking,
        StandInKind.Bridged => Bridges,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Nothing stands for something so."),
    };
}
