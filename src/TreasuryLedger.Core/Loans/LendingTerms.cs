using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Loans;

/// <summary>What a side of a position comes to at an instant.</summary>
/// <param name="Quantity">Smallest units, what was accrued among them.</param>
/// <param name="Accrued">What they have grown by since they were booked last; absent where nothing accrues.</param>
/// <param name="LacksIndex">Whether the market book has no index that reaches the last touch.</param>
/// <param name="LacksTouch">Whether units booked are not those of the last touch: one is not recorded.</param>
public readonly record struct SideUnits(Quantity Quantity, Quantity? Accrued, bool LacksIndex, bool LacksTouch);

/// <summary>
/// The terms under which lending positions stand, and what their units have grown to: of their market, or of the loan
/// that was agreed (SPEC 8 to 14). Indices are looked up in the market book once for all positions; nothing is folded.
/// For one question, by one thread.
/// </summary>
/// <param name="facts">What is known of the positions.</param>
/// <param name="markets">The market book, as known.</param>
/// <param name="zone">The treasury's time zone: days of loans are its days.</param>
public sealed class LendingTerms(PositionFacts facts, MarketBookView markets, TimeZoneInfo zone)
{
    private const long MicrosecondsPerSecond = 1_000_000;

    private readonly Dictionary<(string Market, AssetId Asset, Instant At), MarketTerms> _terms = [];
    private readonly Dictionary<
        (string Market, AssetId Asset, Instant At), (BigInteger Supply, BigInteger Debt)?> _indices = [];

    /// <summary>What is known of the positions.</summary>
    public PositionFacts Facts => facts;

    /// <summary>The terms of an asset at a position at an instant; those of its loan go before those of its market.
    /// </summary>
    public MarketTerms Of(AccountRegistered account, AssetId asset, Instant at)
    {
        ArgumentNullException.ThrowIfNull(account);
        if (LoanOf(account.Account, at) is { } loan)
        {
            return new MarketTerms(
                loan.MarginCallLoanToValue ?? loan.LiquidationLoanToValue,
                loan.LiquidationLoanToValue ?? loan.MarginCallLoanToValue,
                ExactDecimal.Zero, RateOf(loan, asset, at), ExactDecimal.Zero);
        }

        if (account.Market is not { } market)
        {
            return MarketTerms.Unknown;
        }

        if (!_terms.TryGetValue((market, asset, at), out var terms))
        {
            terms = _terms[(market, asset, at)] = markets.At(market, asset, at);
        }

        return terms;
    }

    /// <summary>
    /// The liquidation threshold of an asset at a position: that of the efficiency mode it chose for the mode's
    /// collateral, else its own; absent if the market book has none.
    /// </summary>
    public ExactDecimal? ThresholdOf(AccountRegistered account, AssetId asset, Instant at)
    {
        ArgumentNullException.ThrowIfNull(account);
        return facts.EModes.GetValueOrDefault(account.Account) is > 0 and var category
            && account.Market is { } market
            && markets.EModeAt(market, category, at) is { } mode && mode.Collateral.Contains(asset)
                ? mode.LiquidationThreshold
                : Of(account, asset, at).LiquidationThreshold;
    }

    /// <summary>The terms of a loan that hold at an instant; absent if the position is none.</summary>
    public LoanTermsAgreed? LoanOf(AccountId position, Instant at) =>
        facts.Loans.TryGetValue(position, out var terms)
            ? terms.LastOrDefault(one => one.From <= at).Terms
            : null;

    /// <summary>Supplied units at an instant.</summary>
    /// <param name="account">The position.</param>
    /// <param name="asset">Of what.</param>
    /// <param name="booked">Units booked.</param>
    /// <param name="at">The instant; whole seconds count.</param>
    public SideUnits Supplied(AccountRegistered account, AssetId asset, Quantity booked, Instant at) =>
        Grown(account, facts.TouchOf(account.Account, asset, InterestSide.Supply), booked, at)
        ?? new SideUnits(booked, null, false, false);

    /// <summary>Owed units at an instant.</summary>
    /// <inheritdoc cref="Supplied"/>
    public SideUnits Owed(AccountRegistered account, AssetId asset, Quantity booked, Instant at)
    {
        if (Grown(account, facts.TouchOf(account.Account, asset, InterestSide.Debt), booked, at) is { } grown)
        {
            return grown;
        }

        var interest = Interest(account.Account, asset, at);
        return new SideUnits(booked + (interest ?? Quantity.Zero), interest, false, false);
    }

    /// <summary>The indices of a reserve at a whole second; absent if the market book has none.</summary>
    /// <param name="market">The market.</param>
    /// <param name="asset">The asset.</param>
    /// <param name="at">The instant.</param>
    public (BigInteger Supply, BigInteger Debt)? Indices(string market, AssetId asset, Instant at)
    {
        if (!_indices.TryGetValue((market, asset, at), out var indices))
        {
            indices = _indices[(market, asset, at)] = IndicesAt(market, asset, at);
        }

        return indices;
    }

    /// <summary>
    /// The index of a side of a position at a whole second: the market book's, and never less than that of its last
    /// touch; 1 where neither is known.
    /// </summary>
    public BigInteger IndexOf(AccountRegistered account, AssetId asset, InterestSide side, Instant at)
    {
        ArgumentNullException.ThrowIfNull(account);
        var last = facts.TouchOf(account.Account, asset, side) is { } touch ? Ray(touch.Index) : WadRayMath.Ray;
        return account.Market is { } market && Indices(market, asset, at) is var (supply, debt)
            ? BigInteger.Max(last, side == InterestSide.Supply ? supply : debt)
            : last;
    }

