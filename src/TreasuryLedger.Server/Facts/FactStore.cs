using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Facts;

/// <summary>A payload that is kept.</summary>
/// <param name="Hash">SHA-256 over its bytes, lower-case hex.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="Name">Its file's name, if it had one.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Event">Of a message: its own id.</param>
/// <param name="Subject">Of a message: what it is about.</param>
/// <param name="ReceivedBy">Who handed it in.</param>
/// <param name="ReceivedAt">When.</param>
public sealed record KeptPayload(
    string Hash,
    string Source,
    string? Name,
    long Bytes,
    string? Event,
    string? Subject,
    string ReceivedBy,
    Instant ReceivedAt);

/// <summary>Rows of sources and payloads. What was received is added and never changed.</summary>
/// <param name="databases">Where journals lie.</param>
public sealed class FactStore(TenantDatabases databases)
{
    private const int PartBytes = 1 << 20;

    private const string PayloadColumns =
        "p.hash, p.source, p.name, p.bytes, p.event, p.subject, p.received_by, p.received_at";

    /// <summary>Registers terms of a source as its next version, unless they are what counts already.</summary>
    public async Task<RegisteredSource> RegisterAsync(
        JournalKey journal, string source, SourceTerms terms, string actor, CancellationToken cancellation)
    {
        var database = await databases.AssignedAsync(journal.Tenant, cancellation);
        var text = JsonSerializer.Serialize(terms, Wire.Options);
        await using var insert = new TenantCommand(
            database,
            journal,
            """
            insert into ledger.sources (tenant, journal, source, version, terms, made_by)
            select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5
            from ledger.sources where tenant = $1 and journal = $2 and source = $3
            having coalesce((array_agg(terms order by version desc))[1] <> $4, true)
            """);
        insert.Parameters.Add(JournalRows.Text(source));
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Jsonb });
        insert.Parameters.Add(JournalRows.Text(actor));
        await insert.ExecuteNonQueryAsync(cancellation);
        return (await FindAsync(journal, source, cancellation))!;
    }

    /// <summary>The terms of a source that count, or <c>null</c>.</summary>
    public async Task<RegisteredSource?> FindAsync(JournalKey journal, string source, CancellationToken cancellation) =>
        (await ListAsync(journal, source, cancellation)).FirstOrDefault();

    /// <summary>Every source of a treasury, by name.</summary>
    /// <param name="journal">The treasury.</param>
    /// <param name="only">One of them, or <c>null</c>.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ImmutableArray<RegisteredSource>> ListAsync(
        JournalKey journal, string? only, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(
            await databases.OfAsync(journal.Tenant, cancellation),
            journal,
            """
            select distinct on (source) source, version, terms, made_by from ledger.sources
            where tenant = $1 and journal = $2 and ($3::text is null or source = $3) order by source, version desc
            """);
        select.Parameters.Add(TextOrNull(only));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var sources = ImmutableArray.CreateBuilder<RegisteredSource>();
        while (await rows.ReadAsync(cancellation))
        {
            sources.Add(new RegisteredSource(
                rows.GetString(0), rows.GetInt32(1),
                JsonSerializer.Deserialize<SourceTerms>(rows.GetString(2), Wire.Options)!, rows.GetString(3)));
        }

        return sources.ToImmutable();
    }

    /// <summary>Keeps a payload, unless it is kept already.</summary>
    /// <returns>Whether it is new.</returns>
    internal async Task<bool> KeepAsync(
        JournalKey journal, PayloadFile file, KeptPayload about, bool waits, CancellationToken cancellation)
    {
        await using var connection = await (await databases.AssignedAsync(journal.Tenant, cancellation))
            .OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var insert = new TenantCommand(
            connection,
            journal,
            """
            insert into ledger.payloads (tenant, journal, hash, source, name, bytes, event, subject, received_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing
            """);
        insert.Parameters.Add(Bytes(file.Hash));
        insert.Parameters.Add(JournalRows.Text(about.Source));
        insert.Parameters.Add(TextOrNull(about.Name));
        insert.Parameters.Add(JournalRows.Number(file.Length));
        insert.Parameters.Add(TextOrNull(about.Event));
        insert.Parameters.Add(TextOrNull(about.Subject));
        insert.Parameters.Add(JournalRows.Text(about.ReceivedBy));
        if (await insert.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return false;
        }

        await WritePartsAsync(connection, journal, file, cancellation);
        if (waits)
        {
            await using var wait = Of(
                connection, "insert into ledger.payloads_waiting (tenant, journal, payload) values ($1, $2, $3)",
                journal, file.Hash);
            await wait.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>A payload by its hash, or that in which a row with this hash first stood, and where.</summary>
    public async Task<(KeptPayload Payload, long? Row)?> PayloadAsync(
        JournalKey journal, byte[] hash, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(
            await databases.OfAsync(journal.Tenant, cancellation),
            journal,
            $"""
            select {PayloadColumns}, null::bigint from ledger.payloads p
            where p.tenant = $1 and p.journal = $2 and p.hash = $3
            union all
            select {PayloadColumns}, r.number from ledger.payload_rows r
            join ledger.payloads p on p.tenant = r.tenant and p.journal = r.journal and p.hash = r.payload
            where r.tenant = $1 and r.journal = $2 and r.hash = $3
            limit 1
            """);
        select.Parameters.Add(Bytes(hash));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation)
            ? (PayloadOf(rows), rows.IsDBNull(8) ? null : rows.GetInt64(8))
            : null;
    }

    /// <summary>Payloads with their newest run, the newest first.</summary>
    /// <param name="journal">The treasury.</param>
    /// <param name="isOpen">Only those in which something is parked, refused or not run at all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ImmutableArray<PayloadLine>> PayloadsAsync(
        JournalKey journal, bool isOpen, long limit, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(
            await databases.OfAsync(journal.Tenant, cancellation),
            journal,
            $"""
            select {PayloadColumns}, run.report from ledger.payloads p
            left join lateral (
                select report from ledger.payload_runs r
                where r.tenant = p.tenant and r.journal = p.journal and r.payload = p.hash
                order by run_at desc limit 1) run on true
            where p.tenant = $1 and p.journal = $2
              and (not $3 or run.report is null or (run.report->>'parked')::bigint > 0
                   or (run.report->>'rejected')::bigint > 0)
            order by p.received_at desc, p.hash limit $4
            """);
        select.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isOpen });
        select.Parameters.Add(JournalRows.Number(limit));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var lines = ImmutableArray.CreateBuilder<PayloadLine>();
        while (await rows.ReadAsync(cancellation))
        {
            lines.Add(new PayloadLine(PayloadOf(rows), rows.IsDBNull(8) ? null : ReportOf(rows.GetString(8))));
        }

        return lines.ToImmutable();
    }

    /// <summary>The bytes of a payload, part by part.</summary>
    public async IAsyncEnumerable<byte[]> ContentAsync(
        JournalKey journal,
        byte[] hash,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(journal.Tenant, cancellation);
        await using var select = Of(
            connection,
            "select content from ledger.payload_parts where tenant = $1 and journal = $2 and hash = $3 order by part",
            journal, hash);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            yield return rows.GetFieldValue<byte[]>(0);
        }
    }

    /// <summary>Notes in which payload rows stood, the first one each.</summary>
    internal async Task NoteRowsAsync(
        JournalKey journal, byte[] payload, byte[][] hashes, long[] numbers, CancellationToken cancellation)
    {
        await using var insert = new TenantCommand(
            await databases.OfAsync(journal.Tenant, cancellation),
            journal,
            """
            insert into ledger.payload_rows (tenant, journal, payload, hash, number)
            select $1, $2, $3, hash, number from unnest($4, $5) as rows (hash, number) on conflict do nothing
            """);
        insert.Parameters.Add(Bytes(payload));
        insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Bytea, hashes));
        insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Bigint, numbers));
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Notes what a run came to; a payload that waited waits no more.</summary>
    public async Task NoteRunAsync(
        JournalKey journal, byte[] payload, string actor, ImportReport report, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(journal.Tenant, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var insert = Of(
            connection,
            "insert into ledger.payload_runs (tenant, journal, payload, run_by, report) values ($1, $2, $3, $4, $5)",
            journal, payload))
        {
            insert.Parameters.Add(JournalRows.Text(actor));
            insert.Parameters.Add(new NpgsqlParameter<string>
            {
                TypedValue = JsonSerializer.Serialize(report, Wire.Options),
                NpgsqlDbType = NpgsqlDbType.Jsonb,
            });
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await using var done = Of(
            connection,
            "delete from ledger.payloads_waiting where tenant = $1 and journal = $2 and payload = $3",
            journal, payload);
        await done.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static ImportReport ReportOf(string text) => JsonSerializer.Deserialize<ImportReport>(text, Wire.Options)!;

    private static async Task WritePartsAsync(
        NpgsqlConnection connection, JournalKey journal, PayloadFile file, CancellationToken cancellation)
    {
        var content = file.FromStart();
        var buffer = new byte[PartBytes];
        for (var part = 0; ; part++)
        {
            var read = await content.ReadAtLeastAsync(buffer, PartBytes, throwOnEndOfStream: false, cancellation);
            if (read == 0)
            {
                return;
            }

            await using var insert = Of(
                connection,
                "insert into ledger.payload_parts (tenant, journal, hash, part, content) values ($1, $2, $3, $4, $5)",
                journal, file.Hash);
            insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = part });
            insert.Parameters.Add(Bytes(buffer[..read]));
            await insert.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static KeptPayload PayloadOf(NpgsqlDataReader row) => new(
        Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)),
        row.GetString(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.GetInt64(3),
        row.IsDBNull(4) ? null : row.GetString(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        row.GetString(6),
        JournalRows.InstantOf(row, 7));

    private static TenantCommand Of(NpgsqlConnection connection, string sql, JournalKey journal, byte[] hash)
    {
        var command = new TenantCommand(connection, journal, sql);
        command.Parameters.Add(Bytes(hash));
        return command;
    }

    private static NpgsqlParameter Bytes(byte[] value) =>
        new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    private static NpgsqlParameter TextOrNull(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}

/// <summary>A payload and what its newest run came to.</summary>
/// <param name="Payload">The payload.</param>
/// <param name="Run">Absent if it was never run.</param>
public sealed record PayloadLine(KeptPayload Payload, ImportReport? Run);
