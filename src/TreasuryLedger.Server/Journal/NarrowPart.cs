using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow rows as something derived: held against the stored events byte for byte.</summary>
internal sealed class NarrowPart : IDerivedPart
{
    /// <summary>Rows that are stored at a time.</summary>
    private const int RowsAtATime = 50;

    private const string InsertRebuilt =
        "insert into ledger.narrow_rebuilt (tenant, journal, first, last, body) values ($1, $2, $3, $4, $5)";

    private const string DropRebuilt = "delete from ledger.narrow_rebuilt where tenant = $1 and journal = $2";

    private const string DropLive = "delete from ledger.narrow where tenant = $1 and journal = $2";

    private const string MoveRebuilt =
        "insert into ledger.narrow select * from ledger.narrow_rebuilt where tenant = $1 and journal = $2";

    private const string LockHead = "select position from ledger.heads where tenant = $1 and journal = $2 for update";

    /// <inheritdoc/>
    public string Name => "narrow";

    /// <inheritdoc/>
    public Task<IDerivedCheck> BeginAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation) =>
        Task.FromResult<IDerivedCheck>(new NarrowCheck(snapshot, key, position));

    /// <inheritdoc/>
    public async Task<long> RebuildAsync(NpgsqlDataSource owner, JournalKey key, CancellationToken cancellation)
    {
        await using var reading = await owner.OpenConnectionAsync(cancellation);
        await using var writing = await owner.OpenConnectionAsync(cancellation);
        await RunAsync(writing, DropRebuilt, key, cancellation);
        var head = await JournalRows.HeadAsync(reading, key, cancellation);
        var derived = head?.Head.Position ?? 0;
        await DeriveAsync(reading, writing, key, 0, derived, cancellation);

        // From here on nobody writes this journal; readers go on, on what they see until the commit.
        await using var swap = await writing.BeginTransactionAsync(cancellation);
        if (head is not null)
        {
            await using var take = new TenantCommand(writing, key, LockHead);
            var stands = (long)(await take.ExecuteScalarAsync(cancellation))!;
            await NarrowRows.TakeTurnAsync(writing, key, cancellation);
            await DeriveAsync(reading, writing, key, derived, stands, cancellation);
            derived = stands;
        }

        await RunAsync(writing, DropLive, key, cancellation);
        await RunAsync(writing, MoveRebuilt, key, cancellation);
        await RunAsync(writing, DropRebuilt, key, cancellation);
        await swap.CommitAsync(cancellation);
        return derived;
    }

    private static async Task DeriveAsync(
        NpgsqlConnection reading,
        NpgsqlConnection writing,
        JournalKey key,
        long after,
        long upTo,
        CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(writing);
        await foreach (var (first, last, body) in
            NarrowRows.BlocksAsync(reading, key, after, upTo, cancellation))
        {
            batch.BatchCommands.Add(NarrowRows.Insert(InsertRebuilt, key, first, last, body));
            if (batch.BatchCommands.Count == RowsAtATime || last == upTo)
            {
                await batch.ExecuteNonQueryAsync(cancellation);
                batch.BatchCommands.Clear();
            }
        }
    }

    private static async Task RunAsync(
        NpgsqlConnection connection, string sql, JournalKey key, CancellationToken cancellation)
    {
        // As long as a journal is.
        await using var command = new TenantCommand(connection, key, sql) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
