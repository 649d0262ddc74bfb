using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records that units were sent to an exchange, or instructs it; in transit until they arrive, if so said.
/// </summary>
public sealed record TransferToExchange : Command
{
    /// <summary>Where the units left; not a lending position.</summary>
    public required AccountId From { get; init; }

    /// <summary>The exchange they go to; another account.</summary>
    public required AccountId To { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>
    /// <c>true</c>: the units are in transit until a <see cref="ConfirmArrival"/>. <c>false</c>: they arrived at
    /// once.
    /// </summary>
    public bool InTransit { get; init; }

    /// <summary>
    /// In transit only: after this instant (exclusive) what has not arrived is overdue; not before the start.
    /// </summary>
    public Instant? ExpectedBy { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state) => Transfers.Decide(
        new Checks(state), Place.Exchange, From, To, Asset, Quantity, EffectiveAt, InTransit, ExpectedBy, Fees);
}
