using System.Collections.Concurrent;
using Npgsql;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>
/// Tells receivers of new entries, on every node: each looks for webhooks that are due and takes the turn of those that
/// nobody else is at.
/// </summary>
/// <param name="databases">Where journals and their webhooks lie.</param>
/// <param name="options">Who may be told.</param>
/// <param name="keys">Open secrets.</param>
/// <param name="time">Waits.</param>
/// <param name="log">Told of what does not pass.</param>
public sealed class WebhookWorker(
    TenantDatabases databases,
    WebhookOptions options,
    SecretKeys keys,
    TimeProvider time,
    ILogger<WebhookWorker> log)
    : BackgroundService
{
    private const string SelectDue =
        "select tenant, journal, id from ledger.every_webhook_due(at_most => 256)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _client = new OutsideOnly(options.AllowLoopback).Client();

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _client.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(databases.All.Select(database => TellAsync(database, stoppingToken)));

    /// <summary>Tells the receivers of one database; what is under way when it is to stop is ended first.</summary>
    private async Task TellAsync(NamedDatabase database, CancellationToken stoppingToken)
    {
        var atWork = new ConcurrentDictionary<(JournalKey, string), Task>();
        var turn = new WebhookTurn(_client, keys, log);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var open = await database.ReadyAsync(stoppingToken);
                WebhookMeter.See(database.Name, await WebhookState.OfAsync(open, stoppingToken));
                foreach (var due in await DueAsync(open, stoppingToken))
                {
                    if (atWork.Count < WebhookOptions.AtOnce && !atWork.ContainsKey(due))
                    {
                        atWork[due] = Task.Run(
                            () => TellAsync(open, turn, due, atWork, stoppingToken), CancellationToken.None);
                    }
                }
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(
                    fault, "Webhooks of database {Database} could not be looked up; trying again.", database.Name);
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(atWork.Values);
    }

    private async Task TellAsync(
        NpgsqlDataSource database,
        WebhookTurn turn,
        (JournalKey Journal, string Id) webhook,
        ConcurrentDictionary<(JournalKey, string), Task> atWork,
        CancellationToken stop)
    {
        try
        {
            while (await turn.DeliverNextAsync(database, webhook.Journal, webhook.Id)
                && !stop.IsCancellationRequested)
            {
            }
        }
#pragma warning disable CA1031 // one webhook that cannot be served holds up no other; it is told and tried again
        catch (Exception fault)
#pragma warning restore CA1031
        {
            log.LogWarning(
                fault, "{Journal}: webhook {Webhook} could not be served; trying again.", webhook.Journal, webhook.Id);
        }
        finally
        {
            atWork.TryRemove(webhook, out _);
        }
    }

    private static async Task<List<(JournalKey, string)>> DueAsync(
        NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var select = database.CreateCommand(SelectDue);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var due = new List<(JournalKey, string)>();
        while (await rows.ReadAsync(cancellation))
        {
            due.Add((new JournalKey(rows.GetString(0), rows.GetString(1)), rows.GetString(2)));
        }

        return due;
    }
}
