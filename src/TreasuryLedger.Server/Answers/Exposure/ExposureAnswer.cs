using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>A price of one asset at which a position may be liquidated while all others stay.</summary>
/// <param name="Asset">Whose price.</param>
/// <param name="Side">At the level and below, or above; never; or whatever it does.</param>
/// <param name="Price">Liquidatable here, and not 10⁻⁸ further on the safe side; absent without a side.</param>
/// <param name="Distance">How far the price may still fall, as a part of it, rounded down; less than zero below
/// it.</param>
public sealed record LevelRow(AssetId Asset, LevelSide Side, ExactDecimal? Price, ExactDecimal? Distance);

/// <summary>What a position may still borrow of one asset, by what its reserve takes.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens: within collateral, caps, debt ceiling and what is there.</param>
/// <param name="Refusals">Why nothing: names of the contract's errors; empty if something may.</param>
public sealed record BorrowableRow(AssetId Asset, ExactDecimal Quantity, ImmutableArray<string> Refusals);

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
/// <param name="AvailableBorrows">What it may still borrow by its collateral, and by the debt ceiling of an isolated
/// one.</param>
/// <param name="Levels">For each of its assets that moves.</param>
/// <param name="CommonFall">The fall of all assets that move, as a part of their prices, that makes it liquidatable;
/// absent if none does.</param>
/// <param name="SecondsUntilLiquidation">At the prices and rates of now; absent if not within 100 years.</param>
/// <param name="Gaps">What is missing.</param>
/// <param name="Borrowable">For each of its assets; absent where the market book knows no flag, cap or mode of any.
/// </param>
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
    ImmutableArray<AccountGap> Gaps,
    ImmutableArray<BorrowableRow>? Borrowable = null);

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
/// <param name="Reserved">Whole tokens of those held that standing instructions keep for themselves.</param>
/// <param name="Free">Whole tokens held that are neither pledged nor reserved nor locked.</param>
public sealed record AssetExposureRow(
    AssetId Asset,
    ExactDecimal Held,
    ExactDecimal Pledged,
    ExactDecimal InTransit,
    ExactDecimal Owed,
    Amount? Gross,
    Amount? Net,
    ExactDecimal? PartOfGross,
    ExactDecimal Reserved,
    ExactDecimal Free);

/// <summary>Why units cannot leave.</summary>
public enum LockReason
{
    /// <summary>They secure a debt: until it is repaid.</summary>
    Pledged,

    /// <summary>A standing instruction keeps them: until it ends.</summary>
    Reserved,

    /// <summary>They are under way: until they arrive.</summary>
    InTransit,

    /// <summary>They are bound for a time, e.g. staked or vesting: until then.</summary>
    Locked,
}

/// <summary>Units that cannot leave.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Account">Where; absent if nobody knows where they are sent.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">Until when; absent where no instant is known.</param>
/// <param name="Fact">The instruction or transfer; absent of a pledge.</param>
public sealed record LockRow(
    AssetId Asset, AccountId? Account, ExactDecimal Quantity, LockReason Reason, Instant? Until, FactId? Fact);

/// <summary>One venue: who runs the places where units lie.</summary>
/// <param name="Venue">Who.</param>
/// <param name="Held">Worth of what lies there; absent without a valid price.</param>
/// <param name="Owed">Worth of what is owed there.</param>
/// <param name="PartOfGross">What lies there, of the worth of all assets, rounded down.</param>
public sealed record VenueExposureRow(string Venue, Amount? Held, Amount? Owed, ExactDecimal? PartOfGross);

/// <summary>One counterparty: who holds keys or a pledge of the treasury.</summary>
/// <param name="Counterparty">Who.</param>
/// <param name="Held">Worth of what it keeps and what was pledged to it; absent without a valid price.</param>
/// <param name="Owed">Worth of what is owed to it.</param>
/// <param name="Net">Held less owed: what would be lost if it failed and nothing was owed any more.</param>
/// <param name="PartOfGross">What it holds, of the worth of all assets, rounded down.</param>
public sealed record CounterpartyExposureRow(
    string Counterparty, Amount? Held, Amount? Owed, Amount? Net, ExactDecimal? PartOfGross);

/// <summary>The treasury as one; absent figures lack a price.</summary>
/// <param name="Gross">Worth of what is held and in transit.</param>
/// <param name="Owed">Worth of what is owed.</param>
/// <param name="Equity">Gross less owed.</param>
/// <param name="Leverage">Gross for each unit of equity, rounded down; absent without equity.</param>
public sealed record ExposureTotal(Amount? Gross, Amount? Owed, Amount? Equity, ExactDecimal? Leverage);

/// <summary>A limit of the treasury that does not hold.</summary>
/// <param name="Account">The lending position; absent if it is about something else.</param>
/// <param name="Limit">Which.</param>
/// <param name="Allowed">The limit; absent where it is no number.</param>
/// <param name="Is">What it is; absent where it is no number, or without bound.</param>
/// <param name="Subject">What else it is about: an asset, a venue or a counterparty.</param>
public sealed record BrokenLimitRow(
    AccountId? Account, LimitKind Limit, ExactDecimal? Allowed, ExactDecimal? Is, string? Subject)
{
    /// <summary>What callers see of a broken limit.</summary>
    public static BrokenLimitRow Of(BrokenLimit broken)
    {
        var isPosition = broken.Limit is LimitKind.HealthFactorMin or LimitKind.LoanToValueMax or LimitKind.FallMin;
        return new BrokenLimitRow(
            isPosition && AccountId.TryParse(broken.Subject, out var account) ? account : null,
            broken.Limit, broken.Allowed, broken.Is, isPosition ? null : broken.Subject);
    }
}

