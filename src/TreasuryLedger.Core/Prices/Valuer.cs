using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Prices;

/// <summary>A valuation: what units are worth and why. Without a price there is no value, never a guess.</summary>
/// <param name="Value">In the reporting currency; absent if no price was valid.</param>
/// <param name="Price">The price used, or the latest one that was too old to be used.</param>
/// <param name="State">Whether the price was valid.</param>
public readonly record struct Valuation(Amount? Value, PriceUsed? Price, PriceState State);

/// <summary>Whether there is a price to value with.</summary>
public enum PriceState
{
    /// <summary>A price within the policy's age, or par by definition.</summary>
    Valid,

    /// <summary>The latest price is older than the policy allows.</summary>
    Stale,

    /// <summary>There is no price at or before the instant.</summary>
    Missing,
}

/// <summary>
/// The one rule of valuing units under a book's terms: money and cash at par are worth themselves; everything else is
/// worth its own price, or the price of what it stands for where it has none.
/// </summary>
/// <param name="registers">The assets.</param>
/// <param name="terms">The book's terms: cash at par or not, and how old a price may be.</param>
/// <param name="currency">The reporting currency.</param>
/// <param name="prices">The price book as known.</param>
public sealed class Valuer(Registers registers, PolicyTerms terms, AssetId currency, PriceBookView prices)
{
    private const string ParSource = "par";

    // In another currency than the treasury's, what has no price there is worth its price here, converted.
    private readonly Valuer? _own = registers.Treasury is { } treasury && treasury.ReportingCurrency != currency
        ? new Valuer(registers, terms, treasury.ReportingCurrency, prices)
        : null;

    /// <summary>
    /// Whether units of the asset are money in this book: the reporting currency, a stablecoin of it at par, or what
    /// stands for such money with the same decimals. Money has no lots.
    /// </summary>
    public bool IsCash(AssetId asset) => registers.PoolOf(asset) is var money
        && (money == currency || (terms.Stablecoins == StablecoinTreatment.CashAtPar
            && registers.Assets[money].ParCurrency == currency));

    /// <summary>The price of an asset at an instant, with its state.</summary>
    public (PriceUsed? Price, PriceState State) PriceAt(AssetId asset, Instant at)
    {
        if (IsCash(asset))
        {
            return (new PriceUsed(ExactDecimal.One, at, 0, ParSource), PriceState.Valid);
        }

        if (prices.Latest(asset, currency, at) is { } price)
        {
            return (price, IsTooOld(price, at) ? PriceState.Stale : PriceState.Valid);
        }

        if (_own?.PriceAt(asset, at) is { Price: { } own } found)
        {
            return Converted(own, found.State, at);
        }

        return registers.Assets[asset].StandsFor is { } standIn
            ? PriceAt(standIn.Asset, at)
            : (null, PriceState.Missing);
    }

    /// <summary>What units are worth at an instant, rounded once, half to even, to 10^-18 of the currency.</summary>
    public Valuation Value(AssetId asset, Quantity quantity, Instant at) => Value(asset, quantity, PriceAt(asset, at));

    /// <summary>What units are worth at a price of their asset that was looked up.</summary>
    /// <inheritdoc cref="Value(AssetId, Quantity, Instant)"/>
    internal Valuation Value(AssetId asset, Quantity quantity, (PriceUsed? Price, PriceState State) at)
    {
        var (price, state) = at;
        Amount? value = state == PriceState.Valid
            ? Amount.Of(quantity, registers.DecimalsOf(asset), price!.Price)
            : null;
        return new Valuation(value, price, state);
    }

    /// <summary>
    /// A price of the treasury's currency in this one: by the recorded price of that currency in this one, otherwise by
    /// this one's price in that, which divides. Rounded half to even to 18 digits; as old as the older of both.
    /// </summary>
    private (PriceUsed? Price, PriceState State) Converted(PriceUsed own, PriceState state, Instant at)
    {
        var from = registers.Treasury!.ReportingCurrency;
        var (rate, isInverse) = (prices.Latest(from, currency, at), false);
        if (rate is null)
        {
            (rate, isInverse) = (prices.Latest(currency, from, at), true);
        }

        if (rate is null || rate.Price.Sign <= 0)
        {
            return (null, PriceState.Missing);
        }

        var (price, by) = (own.Price, rate.Price);
        var attos = isInverse
            ? Rounding.DivideHalfEven(
                price.Mantissa * PowerOfTen.Of(Amount.Decimals + by.Scale), by.Mantissa * PowerOfTen.Of(price.Scale))
            : Rounding.DivideHalfEven(
                price.Mantissa * by.Mantissa * PowerOfTen.Of(Amount.Decimals), PowerOfTen.Of(price.Scale + by.Scale));
        var converted = new PriceUsed(
            new ExactDecimal(attos, Amount.Decimals),
            own.Position == 0 || rate.ObservedAt < own.ObservedAt ? rate.ObservedAt : own.ObservedAt,
            own.Position == 0 ? rate.Position : own.Position,
            own.Position == 0 ? rate.Source : $"{own.Source}, {rate.Source}")
        {
            Quality = own.Quality > rate.Quality ? own.Quality : rate.Quality,
            Conversion = new PriceConversion(own, rate, isInverse),
        };
        return (converted, state == PriceState.Stale || IsTooOld(rate, at) ? PriceState.Stale : PriceState.Valid);
    }

    private bool IsTooOld(PriceUsed price, Instant at) =>
        at.Microseconds - price.ObservedAt.Microseconds > terms.PriceAgeMaxSeconds * 1_000_000;
}
