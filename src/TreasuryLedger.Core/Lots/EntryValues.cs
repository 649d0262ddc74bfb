using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>A value in the reporting currency and what it rests on.</summary>
/// <param name="Amount">The value; absent if it is missing.</param>
/// <param name="Price">The price that gave it, if one did.</param>
/// <param name="Quality">The worst evidence that it rests on.</param>
internal readonly record struct Valued(Amount? Amount, PriceUsed? Price, EvidenceQuality Quality)
{
    /// <summary>Whether a source states the value.</summary>
    public bool IsStated { get; init; }

    public static Valued Nothing => new(Money.Amount.Zero, null, EvidenceQuality.Fact);

    public static Valued operator +(Valued left, Valued right) =>
        new(left.Amount + right.Amount, left.Price ?? right.Price, Worst(left.Quality, right.Quality));

    public static Valued operator -(Valued left, Valued right) =>
        new(left.Amount - right.Amount, left.Price ?? right.Price, Worst(left.Quality, right.Quality));

    public static EvidenceQuality Worst(EvidenceQuality left, EvidenceQuality right) => left > right ? left : right;
}

/// <summary>What the fold needs to know of an asset under the policy.</summary>
/// <param name="Asset">Which.</param>
/// <param name="Pool">Whose lots it shares.</param>
/// <param name="Decimals">Digits between token and smallest unit.</param>
/// <param name="IsCash">Whether it is money: the reporting currency, or at par with it. Cash has no lots.</param>
internal sealed record AssetTerms(AssetId Asset, AssetId Pool, int Decimals, bool IsCash);

/// <summary>What units are worth in the reporting currency, or that nobody knows (SPEC 5).</summary>
internal sealed class EntryValues(Registers registers, BookPolicy policy, PriceBookView prices)
{
    private readonly Valuer _valuer = new(registers, policy.Terms, policy.ReportingCurrency, prices);
    private readonly Dictionary<AssetId, AssetTerms> _terms = [];
    private readonly AssetTerms?[] _lastAsked = new AssetTerms?[4];
    private int _next;

    /// <summary>The latest instant for which a price was asked: no price observed after it has mattered.</summary>
    public Instant PricesUntil { get; set; }

    public AssetTerms Terms(AssetId asset)
    {
        // An entry asks several times for the same two or three assets.
        foreach (var asked in _lastAsked)
        {
            if (asked?.Asset == asset)
            {
                return asked;
            }
        }

        if (!_terms.TryGetValue(asset, out var terms))
        {
            terms = new AssetTerms(
                asset, registers.PoolOf(asset), registers.DecimalsOf(asset), _valuer.IsCash(asset));
            _terms[asset] = terms;
        }

        _lastAsked[_next] = terms;
        _next = (_next + 1) % _lastAsked.Length;
        return terms;
    }

    /// <summary>The value of units at an instant: cash at par, everything else by the price book.</summary>
    public Valued Of(AssetId asset, Quantity units, Instant at)
    {
        var terms = Terms(asset);
        if (terms.IsCash)
        {
            return new Valued(Amount.Of(units, terms.Decimals, ExactDecimal.One), null, EvidenceQuality.Fact);
        }

        PricesUntil = Instant.Latest(PricesUntil, at);
        var (value, price, state) = _valuer.Value(asset, units, at);
        return state == PriceState.Valid ? new Valued(value, price, price!.Quality) : default;
    }

    /// <inheritdoc cref="Of(AssetId, Quantity, Instant)"/>
    public Valued Of(Leg leg, Instant at) => Of(leg.Asset, leg.Quantity, at);

    /// <summary>A value that a source states, or else the price book's.</summary>
    public Valued Stated(CurrencyAmount? stated, Leg leg, Instant at) =>
        Stated(stated, at) is { Amount: not null } value ? value : Of(leg, at);

    /// <summary>A stated amount; one in another currency than the reporting one at that currency's price.</summary>
    public Valued Stated(CurrencyAmount? stated, Instant at)
    {
        if (stated is null || !AssetId.TryParse(stated.Currency, out var currency))
        {
            return default;
        }

        if (currency == policy.ReportingCurrency)
        {
            return new Valued(stated.Amount, null, EvidenceQuality.Fact) { IsStated = true };
        }

        PricesUntil = Instant.Latest(PricesUntil, at);
        // Money of another currency is valued like units of it, whose smallest is 10^-18.
        var (price, state) = registers.Assets.ContainsKey(currency) ? _valuer.PriceAt(currency, at) : default;
        return price is not null && state == PriceState.Valid
            ? new Valued(
                Amount.Of(new Quantity(stated.Amount.Attos), Amount.Decimals, price.Price), price, price.Quality)
            {
                IsStated = true,
            }
            : default;
    }

    /// <summary>
    /// What was exchanged: both sides have one value. Cash says it exactly; else the price of the side that decides,
    /// else of the other one.
    /// </summary>
    /// <param name="decides">What was paid for an acquisition, what came for a sale.</param>
    /// <param name="other">The other side.</param>
    /// <param name="at">When.</param>
    public Valued OfTrade(Leg decides, Leg other, Instant at)
    {
        var (first, second) = Terms(other.Asset).IsCash ? (other, decides) : (decides, other);
        return Of(first, at) is { Amount: not null } value ? value : Of(second, at);
    }

    /// <summary>The sum of fees, each by cash, by the price book or by the trade's own price.</summary>
    /// <param name="fees">May be empty.</param>
    /// <param name="at">When.</param>
    /// <param name="trade">The trade's value and its two sides, if the fees belong to a trade.</param>
    /// <param name="each">Receives the value of each fee.</param>
    public Valued OfFees(ImmutableArray<Leg> fees, Instant at, (Valued Value, Leg A, Leg B)? trade, List<Valued> each)
    {
        var sum = Valued.Nothing;
        foreach (var fee in fees)
        {
            var value = Of(fee, at);
            if (value.Amount is null
                && trade is { Value.Amount: { } whole } own
                && SameKind(fee, own.A, own.B) is { } side)
            {
                // [value of the trade] × [fee units] ÷ [units of the side that has the fee's kind]
                var attos = Rounding.DivideHalfEven(whole.Attos * fee.Quantity.Units, side.Quantity.Units);
                value = own.Value with { Amount = new Amount(attos) };
            }

            each.Add(value);
            sum += value;
        }

        return sum;
    }

    private Leg? SameKind(Leg fee, Leg a, Leg b)
    {
        var pool = Terms(fee.Asset).Pool;
        return Terms(a.Asset).Pool == pool ? a : Terms(b.Asset).Pool == pool ? b : null;
    }
}