/// <summary>When lending positions were last open, where none is any more.</summary>
/// <param name="LastOpen">The last instant at which one held or owed anything.</param>
/// <param name="Path">The same question then.</param>
public sealed record NoPosition(Instant LastOpen, string Path);

/// <summary>What is held, owed and at risk.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Total">The treasury as one.</param>
/// <param name="Positions">Each lending position alone, by account.</param>
/// <param name="Assets">By asset.</param>
/// <param name="Venues">By venue.</param>
/// <param name="BrokenLimits">By position, then the others.</param>
/// <param name="Counterparties">By name.</param>
/// <param name="Locked">What cannot leave, by asset.</param>
/// <param name="NoPositions">Where no lending position is open, but one was.</param>
public sealed record ExposureAnswer(
    Standpoint Viewpoint,
    string Version,
    ExposureTotal Total,
    ImmutableArray<AccountRow> Positions,
    ImmutableArray<AssetExposureRow> Assets,
    ImmutableArray<VenueExposureRow> Venues,
    ImmutableArray<BrokenLimitRow> BrokenLimits,
    ImmutableArray<CounterpartyExposureRow> Counterparties,
    ImmutableArray<LockRow> Locked,
    NoPosition? NoPositions)
{
    /// <summary>The question.</summary>
    public static Func<SeenExposure, ExposureAnswer> Read(QueryReader query) => Of;

    private static ExposureAnswer Of(SeenExposure exposure)
    {
        var seen = exposure.Seen;
        var risk = new RiskAt(seen.At, exposure.Asked);
        var places = new ExposedPlaces(seen, risk.Gross);
        var (held, owed) = risk.Gross.Total;
        return new ExposureAnswer(
            seen.Standpoint,
            Core.Markets.Aave.AaveVersions.Text(exposure.Version),
            new ExposureTotal(
                held, owed, held - owed,
                held - owed is { Sign: > 0 } equity ? ExactDecimal.RatioFloor(held!.Value.Attos, equity.Attos) : null),
            [.. exposure.Accounts.All.Select(account => Row(exposure, account))],
            [.. risk.Gross.Assets.Select(places.Asset)],
            [
                .. risk.Gross.Venues.Select(venue => (Venue: venue, Worth: risk.Gross.OfVenue(venue)))
                    .Select(one => new VenueExposureRow(
                        one.Venue, one.Worth.Held, one.Worth.Owed, risk.Gross.PartOf(one.Worth.Held))),
            ],
            [.. risk.Broken().Select(BrokenLimitRow.Of)],
            [
                .. risk.Gross.Counterparties.Select(name => (Name: name, Worth: risk.Gross.OfCounterparty(name)))
                    .Select(one => new CounterpartyExposureRow(
                        one.Name, one.Worth.Held, one.Worth.Owed, one.Worth.Net,
                        risk.Gross.PartOf(one.Worth.Held))),
            ],
            [.. places.Locks],
            exposure.Accounts.All.IsEmpty ? LastOpen(seen) : null);
    }

    /// <summary>When the last lending position ended; absent if there never was one.</summary>
    private static NoPosition? LastOpen(Seen seen)
    {
        var registers = seen.At.Registers;
        if (registers.Accounts.Values.All(account => account.Kind != AccountKind.LendingPosition))
        {
            return null;
        }

        var last = seen.At.Entries
            .Where(entry => Movements.Owed(entry.Event).Length > 0
                || Movements.Held(entry.Event).Any(moved =>
                    registers.Accounts[moved.Account].Kind == AccountKind.LendingPosition))
            .Select(entry => (Instant?)entry.EffectiveAt)
            .LastOrDefault();
        return last is not { } ended ? null : new NoPosition(
            ended.Plus(-1),
            $"/v1/treasuries/{seen.Standpoint.Treasury}/exposure?asOf={ended.Plus(-1)}"
            + $"&knownAt={seen.Standpoint.KnownAt}");
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
            Shown.Base(ReserveRules.AvailableBorrows(account)),
            [.. moving.Select(id => Level(exposure, account, id))],
            common.Side == LevelSide.AtOrBelow ? Shown.Wad(common.Shock) : null,
            Horizon.SecondsUntilBelow(account),
            position.Gaps,
            ReserveRules.AreKnown(account)
                ?
                [
                    .. account.Reserves.Select(reserve => new BorrowableRow(
                        exposure.Accounts.Assets[reserve.Id],
                        exposure.Tokens(reserve.Id, ReserveRules.MostToBorrow(account, reserve.Id)),
                        ReserveRules.RefuseBorrow(account, reserve.Id) is { } refusal ? [refusal] : [])),
                ]
                : null);
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
}
