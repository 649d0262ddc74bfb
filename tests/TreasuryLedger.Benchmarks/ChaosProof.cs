using System.Diagnostics;
using System.Globalization;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Chaos;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// <c>chaos [--full] [--seed N]</c>: the program and PostgreSQL are killed, and the program is told to stop, while
/// callers record through the client; then connections are cut between commit and answer; then a program that imports
/// a file is killed again and again. <c>--full</c> kills the program 200 times and PostgreSQL 100 times, stops the
/// program 50 times, cuts 10,000 connections, kills the program 40 times while it imports, and keeps the result in
/// ops/bench/chaos-proof.md.
/// </summary>
internal static class ChaosProof
{
    /// <summary>Runs from the folder of the solution.</summary>
    /// <returns>0 if nothing was lost or doubled, 1 if something was, 2 if the arguments mean nothing.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (ProofArguments.Of(arguments) is not var (isFull, seed))
        {
            await Console.Error.WriteLineAsync("chaos [--full] [--seed N]");
            return 2;
        }

        var (programs, databases, stops, cuts) = isFull ? (200, 100, 50, 10_000) : (4, 2, 2, 1_000);
        var watch = Stopwatch.StartNew();
        var result = await ChaosRun.RunAsync(
            [
                .. Enumerable.Repeat(Blow.Program, programs), .. Enumerable.Repeat(Blow.Database, databases),
                .. Enumerable.Repeat(Blow.Stop, stops),
            ],
            cuts,
            seed,
            kill => Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"blow {kill}, {watch.Elapsed:hh\\:mm\\:ss}")),
            CancellationToken.None);
        Console.WriteLine($"{result}, wrong: {string.Join("; ", result.Wrong)}");
        var imported = await ImportAsync(isFull ? (200_000, 40) : (20_000, 3), seed, watch);
        var report = string.Create(CultureInfo.InvariantCulture, $"""
            # Nothing told is lost: the last full proof

            `dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- chaos --full`

            - date {DateTime.UtcNow:yyyy-MM-dd}, commit {Machine.Commit()}, seed {seed}
            - SIGKILL of the program {programs} times and of all of PostgreSQL {databases} times, while 16 callers
              recorded through the client; SIGTERM {stops} times, of which {result.Unclean} did not end cleanly
            - {result.Cut:N0} connections cut while a request was recorded, or after it was and before its answer came
            - {result.Told:N0} requests were answered, {result.Replayed:N0} of them at a later attempt, because their
              first answer was lost
            - lost {result.Lost}, doubled {result.Doubled}, the chain {(result.IsIntact ? "verifies" : "is broken")};
              balances and lists, derived rows and checkpoints against all entries: {result.Wrong.Count} wrong
            - SIGKILL of the program {imported.Kills} times while it imported a file, first with
              {imported.Recorded[0]:N0} rows recorded, then to its end: {imported.Told}
            - of that file missing {imported.Missing}, doubled {imported.Doubled}, entries without a row that can be
              found {imported.Unfound}, entries {(imported.IsInOrder ? "in the order of the file" : "out of order")}
            - {watch.Elapsed:hh\:mm\:ss} on {Machine.Describe()}

            """);
        Console.WriteLine(report + string.Join('\n', result.Wrong));
        var isRight = result is { Lost: 0, Doubled: 0, IsIntact: true, Unclean: 0, Wrong: [] } && result.Cut == cuts
            && imported is { Missing: 0, Doubled: 0, Unfound: 0, IsInOrder: true };
        if (isFull && isRight)
        {
            await File.WriteAllTextAsync(Path.Combine("ops", "bench", "chaos-proof.md"), report);
        }

        return isRight ? 0 : 1;
    }

    private static async Task<ImportKillResult> ImportAsync((int Rows, int Kills) size, int seed, Stopwatch watch)
    {
        await using var postgres = await EmbeddedPostgresServer.StartThrowawayAsync();
        await Schema.PrepareAsync(postgres.OwnerConnectionString, CancellationToken.None);
        await ImportKills.OpenAsync(postgres.OwnerConnectionString, "chaos", CancellationToken.None);
        return await ImportKills.RunAsync(
            postgres.OwnerConnectionString, "chaos", size.Rows, size.Kills, seed,
            rows => Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"killed with {rows} rows recorded, {watch.Elapsed:hh\\:mm\\:ss}")),
            CancellationToken.None);
    }
}
