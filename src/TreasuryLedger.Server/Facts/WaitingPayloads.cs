using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Takes up messages that were kept and not recorded, because a database was away or a server stopped in between. Doing
/// it twice, on two nodes even, does no harm.
/// </summary>
/// <param name="databases">Where journals lie.</param>
/// <param name="store">What waits.</param>
/// <param name="importer">Records it.</param>
/// <param name="time">When to look again.</param>
/// <param name="log">What could not be recorded.</param>
public sealed class WaitingPayloads(
    TenantDatabases databases, FactStore store, FactImporter importer, TimeProvider time, ILogger<WaitingPayloads> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>Younger ones may still be with whoever received them (seconds).</summary>
    private const int Aged = 10;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        FactMeter.Wait(0);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pause, time, stoppingToken);
                await TakeUpAsync(Aged, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                log.LogWarning(fault, "Messages that wait could not be looked up; they are tried again.");
            }
        }
    }

    /// <summary>Records everything that waits, however short.</summary>
    internal Task TakeUpNowAsync(CancellationToken cancellation) =>
        TakeUpAsync(0, cancellation);

    private async Task TakeUpAsync(int seconds, CancellationToken cancellation)
    {
        var waiting = new List<(JournalKey Journal, byte[] Payload)>();
        await databases.EachAsync(
            async database =>
            {
                await using var ask = database.CreateCommand(
                    "select tenant, journal, payload from ledger.every_payload_waiting($1)");
                ask.Parameters.Add(new Npgsql.NpgsqlParameter<int> { TypedValue = seconds });
                await using var rows = await ask.ExecuteReaderAsync(cancellation);
                while (await rows.ReadAsync(cancellation))
                {
                    waiting.Add((
                        new JournalKey(rows.GetString(0), rows.GetString(1)), rows.GetFieldValue<byte[]>(2)));
                }
            },
            cancellation);
        FactMeter.Wait(waiting.Count);
        foreach (var (journal, hash) in waiting)
        {
            try
            {
                var (payload, _) = (await store.PayloadAsync(journal, hash, cancellation))!.Value;
                await importer.RunAgainAsync(journal, payload, payload.ReceivedBy, null, cancellation);
            }
            catch (ProblemException later)
            {
                log.LogWarning(later, "{Journal}: a message that waits could not be recorded.", journal);
            }
        }
    }
}
