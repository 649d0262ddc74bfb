using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Books;

/// <summary>Price and market books by filtering, sorting and walking: the rule itself, without any index.</summary>
internal static class NaiveBooks
{
    public static List<NarrowEntry> KnownAt(IEnumerable<NarrowEntry> journal, long position)
    {
        var recorded = journal.Where(entry => entry.Position <= position).ToList();
        var voided = recorded.Select(entry => entry.Voids).ToHashSet();
        return [.. recorded.Where(entry => !voided.Contains(entry.Position)).Order(EntryOrder.Comparer)];
    }

    public static PriceUsed? Latest(IEnumerable<NarrowEntry> known, AssetId asset, AssetId currency, Instant at) =>
        Between(known, asset, currency, default, at).LastOrDefault() is { Event: PriceRecorded price } found
            ? new PriceUsed(price.Price, found.EffectiveAt, found.Position, found.Source) { Quality = found.Quality }
            : null;

    public static IEnumerable<NarrowEntry> Between(
        IEnumerable<NarrowEntry> known, AssetId asset, AssetId currency, Instant from, Instant to) =>
        known.Where(entry => entry.EffectiveAt >= from && entry.EffectiveAt <= to
            && entry.Event is PriceRecorded price && price.Asset == asset && price.Currency == currency);

    public static MarketTerms At(IEnumerable<NarrowEntry> known, string market, AssetId asset, Instant at) => known
        .Where(entry => entry.EffectiveAt <= at)
        .Select(entry => entry.Event)
        .OfType<MarketStateRecorded>()
        .Where(seen => seen.Market == market && seen.Asset == asset)
        .Aggregate(MarketTerms.Unknown, (terms, seen) => new MarketTerms(
            seen.LoanToValueMax ?? terms.LoanToValueMax,
            seen.LiquidationThreshold ?? terms.LiquidationThreshold,
            seen.LiquidationBonus ?? terms.LiquidationBonus,
            seen.BorrowRate ?? terms.BorrowRate,
            seen.SupplyRate ?? terms.SupplyRate));

    /// <summary>Positions that observe something at or before an instant, or void such an observation.</summary>
    public static IEnumerable<long> Touching(IReadOnlyList<NarrowEntry> journal, Instant through)
    {
        bool Observes(NarrowEntry entry) =>
            entry.Event is PriceRecorded or MarketStateRecorded && entry.EffectiveAt <= through;
        return journal
            .Where(entry => Observes(entry) || journal.Any(other => other.Position == entry.Voids && Observes(other)))
            .Select(entry => entry.Position);
    }
}
