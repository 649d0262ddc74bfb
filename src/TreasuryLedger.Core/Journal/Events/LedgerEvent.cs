using System.Collections.Immutable;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// What an entry says happened, in the past tense: facts without totals. The family is closed; a fold that meets a
/// member it does not know stops. Stored names and shapes are pinned for ever.
/// </summary>
public abstract record LedgerEvent
{
    private protected LedgerEvent()
    {
    }
}

/// <summary>Units of one asset at one account: one side of a movement.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">How many smallest units, 1 or more.</param>
public sealed record Leg(AccountId Account, AssetId Asset, Quantity Quantity);

/// <summary>An event that costs fees beside what it moves.</summary>
public interface IHasFees
{
    /// <summary>Units that left as fees: in money, in the asset itself or in a third one; may be empty.</summary>
    ImmutableArray<Leg> Fees { get; }
}
