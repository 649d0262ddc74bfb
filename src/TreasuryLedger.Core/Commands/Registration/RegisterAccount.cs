using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Registers a place where units can be.</summary>
public sealed record RegisterAccount : Command
{
    /// <summary>Its id, new in the treasury.</summary>
    public required AccountId Account { get; init; }

    /// <summary>What kind of place; decides what can be done there.</summary>
    public required AccountKind Kind { get; init; }

    /// <summary>Who runs it, e.g. binance; 1 to 200 characters.</summary>
    public required string Venue { get; init; }

    /// <summary>For a lending position only: the market in the market book whose terms it has; an id.</summary>
    public string? Market { get; init; }
}
