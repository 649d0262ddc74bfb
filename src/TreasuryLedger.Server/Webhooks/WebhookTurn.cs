using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>
/// One delivery, from taking the turn to moving the cursor, in one transaction: an advisory lock that ends with it is
/// the turn, so that one process of all delivers a webhook, and another goes on as soon as that one is gone. The row
/// itself is not held, and can be changed meanwhile.
/// </summary>
/// <param name="client">Sends.</param>
/// <param name="keys">Open secrets.</param>
/// <param name="log">Told of a webhook that pauses.</param>
internal sealed class WebhookTurn(HttpClient client, SecretKeys keys, ILogger log)
{
    /// <summary>Attempts that the log of a webhook keeps.</summary>
    public const long LogLength = 10_000;

    /// <summary>Entries that one statement looks through for the next one of a kind.</summary>
    private const long LookAhead = 10_000;

    private const string TakeTurn =
        "select pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', 'webhook', $1, $2, $3), 0))";

    private const string Select =
        """
        select w.url, w.kinds, w.secret,
            case when w.previous_until > clock_timestamp() then w.previous_secret end,
            w.position, w.generation, w.failures, h.position, w.secret_key, w.previous_secret_key
        from ledger.webhooks w join ledger.heads h on h.tenant = w.tenant and h.journal = w.journal
        where w.tenant = $1 and w.journal = $2 and w.id = $3 and h.position > w.position
            and w.removed_at is null and w.paused_at is null and w.next_at <= clock_timestamp()
        """;

    private const string SelectNext =
        """
        select min(position) from ledger.entries
        where tenant = $1 and journal = $2 and position > $3 and position <= $4
            and (cardinality($5::text[]) = 0 or event_type = any($5))
        """;

    private const string Move =
        """
        update ledger.webhooks set position = $4
        where tenant = $1 and journal = $2 and id = $3 and generation = $5
        """;

    private const string Note =
        """
        with noted as (
            update ledger.webhooks set
                attempts = attempts + 1,
                position = case when $5 and generation = $6 then $4 else position end,
                failures = case when $5 then 0 else failures + 1 end,
                failing_since = case when $5 then null else coalesce(failing_since, clock_timestamp()) end,
                next_at = clock_timestamp() + $7,
                paused_at = case when generation = $6 and $8::text is not null then clock_timestamp() end,
                paused_because = case when generation = $6 then $8 end
            where tenant = $1 and journal = $2 and id = $3
            returning attempts),
        logged as (
            insert into ledger.webhook_deliveries
                (tenant, journal, webhook, number, position, status, fault, milliseconds)
            select $1, $2, $3, attempts, $4, $9, $10, $11 from noted)
        delete from ledger.webhook_deliveries d using noted
        where d.tenant = $1 and d.journal = $2 and d.webhook = $3 and d.number <= noted.attempts - $12
        """;

    /// <summary>Delivers the next entry, if there is one, it is time, and nobody else is at it.</summary>
    /// <returns>Whether the webhook may have more to deliver now.</returns>
    public async Task<bool> DeliverNextAsync(NpgsqlDataSource database, JournalKey journal, string id)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        if (await TakeAsync(connection, journal, id) is not { } webhook)
        {
            return false;
        }

        var upTo = Math.Min(webhook.Head, webhook.Position + LookAhead);
        var more = true;
        if (await NextAsync(connection, webhook, upTo) is { } position)
        {
            var attempt = await TellAsync(connection, webhook, position);
            await NoteAsync(connection, webhook, position, attempt);
            more = attempt.IsTaken;
        }
        else
        {
            await using var move = Command(connection, Move, webhook.Journal, webhook.Id);
            move.Parameters.Add(JournalRows.Number(upTo));
            move.Parameters.Add(JournalRows.Number(webhook.Generation));
            await move.ExecuteNonQueryAsync(CancellationToken.None);
            more = upTo < webhook.Head;
        }

