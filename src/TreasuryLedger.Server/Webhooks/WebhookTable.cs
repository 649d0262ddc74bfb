using System.Collections.Immutable;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>Registers webhooks of a journal and changes them by hand.</summary>
/// <param name="database">The tenant's.</param>
/// <param name="journal">Whose entries.</param>
/// <param name="keys">Seal secrets.</param>
internal sealed class WebhookTable(NpgsqlDataSource database, JournalKey journal, SecretKeys keys)
{
    private const string Insert =
        """
        insert into ledger.webhooks (tenant, journal, id, url, kinds, secret, secret_key, position, made_by)
        select $1, $2, $3, $4, $5, $6, $7, coalesce($8, position), $9
        from ledger.heads where tenant = $1 and journal = $2 and position > 0 and coalesce($8, 0) <= position
        returning position
        """;

    private const string SelectAll =
        """
        select w.id, w.url, w.kinds, w.position, h.position, w.failures, w.failing_since, w.next_at, w.paused_at,
            w.paused_because, case when w.previous_until > clock_timestamp() then w.previous_until end, w.made_at,
            w.made_by
        from ledger.webhooks w join ledger.heads h on h.tenant = w.tenant and h.journal = w.journal
        where w.tenant = $1 and w.journal = $2 and w.removed_at is null
        order by w.made_at, w.id
        """;

    private const string Remove =
        """
        update ledger.webhooks set
            removed_at = clock_timestamp(), removed_by = $4, generation = generation + 1,
            secret = '', secret_key = null,
            previous_secret = null, previous_secret_key = null, previous_until = null
        where tenant = $1 and journal = $2 and id = $3 and removed_at is null
        """;

    private const string Rotate =
        """
        update ledger.webhooks set
            secret = $4, secret_key = $5, previous_secret = secret, previous_secret_key = secret_key,
            previous_until = clock_timestamp() + $6
        where tenant = $1 and journal = $2 and id = $3 and removed_at is null
        """;

    private const string Resume =
        """
        update ledger.webhooks w set
            position = coalesce($4, w.position), generation = generation + 1, failures = 0, failing_since = null,
            next_at = clock_timestamp(), paused_at = null, paused_because = null
        from ledger.heads h
        where w.tenant = $1 and w.journal = $2 and w.id = $3 and w.removed_at is null
            and h.tenant = $1 and h.journal = $2 and coalesce($4, 0) <= h.position
        returning w.position
        """;

    private const string SelectLog =
        """
        select number, position, at, status, fault, milliseconds from ledger.webhook_deliveries
        where tenant = $1 and journal = $2 and webhook = $3 and number < $4
        order by number desc limit $5
        """;

