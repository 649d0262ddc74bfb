using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Periods;

/// <summary>An entry about a period.</summary>
/// <param name="Position">Its number in the journal.</param>
/// <param name="RecordedAt">When the journal learned it.</param>
/// <param name="Event">A closing, a seal, a request to reopen or a reopening.</param>
public sealed record PeriodEntry(long Position, Instant RecordedAt, LedgerEvent Event)
{
    /// <summary>Whether an event is about a period.</summary>
    public static bool IsOne(LedgerEvent happened) =>
        happened is PeriodClosed or PeriodSealed or ReopeningRequested or PeriodReopened;

    /// <summary>What of an entry is needed here.</summary>
    public static PeriodEntry Of(NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new PeriodEntry(entry.Position, entry.RecordedAt, entry.Event);
    }
}

/// <summary>The seal of a period.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="RecordedAt">When it was sealed.</param>
/// <param name="Sealed">What it says.</param>
public sealed record PeriodSeal(long Entry, Instant RecordedAt, PeriodSealed Sealed);

/// <summary>A request to reopen a sealed period.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="RequestedBy">Who asked.</param>
public sealed record ReopeningRequest(long Entry, string RequestedBy);

/// <summary>A period of a book that is closed, sealed or not.</summary>
/// <param name="Book">The book's name.</param>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Closing">The entry that closed it. Official statements of it know the journal up to here.</param>
/// <param name="KnownAt">When that was recorded: their known-at instant (inclusive).</param>
/// <param name="Issue">1, and one more for every seal of it that was reopened before.</param>
public sealed record ClosedPeriod(
    string Book, Instant From, Instant Until, long Closing, Instant KnownAt, int Issue)
{
    /// <summary>Its seal; absent while it is only closed.</summary>
    public PeriodSeal? Seal { get; init; }

    /// <summary>The newest request to reopen it.</summary>
    public ReopeningRequest? Request { get; init; }
}

/// <summary>A closing that was taken back.</summary>
/// <param name="Period">The period as it was.</param>
/// <param name="Entry">The entry that reopened it.</param>
/// <param name="RecordedAt">When.</param>
public sealed record ReopenedPeriod(ClosedPeriod Period, long Entry, Instant RecordedAt);

/// <summary>
/// The closed periods of every book for whoever knows some entries about periods (SPEC 1). Derived from those alone.
/// </summary>
public sealed class ClosedPeriods
{
    private readonly Dictionary<string, ImmutableArray<ClosedPeriod>> _standing = new(StringComparer.Ordinal);
    private readonly List<ReopenedPeriod> _reopened = [];

    private ClosedPeriods()
    {
    }

    /// <summary>Closings that were taken back, in recorded order.</summary>
    public IReadOnlyList<ReopenedPeriod> Reopened => _reopened;

    /// <summary>Derives them.</summary>
    /// <param name="entries">All entries about periods that are known, in recorded order.</param>
    /// <exception cref="InvalidOperationException">
    /// One does not follow from those before it: nobody decided it, somebody wrote it past the rules.
    /// </exception>
    public static ClosedPeriods Of(IEnumerable<PeriodEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var periods = new ClosedPeriods();
        foreach (var entry in entries)
        {
            periods.Add(entry);
        }

        return periods;
    }

    /// <summary>The books of which anything was ever closed, by name.</summary>
    public IEnumerable<string> Books => _standing.Keys.Order(StringComparer.Ordinal);

    /// <summary>The closed periods of a book, in order and without gaps.</summary>
    public ImmutableArray<ClosedPeriod> Of(string book) =>
        _standing.TryGetValue(book, out var standing) ? standing : [];

    /// <summary>The first instant of a book that is open; absent if nothing of it is closed.</summary>
    public Instant? OpenFrom(string book) => Of(book) is { IsEmpty: false } closed ? closed[^1].Until : null;

    /// <summary>The closed period that decides about an instant: the first that ends after it; absent if that is open.
    /// What lies before the first period is closed with it.</summary>
    public ClosedPeriod? Holding(string book, Instant at)
    {
        var closed = Of(book);
        var (low, high) = (0, closed.Length); // the first that ends after it
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = closed[middle].Until <= at ? (middle + 1, high) : (low, middle);
        }

        return low < closed.Length ? closed[low] : null;
    }

    /// <summary>
    /// The accounting date of an entry in a book: the day on which it is effective, or the first one that was open when
    /// it was recorded, if that is later (SPEC 2).
    /// </summary>
    /// <param name="book">The book's name.</param>
    /// <param name="position">The entry's position.</param>
    /// <param name="effectiveAt">Its effective instant.</param>
    /// <param name="zone">The treasury's time zone.</param>
    public DateOnly AccountingDate(string book, long position, Instant effectiveAt, TimeZoneInfo zone)
    {
        var open = Of(book).LastOrDefault(period => period.Closing < position)?.Until ?? default;
        return LocalDay.Of(Instant.Latest(open, effectiveAt), zone);
    }

    private void Add(PeriodEntry entry)
    {
        switch (entry.Event)
        {
            case PeriodClosed closed:
                var before = Of(closed.Book);
                Require(entry, closed.From < closed.Until && (before.IsEmpty || before[^1].Until == closed.From));
                _standing[closed.Book] = before.Add(new ClosedPeriod(
                    closed.Book, closed.From, closed.Until, entry.Position, entry.RecordedAt,
                    1 + _reopened.Count(one =>
                        one.Period.Book == closed.Book && one.Period.From == closed.From
                        && one.Period.Seal is not null)));
                break;
            case PeriodSealed seal:
                Change(entry, seal.Book, seal.Closing, period => period with
                {
                    Seal = new PeriodSeal(entry.Position, entry.RecordedAt, seal),
                });
                break;
            case ReopeningRequested request:
                var last = LastOf(entry, request.Book);
                Require(entry, last.Seal?.Entry == request.Seal);
                Change(entry, request.Book, last.Closing, period => period with
                {
                    Request = new ReopeningRequest(entry.Position, request.RequestedBy),
                });
                break;
            case PeriodReopened reopened:
                var taken = LastOf(entry, reopened.Book);
                Require(
                    entry,
                    taken.Closing == reopened.Closing
                    && (taken.Seal is null || (taken.Request is { } asked && asked.Entry == reopened.Request)));
                _standing[reopened.Book] = Of(reopened.Book).RemoveAt(Of(reopened.Book).Length - 1);
                _reopened.Add(new ReopenedPeriod(taken, entry.Position, entry.RecordedAt));
                break;
            default:
                throw new UnreachableEventException(entry.Event);
        }
    }

    private ClosedPeriod LastOf(PeriodEntry entry, string book)
    {
        var closed = Of(book);
        Require(entry, !closed.IsEmpty);
        return closed[^1];
    }

    private void Change(PeriodEntry entry, string book, long closing, Func<ClosedPeriod, ClosedPeriod> change)
    {
        var closed = Of(book);
        var index = closed.Length - 1;
        while (index >= 0 && closed[index].Closing != closing)
        {
            index--;
        }

        Require(entry, index >= 0);
        _standing[book] = closed.SetItem(index, change(closed[index]));
    }

    private static void Require(PeriodEntry entry, bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException(
                $"Entry {entry.Position} ({entry.Event.GetType().Name}) does not follow from those before it.");
        }
    }
}
