using System.Diagnostics;
using System.Runtime;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.Benchmarks.Rows;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Benchmarks;

/// <summary>The program started again by itself, to be measured from start to end.</summary>
public static class ColdChild
{
    /// <summary>The first argument of such a start.</summary>
    public const string Verb = "cold-child";

    /// <summary>What it says.</summary>
    /// <param name="MemoryMiB">Most memory it ever had resident.</param>
    /// <param name="Text">The figure, and where the time went.</param>
    public sealed record Answer(double MemoryMiB, string Text);

    /// <summary>Runs it: what, tenant and treasury as arguments, the connection string on the standard input.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var started = DateTime.Now - Process.GetCurrentProcess().StartTime;
        var connection = (await Console.In.ReadLineAsync())!;
        await using var database = NpgsqlDataSource.Create(connection);
        var journal = JournalKey.Treasury(args[2], args[3]);
        var watch = Stopwatch.StartNew();
        // Neither needs the other: the chain is hashed on one processor while figures are derived on the other.
        var chain = args[1] == "verify" ? Task.Run(() => VerifiedAsync(database, journal, watch)) : Task.FromResult("");
        var reader = new JournalReader(TenantDatabases.Of(database), TimeProvider.System);
        await Totals.EntriesAsync(reader, journal);
        var read = watch.Elapsed;
        var figures = Totals.FiguresOf(await Totals.AtAsync(reader, journal, Instant.Max, null));
        var fold = watch.Elapsed - read;
        var text = $"{figures}; start {Text.Short(started.TotalSeconds)} s, {await chain}"
            + $"read {Text.Short(read.TotalSeconds)} s, fold {Text.Short(fold.TotalSeconds)} s; in all of it "
            + $"{Text.Whole(JitInfo.GetCompiledMethodCount())} methods compiled in "
            + $"{Text.Short(JitInfo.GetCompilationTime().TotalSeconds)} s, "
            + $"{Text.Short(GC.GetTotalPauseDuration().TotalSeconds)} s in collections, "
            + $"{Text.Short(Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds)} s of processors";
        Console.WriteLine(JsonSerializer.Serialize(new Answer(Machine.PeakMemoryMiB(), text)));
        return 0;
    }

    /// <summary>Derives every stored entry again, as the verb <c>verify</c> does.</summary>
    private static async Task<string> VerifiedAsync(NpgsqlDataSource database, JournalKey journal, Stopwatch watch)
    {
        await foreach (var verdict in new Verification(database).VerifyAsync(journal, [], CancellationToken.None))
        {
            return verdict.Fault is null
                ? $"{Text.Whole(verdict.Position)} hashes right in {Text.Short(watch.Elapsed.TotalSeconds)} s, "
                    + "beside it "
                : throw new InvalidDataException($"Entry {verdict.Fault.Position}: {verdict.Fault.Detail}");
        }

        throw new InvalidDataException($"There is no journal {journal}.");
    }
}
