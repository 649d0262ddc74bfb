using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The rows of journals, read as they lie: no session, no LINQ, nothing between the row and the entry.
/// </summary>
internal static class JournalRows
{
    /// <summary>Where a journal stands, and the database's clock in the same moment.</summary>
    /// <remarks>No row, no journal: nothing was ever recorded or read there.</remarks>
    public const string SelectHead =
        """
        select position, recorded_at, hash, replayed, settled_at, clock_timestamp()
        from ledger.heads where tenant = $1 and journal = $2
        """;

    private const string SelectEntries =
        """
        select data from journal.mt_events
        where tenant_id = $1 and stream_id = $2 and version > $3 and version <= $4
        order by version
        """;

    // One look into the index for each: the other plan goes through the whole journal for every thousand of them.
    private const string SelectSome =
        """
        select one.data from unnest($3::bigint[]) as wanted(position)
        cross join lateral (
            select data from journal.mt_events
            where tenant_id = $1 and stream_id = $2 and version = wanted.position
            offset 0) as one
        """;

    private const string SelectHashes =
        "select position, hash from ledger.entries where tenant = $1 and journal = $2 and position = any($3)";

    private const string SelectHash =
        "select hash from ledger.entries where tenant = $1 and journal = $2 and position = $3";

    /// <summary>
    /// Rows of one statement, so that a long journal never runs into the limit of a statement's time.
    /// </summary>
    private const long Page = 50_000;

    /// <summary>Rows that are decoded at once on one processor.</summary>
    private const int Part = 512;

    /// <summary>The parameters that lead every statement.</summary>
    public static NpgsqlParameter[] KeyOf(JournalKey key) => [Text(key.Tenant), Text(key.Journal)];

    /// <summary>A text parameter.</summary>
    public static NpgsqlParameter<string> Text(string value) =>
        new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A whole number as a parameter.</summary>
    public static NpgsqlParameter<long> Number(long value) => new() { TypedValue = value };

