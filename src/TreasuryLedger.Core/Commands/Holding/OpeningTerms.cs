using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>A lot that was already held.</summary>
/// <param name="Account">Where; at a lending position it is collateral.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">How much, in whole tokens, more than 0.</param>
/// <param name="AcquiredAt">When it was acquired in truth; not after the opening balance itself.</param>
/// <param name="Cost">Its whole cost, fees included: 0 or more, in a registered currency. Absent: unknown.</param>
public sealed record OpeningLotTerms(
    AccountId Account, AssetId Asset, ExactDecimal Quantity, Instant AcquiredAt, CurrencyAmount? Cost);

/// <summary>A debt that was already owed.</summary>
/// <param name="Account">The lending position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">How much, in whole tokens, more than 0.</param>
public sealed record OpeningDebtTerms(AccountId Account, AssetId Asset, ExactDecimal Quantity);
