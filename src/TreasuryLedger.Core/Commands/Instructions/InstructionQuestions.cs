using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What an instruction asks before it is accepted: units, then limits (SPEC.md 5).</summary>
internal static class InstructionQuestions
{
    /// <summary>The first refusal, or <c>null</c>.</summary>
    /// <param name="state">The state before the instruction.</param>
    /// <param name="intended">What shall happen.</param>
    /// <param name="effectiveAt">When.</param>
    /// <param name="context">Prices and markets.</param>
    public static Refusal? Ask(
        TreasuryState state, LedgerEvent intended, Instant effectiveAt, DecisionContext context) =>
        AskForUnits(state, intended, effectiveAt) ?? PlaceQuestions.Ask(state, intended, effectiveAt, context)
        ?? intended switch
        {
            CollateralWithdrawn back => AskForLimits(state, intended, back.Withdrawn.Account, effectiveAt, context),
            DebtBorrowed borrowed => AskForLimits(state, intended, borrowed.Owed.Account, effectiveAt, context),
            _ => null,
        };

    /// <summary>
    /// The units that the event as a whole takes from each account. What the same event brings counts: a fee in the
    /// proceeds' asset needs no units beforehand.
    /// </summary>
    public static IEnumerable<(AccountId Account, AssetId Asset, Quantity Units)> Leaving(LedgerEvent intended) =>
        from movement in Movements.Held(intended)
        group movement.Change by (movement.Account, movement.Asset) into changes
        orderby changes.Key.Account, changes.Key.Asset
        let needed = changes.Aggregate(Quantity.Zero, (sum, change) => sum - change)
        where needed.Sign > 0
        select (changes.Key.Account, changes.Key.Asset, needed);

    private static Refusal? AskForUnits(TreasuryState state, LedgerEvent intended, Instant effectiveAt)
    {
        foreach (var (account, asset, needed) in Leaving(intended))
        {
            var timeline = state.Free.GetValueOrDefault(account)?.GetValueOrDefault(asset);
            if (Timeline.FirstBelow(timeline, effectiveAt, needed) is { } broken)
            {
                return UnitsMissing(
                    account, asset, broken, needed, Timeline.LowestFrom(timeline, effectiveAt),
                    state.Registers.DecimalsOf(asset));
            }
        }

        return null;
    }

    private static Refusal UnitsMissing(
        AccountId account, AssetId asset, Instant broken, Quantity needed, Quantity available, int decimals)
    {
        var shortfall = (needed - available).ToTokens(decimals);
        return Refusal.Of(
            RefusalCode.UnitsMissing,
            $"Account {account} needs {needed.ToTokens(decimals)} {asset} and has {available.ToTokens(decimals)} free "
                + $"at every instant from then on: {shortfall} are missing, first at {broken}.",
            ("account", account),
            ("asset", asset),
            ("brokenAt", broken),
            ("needed", needed.ToTokens(decimals)),
            ("available", available.ToTokens(decimals)),
            ("shortfall", shortfall));
    }

    /// <summary>Looks at the position after the event: at its instant and whenever units change there later.</summary>
    private static Refusal? AskForLimits(
        TreasuryState state, LedgerEvent intended, AccountId position, Instant effectiveAt, DecisionContext context)
    {
        var treasury = state.Registers.Treasury!;
        var (held, owed) = (
            state.Free.GetValueOrDefault(position, ImmutableDictionary<AssetId, Timeline>.Empty),
            state.Owed.GetValueOrDefault(position, ImmutableDictionary<AssetId, Timeline>.Empty));
        var risks = new RiskBook(state.Risks);
        if (risks.Limits(treasury, Instant.Max).All(dated => dated.Limits.IsNone()))
        {
            return null;
        }

        var valuer = new Valuer(
            state.Registers, LotTerms.Of(state, StarterBooks.Official, effectiveAt), treasury.ReportingCurrency,
            context.Prices);
        var positions = new LendingPositions(state.Registers, valuer, context.Markets);
        var account = state.Registers.Accounts[position];
        return held.Values.Concat(owed.Values)
            .SelectMany(timeline => Timeline.ChangesAfter(timeline, effectiveAt))
            .Append(effectiveAt)
            .Distinct()
            .Order()
            .Select(at => (At: at, Position: positions.One(
                account,
                After(held, position, Movements.Held(intended), at)
                    .Select(units => new Balance(position, units.Asset, units.Change)),
                After(owed, position, Movements.Owed(intended), at)
                    .Select(units => new DebtBalance(position, units.Asset, units.Change)),
                at)))
            .Select(after => Judge(
                after.Position, risks.LimitsAt(treasury, after.At), after.At, state.Registers, context.Markets))
            .FirstOrDefault(refusal => refusal is not null);
    }

