using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records an observed price in a price book.</summary>
public sealed record RecordPrice : Command
{
    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>In what; another asset.</summary>
    public required AssetId Currency { get; init; }

    /// <summary>Currency per whole token, more than 0.</summary>
    public required ExactDecimal Price { get; init; }

    /// <summary>
    /// If the price closes a session: its other prices, each more than 0, the low not above the high.
    /// </summary>
    public SessionPrices? Session { get; init; }
}
