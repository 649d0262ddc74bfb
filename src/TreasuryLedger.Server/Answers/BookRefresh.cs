using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Answers;

/// <summary>
/// Keeps the official books of treasuries that are read up to date behind their writers, so that the question after a
/// back-dated fact does not fold what follows it.
/// </summary>
/// <param name="reader">Knows which treasuries are read.</param>
/// <param name="time">When to look again.</param>
/// <param name="log">Where faults are told.</param>
public sealed class BookRefresh(JournalReader reader, TimeProvider time, ILogger<BookRefresh> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pause, time, stoppingToken);
                await reader.RefreshBooksAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // Whoever asks meets the same fault and is told; here it only costs the head start.
                log.LogWarning(fault, "Books could not be kept up to date; they are tried again.");
            }
        }
    }
}
