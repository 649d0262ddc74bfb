using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>Makes accounts of positions; their reserves have the same numbers.</summary>
internal sealed class PositionAccountMaker(
    Registers registers,
    MarketBookView markets,
    Instant at,
    AaveVersion? version,
    ImmutableArray<AssetId> assets,
    PositionFacts facts)
{
    private const int DecimalsMax = 24;

    private static readonly BigInteger WorthMax = PowerOfTen.Of(30);

    private readonly long _now = at.Microseconds / 1_000_000;
    private readonly Dictionary<(string Market, AssetId Asset), ReserveConfiguration> _configured = [];
    private readonly Dictionary<(string Market, AssetId Asset), (Instant From, ReserveUpdated Reserve)> _updated = [];
    private readonly Dictionary<string, AaveVersion?> _versions = [];
    private readonly LendingTerms _terms = new(
        facts,
        markets,
        registers.Treasury is { } treasury ? TimeZoneInfo.FindSystemTimeZoneById(treasury.TimeZone) : TimeZoneInfo.Utc);

    /// <summary>The account of a position.</summary>
    public PositionAccount Make(LendingPosition position)
    {
        var gaps = new SortedSet<AccountGap>();
        var held = position.Collateral.ToDictionary(item => item.Asset, item => item);
        var owed = position.Debts.ToDictionary(item => item.Asset, item => item);
        var own = held.Keys.Union(owed.Keys).Order().ToList();
        var id = position.Account!.Value;
        var reserves = own.Select(asset => Reserve(
            registers.Accounts[id],
            asset,
            held.TryGetValue(asset, out var item) ? item.Valuation : owed[asset].Valuation,
            held.ContainsKey(asset),
            owed.ContainsKey(asset),
            gaps)).ToList();
        var mode = Mode(position, gaps);
        var account = new AaveAccount
        {
            Version = version ?? VersionOf(position.Market) ?? AaveVersion.V36,
            Now = _now,
            EModeId = mode?.Id ?? 0,
            EModes = mode is null ? [] : [mode],
            Reserves = [.. reserves],
            Holdings =
            [
                .. own.Select(asset => new AaveHolding(
                    assets.IndexOf(asset),
                    Scaled(id, asset, InterestSide.Supply, held.GetValueOrDefault(asset)?.Quantity, gaps),
                    facts.IsCollateral(id, asset),
                    Scaled(id, asset, InterestSide.Debt, owed.GetValueOrDefault(asset)?.Quantity, gaps))),
            ],
        };
        foreach (var side in held.Values.Select(item => item.Side).Concat(owed.Values.Select(item => item.Side)))
        {
            Lack(gaps, side is { LacksIndex: true }, AccountGap.IndexMissing);
            Lack(gaps, side is { LacksTouch: true }, AccountGap.TouchMissing);
        }

        if (account.Holdings.Any(holding => IsTooLarge(account.Reserve(holding.ReserveId), holding)))
        {
            gaps.Add(AccountGap.OutOfRange);
        }

        account = account.Version < AaveVersion.V37 ? Isolated(account, id) : account;
        var isWhole = gaps.All(gap => gap > AccountGap.OutOfRange);
        return new PositionAccount(id, position.Market, isWhole ? account : null, [.. gaps]);
    }

    /// <summary>
    /// Isolated collateral stands alone. Where its owner switched it on, only it counts; where nobody said anything, it
    /// counts only if it is all there is, as the contract switches it on only then.
    /// </summary>
    private AaveAccount Isolated(AaveAccount account, AccountId id)
    {
        var counting = account.Holdings.Where(held => held.IsCollateral).ToList();
        bool IsIsolated(AaveHolding held) => !account.Reserve(held.ReserveId).DebtCeiling2.IsZero;
        if (counting.Count < 2 || !counting.Any(IsIsolated))
        {
            return account;
        }

        var chosen = counting.FirstOrDefault(held =>
            IsIsolated(held) && facts.Switches.GetValueOrDefault((id, assets[held.ReserveId])));
        return account with
        {
            Holdings =
            [
                .. account.Holdings.Select(held => held with
                {
                    CollateralEnabled = held.CollateralEnabled
                        && (chosen is null ? !IsIsolated(held) : held.ReserveId == chosen.ReserveId),
                }),
            ],
        };
    }

    private AaveReserve Reserve(
        AccountRegistered account,
        AssetId asset,
        Valuation valuation,
        bool isHeld,
        bool isOwed,
        SortedSet<AccountGap> gaps)
    {
        var terms = _terms.Of(account, asset, at);
        var isLoan = _terms.LoanOf(account.Account, at) is not null;
        Lack(gaps, valuation.State == PriceState.Missing, AccountGap.PriceMissing);
        Lack(gaps, valuation.State == PriceState.Stale, AccountGap.PriceStale);
        Lack(gaps, isHeld && terms.LiquidationThreshold is null, AccountGap.ThresholdMissing);
        Lack(gaps, isHeld && terms.LoanToValueMax is null, AccountGap.LoanToValueMissing);
        Lack(gaps, isHeld && terms.LiquidationBonus is null, AccountGap.BonusMissing);
        Lack(gaps, isOwed && terms.BorrowRate is null, AccountGap.RateMissing);
        var configured = isLoan || account.Market is not { } market
            ? null
            : Kept(_configured, (market, asset), () => markets.ConfigurationAt(market, asset, at));
        var reserve = new AaveReserve
        {
            Id = assets.IndexOf(asset),
            Symbol = asset.ToString(),
            Decimals = registers.DecimalsOf(asset),
            Price8 = valuation.Price is { } price ? At(price.Price, 8) : BigInteger.Zero,
            LtvBps = Bps(terms.LoanToValueMax),
            LiquidationThresholdBps = Bps(terms.LiquidationThreshold),
            LiquidationBonusBps = PercentageMath.One + Bps(terms.LiquidationBonus),
            ProtocolFeeBps = Bps(configured?.ProtocolFee),
            ReserveFactorBps = Bps(configured?.ReserveFactor),
            LiquidityIndex = WadRayMath.Ray,
            VariableBorrowIndex = WadRayMath.Ray,
            LiquidityRate = At(terms.SupplyRate ?? default, 27),
            VariableBorrowRate = At(terms.BorrowRate ?? default, 27),
            LastUpdate = _now,
        };
        reserve = configured is null ? reserve : Configured(reserve, configured);
        return IsIndexed(account.Account, asset) ? Indexed(account, asset, reserve) : reserve;
    }

    /// <summary>With the flags, caps and use that the market book knows.</summary>
    private static AaveReserve Configured(AaveReserve reserve, ReserveConfiguration known)
    {
        BigInteger? Units(ExactDecimal? tokens) => tokens is { } some ? At(some, reserve.Decimals) : null;
        return reserve with
        {
            IsPaused = known.IsPaused,
            IsFrozen = known.IsFrozen,
            IsSiloed = known.IsSiloed,
            IsBorrowableInIsolation = known.IsBorrowableInIsolation,
            SupplyCap = Units(known.SupplyCap) ?? 0,
            BorrowCap = Units(known.BorrowCap) ?? 0,
            TotalSupplied = Units(known.Supplied),
            TotalOwed = Units(known.Borrowed),
            Available = Units(known.Available),
            DebtCeiling2 = At(known.DebtCeiling ?? default, 2),
            IsolatedDebt2 = At(known.IsolatedDebt ?? default, 2),
            GraceUntil = known.GraceUntil?.Microseconds / 1_000_000,
        };
    }

    private bool IsIndexed(AccountId position, AssetId asset) =>
        facts.TouchOf(position, asset, InterestSide.Supply) is not null
        || facts.TouchOf(position, asset, InterestSide.Debt) is not null;

    /// <summary>
    /// With the indices of the market book from their own second on, so that they grow as the contract's do; where they
    /// do not reach the last touch, with those of the touch.
    /// </summary>
    private AaveReserve Indexed(AccountRegistered account, AssetId asset, AaveReserve reserve)
    {
        var (supply, debt) = (
            Last(account.Account, asset, InterestSide.Supply), Last(account.Account, asset, InterestSide.Debt));
        if (account.Market is not { } market || _terms.Indices(market, asset, at) is not var (grown, owed)
            || grown < supply || owed < debt)
        {
            return reserve with { LiquidityIndex = supply, VariableBorrowIndex = debt };
        }

        var (from, updated) = Kept(_updated, (market, asset), () => markets.ReserveAt(market, asset, at)!.Value);
        return reserve with
        {
            LiquidityIndex = LendingTerms.Ray(updated.LiquidityIndex),
            VariableBorrowIndex = LendingTerms.Ray(updated.VariableBorrowIndex),
            LiquidityRate = LendingTerms.Ray(updated.LiquidityRate),
            VariableBorrowRate = LendingTerms.Ray(updated.VariableBorrowRate),
            LastUpdate = from.Microseconds / 1_000_000,
        };
    }

    private AaveVersion? VersionOf(string? market) =>
        market is null ? null : Kept(_versions, market, () => markets.VersionAt(market, at));

    /// <summary>What all positions have alike is looked up once.</summary>
    private static TValue Kept<TKey, TValue>(Dictionary<TKey, TValue> kept, TKey key, Func<TValue> find)
        where TKey : notnull
    {
        if (!kept.TryGetValue(key, out var value))
        {
            value = kept[key] = find();
        }

        return value;
    }

    private BigInteger Last(AccountId position, AssetId asset, InterestSide side) =>
        facts.TouchOf(position, asset, side) is { } touch ? LendingTerms.Ray(touch.Index) : WadRayMath.Ray;

    private AaveEMode? Mode(LendingPosition position, SortedSet<AccountGap> gaps)
    {
        var category = facts.EModes.GetValueOrDefault(position.Account!.Value);
        if (category == 0 || position.Market is not { } market)
        {
            return null;
        }

        var mode = markets.EModeAt(market, category, at);
        Lack(gaps, mode is null, AccountGap.EModeMissing);
        return mode is null ? null : new AaveEMode(
            category,
            Bps(mode.LoanToValueMax),
            Bps(mode.LiquidationThreshold),
            PercentageMath.One + Bps(mode.LiquidationBonus),
            Numbers(mode.Collateral),
            Numbers(mode.Borrowable),
            Numbers(mode.LoanToValueZero),
            mode.IsIsolated);
    }

    private ImmutableHashSet<int> Numbers(ImmutableArray<AssetId> named) =>
        [.. named.Select(asset => assets.IndexOf(asset)).Where(number => number >= 0)];

    private BigInteger Scaled(
        AccountId position, AssetId asset, InterestSide side, Quantity? quantity, SortedSet<AccountGap> gaps)
    {
        if (facts.TouchOf(position, asset, side) is { } touch)
        {
            return touch.ScaledAfter.Units;
        }

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
