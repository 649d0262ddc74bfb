using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// What the limits of a treasury say to a lending position as an instruction leaves it (SPEC.md 5.3): by the figures
/// that exposure shows, and no others.
/// </summary>
internal static class PositionQuestions
{
    /// <summary>Looks at the position after the event: at its instant and whenever units change there later.</summary>
    /// <returns>The first refusal, or <c>null</c>.</returns>
    public static Refusal? Ask(
        TreasuryState state, LedgerEvent intended, AccountId position, Instant effectiveAt, DecisionContext context)
    {
        var treasury = state.Registers.Treasury!;
        var risks = new RiskBook(state.Risks);
        if (risks.Limits(treasury, Instant.Max).All(dated => dated.Limits.IsNone()))
        {
            return null;
        }

        var (held, owed) = (
            state.Free.GetValueOrDefault(position, ImmutableDictionary<AssetId, Timeline>.Empty),
            state.Owed.GetValueOrDefault(position, ImmutableDictionary<AssetId, Timeline>.Empty));
        var valuer = new Valuer(
            state.Registers, LotTerms.Of(state, StarterBooks.Official, effectiveAt), treasury.ReportingCurrency,
            context.Prices);
        var then = new PositionThen(state, position, valuer, context);
        return held.Values.Concat(owed.Values)
            .SelectMany(timeline => Timeline.ChangesAfter(timeline, effectiveAt))
            .Append(effectiveAt)
            .Distinct()
            .Order()
            .Select(at => (At: at, Limits: risks.LimitsAt(treasury, at)))
            .Where(one => one.Limits is not { LoanToValueMax: null, HealthFactorMin: null, FallMin: null })
            .Select(one => Judge(
                then.At(
                    After(held, position, Movements.Held(intended), one.At),
                    After(owed, position, Movements.Owed(intended), one.At),
                    one.At),
                one.Limits, one.At, state.Registers))
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
        (LendingPosition Position, PositionAccounts Accounts) after,
        RiskLimits limits,
        Instant at,
        Registers registers)
    {
        var (position, accounts) = after;
        if (!position.HasDebt)
        {
            return null;
        }

        var (id, seen) = (position.Account!.Value, accounts.All[0]);
        if (Gap(position, seen, limits) is { } gap)
        {
            return Refusal.Of(
                RefusalCode.ValueMissing,
                $"The limits of position {id} cannot be checked at {at}: {gap.Reason}. Record it first.",
                ("position", id),
                ("at", at),
                ("asset", gap.Asset),
                ("missing", gap.Missing));
        }

        var broken = seen.Account is { } account
            ? LimitCheck.OfPosition(
                limits, id, account, reserve => LimitCheck.IsMoving(registers, accounts.Assets[reserve]))
                .FirstOrDefault()
            : LimitCheck.OfRatio(limits, id, position.LoanToValue); // no threshold is known, and none is asked for
        return broken is null ? null : Broken(position, broken, at);
    }

    private static (AssetId Asset, string Missing, string Reason)? Gap(
        LendingPosition after, PositionAccount seen, RiskLimits limits)
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

        var lacking = after.Collateral.Select(item => (item.Asset, item.Quantity))
            .Concat(after.Debts.Select(item => (item.Asset, item.Quantity)))
            .FirstOrDefault(item => item.Quantity.Sign < 0);
        if (seen.Gaps.Contains(AccountGap.UnitsMissing))
        {
            return (lacking.Asset, "units", $"units of {lacking.Asset} are missing");
        }

        if (seen.Gaps.Contains(AccountGap.OutOfRange))
        {
            return (after.Debts[0].Asset, "range", "its numbers are too large for the contract's arithmetic");
        }

        if (seen.Account is not null || limits is { HealthFactorMin: null, FallMin: null })
        {
            return null;
        }

        // No account, no figure: what nobody can count is refused, whatever it is that lacks.
        var open = after.Collateral.FirstOrDefault(item => item.LiquidationThreshold is null)?.Asset
            ?? after.Collateral[0].Asset;
        return (open, "liquidationThreshold", $"the market book has no liquidation threshold of {open}");
    }

    private static Refusal Broken(LendingPosition after, BrokenLimit broken, Instant at)
    {
        var (figure, limit) = broken.Limit switch
        {
            LimitKind.LoanToValueMax => ("loanToValue", "loanToValueMax"),
            LimitKind.HealthFactorMin => ("healthFactor", "healthFactorMin"),
            _ => ("fall", "fallMin"),
        };
        var shown = broken.Is?.ToString() ?? "without bound (no collateral)";
        return Refusal.Of(
            RefusalCode.LimitBroken,
            $"Position {after.Account} would have {figure} {shown} at {at}; the treasury's limit is "
                + $"{limit} {broken.Allowed}.",
            ("position", after.Account!.Value),
            ("at", at),
            (figure, shown),
            (limit, broken.Allowed!.Value),
            ("debt", after.DebtAmount!.Value),
            ("collateral", after.CollateralAmount!.Value));
    }
}
