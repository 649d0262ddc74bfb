using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Answers;
using TreasuryLedger.Server.Tests.Lists;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// <c>saved [--full] [--seed N]</c>: random answers are saved, then asked again after later entries, from a new process
/// and after a rebuild. <c>--full</c> saves 1,000, records 10,000 entries behind them and keeps the result in
/// ops/bench/saved-answers.md.
/// </summary>
internal static class SavedRun
{
    private const string Tenant = "saved";
    private const int Chunk = 200;

    private static readonly JournalKey Treasury = JournalKey.Treasury(Tenant, "main");
    private static readonly JournalKey Prices = JournalKey.Prices(Tenant, "main");

    private static readonly Dictionary<string, string> Journals =
        new(StringComparer.Ordinal) { ["treasury"] = "main", ["book"] = "main" };

    /// <summary>Runs from the folder of the solution.</summary>
    /// <returns>0 if every answer kept its bytes, 1 if one did not, 2 if the arguments mean nothing.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (ProofArguments.Of(arguments) is not var (isFull, seed))
        {
            await Console.Error.WriteLineAsync("saved [--full] [--seed N]");
            return 2;
        }

        var (answers, entries, later) = isFull ? (1_000, 2_000, 10_000) : (100, 400, 1_000);
        await using var lab = await Lab.StartAsync(BenchOptions.Parse([]));
        var random = new Random(seed);
        await lab.RecordAsync(Treasury, "opening", ListHistory.Opening());
        await lab.RecordAsync(Prices, "prices", ListHistory.Prices(random, 150));
        var from = await RecordAsync(lab, random, 0, entries);
        var to = await NowAsync(lab);
        var key = await new KeyAdministration(lab.Logins.Owner)
            .CreateAsync(Tenant, "asker", Grant.Everything, CancellationToken.None);
        using var http = Caller(lab.Address, key);
        var saved = await SavedAnswers.SaveAsync(http, random, answers, Journals, recorded: 150, (from, to));
        Console.WriteLine($"{saved.Count} answers of {saved.Routes.Count()} routes saved");
        var phases = new List<string>();
        await RecordAsync(lab, random, entries, later);
        await SubmitAsync(lab, Prices, "later", [.. ListHistory.Prices(random, 150).Skip(1)]);
        var isSame = await AgainAsync(saved, http, "after later entries", phases);
        isSame &= await AgainAsync(lab, key, saved, "from another process, with nothing in memory", phases);
        await using (var owner = NpgsqlDataSource.Create(lab.Logins.Owner))
        {
            await Derived.RebuildAsync(owner, null, CancellationToken.None).LastAsync();
        }

        isSame &= await AgainAsync(saved, http, "beside a rebuild of everything derived", phases);
        isSame &= await AgainAsync(lab, key, saved, "after the rebuild, from another process", phases);
        if (isFull && isSame)
        {
            await File.WriteAllTextAsync(
                Path.Combine("ops", "bench", "saved-answers.md"), Report(seed, saved, entries, later, phases));
        }

        return isSame ? 0 : 1;
    }

    /// <summary>Records a history; corrections aim at what was there before the answers as well as after.</summary>
    /// <returns>When the first of it was recorded.</returns>
    private static async Task<Instant> RecordAsync(Lab lab, Random random, int first, int count)
    {
        var began = await NowAsync(lab);
        for (var number = first; number < first + count; number += Chunk)
        {
            await SubmitAsync(
                lab, Treasury, string.Create(CultureInfo.InvariantCulture, $"load-{number}"),
                [.. Enumerable.Range(number, Chunk).Select(n => ListHistory.At(random, n, 11 + (n / 2)))]);
        }

        return began;
    }

    /// <summary>Each alone: one that is refused does not take the others with it.</summary>
    private static Task<SubmissionOutcome> SubmitAsync(Lab lab, JournalKey journal, string key, Command[] commands) =>
        lab.Writers.SubmitAsync(
            new Submission(
                journal, key, ListHistory.Actors[commands.Length % 3], [.. commands], Atomic: false, DryRun: false,
                ScriptedRecordedAt: null),
            CancellationToken.None);

    private static async Task<Instant> NowAsync(Lab lab)
    {
        await using var ask = lab.App.CreateCommand("select clock_timestamp()");
        return Instant.FromUtc((DateTime)(await ask.ExecuteScalarAsync())!);
    }

    private static HttpClient Caller(Uri address, ApiKey key)
    {
        var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        return http;
    }

    /// <summary>Asks a server that is started for it and killed behind it.</summary>
    private static async Task<bool> AgainAsync(
        Lab lab, ApiKey key, SavedAnswers saved, string when, List<string> phases)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "TreasuryLedger.Server.dll");
        var serve = $"\"{program}\" serve --url http://127.0.0.1:0";
        using var process = Process.Start(new ProcessStartInfo("dotnet", serve)
        {
            RedirectStandardOutput = true,
            Environment = { ["Database__OwnerConnection"] = lab.Postgres.OwnerConnectionString },
        })!;
        try
        {
            const string said = "Listening on ";
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync()
                    ?? throw new InvalidOperationException("The server ended before it listened.");
            }
            while (!line.StartsWith(said, StringComparison.Ordinal));
            _ = process.StandardOutput.ReadToEndAsync();
            using var http = Caller(new Uri(line[said.Length..].Split(';')[0]), key);
            return await AgainAsync(saved, http, when, phases);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> AgainAsync(SavedAnswers saved, HttpClient http, string when, List<string> phases)
    {
        var watch = Stopwatch.StartNew();
        var differences = await saved.DifferencesAsync(http);
        var same = saved.Count - differences.Count;
        phases.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{when}: {same:N0} of {saved.Count:N0} the same bytes, {watch.Elapsed:mm\\:ss}"));
        Console.WriteLine(phases[^1]);
        differences.ForEach(Console.WriteLine);
        return differences.Count == 0;
    }

    private static string Report(int seed, SavedAnswers saved, int entries, int later, List<string> phases) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            # Answers that were saved: the last full proof

            `dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- saved --full`

            - date {DateTime.UtcNow:yyyy-MM-dd}, commit {Machine.Commit()}, seed {seed}, load {Machine.Load()}
            - {saved.Count:N0} random questions of {saved.Routes.Count()} routes at random instants of both times, with
              policies, filters, orders and formats, after {entries:N0} commands; then {later:N0} more commands to the
              treasury and 150 prices, back-dated, corrections among them
            {string.Join('\n', phases.Select(phase => $"- {phase}"))}
            - {Machine.Describe()}

            | route | answers |
            |---|--:|
            {string.Join('\n', saved.Routes.Select(route => $"| `{route.Route}` | {route.Answers} |"))}

            """);
}
