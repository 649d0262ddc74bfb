using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>What the open lots of one pool are worth. Amounts are rounded to the currency's digits.</summary>
/// <param name="Asset">Whose lots they are.</param>
/// <param name="Quantity">Smallest units of open lots.</param>
/// <param name="BasisMissing">Smallest units of them whose cost nobody knows.</param>
/// <param name="CostBasis">The known cost.</param>
/// <param name="Price">The price used or, if it is too old to be used, the latest one; absent if there is none.</param>
/// <param name="State">Whether that price values anything.</param>
/// <param name="AgeSeconds">Age of the price at the viewpoint, whole seconds rounded down.</param>
/// <param name="MarketValue">What the units with a known cost are worth; absent without a valid price.</param>
/// <param name="ValueWithoutBasis">What the units without one are worth; absent without a valid price.</param>
/// <param name="Quality">The worst evidence of the costs and the price.</param>
public sealed record UnrealizedGainRow(
    AssetId Asset,
    Quantity Quantity,
    Quantity BasisMissing,
    Amount CostBasis,
    PriceUsed? Price,
    PriceState State,
    long? AgeSeconds,
    Amount? MarketValue,
    Amount? ValueWithoutBasis,
    EvidenceQuality Quality)
{
    /// <summary>Market value less cost basis, as printed; absent without a valid price.</summary>
    public Amount? Gain => MarketValue - CostBasis;
}

/// <summary>Unrealized gain at a viewpoint, by asset. Rows are rounded first; totals add rows (SPEC 3).</summary>
public sealed record UnrealizedGains
{
    private UnrealizedGains(ImmutableArray<UnrealizedGainRow> rows)
    {
        Rows = rows;
        var valued = rows.Where(row => row.MarketValue is not null).ToList();
        Unvalued = rows.Length - valued.Count;
        MarketValue = valued.Aggregate(Amount.Zero, (sum, row) => sum + row.MarketValue!.Value);
        CostBasis = valued.Aggregate(Amount.Zero, (sum, row) => sum + row.CostBasis);
    }

    /// <summary>One a pool with open lots, in the order of assets.</summary>
    public ImmutableArray<UnrealizedGainRow> Rows { get; }

    /// <summary>How many rows have no valid price; they are in no total.</summary>
    public int Unvalued { get; }

    /// <summary>The sum of the rows with a valid price.</summary>
    public Amount MarketValue { get; }

    /// <summary>The sum of the rows with a valid price.</summary>
    public Amount CostBasis { get; }

    /// <summary>Market value less cost basis.</summary>
    public Amount Gain => MarketValue - CostBasis;

    /// <summary>The statement of a treasury at its viewpoint.</summary>
    public static UnrealizedGains Of(TreasuryAt treasury)
    {
        ArgumentNullException.ThrowIfNull(treasury);
        var (book, asOf) = (treasury.State, treasury.Viewpoint.AsOf);
        var digits = Math.Min(
            treasury.Registers.DecimalsOf(book.Policy.ReportingCurrency), Amount.Decimals);
        return new UnrealizedGains(
            [.. book.OpenTotals().Select(open => Row(open, asOf, treasury.Valuer, digits))]);
    }

    /// <summary>The statement of a book.</summary>
    /// <param name="book">The book; its viewpoint is the instant of the prices.</param>
    /// <param name="valuer">How units are valued.</param>
    /// <param name="registers">The assets.</param>
    public static UnrealizedGains Of(Book book, Valuer valuer, Registers registers)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(valuer);
        ArgumentNullException.ThrowIfNull(registers);
        var digits = Math.Min(registers.DecimalsOf(book.Policy.ReportingCurrency), Amount.Decimals);
        return new UnrealizedGains([.. book.OpenLots.GroupBy(lot => lot.Pool)
            .OrderBy(lots => lots.Key)
            .Select(lots => Row(lots.Key, lots, book, valuer, digits))]);
    }

    private static UnrealizedGainRow Row(
        AssetId asset, IEnumerable<OpenLot> lots, Book book, Valuer valuer, int digits)
    {
        var (units, missing, cost, quality) = (Quantity.Zero, Quantity.Zero, Amount.Zero, EvidenceQuality.Fact);
        foreach (var lot in lots)
        {
            units += lot.Remaining;
            missing += lot.Cost is null ? lot.Remaining : Quantity.Zero;
            cost += lot.Cost ?? Amount.Zero;
            quality = lot.Quality > quality ? lot.Quality : quality;
        }

        return Row(new OpenTotals(asset, units, missing, cost, quality), book.Viewpoint.AsOf, valuer, digits);
    }

    private static UnrealizedGainRow Row(OpenTotals open, Instant asOf, Valuer valuer, int digits)
    {
        var (asset, units, missing, cost, quality) = open;
        var (value, price, state) = valuer.Value(asset, units - missing, asOf);
        return new UnrealizedGainRow(
            asset,
            units,
            missing,
            cost.RoundTo(digits),
            price,
            state,
            price is null ? null : (asOf.Microseconds - price.ObservedAt.Microseconds) / 1_000_000,
            value?.RoundTo(digits),
            valuer.Value(asset, missing, asOf).Value?.RoundTo(digits),
            price?.Quality > quality ? price.Quality : quality);
    }
}
