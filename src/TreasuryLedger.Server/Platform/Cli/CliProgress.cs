using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Says how far something is, on the side of what it writes, as long as it lasts.</summary>
internal static class CliProgress
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(2);

    /// <summary>Does it, and says every two seconds how far it is.</summary>
    public static async Task ShowAsync(TextWriter error, FoldCost cost, Standpoint stand, Func<Task> work)
    {
        using var done = new CancellationTokenSource();
        var saying = SayAsync(error, cost, stand, done.Token);
        try
        {
            await work();
        }
        finally
        {
            await done.CancelAsync();
            await saying;
        }
    }

    private static async Task SayAsync(TextWriter error, FoldCost cost, Standpoint stand, CancellationToken done)
    {
        try
        {
            using var timer = new PeriodicTimer(Often);
            while (await timer.WaitForNextTickAsync(done))
            {
                await error.WriteLineAsync(RunningAnswers.Line(cost, stand));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Opens the file that a verb writes.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static FileStream Create(FileInfo file)
    {
        try
        {
            return file.Create();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file.FullName} cannot be written: {fault.Message}");
        }
    }
}
