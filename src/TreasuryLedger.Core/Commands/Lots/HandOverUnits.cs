using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records that units went to another treasury of the same owners. It records them as opening balances with their dates
/// and cost, under the same fact; by a book's terms this one is no disposal, or one (Lots/SPEC.md 16.1).
/// </summary>
public sealed record HandOverUnits : Command
{
    /// <summary>Where the units left; not a lending position.</summary>
    public required AccountId From { get; init; }

    /// <summary>The treasury that gets them: its id.</summary>
    public required string Treasury { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Texts.IsBookId(Treasury), "treasury", Texts.BookIdExpected);
        var sent = check.Leg(From, Place.Holding, Asset, Quantity);
        return check.Accept(new UnitsHandedOver(sent, Treasury, check.Fees(Fees)));
    }
}
