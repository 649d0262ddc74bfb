using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>Units that a price values at the viewpoint.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="IsDebt">Whether they are owed; otherwise they lie in open lots.</param>
/// <param name="Quantity">Smallest units.</param>
/// <param name="Value">What they are worth.</param>
public sealed record PriceValue(AssetId Asset, bool IsDebt, Quantity Quantity, Amount Value);

/// <summary>Every figure that one price made (SPEC 6.2).</summary>
/// <param name="From">The first instant at which it was the latest price (inclusive).</param>
/// <param name="Through">The last one (inclusive), at most the viewpoint's; absent if there was none. Before it the
/// price may have become too old to be used.</param>
/// <param name="Rows">The rows that it valued, or converted a stated value of.</param>
/// <param name="Values">What it values at the viewpoint; empty if another price does, or none.</param>
public sealed record PriceUses(Instant From, Instant? Through, BookRows Rows, ImmutableArray<PriceValue> Values)
{
    /// <summary>The uses of a price.</summary>
    /// <param name="treasury">The treasury at a viewpoint.</param>
    /// <param name="entry">The price's entry in the treasury's price book.</param>
    public static PriceUses Of(TreasuryAt treasury, NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(treasury);
        ArgumentNullException.ThrowIfNull(entry);
        var rows = new BookRows();
        if (entry.Event is not PriceRecorded price || ReignOf(treasury, entry, price) is not { } through)
        {
            return new PriceUses(entry.EffectiveAt, null, rows, []);
        }

        foreach (var happened in treasury.HappenedAfter(TreasuryAt.Before(entry.EffectiveAt))
            .TakeWhile(happened => happened.Entry.EffectiveAt <= through))
        {
            Pick(happened.Rows, entry.Position, rows);
        }

        foreach (var opening in OpeningsElsewhere(treasury, entry.EffectiveAt, through))
        {
            if (treasury.RowsOf(opening) is { } happened)
            {
                Pick(happened.Rows, entry.Position, rows);
            }
        }

        return new PriceUses(entry.EffectiveAt, through, rows, [.. ValuesOf(treasury, entry.Position)]);
    }

    /// <summary>Whether a price valued a row, or a fee in it.</summary>
    private static bool Uses(long position, PriceUsed? price, ImmutableArray<PriceUsed> fees = default) =>
        price?.IsOf(position) == true || (!fees.IsDefault && fees.Any(fee => fee.IsOf(position)));

    private static void Pick(BookRows from, long position, BookRows to)
    {
        foreach (var disposal in from.Disposals.Where(row => Uses(position, row.Price, row.FeePrices)))
        {
            to.Add(disposal);
        }

        foreach (var lot in from.Lots.Where(row => Uses(position, row.Price, row.FeePrices)))
        {
            to.Add(lot);
        }

        foreach (var income in from.Incomes.Where(row => Uses(position, row.Price)))
        {
            to.Add(income);
        }

        foreach (var expense in from.Expenses.Where(row => Uses(position, row.Price)))
        {
            to.Add(expense);
        }

        foreach (var contribution in from.Contributions.Where(row => Uses(position, row.Price)))
        {
            to.Add(contribution);
        }

        foreach (var liquidation in from.Liquidations.Where(row => Uses(position, row.Price)))
        {
            to.Add(liquidation);
        }
    }

    /// <summary>The last instant at which a price is the latest one; absent if it never is.</summary>
    private static Instant? ReignOf(TreasuryAt treasury, NarrowEntry entry, PriceRecorded price)
    {
        var asOf = treasury.Viewpoint.AsOf;
        var isReported = price.Currency == treasury.State.Policy.ReportingCurrency
            || price.Currency == treasury.Registers.Treasury!.ReportingCurrency;
        if (!isReported || entry.EffectiveAt > asOf)
        {
            return null;
        }

        var later = treasury.Prices.Between(price.Asset, price.Currency, entry.EffectiveAt, asOf)
            .SkipWhile(observed => observed.Position != entry.Position)
            .Take(2).ToList();
        if (later is [] || (later is [_, var next] && next.EffectiveAt == entry.EffectiveAt))
        {
            return null; // it is voided, or another one of the same instant goes before
        }

        // How old it may be is not asked: a book may allow more at one time than at another.
        return later is [_, var then] ? then.EffectiveAt.Plus(-1) : asOf;
    }

    /// <summary>Opening lots are valued when they were acquired, which is not when their entry happened.</summary>
    private static IEnumerable<NarrowEntry> OpeningsElsewhere(TreasuryAt treasury, Instant from, Instant through) =>
        treasury.Log.Recorded(0, treasury.Question.Position).Where(entry =>
            entry.Event is BalancesOpened opened
            && (entry.EffectiveAt < from || entry.EffectiveAt > through)
            && entry.EffectiveAt <= treasury.Viewpoint.AsOf
            && opened.Lots.Any(lot => lot.AcquiredAt >= from && lot.AcquiredAt <= through));

    private static IEnumerable<PriceValue> ValuesOf(TreasuryAt treasury, long position)
    {
        var held = treasury.State.OpenTotals().Select(open => (Asset: open.Pool, IsDebt: false, open.Quantity));
        var owed = treasury.State.Debts().GroupBy(debt => debt.Asset).OrderBy(debts => debts.Key).Select(debts =>
            (Asset: debts.Key, IsDebt: true, debts.Aggregate(Quantity.Zero, (sum, debt) => sum + debt.Quantity)));
        foreach (var (asset, isDebt, units) in held.Concat(owed))
        {
            if (treasury.Valuer.Value(asset, units, treasury.Viewpoint.AsOf) is { Value: { } value } valued
                && valued.Price?.IsOf(position) == true)
            {
                yield return new PriceValue(asset, isDebt, units, value);
            }
        }
    }
}
