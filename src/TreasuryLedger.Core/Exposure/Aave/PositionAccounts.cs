using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
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
    private const int DecimalsMax = 24;

    private static readonly BigInteger WorthMax = PowerOfTen.Of(30);

    /// <summary>Those with figures, by id.</summary>
    public IEnumerable<KeyValuePair<AccountId, AaveAccount>> Whole => All
        .Where(one => one.Account is not null)
        .Select(one => KeyValuePair.Create(one.Id, one.Account!));

    /// <summary>The number of an asset's reserve; -1 if no position has the asset.</summary>
    public int ReserveOf(AssetId asset) => Assets.IndexOf(asset);

    /// <summary>The accounts.</summary>
    /// <param name="positions">Positions with their units and prices.</param>
    /// <param name="registers">The assets.</param>
    /// <param name="markets">Terms and rates.</param>
    /// <param name="at">The instant; whole seconds count.</param>
    /// <param name="version">Whose arithmetic counts.</param>
    public static PositionAccounts Of(
        ImmutableArray<LendingPosition> positions,
        Registers registers,
        MarketBookView markets,
        Instant at,
        AaveVersion version)
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
        var maker = new Maker(registers, markets, at, version, assets);
        return new PositionAccounts([.. positions.Select(maker.Make)], assets);
    }

    /// <summary>Makes accounts whose reserves have the same numbers.</summary>
    private sealed class Maker(
        Registers registers, MarketBookView markets, Instant at, AaveVersion version, ImmutableArray<AssetId> assets)
    {
        private readonly long _now = at.Microseconds / 1_000_000;

        public PositionAccount Make(LendingPosition position)
        {
            var gaps = new SortedSet<AccountGap>();
            var held = position.Collateral.ToDictionary(item => item.Asset, item => item);
            var owed = position.Debts.ToDictionary(item => item.Asset, item => item);
            var own = held.Keys.Union(owed.Keys).Order().ToList();
            var reserves = own.Select(asset => Reserve(
                position.Market,
                asset,
                held.TryGetValue(asset, out var item) ? item.Valuation : owed[asset].Valuation,
                held.ContainsKey(asset),
                owed.ContainsKey(asset),
                gaps));
            var account = new AaveAccount
            {
                Version = version,
                Now = _now,
                Reserves = [.. reserves],
                Holdings =
                [
                    .. own.Select(asset => new AaveHolding(
                        assets.IndexOf(asset),
                        Units(held.GetValueOrDefault(asset)?.Quantity, gaps),
                        true,
                        Units(owed.GetValueOrDefault(asset)?.Quantity, gaps))),
                ],
            };
            if (account.Holdings.Any(holding => IsTooLarge(account.Reserve(holding.ReserveId), holding)))
            {
                gaps.Add(AccountGap.OutOfRange);
            }

            var isWhole = gaps.All(gap => gap > AccountGap.OutOfRange);
            return new PositionAccount(position.Account!.Value, position.Market, isWhole ? account : null, [.. gaps]);
        }

        private AaveReserve Reserve(
            string? market, AssetId asset, Valuation valuation, bool isHeld, bool isOwed, SortedSet<AccountGap> gaps)
        {
            var terms = market is null ? MarketTerms.Unknown : markets.At(market, asset, at);
            Lack(gaps, valuation.State == PriceState.Missing, AccountGap.PriceMissing);
            Lack(gaps, valuation.State == PriceState.Stale, AccountGap.PriceStale);
            Lack(gaps, isHeld && terms.LiquidationThreshold is null, AccountGap.ThresholdMissing);
            Lack(gaps, isHeld && terms.LoanToValueMax is null, AccountGap.LoanToValueMissing);
            Lack(gaps, isHeld && terms.LiquidationBonus is null, AccountGap.BonusMissing);
            Lack(gaps, isOwed && terms.BorrowRate is null, AccountGap.RateMissing);
            return new AaveReserve
            {
                Id = assets.IndexOf(asset),
                Symbol = asset.ToString(),
                Decimals = registers.DecimalsOf(asset),
                Price8 = valuation.Price is { } price ? At(price.Price, 8) : BigInteger.Zero,
                LtvBps = Bps(terms.LoanToValueMax),
                LiquidationThresholdBps = Bps(terms.LiquidationThreshold),
                LiquidationBonusBps = PercentageMath.One + Bps(terms.LiquidationBonus),
                LiquidityIndex = WadRayMath.Ray,
                VariableBorrowIndex = WadRayMath.Ray,
                LiquidityRate = At(terms.SupplyRate ?? default, 27),
                VariableBorrowRate = At(terms.BorrowRate ?? default, 27),
                LastUpdate = _now,
            };
        }

        private static BigInteger Units(Quantity? quantity, SortedSet<AccountGap> gaps)
        {
            Lack(gaps, quantity is { Sign: < 0 }, AccountGap.UnitsMissing);
            return BigInteger.Max(0, quantity?.Units ?? 0);
        }

        private static bool IsTooLarge(AaveReserve reserve, AaveHolding holding) =>
            reserve.Decimals > DecimalsMax
            || reserve.Price8 > WorthMax
            || BigInteger.Max(holding.ScaledSupply, holding.ScaledDebt) * BigInteger.Max(1, reserve.Price8)
                > WorthMax * reserve.Unit;

        private static void Lack(SortedSet<AccountGap> gaps, bool lacks, AccountGap gap)
        {
            if (lacks)
            {
                gaps.Add(gap);
            }
        }

        private static int Bps(ExactDecimal? part) => (int)At(part ?? default, 4);

        /// <summary>A number of 0 or more at so many digits, down.</summary>
        private static BigInteger At(ExactDecimal number, int digits) => number.Scale <= digits
            ? number.Mantissa * PowerOfTen.Of(digits - number.Scale)
            : number.Mantissa / PowerOfTen.Of(number.Scale - digits);
    }
}
