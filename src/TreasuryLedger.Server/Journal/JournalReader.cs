using System.Collections.Concurrent;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Reads journals at settled instants: what was once answered as known at an instant stays true for ever. Decoded
/// entries are kept while they are in use; each read asks the database where the journal stands and folds the tail.
/// </summary>
/// <param name="databases">Where each journal lies.</param>
/// <param name="time">Decides what has not been used for long.</param>
public sealed class JournalReader(TenantDatabases databases, TimeProvider time)
{
    /// <summary>Entries that nobody read for this long leave memory.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<JournalKey, CachedJournal> _cached = new();
    private long _swept = time.GetTimestamp();

    /// <summary>Of each journal in memory: its entries there, and the checkpoints of its books.</summary>
    internal IEnumerable<(int Entries, int Checkpoints)> Kept => _cached.Values.Select(cached => cached.Kept);

    /// <summary>A journal as known at an instant.</summary>
    /// <param name="key">Which.</param>
    /// <param name="knownAt">Inclusive; <c>null</c> means the newest settled instant.</param>
    /// <param name="minPosition">
    /// The answer has at least this position, unless <paramref name="knownAt"/> is earlier.
    /// </param>
    /// <param name="cancellation">Stops the read.</param>
    public async Task<ReadOutcome<JournalView>> ReadAsync(
        JournalKey key, Instant? knownAt, long minPosition, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        return await SettledAsync(connection, key, knownAt, minPosition, cancellation) switch
        {
            ReadOutcome<HeadRow>.Found { View: var row } => new ReadOutcome<JournalView>.Found(
                await ViewAsync(connection, row, knownAt ?? row.Head.RecordedAt, cancellation)),
            ReadOutcome<HeadRow>.KnownAtInFuture future => new ReadOutcome<JournalView>.KnownAtInFuture(future.Latest),
            ReadOutcome<HeadRow>.PositionNotReached behind =>
                new ReadOutcome<JournalView>.PositionNotReached(behind.Position),
            _ => new ReadOutcome<JournalView>.NotOpened(),
        };
    }

    /// <summary>
    /// Where a journal stands now, once nothing can be recorded at or before an instant any more: what every answer as
    /// known at that instant rests on, whatever it is read from.
    /// </summary>
    /// <inheritdoc cref="ReadAsync"/>
    internal static async Task<ReadOutcome<HeadRow>> SettledAsync(
        NpgsqlConnection connection,
        JournalKey key,
        Instant? knownAt,
        long minPosition,
        CancellationToken cancellation)
    {
        var row = await JournalRows.HeadAsync(connection, key, cancellation);
        if (row is null or { Head.Position: 0 })
        {
            return new ReadOutcome<HeadRow>.NotOpened();
        }

        if (row.Head.Position < minPosition)
        {
            return new ReadOutcome<HeadRow>.PositionNotReached(row.Head.Position);
        }

        if (knownAt is { } instant && instant > row.Floor)
        {
            // The clock of a replayed journal is its script: what lies after its newest entry may still be written.
            if (row.Head.ReplayedClock || instant > row.Clock)
            {
                return new ReadOutcome<HeadRow>.KnownAtInFuture(
                    row.Head.ReplayedClock ? row.Head.RecordedAt : row.Clock);
            }

            row = await SettleAsync(connection, key, instant, cancellation);
        }

        return new ReadOutcome<HeadRow>.Found(row);
    }

