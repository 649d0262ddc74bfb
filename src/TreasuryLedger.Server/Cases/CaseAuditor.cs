using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Cases;

/// <summary>Makes the audit of a case from what the journals hold.</summary>
/// <param name="folder">The case.</param>
/// <param name="journals">Every treasury of the case by id, as known at the end.</param>
public sealed class CaseAuditor(CaseFolder folder, IReadOnlyDictionary<string, TreasuryView> journals)
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    private readonly CaseAuditTerms _terms = folder.File.Audit;

    /// <summary>The audit.</summary>
    /// <param name="unbooked">Rows that were not booked.</param>
    public CaseAuditReport Audit(ImmutableArray<UnbookedRow> unbooked)
    {
        var end = At(_terms.Treasury, Instant.Max);
        var (fairGain, fairIncome) = IncomeAtFairValue();
        return new CaseAuditReport(
            folder.File,
            [.. folder.Published.Select(Compare)],
            fairGain,
            fairIncome,
            [.. DaysOf(_terms.Days.From, _terms.Days.To).Select(Day)],
            TwoClocks(),
            [.. journals.Keys.Order(StringComparer.Ordinal).Where(IsIllustrative).Select(Ladder)],
            _terms.Contrast is { } contrast ? [.. DaysOf(contrast.From, contrast.To).Select(Contrast)] : [],
            end.Book.Shortfalls.Length,
            unbooked);
    }

    private static IEnumerable<DateOnly> DaysOf(DateOnly from, DateOnly to) =>
        Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(from.AddDays);

    private static Instant StartOf(DateOnly day) =>
        Instant.FromUtc(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    private static Instant EndOf(DateOnly day) => StartOf(day).Plus(MicrosecondsPerDay - 1);

    private static ExactDecimal Minus(ExactDecimal left, ExactDecimal right)
    {
        var scale = Math.Max(left.Scale, right.Scale);
        left.TryMantissaAt(scale, out var minuend);
        right.TryMantissaAt(scale, out var subtrahend);
        return new ExactDecimal(minuend - subtrahend, scale);
    }

    private bool IsIllustrative(string treasury) =>
        Registers.Of(journals[treasury].Treasury.Entries).Treasury is { Illustrative: true };

    private TreasuryAt At(string treasury, Instant asOf, PolicyTerms? terms = null)
    {
        var view = journals[treasury];
        return TreasuryAt.Of(
            view.Treasury.Entries,
            view.Prices.Entries,
            view.Markets.Entries,
            new Viewpoint(asOf, view.KnownAt),
            terms);
    }

    private ComparedFigure Compare(PublishedFigure published)
    {
        var ours = new CaseFigures(At(published.Treasury, published.AsOf), _terms).Of(published.Figure, published.From);
        return new ComparedFigure(
            published,
            ours,
            ours is not null && published.Value is { } value ? Minus(ours.Value, value) : null,
            ours is not null && published is { Low: { } low, High: { } high }
                ? ours.Value >= low && ours.Value <= high
                : null);
    }

    private (Amount? Gain, Amount Income) IncomeAtFairValue()
    {
        var terms = folder.File.Policy with { IncomeBasis = IncomeBasis.FairValue };
        var book = At(_terms.Treasury, Instant.Max, terms).Book;
        var gain = book.Disposals.Aggregate((Amount?)Amount.Zero, (sum, disposal) => sum + disposal.RealizedGain);
        return (gain, book.Incomes.Aggregate(Amount.Zero, (sum, income) => sum + (income.Value ?? Amount.Zero)));
    }

    private CaseDay Day(DateOnly day)
    {
        var at = At(_terms.Treasury, EndOf(day));
        var all = LendingPositions.Together(at.Positions);
        var decimals = at.Registers.DecimalsOf(_terms.CollateralAsset);
        var session = at.Prices
            .Between(_terms.Asset, folder.File.Currency, StartOf(day), EndOf(day))
            .Select(entry => (PriceRecorded)entry.Event)
            .LastOrDefault();
        return new CaseDay(
            day,
            Tokens(all.Debts.FirstOrDefault(debt => debt.Asset == _terms.DebtAsset)?.Quantity, at, _terms.DebtAsset),
            Tokens(
                all.Collateral.FirstOrDefault(held => held.Asset == _terms.CollateralAsset)?.Quantity,
                at,
                _terms.CollateralAsset),
            session?.Price,
            all.LoanToValue,
            all.HealthFactor,
            all.LiquidationPrice(_terms.CollateralAsset, decimals),
            session?.Session?.Low,
            [
                .. folder.Published.Where(published => published.Figure == "liquidation_price"
                    && published.AsOf >= StartOf(day) && published.AsOf <= EndOf(day)),
            ]);
    }

    private static ExactDecimal Tokens(Quantity? quantity, TreasuryAt at, AssetId asset) =>
        (quantity ?? Quantity.Zero).ToTokens(at.Registers.DecimalsOf(asset));

    private Restatement TwoClocks()
    {
        var view = journals[_terms.Treasury];
        return Restatement.Between(
            view.Treasury.Entries,
            view.Prices.Entries,
            _terms.TwoClocks.AsOf,
            _terms.TwoClocks.KnownAt,
            view.KnownAt,
            Restatement.RealizedGainOf);
    }

    private CaseLadder Ladder(string treasury)
    {
        var asOf = journals[treasury].Treasury.Entries.Max(entry => entry.EffectiveAt);
        var at = At(treasury, asOf);
        var decimals = at.Registers.DecimalsOf(_terms.CollateralAsset);
        return new CaseLadder(
            treasury,
            asOf,
            LiquidationLadder.Of(at.Positions, _terms.CollateralAsset, decimals),
            LendingPositions.Together(at.Positions).LiquidationPrice(_terms.CollateralAsset, decimals));
    }

    private CaseContrastDay Contrast(DateOnly day)
    {
        var at = At(_terms.Contrast!.Treasury, EndOf(day));
        var lots = at.Book.OpenLots.Where(lot => lot.Pool == _terms.Asset).ToList();
        var units = lots.Aggregate(Quantity.Zero, (sum, lot) => sum + lot.Remaining);
        var cost = lots.Aggregate((Amount?)Amount.Zero, (sum, lot) => sum + lot.Cost);
        var worth = at.Valuer.Value(_terms.Asset, units, EndOf(day));
        return new CaseContrastDay(
            day, units.ToTokens(at.Registers.DecimalsOf(_terms.Asset)), cost, worth.Price, worth.Value - cost);
    }
}
