using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>A price of one asset at which a position may be liquidated while all others stay.</summary>
/// <param name="Asset">Whose price.</param>
/// <param name="Side">At the level and below, or above; never; or whatever it does.</param>
/// <param name="Price">Liquidatable here, and not 10⁻⁸ further on the safe side; absent without a side.</param>
/// <param name="Distance">How far the price may still fall, as a part of it, rounded down; less than zero below
/// it.</param>
public sealed record LevelRow(AssetId Asset, LevelSide Side, ExactDecimal? Price, ExactDecimal? Distance);

/// <summary>A lending position as an account of its market.</summary>
/// <param name="Account">The position.</param>
/// <param name="Market">The market whose terms it has; absent if it has none.</param>
/// <param name="CollateralValue">Worth of its collateral, floored at 10⁻⁸; this and all figures absent with a gap that
/// leaves none.</param>
/// <param name="DebtValue">Worth of its debt, ceiled at 10⁻⁸.</param>
/// <param name="Equity">Collateral less debt.</param>
/// <param name="LoanToValue">Debt for each unit of collateral, rounded down; absent without collateral.</param>
/// <param name="LoanToValueMax">Up to which it may borrow: the average of its collateral, in basis points.</param>
/// <param name="LiquidationThreshold">Beyond which it may be liquidated: the average, in basis points.</param>
/// <param name="HealthFactor">Below 1 it may be liquidated; absent without debt.</param>
/// <param name="AvailableBorrows">What it may still borrow.</param>
/// <param name="Levels">For each of its assets that moves.</param>
/// <param name="CommonFall">The fall of all assets that move, as a part of their prices, that makes it liquidatable;
/// absent if none does.</param>
/// <param name="SecondsUntilLiquidation">At the prices and rates of now; absent if not within 100 years.</param>
/// <param name="Gaps">What is missing.</param>
public sealed record AccountRow(
    AccountId Account,
    string? Market,
    Amount? CollateralValue,
    Amount? DebtValue,
    Amount? Equity,
    ExactDecimal? LoanToValue,
    ExactDecimal? LoanToValueMax,
    ExactDecimal? LiquidationThreshold,
    ExactDecimal? HealthFactor,
    Amount? AvailableBorrows,
    ImmutableArray<LevelRow> Levels,
    ExactDecimal? CommonFall,
    long? SecondsUntilLiquidation,
    ImmutableArray<AccountGap> Gaps);

/// <summary>One asset over all places; what stands for an asset counts as the asset.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Held">Whole tokens at accounts, pledged ones among them.</param>
/// <param name="Pledged">Whole tokens of those at lending positions.</param>
/// <param name="InTransit">Whole tokens under way.</param>
/// <param name="Owed">Whole tokens owed.</param>
/// <param name="Gross">Worth of what is held and in transit; absent without a valid price.</param>
/// <param name="Net">The same less what is owed.</param>
/// <param name="PartOfGross">Of the worth of all assets, rounded down; absent where that is unknown or not more than
/// zero.</param>
public sealed record AssetExposureRow(
    AssetId Asset,
    ExactDecimal Held,
    ExactDecimal Pledged,
    ExactDecimal InTransit,
    ExactDecimal Owed,
    Amount? Gross,
    Amount? Net,
    ExactDecimal? PartOfGross);

/// <summary>One venue: who runs the places where units lie.</summary>
/// <param name="Venue">Who.</param>
/// <param name="Held">Worth of what lies there; absent without a valid price.</param>
/// <param name="Owed">Worth of what is owed there.</param>
/// <param name="PartOfGross">What lies there, of the worth of all assets, rounded down.</param>
public sealed record VenueExposureRow(string Venue, Amount? Held, Amount? Owed, ExactDecimal? PartOfGross);

/// <summary>The treasury as one; absent figures lack a price.</summary>
/// <param name="Gross">Worth of what is held and in transit.</param>
/// <param name="Owed">Worth of what is owed.</param>
/// <param name="Equity">Gross less owed.</param>
/// <param name="Leverage">Gross for each unit of equity, rounded down; absent without equity.</param>
public sealed record ExposureTotal(Amount? Gross, Amount? Owed, Amount? Equity, ExactDecimal? Leverage);

/// <summary>A limit of the treasury that a lending position breaks.</summary>
/// <param name="Account">The position.</param>
/// <param name="Limit">Which: healthFactorMin or loanToValueMax.</param>
/// <param name="Allowed">The limit.</param>
/// <param name="Is">What it is.</param>
public sealed record BrokenLimit(AccountId Account, string Limit, ExactDecimal Allowed, ExactDecimal Is);