        await transaction.CommitAsync(CancellationToken.None);
        return more;
    }

    private async Task<Webhook?> TakeAsync(NpgsqlConnection connection, JournalKey journal, string id)
    {
        await using (var turn = Command(connection, TakeTurn, journal, id))
        {
            if (await turn.ExecuteScalarAsync() is not true)
            {
                return null;
            }
        }

        // Read only now: whoever had the turn before has moved the cursor.
        await using var select = Command(connection, Select, journal, id);
        await using var row = await select.ExecuteReaderAsync();
        if (!await row.ReadAsync())
        {
            return null;
        }

        var secret = Opened(2, 8);
        return new Webhook(
            journal, id, new Uri(row.GetString(0)),
            [.. row.GetFieldValue<string[]>(1).SelectMany(EventNames.Named)],
            await row.IsDBNullAsync(3) ? [secret] : [secret, Opened(3, 9)],
            row.GetInt64(4), row.GetInt64(5), row.GetInt32(6), row.GetInt64(7));

        byte[] Opened(int bytes, int key) => row.IsDBNull(key)
            ? throw new InvalidDataException($"The secret of webhook {id} of {journal} is not sealed.")
            : keys.Open(new SealedSecret(row.GetString(key), row.GetFieldValue<byte[]>(bytes)), journal, id);
    }

    private static async Task<long?> NextAsync(NpgsqlConnection connection, Webhook webhook, long upTo)
    {
        await using var next = new TenantCommand(connection, webhook.Journal, SelectNext);
        next.Parameters.Add(JournalRows.Number(webhook.Position));
        next.Parameters.Add(JournalRows.Number(upTo));
        next.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, webhook.Kinds.ToArray()));
        return await next.ExecuteScalarAsync() as long?;
    }

    private async Task<WebhookAttempt> TellAsync(NpgsqlConnection connection, Webhook webhook, long position)
    {
        var (key, entry) = (webhook.Journal, default(Entry));
        await foreach (var one in JournalRows.EntriesAsync(connection, key, position - 1, position, default))
        {
            entry = one;
        }

        var hash = Convert.ToHexStringLower((await JournalRows.HashAsync(connection, key, position, default))!);
        var message = new WebhookMessage(
            $"entry.{EventNames.Of(entry!.Event).Name}", entry.RecordedAt, new WebhookData(key.Id!, entry, hash));
        var body = JsonSerializer.SerializeToUtf8Bytes(message, Wire.Options);
        var began = Stopwatch.GetTimestamp();
        var attempt = await SendAsync(webhook, position, body);
        attempt = attempt with { Took = Stopwatch.GetElapsedTime(began) };
        WebhookMeter.Take(attempt);
        return attempt;
    }

    private async Task<WebhookAttempt> SendAsync(Webhook webhook, long position, byte[] body)
    {
        // The same for each attempt and each replay, so that a receiver knows again what it has.
        var id = string.Create(CultureInfo.InvariantCulture, $"msg_{webhook.Id}_{position}");
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
        };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSecret.Sign(webhook.Secrets, id, seconds, body));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("TreasuryLedger", null));
        using var tooLate = new CancellationTokenSource(WebhookOptions.AnswerWithin);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, tooLate.Token);
            var retry = answer.Headers.RetryAfter;
            return new((int)answer.StatusCode, null, default, retry?.Delta ?? retry?.Date - DateTimeOffset.UtcNow);
        }
        catch (OperationCanceledException)
        {
            return new(null, WebhookFault.Timeout, default, null);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            var why = fault.InnerException switch
            {
                InternalAddressException => WebhookFault.InternalAddress,
                AuthenticationException => WebhookFault.Tls,
                _ => WebhookFault.Unreachable,
            };
            return new(null, why, default, null);
        }
    }

    private async Task NoteAsync(NpgsqlConnection connection, Webhook webhook, long position, WebhookAttempt attempt)
    {
        WebhookPause? pause = attempt.IsTaken ? null
            : attempt.Status == StatusCodes.Status410Gone ? WebhookPause.Gone
            : webhook.Failures >= WebhookOptions.BackOff.Length ? WebhookPause.Failing
            : null;
        if (pause is { } why)
        {
            log.LogError(
                "{Journal}: webhook {Webhook} is paused before entry {Position} ({Why}, {Status}{Fault}). Its receiver "
                + "gets nothing until somebody resumes it.",
                webhook.Journal, webhook.Id, position, why, attempt.Status, attempt.Fault);
        }

        await using var note = Command(connection, Note, webhook.Journal, webhook.Id);
        note.Parameters.Add(JournalRows.Number(position));
        note.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = attempt.IsTaken });
        note.Parameters.Add(JournalRows.Number(webhook.Generation));
        note.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = WaitAfter(webhook.Failures, attempt) });
        note.Parameters.Add(Text(pause is { } paused ? WordConverterFactory.WordOf(paused) : null));
        note.Parameters.Add(new NpgsqlParameter
        {
            Value = attempt.Status ?? (object)DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Integer,
        });
        note.Parameters.Add(Text(attempt.Fault is { } fault ? WordConverterFactory.WordOf(fault) : null));
        note.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)attempt.Took.TotalMilliseconds });
        note.Parameters.Add(JournalRows.Number(LogLength));
        await note.ExecuteNonQueryAsync();
    }

    /// <summary>How long to wait, give or take a tenth, so that what failed together does not come back together.
    /// </summary>
    internal static TimeSpan WaitAfter(int failuresBefore, WebhookAttempt attempt)
    {
        if (attempt.IsTaken)
        {
            return TimeSpan.Zero;
        }

        var wait = WebhookOptions.BackOff[Math.Min(failuresBefore, WebhookOptions.BackOff.Length - 1)];
        var asked = attempt.RetryAfter is { } after && after < WebhookOptions.RetryAfterMax
            ? after
            : attempt.RetryAfter is null ? TimeSpan.Zero : WebhookOptions.RetryAfterMax;
        return asked > wait ? asked : wait * (0.9 + (Random.Shared.NextDouble() / 5));
    }

    private static TenantCommand Command(NpgsqlConnection connection, string sql, JournalKey journal, string id)
    {
        var command = new TenantCommand(connection, journal, sql);
        command.Parameters.Add(JournalRows.Text(id));
        return command;
    }

    private static NpgsqlParameter Text(string? text) =>
        new() { Value = text ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