    /// <summary>An array as a parameter.</summary>
    public static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type, T[] values) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    /// <summary>The head that a row of <see cref="SelectHead"/> says.</summary>
    public static HeadRow HeadOf(JournalKey key, NpgsqlDataReader row) => new(
        new JournalHead(
            key, row.GetInt64(0), InstantOf(row, 1), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(2)),
            row.GetBoolean(3)),
        SettledAt: InstantOf(row, 4),
        Clock: InstantOf(row, 5));

    /// <summary>A column as an instant.</summary>
    public static Instant InstantOf(NpgsqlDataReader row, int column) =>
        Instant.FromUtc(row.GetFieldValue<DateTime>(column));

    /// <summary>The head of a journal, or <c>null</c>.</summary>
    public static async Task<HeadRow?> HeadAsync(
        NpgsqlConnection connection, JournalKey key, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(connection, key, SelectHead);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation) ? HeadOf(key, rows) : null;
    }

    /// <summary>The entries of a journal after one position up to another (inclusive), in recorded order.</summary>
    public static async IAsyncEnumerable<Entry> EntriesAsync(
        NpgsqlConnection connection,
        JournalKey key,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var from = after; from < upTo; from += Page)
        {
            var to = Math.Min(from + Page, upTo);
            await using var select = new TenantCommand(connection, key, SelectEntries);
            select.Parameters.Add(Number(from));
            select.Parameters.Add(Number(to));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            var position = from;
            await foreach (var (entries, fault) in DecodedAsync(rows, cancellation))
            {
                foreach (var entry in entries)
                {
                    yield return entry.Position == ++position ? entry : throw Missing(position);
                }

                fault?.Throw();
            }

            if (position < to)
            {
                throw Missing(position + 1);
            }
        }

        InvalidDataException Missing(long position) =>
            new($"Entry {position} of {key} is missing: the journal is damaged.");
    }

    /// <summary>
    /// The entries of rows, part by part in their order. The next parts are decoded on other processors meanwhile. A
    /// part ends before an entry that cannot be read, and says why.
    /// </summary>
    private static async IAsyncEnumerable<(List<Entry> Entries, ExceptionDispatchInfo? Fault)> DecodedAsync(
        NpgsqlDataReader rows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var decoding = new Queue<Task<(List<Entry>, ExceptionDispatchInfo?)>>();
        for (var isMore = true; isMore || decoding.Count > 0;)
        {
            var part = new List<byte[]>();
            while (isMore && part.Count < Part && (isMore = await rows.ReadAsync(cancellation)))
            {
                part.Add(rows.GetFieldValue<byte[]>(0));
            }

            if (part.Count > 0)
            {
                decoding.Enqueue(part.Count < Part
                    ? Task.FromResult(Decode(part)) // not worth another thread
                    : Task.Run(() => Decode(part), cancellation));
            }

            if (decoding.Count > (isMore ? Environment.ProcessorCount : 0))
            {
                yield return await decoding.Dequeue();
            }
        }
    }

    private static (List<Entry> Entries, ExceptionDispatchInfo? Fault) Decode(List<byte[]> part)
    {
        var entries = new List<Entry>(part.Count);
        try
        {
            part.ForEach(json => entries.Add(StoredJson.Read(json)));
            return (entries, null);
        }
#pragma warning disable CA1031 // thrown again, behind the entries before it
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return (entries, ExceptionDispatchInfo.Capture(fault));
        }
    }

    /// <summary>Some entries of a journal, by their positions.</summary>
    public static async Task<Dictionary<long, Entry>> EntriesAsync(
        NpgsqlDataSource database, JournalKey key, long[] positions, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, key, SelectSome);
        select.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = positions });
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var entries = new Dictionary<long, Entry>(positions.Length);
        while (await rows.ReadAsync(cancellation))
        {
            var entry = StoredJson.Read(rows.GetFieldValue<byte[]>(0));
            entries.Add(entry.Position, entry);
        }

        return positions.All(entries.ContainsKey)
            ? entries
            : throw new InvalidDataException($"Entries of {key} are missing: the journal is damaged.");
    }

    /// <summary>The chain's hashes at positions, lower-case hex.</summary>
    public static async Task<Dictionary<long, string>> HashesAsync(
        NpgsqlDataSource database, JournalKey key, long[] positions, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, key, SelectHashes);
        select.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = positions });
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var hashes = new Dictionary<long, string>(positions.Length);
        while (await rows.ReadAsync(cancellation))
        {
            hashes.Add(rows.GetInt64(0), Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(1)));
        }

        return hashes;
    }

    /// <summary>The salt of an entry's text; <c>null</c> if it has none, or it was erased.</summary>
    public static async ValueTask<byte[]?> SaltAsync(NpgsqlConnection connection, JournalKey key, long position)
    {
        await using var select = new TenantCommand(connection, key,
            """
            select salt from ledger.texts
            where tenant = $1 and journal = $2 and position = $3 and field = 'reason'
            """);
        select.Parameters.Add(Number(position));
        return await select.ExecuteScalarAsync() as byte[];
    }

    /// <summary>The chain's hash at a position, or <c>null</c> if there is no such entry.</summary>
    public static async Task<byte[]?> HashAsync(
        NpgsqlConnection connection, JournalKey key, long position, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(connection, key, SelectHash);
        select.Parameters.Add(Number(position));
        return (byte[]?)await select.ExecuteScalarAsync(cancellation);
    }
}

/// <summary>A head row.</summary>
/// <param name="Head">Where the journal stands.</param>
/// <param name="SettledAt">Answers were given as known at this instant.</param>
/// <param name="Clock">The database's clock when the row was read.</param>
internal sealed record HeadRow(JournalHead Head, Instant SettledAt, Instant Clock)
{
    /// <summary>Whatever is recorded next is recorded later than this.</summary>
    public Instant Floor => Instant.Latest(Head.RecordedAt, SettledAt);
}