/// <summary>What is held, owed and at risk.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Total">The treasury as one.</param>
/// <param name="Positions">Each lending position alone, by account.</param>
/// <param name="Assets">By asset.</param>
/// <param name="Venues">By venue.</param>
/// <param name="BrokenLimits">By position.</param>
public sealed record ExposureAnswer(
    Standpoint Viewpoint,
    string Version,
    ExposureTotal Total,
    ImmutableArray<AccountRow> Positions,
    ImmutableArray<AssetExposureRow> Assets,
    ImmutableArray<VenueExposureRow> Venues,
    ImmutableArray<BrokenLimit> BrokenLimits)
{
    /// <summary>The question.</summary>
    public static Func<SeenExposure, ExposureAnswer> Read(QueryReader query) => Of;

    private static ExposureAnswer Of(SeenExposure exposure)
    {
        var places = new Places(exposure.Seen);
        return new ExposureAnswer(
            exposure.Seen.Standpoint,
            Core.Markets.Aave.AaveVersions.Text(exposure.Version),
            places.Total,
            [.. exposure.Accounts.All.Select(account => Row(exposure, account))],
            [.. places.Assets],
            [.. places.Venues],
            [.. exposure.Accounts.Whole.SelectMany(account => Broken(exposure.Seen, account.Key, account.Value))]);
    }

    private static AccountRow Row(SeenExposure exposure, PositionAccount position)
    {
        if (position.Account is not { } account)
        {
            return new AccountRow(
                position.Id, position.Market, null, null, null, null, null, null, null, null, [], null, null,
                position.Gaps);
        }

        var data = AccountData.Of(account);
        var moving = account.Holdings.Select(held => held.ReserveId).Where(id => !exposure.IsPegged(id)).ToList();
        var common = LiquidationLevels.Together(
            account, moving.ToImmutableSortedDictionary(id => id, _ => Core.Markets.Aave.PercentageMath.One));
        return new AccountRow(
            position.Id,
            position.Market,
            Shown.Base(data.Collateral),
            Shown.Base(data.Debt),
            Shown.Base(data.Equity),
            Shown.LoanToValue(data),
            Shown.Bps(data.LtvBps),
            Shown.Bps(data.LiquidationThresholdBps),
            Shown.Wad(data.HealthFactor),
            Shown.Base(data.AvailableBorrows),
            [.. moving.Select(id => Level(exposure, account, id))],
            common.Side == LevelSide.AtOrBelow ? Shown.Wad(common.Shock) : null,
            Horizon.SecondsUntilBelow(account),
            position.Gaps);
    }

    private static LevelRow Level(SeenExposure exposure, AaveAccount account, int id)
    {
        var level = LiquidationLevels.Of(account, id);
        var hasPrice = level.Side is LevelSide.AtOrBelow or LevelSide.AtOrAbove;
        var price = account.Reserve(id).Price8;
        return new LevelRow(
            exposure.Accounts.Assets[id],
            level.Side,
            hasPrice ? Shown.Price(level.Price8) : null,
            level.Side == LevelSide.AtOrBelow && price.Sign > 0
                ? ExactDecimal.RatioFloor(price - level.Price8, price)
                : null);
    }

    private static IEnumerable<BrokenLimit> Broken(Seen seen, AccountId id, AaveAccount account)
    {
        var data = AccountData.Of(account);
        if (seen.Opened.Limits.HealthFactorMin is { } least
            && Shown.Wad(data.HealthFactor) is { } factor && factor < least)
        {
            yield return new BrokenLimit(id, "healthFactorMin", least, factor);
        }

        if (seen.Opened.Limits.LoanToValueMax is { } most && Shown.LoanToValue(data) is { } ratio && ratio > most)
        {
            yield return new BrokenLimit(id, "loanToValueMax", most, ratio);
        }
    }

    /// <summary>Units over all places, valued at the question's instant.</summary>
    private sealed class Places
    {
        private readonly Seen _seen;
        private readonly List<(AccountId? Account, AssetId Pool, AssetId Asset, BigInteger Units)> _held;
        private readonly List<(AccountId Account, AssetId Pool, AssetId Asset, BigInteger Units)> _owed;

        public Places(Seen seen)
        {
            _seen = seen;
            var registers = seen.At.Registers;
            _held =
            [
                .. seen.At.State.Balances().Select(one =>
                    ((AccountId?)one.Account, registers.PoolOf(one.Asset), one.Asset, one.Quantity.Units)),
                .. seen.At.Positions.SelectMany(position => position.Collateral
                    .Where(one => one.Side?.Accrued is { IsZero: false })
                    .Select(one => (position.Account, registers.PoolOf(one.Asset), one.Asset,
                        one.Side!.Value.Accrued!.Value.Units))),
                .. seen.At.State.InTransit(seen.Standpoint.AsOf).Select(one =>
                    ((AccountId?)null, registers.PoolOf(one.Asset), one.Asset, one.Remaining.Units)),
            ];
            _owed =
            [
                .. seen.At.State.Debts().Select(one =>
                    (one.Position, registers.PoolOf(one.Asset), one.Asset, one.Quantity.Units)),
                .. seen.At.Positions.SelectMany(position => position.Debts
                    .Where(one => one.Side?.Accrued is { IsZero: false })
                    .Select(one => (position.Account!.Value, registers.PoolOf(one.Asset), one.Asset,
                        one.Side!.Value.Accrued!.Value.Units))),
            ];
            var gross = Worth(_held.Select(one => (one.Asset, one.Units)));
            var owed = Worth(_owed.Select(one => (one.Asset, one.Units)));
            Total = new ExposureTotal(
                gross, owed, gross - owed,
                gross - owed is { Sign: > 0 } equity
                    ? ExactDecimal.RatioFloor(gross!.Value.Attos, equity.Attos)
                    : null);
        }

        public ExposureTotal Total { get; }

        public IEnumerable<AssetExposureRow> Assets => _held.Select(one => one.Pool)
            .Concat(_owed.Select(one => one.Pool)).Distinct().Order().Select(Asset);

        public IEnumerable<VenueExposureRow> Venues => _held.Where(one => one.Account is not null)
            .Select(one => one.Account!.Value)
            .Concat(_owed.Select(one => one.Account))
            .Select(account => _seen.At.Registers.Accounts[account].Venue)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(Venue);

        private AssetExposureRow Asset(AssetId pool)
        {
            var held = _held.Where(one => one.Pool == pool).ToList();
            var owed = _owed.Where(one => one.Pool == pool).ToList();
            var gross = Worth(held.Select(one => (one.Asset, one.Units)));
            var net = gross - Worth(owed.Select(one => (one.Asset, one.Units)));
            return new AssetExposureRow(
                pool,
                Tokens(held.Where(one => one.Account is not null).Select(one => (one.Asset, one.Units))),
                Tokens(held.Where(one => one.Account is { } at
                    && _seen.At.Registers.Accounts[at].Kind == AccountKind.LendingPosition)
                    .Select(one => (one.Asset, one.Units))),
                Tokens(held.Where(one => one.Account is null).Select(one => (one.Asset, one.Units))),
                Tokens(owed.Select(one => (one.Asset, one.Units))),
                gross,
                net,
                Part(gross));
        }

        private VenueExposureRow Venue(string venue)
        {
            bool IsThere(AccountId? account) =>
                account is { } id && _seen.At.Registers.Accounts[id].Venue == venue;
            var held = Worth(_held.Where(one => IsThere(one.Account)).Select(one => (one.Asset, one.Units)));
            return new VenueExposureRow(
                venue,
                held,
                Worth(_owed.Where(one => IsThere(one.Account)).Select(one => (one.Asset, one.Units))),
                Part(held));
        }

        private ExactDecimal? Part(Amount? of) => of is { } part && Total.Gross is { Sign: > 0 } whole
            ? ExactDecimal.RatioFloor(part.Attos, whole.Attos)
            : null;

        private Amount? Worth(IEnumerable<(AssetId Asset, BigInteger Units)> units)
        {
            Amount? sum = Amount.Zero;
            foreach (var (asset, quantity) in units)
            {
                sum += _seen.At.Valuer.Value(asset, new Quantity(quantity), _seen.Standpoint.AsOf).Value;
            }

            return sum;
        }

        private ExactDecimal Tokens(IEnumerable<(AssetId Asset, BigInteger Units)> units)
        {
            // What stands for an asset may have other decimals: added up at the finest.
            var sum = BigInteger.Zero;
            foreach (var (asset, quantity) in units)
            {
                sum += quantity * PowerOfTen.Of(ExactDecimal.ScaleMax - _seen.At.Registers.DecimalsOf(asset));
            }

            return new ExactDecimal(sum, ExactDecimal.ScaleMax);
        }
    }
}
