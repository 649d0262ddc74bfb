using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>What an account at a market lacks. Those up to <see cref="OutOfRange"/> leave it without figures.</summary>
public enum AccountGap
{
    /// <summary>Some asset has no price.</summary>
    PriceMissing,

    /// <summary>Some asset's latest price is older than the policy allows.</summary>
    PriceStale,

    /// <summary>The market book has no liquidation threshold for some collateral.</summary>
    ThresholdMissing,

    /// <summary>Units of it are missing: more was withdrawn or repaid than is known to have come.</summary>
    UnitsMissing,

    /// <summary>Its numbers are too large for the contract's arithmetic.</summary>
    OutOfRange,

    /// <summary>The market book has no largest loan-to-value for some collateral: nothing is lent on it.</summary>
    LoanToValueMissing,

    /// <summary>The market book has no bonus for some collateral: liquidations are counted without one.</summary>
    BonusMissing,

    /// <summary>The market book has no rate for some debt: it is taken not to grow.</summary>
    RateMissing,

    /// <summary>The market book has no index that reaches the last touch: that of the touch counts.</summary>
    IndexMissing,

    /// <summary>Units booked are not those of the last touch: some touch is not recorded.</summary>
    TouchMissing,

    /// <summary>The market book does not have the efficiency mode that the position chose: it counts as none.</summary>
    EModeMissing,
}

/// <summary>Gaps of accounts in the words of positions.</summary>
public static class AccountGapWords
{
    /// <summary>What a gap that leaves no figures is to the position; absent for one that leaves some.</summary>
    public static PositionGap? OfPosition(this AccountGap gap) => gap switch
    {
        AccountGap.PriceMissing => PositionGap.PriceMissing,
        AccountGap.PriceStale => PositionGap.PriceStale,
        AccountGap.ThresholdMissing => PositionGap.ThresholdMissing,
        AccountGap.UnitsMissing => PositionGap.UnitsMissing,
        AccountGap.OutOfRange => PositionGap.OutOfRange,
        _ => null,
    };
}

/// <summary>A lending position as an account of its market.</summary>
/// <param name="Id">The position.</param>
/// <param name="Market">The market whose terms it has; absent if it has none.</param>
/// <param name="Account">The account; absent where a gap leaves no figures.</param>
/// <param name="Gaps">What it lacks, each once.</param>
public sealed record PositionAccount(
    AccountId Id, string? Market, AaveAccount? Account, ImmutableArray<AccountGap> Gaps);

/// <summary>A treasury's lending positions as accounts, at an instant (SPEC 7).</summary>
/// <param name="All">In the order of their ids.</param>
/// <param name="Assets">The assets of all of them; an asset's place is its reserve's number in every account.</param>
public sealed record PositionAccounts(ImmutableArray<PositionAccount> All, ImmutableArray<AssetId> Assets)
{
    /// <summary>Those with figures, by id.</summary>
    public IEnumerable<KeyValuePair<AccountId, AaveAccount>> Whole => All
        .Where(one => one.Account is not null)
        .Select(one => KeyValuePair.Create(one.Id, one.Account!));

    /// <summary>The number of an asset's reserve; -1 if no position has the asset.</summary>
    public int ReserveOf(AssetId asset) => Assets.IndexOf(asset);

    /// <summary>The accounts.</summary>
    /// <param name="positions">Positions with their units and prices.</param>
    /// <param name="registers">The assets.</param>
    /// <param name="markets">Terms, indices and rates.</param>
    /// <param name="at">The instant; whole seconds count.</param>
    /// <param name="version">
    /// Whose arithmetic counts; absent: the one that each market runs at the instant, 3.6 where nobody said.
    /// </param>
    /// <param name="facts">Touches, choices and loans of the positions; absent: none.</param>
    public static PositionAccounts Of(
        ImmutableArray<LendingPosition> positions,
        Registers registers,
        MarketBookView markets,
        Instant at,
        AaveVersion? version,
        PositionFacts? facts = null)
    {
        ArgumentNullException.ThrowIfNull(registers);
        ArgumentNullException.ThrowIfNull(markets);
        ImmutableArray<AssetId> assets =
        [
            .. positions.SelectMany(position => position.Collateral.Select(item => item.Asset)
                    .Concat(position.Debts.Select(item => item.Asset)))
                .Distinct()
                .Order(),
        ];
        var maker = new PositionAccountMaker(registers, markets, at, version, assets, facts ?? PositionFacts.None);
        return new PositionAccounts([.. positions.Select(maker.Make)], assets);
    }
}
