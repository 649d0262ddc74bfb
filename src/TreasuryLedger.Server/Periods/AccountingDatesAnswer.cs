using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Periods;

/// <summary>The day to which an entry belongs in a book.</summary>
/// <param name="Book">The book's name.</param>
/// <param name="AccountingDate">The local day.</param>
/// <param name="IsMoved">Whether its own day was closed when it was recorded.</param>
public sealed record AccountingDateRow(string Book, DateOnly AccountingDate, bool IsMoved);

/// <summary>The accounting dates of an entry.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Entry">The entry's position.</param>
/// <param name="Fact">What happened.</param>
/// <param name="EffectiveAt">When, in the world.</param>
/// <param name="RecordedAt">When the journal learned it.</param>
/// <param name="Dates">In the official book, and in every other of which anything is closed.</param>
public sealed record AccountingDatesAnswer(
    Standpoint Viewpoint,
    long Entry,
    FactId Fact,
    Instant EffectiveAt,
    Instant RecordedAt,
    ImmutableArray<AccountingDateRow> Dates)
{
    /// <summary>The answer.</summary>
    /// <exception cref="ProblemException">There is no such entry at this viewpoint.</exception>
    public static AccountingDatesAnswer Of(Seen seen, long position)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var head = seen.Standpoint.Positions.Treasury;
        if (position > head || seen.View.Books.Log.Find(position) is not { } entry)
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
                $"The treasury has the positions 1 to {head} at this viewpoint.",
                ("head", head));
        }

        var periods = OfficialBooks.PeriodsOf(seen.View);
        return new AccountingDatesAnswer(
            seen.Standpoint,
            position,
            entry.Fact,
            entry.EffectiveAt,
            entry.RecordedAt,
            [
                .. periods.Books.Append(StarterBooks.Official).Distinct().Order(StringComparer.Ordinal)
                    .Select(book => (
                        Book: book, Day: periods.AccountingDate(book, position, entry.EffectiveAt, seen.Zone)))
                    .Select(row => new AccountingDateRow(
                        row.Book, row.Day, row.Day != LocalDay.Of(entry.EffectiveAt, seen.Zone))),
            ]);
    }
}
