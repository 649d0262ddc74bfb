using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>Units of interest and what they are worth.</summary>
/// <param name="Quantity">Smallest units.</param>
/// <param name="Value">Their worth, each at its own instant; absent where any price is missing.</param>
public readonly record struct InterestUnits(Quantity Quantity, Amount? Value)
{
    /// <summary>No interest.</summary>
    public static InterestUnits None { get; } = new(Quantity.Zero, Amount.Zero);

    /// <summary>Both together.</summary>
    public static InterestUnits operator +(InterestUnits left, InterestUnits right) =>
        new(left.Quantity + right.Quantity, left.Value + right.Value);

    /// <summary>What is left after the right one.</summary>
    public static InterestUnits operator -(InterestUnits left, InterestUnits right) =>
        new(left.Quantity - right.Quantity, left.Value - right.Value);
}

/// <summary>Interest of one side of a lending position over a span (SPEC.md 5).</summary>
/// <param name="Position">The position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Side">Owed or earned.</param>
/// <param name="AccruedBefore">Not booked yet at the beginning.</param>
/// <param name="Booked">By entries of the span.</param>
/// <param name="AccruedAfter">Not booked yet at the end.</param>
public sealed record InterestOfSide(
    AccountId Position,
    AssetId Asset,
    InterestSide Side,
    InterestUnits AccruedBefore,
    InterestUnits Booked,
    InterestUnits AccruedAfter)
{
    /// <summary>What belongs to the span: what was booked in it, and how much more is accrued at its end.</summary>
    public InterestUnits OfSpan => Booked + AccruedAfter - AccruedBefore;
}

/// <summary>Interest of a treasury's lending positions over a span, accrued and booked.</summary>
public static class InterestOfSpan
{
    /// <summary>A row for each side with any, by position, asset and side.</summary>
    /// <param name="before">The treasury at the span's beginning (exclusive), as known as at its end; absent: nothing
    /// was before.</param>
    /// <param name="after">The treasury at its end (inclusive).</param>
    public static ImmutableArray<InterestOfSide> Of(TreasuryAt? before, TreasuryAt after)
    {
        ArgumentNullException.ThrowIfNull(after);
        var (then, now) = (before is null ? [] : Accrued(before), Accrued(after));
        var booked = Booked(after, before?.Viewpoint.AsOf);
        return
        [
            .. then.Keys.Union(now.Keys).Union(booked.Keys)
                .OrderBy(side => side.Position).ThenBy(side => side.Asset).ThenBy(side => side.Side)
                .Select(side => new InterestOfSide(
                    side.Position, side.Asset, side.Side,
                    then.GetValueOrDefault(side, InterestUnits.None),
                    booked.GetValueOrDefault(side, InterestUnits.None),
                    now.GetValueOrDefault(side, InterestUnits.None))),
        ];
    }

    /// <summary>What is accrued and not booked at a treasury's viewpoint, by side; none of it zero.</summary>
    public static Dictionary<PositionSide, InterestUnits> Accrued(TreasuryAt at)
    {
        ArgumentNullException.ThrowIfNull(at);
        return at.Positions
            .SelectMany(position => position.Collateral
                .Select(item => (Of: Side(position, item.Asset, InterestSide.Supply), item.Side))
                .Concat(position.Debts
                    .Select(item => (Of: Side(position, item.Asset, InterestSide.Debt), item.Side))))
            .Where(one => one.Side?.Accrued is { IsZero: false })
            .ToDictionary(one => one.Of, one =>
            {
                var units = one.Side!.Value.Accrued!.Value;
                return new InterestUnits(units, at.Valuer.Value(one.Of.Asset, units, at.Viewpoint.AsOf).Value);
            });
    }

    private static PositionSide Side(LendingPosition position, AssetId asset, InterestSide side) =>
        new(position.Account!.Value, asset, side);

    private static Dictionary<PositionSide, InterestUnits> Booked(TreasuryAt at, Instant? after)
    {
        var sums = new Dictionary<PositionSide, InterestUnits>();
        foreach (var rows in at.HappenedAfter(after).Select(happened => happened.Rows))
        {
            foreach (var income in rows.Incomes.Where(income => income.Kind == IncomeKind.SupplyInterest))
            {
                Add(new(income.Account, income.Asset, InterestSide.Supply), new(income.Quantity, income.Value));
            }

            foreach (var expense in rows.Expenses.Where(expense => expense.Kind == ExpenseKind.Interest))
            {
                Add(new(expense.Account, expense.Asset, InterestSide.Debt), new(expense.Quantity, expense.Value));
            }
        }

        return sums;

        void Add(PositionSide side, InterestUnits units) =>
            sums[side] = sums.GetValueOrDefault(side, InterestUnits.None) + units;
    }
}
