using Npgsql;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// What a writer takes in of a journal that it does not know yet. A long tail is read from the narrow rows, which costs
/// a fraction of reading the stored events; where a row is missing or cannot be read, the events are.
/// </summary>
internal sealed class WriterTail(NpgsqlConnection connection, JournalKey key)
{
    /// <summary>Entries that are taken in together.</summary>
    public const int PageMax = 10_000;

    private const int LongTail = 1_000; // of fewer, the stored events are read in one round trip

    private const string SelectRows =
        """
        select first, last, body from ledger.narrow
        where tenant = $1 and journal = $2 and last > $3 and first <= $4
        order by last
        """;

    // They are not in the narrow rows: nothing that folds has a use for them.
    private const string SelectKeys =
        """
        select idempotency_key from ledger.entries
        where tenant = $1 and journal = $2 and position > $3 and position <= $4
        """;

    private readonly NarrowTexts _texts = new();

    /// <summary>The entries after one position up to another (inclusive), at most <see cref="PageMax"/>.</summary>
    /// <param name="after">The one position.</param>
    /// <param name="upTo">The other one.</param>
    /// <param name="known">Takes their names in.</param>
    public async Task<List<NarrowEntry>> EntriesAsync(long after, long upTo, KnownNames known) =>
        upTo - after >= LongTail && await NarrowAsync(after, upTo, known) is { } narrow
            ? narrow
            : await StoredAsync(after, upTo, known);

    /// <summary>The same from the stored events alone.</summary>
    public async Task<List<NarrowEntry>> StoredAsync(long after, long upTo, KnownNames known)
    {
        var entries = new List<NarrowEntry>();
        await foreach (var entry in JournalRows.EntriesAsync(connection, key, after, upTo, CancellationToken.None))
        {
            known.AddKey(entry.IdempotencyKey);
            known.AddFact(entry);
            entries.Add(entry);
        }

        return entries;
    }

    private async Task<List<NarrowEntry>?> NarrowAsync(long after, long upTo, KnownNames known)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { TenantCommand.Says(key.Tenant) },
        };
        foreach (var sql in new[] { SelectRows, SelectKeys })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(JournalRows.KeyOf(key));
            command.Parameters.Add(JournalRows.Number(after));
            command.Parameters.Add(JournalRows.Number(upTo));
            batch.BatchCommands.Add(command);
        }

        var entries = new List<NarrowEntry>();
        await using var rows = await batch.ExecuteReaderAsync();
        try
        {
            while (await rows.ReadAsync())
            {
                Take(NarrowBlock.Open(key, rows.GetFieldValue<byte[]>(2), _texts), after, upTo, entries);
            }
        }
        catch (NarrowException)
        {
            return null; // `check` says what is wrong with it
        }

        await rows.NextResultAsync();
        var keys = 0L;
        for (; await rows.ReadAsync(); keys++)
        {
            known.AddKey(rows.GetString(0));
        }

        entries.ForEach(known.AddFact);
        return entries.Count == upTo - after && keys == upTo - after ? entries : null;
    }

    /// <summary>Takes what follows of a block; nothing if there is a gap before it.</summary>
    private static void Take(NarrowBlock block, long after, long upTo, List<NarrowEntry> entries)
    {
        var next = after + entries.Count + 1;
        if (block.First > next)
        {
            return;
        }

        for (; next <= Math.Min(block.Last, upTo); next++)
        {
            entries.Add(block.Entry((int)(next - block.First)));
        }
    }
}
