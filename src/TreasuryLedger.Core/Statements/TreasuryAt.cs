using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>
/// A treasury at a viewpoint under a policy: everything that an answer needs, derived from its journal and the two
/// books as known at one instant. Answers of the API, the command line and audits all start here.
/// </summary>
public sealed class TreasuryAt
{
    private TreasuryAt(
        Registers registers,
        ImmutableArray<NarrowEntry> entries,
        PriceBookView prices,
        MarketBookView markets,
        Viewpoint viewpoint,
        BookPolicy policy)
    {
        Registers = registers;
        Entries = entries;
        Prices = prices;
        Valuer = new Valuer(registers, policy.Terms, policy.ReportingCurrency, prices);
        Book = BookFold.Fold(entries, registers, policy, prices, viewpoint);
        Positions = new LendingPositions(registers, Valuer, markets).Of(Book);
    }

    /// <summary>What is registered, as known.</summary>
    public Registers Registers { get; }

    /// <summary>The entries that count, in the order of the fold.</summary>
    public ImmutableArray<NarrowEntry> Entries { get; }

    /// <summary>The price book, as known.</summary>
    public PriceBookView Prices { get; }

    /// <summary>How units are valued.</summary>
    public Valuer Valuer { get; }

    /// <summary>What was held, owed, gained and spent.</summary>
    public Book Book { get; }

    /// <summary>The lending positions, each alone.</summary>
    public ImmutableArray<LendingPosition> Positions { get; }

    /// <summary>Derives a treasury from its journals.</summary>
    /// <param name="treasury">Its journal in recorded order; later entries than the viewpoint are ignored.</param>
    /// <param name="prices">Its price book, likewise.</param>
    /// <param name="markets">Its market book, likewise.</param>
    /// <param name="viewpoint">As of and known at, both inclusive.</param>
    /// <param name="terms">Another policy than the treasury's own.</param>
    /// <exception cref="InvalidOperationException">The treasury was not opened by then.</exception>
    public static TreasuryAt Of(
        IEnumerable<NarrowEntry> treasury,
        IEnumerable<NarrowEntry> prices,
        IEnumerable<NarrowEntry> markets,
        Viewpoint viewpoint,
        PolicyTerms? terms = null)
    {
        ArgumentNullException.ThrowIfNull(viewpoint);
        var known = VisibleEntries.KnownAt(treasury, viewpoint.KnownAt);
        var registers = Registers.Of(known);
        var own = BookPolicy.Of(registers);
        return new TreasuryAt(
            registers,
            [.. VisibleEntries.AsOf(known, viewpoint.AsOf)],
            PriceHistory.Of(prices.TakeWhile(entry => entry.RecordedAt <= viewpoint.KnownAt)).Newest,
            MarketHistory.Of(markets.TakeWhile(entry => entry.RecordedAt <= viewpoint.KnownAt)).Newest,
            viewpoint,
            terms is null ? own : own with { Terms = terms });
    }
}