    /// <summary>A treasury with its price book and market book, all known at one instant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="treasury">The treasury's id.</param>
    /// <param name="knownAt">
    /// Inclusive; <c>null</c> means the newest settled instant: that of the newest entry in any of the three, but under
    /// a replayed clock that of the treasury's newest.
    /// </param>
    /// <param name="minPosition">As for <see cref="ReadAsync"/>; of the treasury.</param>
    /// <param name="cancellation">Stops the read.</param>
    public async Task<ReadOutcome<TreasuryView>> ReadTreasuryAsync(
        string tenant, string treasury, Instant? knownAt, long minPosition, CancellationToken cancellation)
    {
        switch (await ReadAsync(JournalKey.Treasury(tenant, treasury), knownAt, minPosition, cancellation))
        {
            case ReadOutcome<JournalView>.Found { View: { Entries: [{ Event: TreasuryOpened opened }, ..] } view }:
                if (knownAt is null && !view.Head.ReplayedClock
                    && await NewestBesideAsync(tenant, opened, cancellation) is var newest && newest > view.KnownAt
                    && await ReadAsync(JournalKey.Treasury(tenant, treasury), newest, minPosition, cancellation)
                        is ReadOutcome<JournalView>.Found later)
                {
                    view = later.View;
                }

                var prices = await ReadBesideAsync(JournalKey.Prices(tenant, opened.PriceBook), view, cancellation);
                var markets = await ReadBesideAsync(JournalKey.Markets(tenant, opened.MarketBook), view, cancellation);
                return new ReadOutcome<TreasuryView>.Found(new TreasuryView(view, prices, markets));
            case ReadOutcome<JournalView>.KnownAtInFuture future:
                return new ReadOutcome<TreasuryView>.KnownAtInFuture(future.Latest);
            case ReadOutcome<JournalView>.PositionNotReached behind:
                return new ReadOutcome<TreasuryView>.PositionNotReached(behind.Position);
            default:
                // Also if the instant lies before the opening: as known then, there was no treasury.
                return new ReadOutcome<TreasuryView>.NotOpened();
        }
    }

    /// <summary>
    /// The newest recorded instant of a treasury's books. That of a replayed clock means nothing to a real one.
    /// </summary>
    private async Task<Instant> NewestBesideAsync(
        string tenant, TreasuryOpened opened, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(tenant, cancellation);
        var newest = default(Instant);
        foreach (var key in new[]
            { JournalKey.Prices(tenant, opened.PriceBook), JournalKey.Markets(tenant, opened.MarketBook) })
        {
            if (await JournalRows.HeadAsync(connection, key, cancellation) is { Head.ReplayedClock: false } row)
            {
                newest = Instant.Latest(newest, row.Head.RecordedAt);
            }
        }

        return newest;
    }

    /// <summary>
    /// A book as known at the instant of a treasury's view. Whether or not the book reaches that instant, or exists,
    /// the answer is settled: from now on nothing is recorded in it at or before the instant, by a script neither.
    /// </summary>
    private async Task<JournalView> ReadBesideAsync(JournalKey key, JournalView beside, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        var row = await JournalRows.HeadAsync(connection, key, cancellation);
        if (row is null || beside.KnownAt > row.Floor)
        {
            row = await SettleAsync(connection, key, beside.KnownAt, cancellation);
        }

        return await ViewAsync(connection, row, beside.KnownAt, cancellation);
    }