    private static IEnumerable<Movement> After(
        ImmutableDictionary<AssetId, Timeline> timelines,
        AccountId position,
        ImmutableArray<Movement> intended,
        Instant at) =>
        from units in timelines
            .Select(timeline => new Movement(position, timeline.Key, Timeline.SumAt(timeline.Value, at)))
            .Concat(intended.Where(movement => movement.Account == position))
        group units.Change by units.Asset into changes
        let sum = changes.Aggregate(Quantity.Zero, (sum, change) => sum + change)
        where !sum.IsZero
        select new Movement(position, changes.Key, sum);

    private static Refusal? Judge(
        LendingPosition after, RiskLimits limits, Instant at, Registers registers, MarketBookView markets)
    {
        if (!after.HasDebt || limits is { LoanToValueMax: null, HealthFactorMin: null, FallMin: null })
        {
            return null;
        }

        if (Gap(after, limits) is { } gap)
        {
            return Refusal.Of(
                RefusalCode.ValueMissing,
                $"The limits of position {after.Account} cannot be checked at {at}: {gap.Reason}. Record it first.",
                ("position", after.Account!.Value),
                ("at", at),
                ("asset", gap.Asset),
                ("missing", gap.Missing));
        }

        var (debt, collateral) = (after.DebtAmount!.Value, after.CollateralAmount!.Value);
        // debt ÷ collateral > most, without dividing: debt > most × collateral. No collateral: any debt breaks it.
        if (limits.LoanToValueMax is { } most
            && debt.Attos * PowerOfTen.Of(most.Scale) > most.Mantissa * collateral.Attos)
        {
            return Broken(after, at, ("loanToValue", after.LoanToValue), ("loanToValueMax", most));
        }

        if (limits.HealthFactorMin is { } least && after.HealthFactor < least)
        {
            return Broken(after, at, ("healthFactor", after.HealthFactor), ("healthFactorMin", least));
        }

        return limits.FallMin is { } far && FallOf(after, at, registers, markets) is { } fall && fall < far
            ? Broken(after, at, ("fall", fall), ("fallMin", far))
            : null;
    }

    /// <summary>The common fall that makes the position liquidatable; absent if none does.</summary>
    private static ExactDecimal? FallOf(
        LendingPosition after, Instant at, Registers registers, MarketBookView markets)
    {
        var accounts = PositionAccounts.Of([after], registers, markets, at, AaveVersion.V36);
        return accounts.All[0].Account is { } account
            ? LimitCheck.FallOf(account, id => LimitCheck.IsMoving(registers, accounts.Assets[id]))
            : null;
    }

    private static (AssetId Asset, string Missing, string Reason)? Gap(LendingPosition after, RiskLimits limits)
    {
        foreach (var (asset, valuation) in after.Collateral.Select(item => (item.Asset, item.Valuation))
            .Concat(after.Debts.Select(item => (item.Asset, item.Valuation))))
        {
            if (valuation.State != PriceState.Valid)
            {
                return (asset, "price", valuation.Price is { } old
                    ? $"the latest price of {asset} is of {old.ObservedAt}, which is too old"
                    : $"there is no price of {asset}");
            }
        }

        var open = after.Collateral.FirstOrDefault(item => item.LiquidationThreshold is null);
        return open is not null && limits is not { HealthFactorMin: null, FallMin: null }
            ? (open.Asset, "liquidationThreshold", $"the market book has no liquidation threshold of {open.Asset}")
            : null;
    }

    private static Refusal Broken(
        LendingPosition after,
        Instant at,
        (string Name, ExactDecimal? Value) figure,
        (string Name, ExactDecimal Value) limit) =>
        Refusal.Of(
            RefusalCode.LimitBroken,
            $"Position {after.Account} would have {figure.Name} {Shown(figure.Value)} at {at}; the treasury's limit is "
                + $"{limit.Name} {limit.Value}.",
            ("position", after.Account!.Value),
            ("at", at),
            (figure.Name, Shown(figure.Value)),
            (limit.Name, limit.Value),
            ("debt", after.DebtAmount!.Value),
            ("collateral", after.CollateralAmount!.Value));

    private static string Shown(ExactDecimal? figure) => figure?.ToString() ?? "without bound (no collateral)";
}
