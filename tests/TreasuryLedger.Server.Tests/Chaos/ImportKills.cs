using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Tests.Chaos;

/// <summary>What stands after an import was killed, started again and brought to its end.</summary>
/// <param name="Kills">How often the program was killed while it imported.</param>
/// <param name="Recorded">Entries that were there after each kill.</param>
/// <param name="Told">What the last run reports: recorded, found, rejected, and its problems.</param>
/// <param name="Missing">Rows without an entry.</param>
/// <param name="Doubled">Rows with more than one.</param>
/// <param name="IsInOrder">Whether the entries stand in the order of the file, as if nothing had happened.</param>
/// <param name="Unfound">Entries whose evidence leads to no row of the file.</param>
internal sealed record ImportKillResult(
    int Kills, IReadOnlyList<long> Recorded, string Told, long Missing, long Doubled, bool IsInOrder, long Unfound);

/// <summary>The program imports a file, is killed (SIGKILL) anywhere, and is started again until it ends.</summary>
internal static class ImportKills
{
    private const string Treasury = "acme";
    private const string Source = "rows";
    private const int BadRow = 17;

    private const string Terms = """
        {
          "kind": "mapped",
          "mapping": {
            "rules": [
              {
                "command": {
                  "command": "receive-yield", "fact": "row:{Id}", "effectiveAt": "{Time|instant}",
                  "account": "wallet", "asset": "ETH", "quantity": "{Quantity|number}"
                }
              }
            ]
          }
        }
        """;

    private const string Count =
        "select count(*) from ledger.entries where tenant = $1 and journal = $2 and fact_id like 'row:%'";

    private const string Recorded =
        """
        select e.fact_id, exists (
            select from ledger.payload_rows r
            where r.tenant = e.tenant and r.journal = e.journal
              and r.hash = decode(s.data #>> '{evidence,payloadHash}', 'hex'))
        from ledger.entries e
        join journal.mt_events s on s.tenant_id = e.tenant and s.stream_id = e.journal and s.version = e.position
        where e.tenant = $1 and e.journal = $2 and e.fact_id like 'row:%' order by e.position
        """;

    private const string Opening = """
        {"commands":[
        {"command":"open-treasury","effectiveAt":"2026-01-01T00:00:00Z","name":"Chaos","timeZone":"UTC",
         "fiscalYearStart":"01-01","reportingCurrency":"USD","priceBook":"main","marketBook":"main"},
        {"command":"register-asset","effectiveAt":"2026-01-01T00:00:00Z","asset":"ETH","kind":"token","decimals":18},
        {"command":"register-account","effectiveAt":"2026-01-01T00:00:00Z","account":"wallet","kind":"wallet",
         "venue":"own"}]}
        """;

