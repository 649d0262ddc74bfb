using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Periods;

/// <summary>Official books of treasuries as they are read.</summary>
public static class OfficialBooks
{
    /// <summary>The closed periods of a treasury's books, as known.</summary>
    public static ClosedPeriods PeriodsOf(TreasuryView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return ClosedPeriods.Of(view.Books.Log.Periods(view.Treasury.Head.Position).Select(PeriodEntry.Of));
    }

    /// <summary>A book by accounting date, as known.</summary>
    /// <param name="view">The treasury.</param>
    /// <param name="book">The book's name.</param>
    /// <param name="periods">Its closed periods.</param>
    /// <param name="cost">Counts what answers cost, if anybody wants to know.</param>
    public static OfficialBook Of(
        TreasuryView view, string? book, ClosedPeriods periods, FoldCost? cost = null)
    {
        ArgumentNullException.ThrowIfNull(view);
        var question = new BookQuestion(
            Instant.Max, view.Treasury.Head.Position, view.Prices.Head.Position, new BookChoice(NameOf(book)))
        {
            Cost = cost,
        };
        return new OfficialBook(view.Books, question, periods);

        static string? NameOf(string? book) => book == StarterBooks.Official ? null : book;
    }

    /// <summary>The statements of a closed period, as a seal would freeze them; absent if it is not closed.</summary>
    /// <param name="view">The treasury.</param>
    /// <param name="book">The book's name.</param>
    /// <param name="until">Where the period ends.</param>
    public static FrozenStatement? Frozen(TreasuryView view, string book, Instant until)
    {
        ArgumentNullException.ThrowIfNull(view);
        var periods = PeriodsOf(view);
        return periods.Of(book).FirstOrDefault(period => period.Until == until) is { } period
            ? FrozenStatement.Of(Of(view, book, periods), period, view.Prices.Entries, Standpoint.Version)
            : null;
    }
}
