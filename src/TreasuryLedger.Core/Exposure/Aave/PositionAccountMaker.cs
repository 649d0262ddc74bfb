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

    /// <summary>A product of fewer digits is less than that, whatever the unit.</summary>
    private static readonly long WorthBits = WorthMax.GetBitLength();

    private readonly long _now = at.Microseconds / 1_000_000;
    private readonly Dictionary<(string Market, AssetId Asset), AaveReserve> _reserves = [];
    private readonly Dictionary<AaveReserve, AaveReserve> _grown = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, AaveVersion?> _versions = [];
    private readonly LendingTerms _terms = new(
        facts,
        markets,
        registers.Treasury is { } treasury ? TimeZoneInfo.FindSystemTimeZoneById(treasury.TimeZone) : TimeZoneInfo.Utc);

    /// <summary>The account of a position.</summary>
    public PositionAccount Make(LendingPosition position)
    {
        var gaps = default(AccountGaps);
        var id = position.Account!.Value;
        var account = registers.Accounts[id];
        var sides = Sides(position);
        var reserves = ImmutableArray.CreateBuilder<AaveReserve>(sides.Count);
        var holdings = ImmutableArray.CreateBuilder<AaveHolding>(sides.Count);
        foreach (var (asset, held, owed) in sides)
        {
            var touched = (
                facts.TouchOf(id, asset, InterestSide.Supply), facts.TouchOf(id, asset, InterestSide.Debt));
            var reserve = Reserve(
                account, asset, held?.Valuation ?? owed!.Valuation, held is not null, owed is not null, ref gaps);
            reserve = touched is (null, null) ? reserve : Indexed(account, asset, reserve, touched);
            var holding = new AaveHolding(
                reserve.Id,
                Scaled(touched.Item1, held?.Quantity, ref gaps),
                facts.IsCollateral(id, asset),
                Scaled(touched.Item2, owed?.Quantity, ref gaps));
            reserves.Add(reserve);
            holdings.Add(holding);
            var (supply, debt) = (held?.Side, owed?.Side);
            gaps.Add(supply is { LacksIndex: true } || debt is { LacksIndex: true }, AccountGap.IndexMissing);
            gaps.Add(supply is { LacksTouch: true } || debt is { LacksTouch: true }, AccountGap.TouchMissing);
            gaps.Add(IsTooLarge(reserve, holding), AccountGap.OutOfRange);
        }

        var mode = Mode(position, ref gaps);
        var made = new AaveAccount
        {
            Version = VersionFor(position.Market),
            Now = _now,
            EModeId = mode?.Id ?? 0,
            EModes = mode is null ? [] : [mode],
            Reserves = reserves.MoveToImmutable(),
            Holdings = holdings.MoveToImmutable(),
        };
        made = made.Version < AaveVersion.V37 ? Isolated(made, id) : made;
        return new PositionAccount(id, position.Market, gaps.LeaveFigures ? made : null, gaps.All());
    }

    /// <summary>What is held and owed of each asset, in the order of assets.</summary>
    private static List<(AssetId Asset, ValuedCollateral? Held, ValuedDebt? Owed)> Sides(LendingPosition position)
    {
        var sides = new List<(AssetId Asset, ValuedCollateral? Held, ValuedDebt? Owed)>(
            position.Collateral.Length + position.Debts.Length);
        foreach (var held in position.Collateral)
        {
            sides.Add((held.Asset, held, null));
        }

        foreach (var owed in position.Debts)
        {
            var same = sides.FindIndex(side => side.Asset == owed.Asset);
            if (same < 0)
            {
                sides.Add((owed.Asset, null, owed));
            }
            else
            {
                sides[same] = sides[same] with { Owed = owed };
            }
        }

        sides.Sort(static (left, right) => left.Asset.CompareTo(right.Asset));
        return sides;
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
        ref AccountGaps gaps)
    {
        var terms = _terms.Of(account, asset, at);
        var isLoan = _terms.LoanOf(account.Account, at) is not null;
        gaps.Add(valuation.State == PriceState.Missing, AccountGap.PriceMissing);
        gaps.Add(valuation.State == PriceState.Stale, AccountGap.PriceStale);
        gaps.Add(isHeld && IsThresholdMissing(account, asset, terms), AccountGap.ThresholdMissing);
        gaps.Add(isHeld && terms.LoanToValueMax is null, AccountGap.LoanToValueMissing);
        gaps.Add(isHeld && terms.LiquidationBonus is null, AccountGap.BonusMissing);
        gaps.Add(isOwed && terms.BorrowRate is null, AccountGap.RateMissing);
        if (isLoan || account.Market is not { } market)
        {
            return Made(asset, valuation, terms, null);
        }

        if (!_reserves.TryGetValue((market, asset), out var reserve))
        {
            reserve = Made(asset, valuation, terms, markets.ConfigurationAt(market, asset, at));
            _reserves.Add((market, asset), reserve);
        }

        return reserve;
    }

    /// <summary>
    /// The efficiency mode's threshold is enough, but for 3.5: there an asset without one of its own does not count.
    /// </summary>
    private bool IsThresholdMissing(AccountRegistered account, AssetId asset, MarketTerms own) =>
        _terms.ThresholdOf(account, asset, at) is null
        || (own.LiquidationThreshold is null && VersionFor(account.Market) == AaveVersion.V35);

    private AaveReserve Made(
        AssetId asset, Valuation valuation, MarketTerms terms, ReserveConfiguration? configured)
    {
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
        return configured is null ? reserve : Configured(reserve, configured);
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

    /// <summary>
    /// With the indices of the market book from their own second on, so that they grow as the contract's do; where they
    /// do not reach the last touch, with those of the touch.
    /// </summary>
    private AaveReserve Indexed(
        AccountRegistered account, AssetId asset, AaveReserve reserve, (IndexTouch? Supply, IndexTouch? Debt) last)
    {
        var (supply, debt) = (Last(last.Supply), Last(last.Debt));
        if (account.Market is not { } market || _terms.Indices(market, asset, at) is not var (grown, owed)
            || grown < supply || owed < debt)
        {
            return reserve with { LiquidityIndex = supply, VariableBorrowIndex = debt };
        }

        if (!_grown.TryGetValue(reserve, out var known))
        {
            var (from, updated) = markets.ReserveAt(market, asset, at)!.Value;
            known = _grown[reserve] = reserve with
            {
                LiquidityIndex = LendingTerms.Ray(updated.LiquidityIndex),
                VariableBorrowIndex = LendingTerms.Ray(updated.VariableBorrowIndex),
                LiquidityRate = LendingTerms.Ray(updated.LiquidityRate),
                VariableBorrowRate = LendingTerms.Ray(updated.VariableBorrowRate),
                LastUpdate = from.Microseconds / 1_000_000,
            };
        }

        return known;
    }

    private AaveVersion VersionFor(string? market) => version ?? VersionOf(market) ?? AaveVersion.V36;

    private AaveVersion? VersionOf(string? market)
    {
        if (market is null)
        {
            return null;
        }

        if (!_versions.TryGetValue(market, out var running))
        {
            running = _versions[market] = markets.VersionAt(market, at);
        }

        return running;
    }

    private static BigInteger Last(IndexTouch? touch) =>
        touch is null ? WadRayMath.Ray : LendingTerms.Ray(touch.Index);

    private AaveEMode? Mode(LendingPosition position, ref AccountGaps gaps)
    {
        var category = facts.EModes.GetValueOrDefault(position.Account!.Value);
        if (category == 0 || position.Market is not { } market)
        {
            return null;
        }

        var mode = markets.EModeAt(market, category, at);
        gaps.Add(mode is null, AccountGap.EModeMissing);
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

    private static BigInteger Scaled(IndexTouch? touch, Quantity? quantity, ref AccountGaps gaps)
    {
        if (touch is not null)
        {
            return touch.ScaledAfter.Units;
        }

        gaps.Add(quantity is { Sign: < 0 }, AccountGap.UnitsMissing);
        return BigInteger.Max(0, quantity?.Units ?? 0);
    }

    private static bool IsTooLarge(AaveReserve reserve, AaveHolding holding) =>
        reserve.Decimals > DecimalsMax
        || reserve.Price8 > WorthMax
        || (BigInteger.Max(holding.ScaledSupply, holding.ScaledDebt) is var units
            && units.GetBitLength() + reserve.Price8.GetBitLength() >= WorthBits
            && units * BigInteger.Max(1, reserve.Price8) > WorthMax * reserve.Unit);

    private static int Bps(ExactDecimal? part) => (int)At(part ?? default, 4);

    /// <summary>A number of 0 or more at so many digits, down.</summary>
    private static BigInteger At(ExactDecimal number, int digits) => number.Scale <= digits
        ? number.Mantissa * PowerOfTen.Of(digits - number.Scale)
        : number.Mantissa / PowerOfTen.Of(number.Scale - digits);
}

/// <summary>Gaps of an account, each once, in their order.</summary>
internal struct AccountGaps
{
    private int _found;

    /// <summary>Whether none is among them that leaves no figures.</summary>
    public readonly bool LeaveFigures => (_found & ((2 << (int)AccountGap.OutOfRange) - 1)) == 0;

    /// <summary>Adds one, if it is there.</summary>
    public void Add(bool lacks, AccountGap gap) => _found |= lacks ? 1 << (int)gap : 0;

    /// <summary>All of them.</summary>
    public readonly ImmutableArray<AccountGap> All()
    {
        var found = _found;
        return found == 0 ? [] : [.. Enum.GetValues<AccountGap>().Where(gap => (found & (1 << (int)gap)) != 0)];
    }
}
