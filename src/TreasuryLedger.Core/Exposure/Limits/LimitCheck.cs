using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Limits;

/// <summary>A limit that does not hold at an instant.</summary>
/// <param name="Limit">Which.</param>
/// <param name="Subject">Of what: a lending position, an asset, a venue or a counterparty.</param>
/// <param name="Allowed">The limit; absent where it is no number.</param>
/// <param name="Is">What it is; absent where it is no number, or without bound.</param>
public sealed record BrokenLimit(LimitKind Limit, string Subject, ExactDecimal? Allowed, ExactDecimal? Is)
{
    /// <summary>Whether a figure is further beyond the limit than this one.</summary>
    public bool IsWorse(ExactDecimal? other) => Limit is LimitKind.HealthFactorMin or LimitKind.FallMin
        ? other < Is
        : Is is not null && (other is null || other > Is);
}

/// <summary>Holds figures against limits (SPEC 9).</summary>
public static class LimitCheck
{
    /// <summary>Every limit that does not hold, positions first.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <param name="gross">What is held and owed.</param>
    /// <param name="accounts">The lending positions.</param>
    /// <param name="registers">Accounts and assets.</param>
    /// <param name="valuer">Prices.</param>
    /// <param name="at">The instant.</param>
    public static IEnumerable<BrokenLimit> Broken(
        RiskLimits limits,
        GrossExposure gross,
        PositionAccounts accounts,
        Registers registers,
        Valuer valuer,
        Instant at)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(gross);
        ArgumentNullException.ThrowIfNull(accounts);
        return accounts.Whole.SelectMany(one =>
                OfPosition(limits, one.Key, one.Value, id => IsMoving(registers, accounts.Assets[id])))
            .Concat(Concentrated(limits, gross))
            .Concat(Venues(limits, gross))
            .Concat(Ages(limits, gross, valuer, at));
    }

    /// <summary>Whether a price moves: of no money, and of nothing that is meant to be worth money.</summary>
    public static bool IsMoving(Registers registers, AssetId asset)
    {
        ArgumentNullException.ThrowIfNull(registers);
        return registers.Assets[registers.PoolOf(asset)].Kind == AssetKind.Token;
    }

    /// <summary>Debt for each unit of collateral, rounded down; absent without collateral.</summary>
    public static ExactDecimal? LoanToValue(AccountData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Collateral.IsZero ? null : ExactDecimal.RatioFloor(data.Debt, data.Collateral);
    }

    /// <summary>The fall of all prices that move at which an account may be liquidated; absent if none does.</summary>
    /// <param name="account">The account.</param>
    /// <param name="moves">Whether the price of a reserve moves.</param>
    public static ExactDecimal? FallOf(AaveAccount account, Func<int, bool> moves)
    {
        ArgumentNullException.ThrowIfNull(account);
        var betas = account.Holdings.Select(held => held.ReserveId).Where(moves)
            .ToImmutableSortedDictionary(id => id, _ => PercentageMath.One);
        var level = LiquidationLevels.Together(account, betas);
        return level.Side switch
        {
            LevelSide.Always => ExactDecimal.Zero,
            LevelSide.AtOrBelow => new ExactDecimal(level.Shock, 18),
            _ => null,
        };
    }

    /// <summary>Whether a loan-to-value is beyond its limit.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <param name="id">The position.</param>
    /// <param name="ratio">Debt for each unit of collateral; absent without collateral.</param>
    internal static BrokenLimit? OfRatio(RiskLimits limits, AccountId id, ExactDecimal? ratio) =>
        limits.LoanToValueMax is { } most && (ratio is null || ratio > most)
            ? new BrokenLimit(LimitKind.LoanToValueMax, id.ToString(), most, ratio)
            : null;

    /// <summary>Every limit that a position with figures breaks: loan-to-value, health factor, common fall.</summary>
    internal static IEnumerable<BrokenLimit> OfPosition(
        RiskLimits limits, AccountId id, AaveAccount account, Func<int, bool> moves)
    {
        var data = AccountData.Of(account);
        if (data.Debt.IsZero)
        {
            yield break;
        }

        var factor = new ExactDecimal(data.HealthFactor, 18);
        if (OfRatio(limits, id, LoanToValue(data)) is { } ratio)
        {
            yield return ratio;
        }

        if (limits.HealthFactorMin is { } least && factor < least)
        {
            yield return new BrokenLimit(LimitKind.HealthFactorMin, id.ToString(), least, factor);
        }

        if (limits.FallMin is { } far && FallOf(account, moves) is { } fall && fall < far)
        {
            yield return new BrokenLimit(LimitKind.FallMin, id.ToString(), far, fall);
        }
    }

    private static IEnumerable<BrokenLimit> Concentrated(RiskLimits limits, GrossExposure gross)
    {
        foreach (var of in limits.Concentrations.Select(limit => limit.Of).Distinct().Order())
        {
            var own = limits.Concentrations.Where(limit => limit.Of == of)
                .ToDictionary(limit => limit.Name ?? "", limit => limit.PartMax);
            var (kind, there) = of switch
            {
                ConcentrationOf.Asset => (
                    LimitKind.AssetPartMax, gross.Assets.Select(one => (one.ToString(), gross.OfAsset(one).Held))),
                ConcentrationOf.Venue => (
                    LimitKind.VenuePartMax, gross.Venues.Select(one => (one, gross.OfVenue(one).Held))),
                _ => (
                    LimitKind.CounterpartyPartMax,
                    gross.Counterparties.Select(one => (one, gross.OfCounterparty(one).Held))),
            };
            foreach (var (name, held) in there)
            {
                var isLimited = own.TryGetValue(name, out var most) || own.TryGetValue("", out most);
                if (isLimited && gross.PartOf(held) is { } part && part > most)
                {
                    yield return new BrokenLimit(kind, name, most, part);
                }
            }
        }
    }

    private static IEnumerable<BrokenLimit> Venues(RiskLimits limits, GrossExposure gross) =>
        limits.Venues.IsEmpty
            ? []
            : gross.Venues.Except(limits.Venues, StringComparer.Ordinal)
                .Select(venue => new BrokenLimit(LimitKind.VenueAllowed, venue, null, null));

    private static IEnumerable<BrokenLimit> Ages(RiskLimits limits, GrossExposure gross, Valuer valuer, Instant at)
    {
        if (limits.PriceAgeMaxSeconds is not { } most)
        {
            yield break;
        }

        foreach (var asset in gross.Held.Concat(gross.Owed).Where(units => !units.Quantity.IsZero)
            .Select(units => units.Asset).Distinct().Order())
        {
            var age = AgeOf(valuer, asset, at);
            if (age is null || age > new ExactDecimal(most, 0))
            {
                yield return new BrokenLimit(LimitKind.PriceAgeMax, asset.ToString(), new ExactDecimal(most, 0), age);
            }
        }
    }

    /// <summary>The age of an asset's price in seconds; absent if it has none.</summary>
    internal static ExactDecimal? AgeOf(Valuer valuer, AssetId asset, Instant at) =>
        valuer.PriceAt(asset, at).Price is { } price
            ? new ExactDecimal((BigInteger)(at.Microseconds - price.ObservedAt.Microseconds), 6)
            : null;
}