    /// <summary>Opens a treasury with the account and the asset.</summary>
    /// <param name="owner">The operator's login.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task OpenAsync(string owner, string tenant, CancellationToken cancellation)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Opening, cancellation);
        await RunToEndAsync(
            owner,
            [
                "record", "batch", "--journal", $"treasury/{Treasury}", "--tenant", tenant, "--idempotency-key",
                "opening", "--file", file,
            ],
            cancellation);
        File.Delete(file);
    }

    /// <summary>Imports into a treasury that has the account and the asset.</summary>
    /// <param name="owner">The operator's login.</param>
    /// <param name="tenant">Whose treasury.</param>
    /// <param name="rows">How long the file is; one row of it is wrong.</param>
    /// <param name="kills">How often the program is killed.</param>
    /// <param name="seed">When.</param>
    /// <param name="progress">Told after each kill.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<ImportKillResult> RunAsync(
        string owner,
        string tenant,
        int rows,
        int kills,
        int seed,
        Action<long> progress,
        CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("treasury-import-");
        try
        {
            var file = Path.Combine(folder.FullName, "rows.csv");
            var terms = Path.Combine(folder.FullName, "terms.json");
            await File.WriteAllTextAsync(file, FileOf(rows), cancellation);
            await File.WriteAllTextAsync(terms, Terms, cancellation);
            string[] verb =
            [
                "import", "--treasury", Treasury, "--tenant", tenant, "--source", Source, "--terms", terms, "--file",
                file, "--json",
            ];
            var (random, recorded) = (new Random(seed), new List<long>());
            for (var kill = 0; kill < kills; kill++)
            {
                var before = recorded.LastOrDefault();
                var target = before + 1 + random.NextInt64(Math.Max(1, (rows - before) / (kills - kill)));
                await KillAtAsync(owner, tenant, verb, target, random.Next(30), cancellation);
                recorded.Add(await CountAsync(owner, tenant, cancellation));
                progress(recorded[^1]);
            }

            var told = TellOf(await RunToEndAsync(owner, verb, cancellation));
            return await CompareAsync(owner, tenant, rows, recorded, told, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string FileOf(int rows)
    {
        var text = new StringBuilder("Id,Time,Quantity\n");
        for (var row = 1; row <= rows; row++)
        {
            var quantity = row == BadRow ? "many" : "0.5";
            text.Append(CultureInfo.InvariantCulture, $"{row},{1_767_945_600L + row},{quantity}\n");
        }

        return text.ToString();
    }

    /// <summary>Starts the program and kills it soon after so many rows are recorded, wherever it is then.</summary>
    private static async Task KillAtAsync(
        string owner, string tenant, string[] verb, long target, int later, CancellationToken cancellation)
    {
        using var process = Start(owner, verb);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.HasExited && await CountAsync(owner, tenant, cancellation) < target)
        {
            await Task.Delay(1, cancellation);
        }

        await Task.Delay(later, cancellation);
        process.Kill();
        await process.WaitForExitAsync(cancellation);
    }

    private static async Task<string> RunToEndAsync(string owner, string[] verb, CancellationToken cancellation)
    {
        using var process = Start(owner, verb);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(await error);
    }

    private static Process Start(string owner, string[] verb) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(ServerHost).Assembly.Location, .. verb])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Database__OwnerConnection"] = owner },
        })!;

    private static string TellOf(string output)
    {
        var report = JsonDocument.Parse(output).RootElement;
        return string.Join(", ", new[] { "rows", "recorded", "found", "evidence", "breaks", "parked", "rejected" }
            .Select(name => $"{name} {report.GetProperty(name).GetInt64()}")
            .Concat(report.GetProperty("problems").EnumerateArray().Select(problem =>
                $"row {problem.GetProperty("row")} {problem.GetProperty("column")} {problem.GetProperty("code")}")));
    }

    private static async Task<ImportKillResult> CompareAsync(
        string owner, string tenant, int rows, List<long> recorded, string told, CancellationToken cancellation)
    {
        var (facts, unfound) = (new List<string>(), 0L);
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(cancellation);
        await using var select = new NpgsqlCommand(Recorded, connection);
        Name(select, tenant);
        await using var entries = await select.ExecuteReaderAsync(cancellation);
        while (await entries.ReadAsync(cancellation))
        {
            facts.Add(entries.GetString(0));
            unfound += entries.GetBoolean(1) ? 0 : 1;
        }

        string[] wanted =
        [
            .. Enumerable.Range(1, rows).Where(row => row != BadRow)
                .Select(row => string.Create(CultureInfo.InvariantCulture, $"row:{row}")),
        ];
        return new ImportKillResult(
            recorded.Count, recorded, told, wanted.Except(facts, StringComparer.Ordinal).Count(),
            facts.Count - facts.Distinct(StringComparer.Ordinal).Count(), facts.SequenceEqual(wanted), unfound);
    }

    private static async Task<long> CountAsync(string owner, string tenant, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(cancellation);
        await using var select = new NpgsqlCommand(Count, connection);
        Name(select, tenant);
        return (long)(await select.ExecuteScalarAsync(cancellation))!;
    }

    private static void Name(NpgsqlCommand select, string tenant)
    {
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant });
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"treasury/{Treasury}" });
    }
}
