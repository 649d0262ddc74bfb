using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that units held at an exchange were sold there, or instructs it.</summary>
public sealed record SellToExchange : Command
{
    /// <summary>The exchange that holds the units.</summary>
    public required AccountId Account { get; init; }

    /// <summary>What was sold.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much was sold, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>Where the proceeds came to; not a lending position. Absent: the same exchange account.</summary>
    public AccountId? ProceedsAccount { get; init; }

    /// <summary>What came for it: any other asset.</summary>
    public required AssetId ProceedsAsset { get; init; }

    /// <summary>How much came for it before fees, in whole tokens, more than 0.</summary>
    public required ExactDecimal ProceedsQuantity { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var sold = check.Leg(Account, Place.Exchange, Asset, Quantity);
        var proceeds = check.Leg(ProceedsAccount ?? Account, Place.Holding, ProceedsAsset, ProceedsQuantity);
        check.Different(Asset, ProceedsAsset);
        return check.Accept(new AssetSold(sold, proceeds, check.Fees(Fees)));
    }
}