    /// <summary>Registers a webhook.</summary>
    /// <param name="url">Where it leads.</param>
    /// <param name="kinds">The kinds of entries; none: all.</param>
    /// <param name="after">The position after which it begins; <c>null</c>: the journal's newest.</param>
    /// <param name="madeBy">Who does it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns><c>null</c> if the journal does not reach that position.</returns>
    public async Task<MadeWebhookAnswer?> AddAsync(
        string url, ImmutableArray<string> kinds, long? after, string madeBy, CancellationToken cancellation)
    {
        var (id, secret) = (RandomNumberGenerator.GetHexString(16, lowercase: true), WebhookSecret.New());
        await using var insert = Command(Insert, id);
        insert.Parameters.Add(JournalRows.Text(url));
        insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, kinds.ToArray()));
        Seal(insert, secret, id);
        insert.Parameters.Add(Position(after));
        insert.Parameters.Add(JournalRows.Text(madeBy));
        return await insert.ExecuteScalarAsync(cancellation) is long position
            ? new MadeWebhookAnswer(id, WebhookSecret.Text(secret), position + 1)
            : null;
    }

    /// <summary>The webhooks, in the order in which they were registered.</summary>
    public async Task<ImmutableArray<WebhookRow>> ListAsync(CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, journal, SelectAll);
        await using var row = await select.ExecuteReaderAsync(cancellation);
        var found = ImmutableArray.CreateBuilder<WebhookRow>();
        while (await row.ReadAsync(cancellation))
        {
            var failures = row.GetInt32(5);
            found.Add(new WebhookRow(
                row.GetString(0), row.GetString(1), [.. row.GetFieldValue<string[]>(2)], row.GetInt64(3),
                row.GetInt64(4) - row.GetInt64(3), failures,
                row.IsDBNull(6) ? null : JournalRows.InstantOf(row, 6),
                failures > 0 && row.IsDBNull(8) ? JournalRows.InstantOf(row, 7) : null,
                row.IsDBNull(8) ? null : JournalRows.InstantOf(row, 8),
                row.IsDBNull(9) ? null : PauseOf(row.GetString(9)),
                row.IsDBNull(10) ? null : JournalRows.InstantOf(row, 10),
                JournalRows.InstantOf(row, 11), row.GetString(12)));
        }

        return found.ToImmutable();
    }

    /// <summary>Removes a webhook; its log stays for the operator.</summary>
    /// <returns><c>false</c> if there is none.</returns>
    public async Task<bool> RemoveAsync(string id, string removedBy, CancellationToken cancellation)
    {
        await using var remove = Command(Remove, id);
        remove.Parameters.Add(JournalRows.Text(removedBy));
        return await remove.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Gives a webhook a new secret; the one before signs as well for a while.</summary>
    /// <returns>The new secret; <c>null</c> if there is no such webhook.</returns>
    public async Task<string?> RotateAsync(string id, TimeSpan keep, CancellationToken cancellation)
    {
        var secret = WebhookSecret.New();
        await using var rotate = Command(Rotate, id);
        Seal(rotate, secret, id);
        rotate.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = keep });
        return await rotate.ExecuteNonQueryAsync(cancellation) == 1 ? WebhookSecret.Text(secret) : null;
    }

    /// <summary>Lets a webhook go on, where it stands or after another position.</summary>
    /// <returns>
    /// The position after which it goes on; <c>null</c> if there is no such webhook or position.
    /// </returns>
    public async Task<long?> ResumeAsync(string id, long? after, CancellationToken cancellation)
    {
        await using var resume = Command(Resume, id);
        resume.Parameters.Add(Position(after));
        return await resume.ExecuteScalarAsync(cancellation) as long?;
    }

    /// <summary>Attempts, the newest first.</summary>
    /// <param name="id">The webhook.</param>
    /// <param name="before">Those before this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ImmutableArray<DeliveryRow>> LogAsync(
        string id, long before, long limit, CancellationToken cancellation)
    {
        await using var select = Command(SelectLog, id);
        select.Parameters.Add(JournalRows.Number(before));
        select.Parameters.Add(JournalRows.Number(limit));
        await using var row = await select.ExecuteReaderAsync(cancellation);
        var found = ImmutableArray.CreateBuilder<DeliveryRow>();
        while (await row.ReadAsync(cancellation))
        {
            found.Add(new DeliveryRow(
                row.GetInt64(0), row.GetInt64(1), JournalRows.InstantOf(row, 2),
                row.IsDBNull(3) ? null : row.GetInt32(3),
                row.IsDBNull(4) ? null : FaultOf(row.GetString(4)),
                row.GetInt32(5)));
        }

        return found.ToImmutable();
    }

    /// <summary>Why a position cannot be begun at.</summary>
    public async Task<ProblemException> NotReachedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var head = (await JournalRows.HeadAsync(connection, journal, cancellation))?.Head.Position ?? 0;
        return head == 0
            ? ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code, $"{journal.Journal} was not opened.")
            : ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
                $"A webhook of {journal.Journal} can begin at the positions 1 to {head + 1}.", ("head", head));
    }

    /// <summary>Adds a secret and the name of its key to a statement.</summary>
    private void Seal(TenantCommand command, byte[] secret, string id)
    {
        if (keys.Sealing is null)
        {
            throw ProblemException.Of(
                ErrorRegistry.SecretKeyMissing,
                "This server has no key for the secrets of webhooks, so it makes none.");
        }

        var stored = keys.Seal(secret, journal, id);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.Bytes });
        command.Parameters.Add(JournalRows.Text(stored.Key));
    }

    private static WebhookPause PauseOf(string word) =>
        WordConverterFactory.TryRead<WebhookPause>(word, out var pause) ? pause : throw new InvalidDataException(word);

    private static WebhookFault FaultOf(string word) =>
        WordConverterFactory.TryRead<WebhookFault>(word, out var fault) ? fault : throw new InvalidDataException(word);

    private static NpgsqlParameter Position(long? position) =>
        new() { Value = position ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private TenantCommand Command(string sql, string id)
    {
        var command = new TenantCommand(database, journal, sql);
        command.Parameters.Add(JournalRows.Text(id));
        return command;
    }
}