    /// <summary>Waits for the writer that holds the head, and puts the floor for all later ones.</summary>
    private static async Task<HeadRow> SettleAsync(
        NpgsqlConnection connection, JournalKey key, Instant at, CancellationToken cancellation)
    {
        await using var settle = new TenantCommand(connection, key,
            """
            insert into ledger.heads as head (tenant, journal, position, recorded_at, hash, replayed, settled_at)
            values ($1, $2, 0, 'epoch', $3, false, $4)
            on conflict (tenant, journal)
            do update set settled_at = greatest(head.settled_at, excluded.settled_at)
            returning position, recorded_at, hash, replayed, settled_at, clock_timestamp()
            """);
        settle.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashChain.Origin(key.Tenant, key.Journal) });
        settle.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.ToUtc() });
        await using var rows = await settle.ExecuteReaderAsync(cancellation);
        await rows.ReadAsync(cancellation);
        return JournalRows.HeadOf(key, rows);
    }

    private async Task<JournalView> ViewAsync(
        NpgsqlConnection connection, HeadRow row, Instant knownAt, CancellationToken cancellation)
    {
        var cached = Cached(row.Head.Journal);
        cached.UsedAt = time.GetTimestamp();
        Sweep();
        var entries = await cached.UpToAsync(connection, row.Head, cancellation);
        var position = entries.CountAt(knownAt);
        return new JournalView(
            position == entries.Count
                ? row.Head
                : row.Head with
                {
                    Position = position,
                    RecordedAt = position == 0 ? default : entries.RecordedAt(position - 1),
                    Hash = await HashAtAsync(connection, row.Head.Journal, position, cancellation),
                },
            knownAt,
            entries.First(position));
    }

    private static async Task<string> HashAtAsync(
        NpgsqlConnection connection, JournalKey key, int position, CancellationToken cancellation)
    {
        var hash = position == 0
            ? HashChain.Origin(key.Tenant, key.Journal)
            : await JournalRows.HashAsync(connection, key, position, cancellation);
        return Convert.ToHexStringLower(
            hash ?? throw new InvalidDataException($"Entry {position} of {key} has no hash: the journal is damaged."));
    }

    /// <summary>
    /// Lets the official books of treasuries that are in memory follow their journals. Nothing is answered, so no
    /// instant is settled.
    /// </summary>
    /// <exception cref="AggregateException">Some could not be read; all others were.</exception>
    internal async Task RefreshBooksAsync(CancellationToken cancellation)
    {
        var away = new Dictionary<NamedDatabase, Exception>();
        foreach (var (key, cached) in _cached)
        {
            if (cached.HasBooks && time.GetElapsedTime(cached.UsedAt) <= IdleAfter
                && await databases.FindAsync(key.Tenant, cancellation) is var database && !away.ContainsKey(database))
            {
                try
                {
                    await RefreshBookAsync(key, cancellation);
                }
                catch (Exception fault) when (fault is NpgsqlException or ProblemException)
                {
                    away.Add(database, fault); // it is waited for once, not by each of its journals
                }
            }
        }

        if (away.Count > 0)
        {
            throw new AggregateException(away.Values);
        }
    }

    private async Task RefreshBookAsync(JournalKey key, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        if (await LogAsync(connection, key, cancellation) is { Count: > 0 } log
            && log[0].Event is TreasuryOpened opened)
        {
            var beside = JournalKey.Prices(key.Tenant, opened.PriceBook);
            var prices = await LogAsync(connection, beside, cancellation);
            log.Memory.Refresh(log, prices.Memory.Prices(prices), prices.Count);
        }
    }

    /// <summary>
    /// The entries of a journal as it stands now; none if it was not opened. Nothing is settled by it.
    /// </summary>
    internal async Task<JournalLog> LogAsync(JournalKey key)
    {
        Cached(key).UsedAt = time.GetTimestamp();
        Sweep();
        await using var connection = await databases.OpenAsync(key.Tenant, CancellationToken.None);
        return await LogAsync(connection, key, CancellationToken.None);
    }

    /// <summary>Whether a journal is in memory up to a position, the books of a treasury with it.</summary>
    internal bool Holds(JournalKey key, long position) => _cached.TryGetValue(key, out var cached)
        && cached.Kept.Entries >= position && (!key.IsTreasury || cached.HasBooks);

    private async Task<JournalLog> LogAsync(
        NpgsqlConnection connection, JournalKey key, CancellationToken cancellation)
    {
        var cached = Cached(key);
        var row = await JournalRows.HeadAsync(connection, key, cancellation);
        return row is null ? cached.Newest : await cached.UpToAsync(connection, row.Head, cancellation);
    }

    private CachedJournal Cached(JournalKey key) => _cached.GetOrAdd(
        key,
        static (key, reader) =>
        {
            JournalMeter.Watch(reader);
            return new CachedJournal(key);
        },
        this);

    private void Sweep()
    {
        var swept = Volatile.Read(ref _swept);
        if (time.GetElapsedTime(swept) < IdleAfter / 4
            || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (key, cached) in _cached)
        {
            if (time.GetElapsedTime(cached.UsedAt) > IdleAfter)
            {
                _cached.TryRemove(key, out _);
            }
        }
    }
}