    private (BigInteger Supply, BigInteger Debt)? IndicesAt(string market, AssetId asset, Instant at)
    {
        if (markets.ReserveAt(market, asset, at) is not var (from, reserve))
        {
            return null;
        }

        var (then, now) = (from.Microseconds / MicrosecondsPerSecond, at.Microseconds / MicrosecondsPerSecond);
        return (
            WadRayMath.RayMul(
                InterestMath.Linear(Ray(reserve.LiquidityRate), then, now), Ray(reserve.LiquidityIndex)),
            WadRayMath.RayMul(
                InterestMath.Compounded(Ray(reserve.VariableBorrowRate), then, now), Ray(reserve.VariableBorrowIndex)));
    }

    /// <summary>A number of 0 or more as a ray; what has more digits was refused.</summary>
    public static BigInteger Ray(ExactDecimal number) =>
        number.TryMantissaAt(27, out var ray) ? ray : number.Mantissa / PowerOfTen.Of(number.Scale - 27);

    private SideUnits? Grown(AccountRegistered account, IndexTouch? touch, Quantity booked, Instant at)
    {
        if (touch is null)
        {
            return null;
        }

        var isSupply = touch.Side == InterestSide.Supply;
        var last = Ray(touch.Index);
        var found = account.Market is { } market ? Indices(market, touch.Asset, at) : null;
        var index = found is not var (supply, debt) ? last : BigInteger.Max(last, isSupply ? supply : debt);
        var scaled = touch.ScaledAfter.Units;
        var (then, now) = isSupply
            ? (TokenMath.SupplyBalance(scaled, last), TokenMath.SupplyBalance(scaled, index))
            : (TokenMath.DebtBalance(scaled, last), TokenMath.DebtBalance(scaled, index));
        return new SideUnits(
            new Quantity(now), new Quantity(now - then),
            !touch.ScaledAfter.IsZero && (found is null || (isSupply ? found.Value.Supply : found.Value.Debt) < last),
            then != booked.Units);
    }

    private ExactDecimal? RateOf(LoanTermsAgreed loan, AssetId asset, Instant at) =>
        loan.FloatingMarket is not { } market ? loan.Rate
        : markets.At(market, asset, at).BorrowRate is not { } floating ? null
        : Sum(floating, loan.Rate) is { Sign: > 0 } sum ? sum : ExactDecimal.Zero;

    /// <summary>
    /// Interest of a loan since it was booked last: for each day, units owed × rate ÷ days of the year, added up
    /// exactly and rounded up once (SPEC 12).
    /// </summary>
    private Quantity? Interest(AccountId position, AssetId asset, Instant at)
    {
        if (!facts.Bearing.TryGetValue((position, asset), out var bearing))
        {
            return null;
        }

        var sum = BigInteger.Zero;
        foreach (var (i, since) in bearing.Index())
        {
            var until = i + 1 < bearing.Length ? bearing[i + 1].At : at;
            foreach (var (from, to, loan) in Spans(position, since.At, until))
            {
                sum += BigInteger.Max(0, since.Owed.Units) * Weight(loan, asset, DayOf(from), DayOf(to));
            }
        }

        return new Quantity(Rounding.DivideCeiling(sum, PowerOfTen.Of(ExactDecimal.ScaleMax) * LoanDays.Parts));
    }

    /// <summary>A span cut where terms change.</summary>
    private IEnumerable<(Instant From, Instant To, LoanTermsAgreed Terms)> Spans(
        AccountId position, Instant from, Instant to)
    {
        var terms = facts.Loans[position];
        for (var i = 0; i < terms.Length; i++)
        {
            var begin = Instant.Latest(from, terms[i].From);
            var end = i + 1 < terms.Length && terms[i + 1].From < to ? terms[i + 1].From : to;
            if (begin < end)
            {
                yield return (begin, end, terms[i].Terms);
            }
        }
    }

    /// <summary>Rate × part of the year over days, in 10⁻³⁶ and <see cref="LoanDays.Parts"/>.</summary>
    private BigInteger Weight(LoanTermsAgreed loan, AssetId asset, DateOnly from, DateOnly to)
    {
        if (loan.FloatingMarket is null)
        {
            return Attos(loan.Rate) * LoanDays.Between(loan.Days, from, to);
        }

        var sum = BigInteger.Zero;
        for (var day = from; day < to; day = day.AddDays(1))
        {
            // What stands when the day begins holds for it; a rate that nobody observed is no rate.
            var rate = RateOf(loan, asset, LocalDay.StartOf(day, zone));
            sum += Attos(rate ?? default) * LoanDays.Between(loan.Days, day, day.AddDays(1));
        }

        return sum;
    }

    private DateOnly DayOf(Instant at) => LocalDay.Of(at, zone);

    private static BigInteger Attos(ExactDecimal rate) =>
        rate.Mantissa * PowerOfTen.Of(ExactDecimal.ScaleMax - rate.Scale);

    private static ExactDecimal Sum(ExactDecimal left, ExactDecimal right) =>
        new(Attos(left) + Attos(right), ExactDecimal.ScaleMax);
}
