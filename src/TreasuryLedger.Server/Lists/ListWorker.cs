using Npgsql;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Lists;

/// <summary>A journal whose rows do not reach its head.</summary>
/// <param name="Journal">Which.</param>
/// <param name="Head">The position of its newest entry.</param>
/// <param name="Progress">How far its rows reach.</param>
public sealed record JournalBehind(JournalKey Journal, long Head, ListProgress Progress);

/// <summary>
/// Keeps the tables of lists up with the journals, on every node: each takes the next journal that is behind and that
/// nobody else is at. A read does not wait for it: what is missing to its answer it applies itself.
/// </summary>
/// <param name="databases">Where journals lie.</param>
/// <param name="projector">Applies entries.</param>
/// <param name="time">Waits.</param>
/// <param name="log">Told of what does not pass.</param>
public sealed class ListWorker(
    TenantDatabases databases, ListProjector projector, TimeProvider time, ILogger<ListWorker> log)
    : BackgroundService
{
    private const string Select =
        """
        select tenant, journal, head, position, stopped_at, stopped_since, reason from ledger.every_journal_behind()
        where $1::text is null or tenant = $1
        order by tenant collate "C", journal collate "C"
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Journals that are behind.</summary>
    /// <param name="database">Connections of a role that may read them.</param>
    /// <param name="tenant">Those of one tenant, or <c>null</c> for all.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<List<JournalBehind>> BehindAsync(
        NpgsqlDataSource database, string? tenant, CancellationToken cancellation)
    {
        await using var select = database.CreateCommand(Select);
        select.Parameters.Add(new NpgsqlParameter
        {
            Value = tenant ?? (object)DBNull.Value,
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
        });
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var behind = new List<JournalBehind>();
        while (await rows.ReadAsync(cancellation))
        {
            behind.Add(new JournalBehind(
                new JournalKey(rows.GetString(0), rows.GetString(1)), rows.GetInt64(2), ListProgress.Of(rows, 3)));
        }

        return behind;
    }

    /// <summary>What journals that are behind add up to.</summary>
    public static ListState StateOf(IReadOnlyCollection<JournalBehind> behind, TimeSpan behindFor) => new(
        behind.Count,
        behind.Sum(journal => journal.Head - journal.Progress.Position),
        behind.Count(journal => journal.Progress.StoppedAt is not null),
        behindFor);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(databases.All.Select(database => KeepUpAsync(database, stoppingToken)));

    /// <summary>Keeps up one database; one that is away holds nobody else up.</summary>
    private async Task KeepUpAsync(NamedDatabase database, CancellationToken stoppingToken)
    {
        var state = new KeptUp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var applied = await RoundAsync(database, state, stoppingToken);
                await Task.Delay(applied ? TimeSpan.Zero : Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // The database will be there again; a fault that stays is told each time.
                log.LogWarning(
                    fault, "Lists of database {Database} could not be kept up; trying again.", database.Name);
                await Task.Delay(Pause * 4, time, stoppingToken).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Goes once through the journals that are behind.</summary>
    /// <returns>Whether there is reason to look again at once.</returns>
    private async Task<bool> RoundAsync(NamedDatabase database, KeptUp state, CancellationToken cancellation)
    {
        var behind = await BehindAsync(await database.ReadyAsync(cancellation), tenant: null, cancellation);
        state.BehindSince = behind.Count == 0 ? null : state.BehindSince ?? time.GetTimestamp();
        ListMeter.See(database.Name, StateOf(
            behind, state.BehindSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero));
        var applied = false;
        foreach (var journal in behind)
        {
            var retries = journal.Progress.StoppedAt is not null && state.Retried.Add(journal.Journal);
            if (journal.Progress.StoppedAt is null || retries)
            {
                var progress = await projector.ApplyAsync(
                    journal.Journal, journal.Head, waits: false, retries, cancellation);
                applied |= progress is { StoppedAt: null };
            }
        }

        return applied;
    }

    /// <summary>What a worker remembers of a database.</summary>
    private sealed class KeptUp
    {
        /// <summary>Journals that stopped, tried again once by each process: a new version may know more.</summary>
        public HashSet<JournalKey> Retried { get; } = [];

        public long? BehindSince { get; set; }
    }
}
