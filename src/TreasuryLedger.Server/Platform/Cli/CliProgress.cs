using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Says how far something is, on the side of what it writes, as long as it lasts.</summary>
internal static class CliProgress
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(2);

    /// <summary>Does it, and says every two seconds how far it is.</summary>
    public static Task ShowAsync(TextWriter error, FoldCost cost, Standpoint stand, Func<Task> work) =>
        ShowAsync(error, () => RunningAnswers.Line(cost, stand), DoneAsync(work));

    /// <summary>Waits for what runs already, and says every two seconds how far it is.</summary>
    public static async Task<T> ShowAsync<T>(TextWriter error, Func<string> line, Task<T> work)
    {
        using var done = new CancellationTokenSource();
        var saying = SayAsync(error, line, done.Token);
        try
        {
            return await work;
        }
        finally
        {
            await done.CancelAsync();
            await saying;
        }
    }

    private static async Task<bool> DoneAsync(Func<Task> work)
    {
        await work();
        return true;
    }

    private static async Task SayAsync(TextWriter error, Func<string> line, CancellationToken done)
    {
        try
        {
            using var timer = new PeriodicTimer(Often);
            while (await timer.WaitForNextTickAsync(done))
            {
                await error.WriteLineAsync(line());
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
