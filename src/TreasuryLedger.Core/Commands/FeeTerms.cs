using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>A fee beside a command: in money, in the asset itself or in a third one.</summary>
/// <param name="Account">Where it was paid from; not a lending position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">How much, in whole tokens, more than 0.</param>
public sealed record FeeTerms(AccountId Account, AssetId Asset, ExactDecimal Quantity);
