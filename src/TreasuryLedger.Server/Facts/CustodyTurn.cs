using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// The turn of a custodian: nobody else settles its transactions meanwhile, on any node. What stands in the books
/// follows from everything that was told of a transaction, in whatever order that came: the newest telling counts.
/// </summary>
internal sealed class CustodyTurn : IAsyncDisposable
{
    private const string Take = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

    private const string Insert =
        """
        insert into ledger.tellings (tenant, journal, source, subject, hash, updated_at, is_failed, fact)
        select $1, $2, $3, * from unnest($4, $5, $6, $7, $8) on conflict do nothing
        """;

    private const string Newest =
        """
        select distinct on (subject) subject, is_failed from ledger.tellings
        where tenant = $1 and journal = $2 and source = $3 and subject = any ($4)
        order by subject, updated_at desc, is_failed desc
        """;

    /// <summary>The entries that hold the facts of transactions now: the last of each chain of corrections.</summary>
    private const string Holders =
        """
        with recursive facts as (
            select distinct subject, fact from ledger.tellings
            where tenant = $1 and journal = $2 and source = $3 and subject = any ($4) and fact is not null),
        chain as (
            select f.subject, e.fact_id, e.position, e.event_type from facts f
            join ledger.entries e on e.fact_id = f.fact and e.journal = $2 and e.tenant = $1 and e.voids is null
            union all
            select c.subject, c.fact_id, e.position, e.event_type from chain c
            join ledger.entries e on e.voids = c.position and e.journal = $2 and e.tenant = $1)
        select distinct on (subject, fact_id) subject, fact_id, position, event_type from chain
        order by subject, fact_id, position desc
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly JournalKey _journal;
    private readonly string _source;

    private CustodyTurn(
        NpgsqlConnection connection, NpgsqlTransaction transaction, JournalKey journal, string source) =>
        (_connection, _transaction, _journal, _source) = (connection, transaction, journal, source);

    /// <summary>Waits for the turn and notes what is told.</summary>
    public static async Task<CustodyTurn> TakeAsync(
        TenantDatabases databases,
        JournalKey journal,
        string source,
        IReadOnlyList<(Telling Telling, byte[] Hash)> told,
        CancellationToken cancellation)
    {
        var connection = await databases.OpenAsync(journal.Tenant, cancellation);
        var transaction = await connection.BeginTransactionAsync(cancellation);
        var turn = new CustodyTurn(connection, transaction, journal, source);
        try
        {
            await using var wait = new NpgsqlCommand(Take, connection);
            wait.Parameters.Add(JournalRows.Text($"{journal} {source}"));
            await wait.ExecuteNonQueryAsync(cancellation);
            await using var insert = turn.Ask(Insert);
            insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, Each(one => one.Telling.Subject)));
            insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Bytea, Each(one => one.Hash)));
            insert.Parameters.Add(JournalRows.Array(
                NpgsqlDbType.TimestampTz, Each(one => one.Telling.UpdatedAt.ToUtc())));
            insert.Parameters.Add(JournalRows.Array(
                NpgsqlDbType.Boolean, Each(one => one.Telling.Stage == TellingStage.Failed)));
            insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, Each(one => one.Telling.Fact?.ToString())));
            await insert.ExecuteNonQueryAsync(cancellation);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }

        T[] Each<T>(Func<(Telling Telling, byte[] Hash), T> value) => [.. told.Select(value)];
    }

    /// <summary>What has to be recorded so that the books say what the newest tellings say, row by row.</summary>
    /// <param name="rows">Rows and what each would record alone.</param>
    /// <param name="cancellation">Stops the look-up.</param>
    public async Task<IReadOnlyList<(ReadRow Row, Command Command)>> CommandsAsync(
        IReadOnlyList<ReadRow> rows, CancellationToken cancellation)
    {
        string[] subjects = [.. rows.Select(row => row.Telling!.Subject).Distinct(StringComparer.Ordinal)];
        var failed = await FailedAsync(subjects, cancellation);
        var holders = await HoldersAsync(subjects, cancellation);
        var settled = new HashSet<long>();
        var commands = new List<(ReadRow, Command)>();
        foreach (var row in rows)
        {
            var standing = holders[row.Telling!.Subject];
            var told = row.Telling.Stage == TellingStage.Failed
                ? OfFailed(row, failed.Contains(row.Telling.Subject) ? standing : [])
                : failed.Contains(row.Telling.Subject) ? []
                : OfCompleted(row.Command!, standing);
            commands.AddRange(told
                .Where(command => command is not CorrectEntry correction || settled.Add(correction.Entry))
                .Select(command => (row, command)));
        }

        return commands;
    }

    /// <summary>The fee of a failed transaction was paid whatever was told later.</summary>
    private static IEnumerable<Command> OfFailed(ReadRow row, IEnumerable<Holder> standing)
    {
        if (row.Command is { } fee)
        {
            yield return fee;
        }

        foreach (var holder in standing.Where(holder => !holder.IsVoided))
        {
            yield return new CorrectEntry
            {
                EffectiveAt = row.Telling!.UpdatedAt,
                Entry = holder.Position,
                Reason = "The custodian tells that it failed.",
            };
        }
    }

    private static IEnumerable<Command> OfCompleted(Command command, IEnumerable<Holder> standing) =>
        standing.FirstOrDefault(holder => holder.Fact == command.Fact) is { IsVoided: true } voided
            ? [
                new CorrectEntry
                {
                    EffectiveAt = command.EffectiveAt,
                    Entry = voided.Position,
                    Replacement = command with { Fact = null },
                    Reason = "The custodian tells that it was completed after all.",
                },
            ]
            : [command];

    /// <summary>Ends the turn: what was told is noted for good.</summary>
    public Task CommitAsync() => _transaction.CommitAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<HashSet<string>> FailedAsync(string[] subjects, CancellationToken cancellation)
    {
        await using var select = Ask(Newest);
        select.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, subjects));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellation))
        {
            if (rows.GetBoolean(1))
            {
                failed.Add(rows.GetString(0));
            }
        }

        return failed;
    }

    private async Task<ILookup<string, Holder>> HoldersAsync(string[] subjects, CancellationToken cancellation)
    {
        await using var select = Ask(Holders);
        select.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, subjects));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var holders = new List<(string Subject, Holder Holder)>();
        while (await rows.ReadAsync(cancellation))
        {
            var isVoided = rows.GetString(3) == EventNames.Of(new EntryVoided()).Name;
            holders.Add((
                rows.GetString(0), new Holder(FactId.Parse(rows.GetString(1)), rows.GetInt64(2), isVoided)));
        }

        return holders.ToLookup(one => one.Subject, one => one.Holder, StringComparer.Ordinal);
    }

    private TenantCommand Ask(string sql) =>
        new(_connection, _journal, sql) { Parameters = { JournalRows.Text(_source) } };

    private sealed record Holder(FactId Fact, long Position, bool IsVoided);
}
