using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Periods;

/// <summary>
/// Holds every seal that was ever recorded against statements that are derived again, and every entry about a period
/// against those before it: what was written past the program shows here.
/// </summary>
internal sealed class SealCheck : IDerived
{
    private const string PeriodEntries =
        """
        select position from ledger.entries
        where tenant = $1 and journal = $2 and event_type = any($3) order by position
        """;

    private static readonly string[] Types =
        ["period_closed_v1", "period_sealed_v1", "reopening_requested_v1", "period_reopened_v1"];

    /// <inheritdoc/>
    public string Name => "seals";

    /// <inheritdoc/>
    public Task<IDerivedCheck> BeginAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation) =>
        Task.FromResult<IDerivedCheck>(new Run(snapshot, key));

    private static async Task<DerivedFault?> CheckAsync(
        NpgsqlConnection snapshot, JournalKey key, CancellationToken cancellation)
    {
        var entries = await Recollection.EntriesAsync(
            snapshot, key, await PositionsAsync(snapshot, key, cancellation));
        if (entries.Count == 0)
        {
            return null;
        }

        try
        {
            return await CheckAsync(snapshot, key, [.. entries.OrderBy(entry => entry.Position)], cancellation);
        }
        catch (InvalidDataException unread)
        {
            return new DerivedFault(entries[0].Position, unread.Message); // narrow rows; their own check says more
        }
    }

    private static async Task<DerivedFault?> CheckAsync(
        NpgsqlConnection snapshot, JournalKey key, List<Entry> entries, CancellationToken cancellation)
    {
        var treasury = await LogAsync(snapshot, key, cancellation);
        var opened = (TreasuryOpened)treasury[0].Event;
        var prices = await LogAsync(snapshot, JournalKey.Prices(key.Tenant, opened.PriceBook), cancellation);
        var books = treasury.Memory.Books(treasury, prices.Memory.Prices(prices));
        var known = new List<PeriodEntry>();
        foreach (var entry in entries)
        {
            known.Add(PeriodEntry.Of(entry));
            try
            {
                var periods = ClosedPeriods.Of(known);
                if (Wrong(entry, known) is { } person)
                {
                    return new DerivedFault(entry.Position, person);
                }

                if (entry.Event is PeriodSealed seal
                    && Wrong(new SealedBooks(books, prices, periods, seal), entry.Position) is { } wrong)
                {
                    return new DerivedFault(entry.Position, wrong);
                }
            }
            catch (InvalidOperationException refused)
            {
                return new DerivedFault(entry.Position, refused.Message);
            }
        }

        return null;
    }

    /// <summary>Who did it is who the entry says, and who reopens is somebody else.</summary>
    private static string? Wrong(Entry entry, List<PeriodEntry> known)
    {
        switch (entry.Event)
        {
            case PeriodSealed seal when seal.SealedBy != entry.Actor:
                return $"It says that {seal.SealedBy} sealed the period, and {entry.Actor} recorded it.";
            case ReopeningRequested asked when asked.RequestedBy != entry.Actor:
                return $"It says that {asked.RequestedBy} asked, and {entry.Actor} recorded it.";
            case PeriodReopened reopened:
                var period = ClosedPeriods.Of(known).Reopened[^1].Period;
                return period.Seal is { } seal2
                    && (seal2.Sealed.SealedBy == entry.Actor || period.Request!.RequestedBy == entry.Actor)
                        ? $"{entry.Actor} sealed the period or asked to reopen it, and reopened it too."
                        : null;
            default:
                return null;
        }
    }

    private static string? Wrong(SealedBooks of, long position)
    {
        var (books, prices, periods, seal) = of;
        var period = periods.Of(seal.Book).First(one => one.Closing == seal.Closing);
        if (seal.CalculationVersion != Standpoint.Version)
        {
            return $"It was sealed by rules of version {seal.CalculationVersion}; these are {Standpoint.Version}.";
        }

        if ((seal.From, seal.Until, seal.KnownAt) != (period.From, period.Until, period.KnownAt)
            || seal.PricePosition != books.Prices.PositionAt(seal.KnownAt))
        {
            return "Period, known-at instant or positions are not those of the closing.";
        }

        var book = new OfficialBook(
            books,
            new BookQuestion(
                Instant.Max, position, seal.PricePosition,
                new BookChoice(seal.Book == StarterBooks.Official ? null : seal.Book)),
            periods);
        var frozen = FrozenStatement.Of(book, period, prices, Standpoint.Version);
        return frozen.Hash == seal.StatementHash
            ? null
            : $"The statements of the period have the hash {frozen.Hash}, not {seal.StatementHash}.";
    }

    private static async Task<long[]> PositionsAsync(
        NpgsqlConnection snapshot, JournalKey key, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(snapshot, key, PeriodEntries);
        select.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Types });
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var positions = new List<long>();
        while (await rows.ReadAsync(cancellation))
        {
            positions.Add(rows.GetInt64(0));
        }

        return [.. positions];
    }

    private static async Task<JournalLog> LogAsync(
        NpgsqlConnection snapshot, JournalKey key, CancellationToken cancellation)
    {
        var head = await JournalRows.HeadAsync(snapshot, key, cancellation);
        return head is null
            ? JournalLog.Empty(key)
            : await new CachedJournal(key).UpToAsync(snapshot, head.Head, cancellation);
    }

    /// <summary>Statements need all of the entries: they are looked at when all are there.</summary>
    private sealed class Run(NpgsqlConnection snapshot, JournalKey key) : IDerivedCheck
    {
        public Task<DerivedFault?> TakeAsync(IReadOnlyList<Entry> next, CancellationToken cancellation) =>
            Task.FromResult<DerivedFault?>(null);

        public Task<DerivedFault?> EndAsync(CancellationToken cancellation) =>
            CheckAsync(snapshot, key, cancellation);
    }

    private sealed record SealedBooks(
        BookHistory Books, IReadOnlyList<NarrowEntry> Prices, ClosedPeriods Periods, PeriodSealed Seal);
}
