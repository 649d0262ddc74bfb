using System.Diagnostics;
using System.Globalization;
using JasperFx;
using Marten;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Benchmarks.Journal;

/// <summary>
/// The write path with all its checks, fsync on: single commands of many callers into one treasury, atomic batches, and
/// beside them what PostgreSQL itself does on the same machine in the same run (single-row inserts by pgbench).
/// </summary>
internal static class WritePath
{
    private const string Tenant = "bench";
    private static readonly Instant Start = Instant.Parse("2026-01-01T00:00:00Z");

    /// <summary>Runs all of it and prints the rows.</summary>
    public static async Task RunAsync(double seconds)
    {
        await using var server = await EmbeddedPostgresServer.StartThrowawayAsync();
        var logins = await Schema.PrepareAsync(server.OwnerConnectionString, CancellationToken.None);
        await using var database = NpgsqlDataSource.Create(logins.App);
        using var store = DocumentStore.For(marten => Store.Configure(marten, database, AutoCreate.None));
        var reader = new JournalReader(database, TimeProvider.System);
        await using var writers = new JournalWriters(
            store, database, reader, new WriterOptions(), TimeProvider.System, NullLogger<JournalWriters>.Instance);

        Console.WriteLine($"PostgreSQL {server.Version}, {Environment.ProcessorCount} cores, {seconds:0} s each");
        foreach (var clients in new[] { 1, 64 })
        {
            Print($"pgbench single-row insert, {clients} clients", await PgBenchAsync(server, clients, seconds));
        }

        foreach (var (callers, size) in new[] { (1, 1), (64, 1), (256, 1), (1, 1_000), (4, 1_000) })
        {
            var treasury = JournalKey.Treasury(Tenant, $"t{callers}x{size}");
            await OpenAsync(writers, treasury);
            await CallAsync(writers, treasury, callers, size, 2, "warm");
            var before = (Own: Environment.CpuUsage.TotalTime, Server: CpuOfChildren(server.ProcessId));
            var rate = await CallAsync(writers, treasury, callers, size, seconds, "run");
            Print($"commands/s, {callers} callers, {size} a request", rate);
            var perCommand = 1_000_000 / (rate * seconds);
            Print("  of which CPU here, us a command",
                (Environment.CpuUsage.TotalTime - before.Own).TotalSeconds * perCommand);
            Print("  of which CPU in PostgreSQL, us a command",
                (CpuOfChildren(server.ProcessId) - before.Server) * perCommand);
        }

        await using var ask = database.CreateCommand(
            """
            select (pg_total_relation_size('journal.mt_events') + pg_total_relation_size('ledger.entries'))
                / (select count(*) from ledger.entries)
            """);
        var bytes = await ask.ExecuteScalarAsync();
        Print("bytes an entry, all indexes", Convert.ToDouble(bytes, CultureInfo.InvariantCulture));
    }

    private static async Task OpenAsync(JournalWriters writers, JournalKey treasury)
    {
        await writers.SubmitAsync(
            new Submission(treasury, "open", "bench", [.. Opening()], Atomic: true, DryRun: false, null),
            CancellationToken.None);
    }

    internal static Command[] Opening() =>
        [
            new OpenTreasury
            {
                EffectiveAt = Start,
                Name = "Bench",
                TimeZone = "UTC",
                FiscalYearStart = "01-01",
                ReportingCurrency = AssetId.Parse("USD"),
                PriceBook = "main",
                MarketBook = "main",
            },
            Asset("USD", AssetKind.Currency, 2),
            Asset("ETH", AssetKind.Token, 18),
            Account("bank", AccountKind.Bank),
            Account("exchange", AccountKind.Exchange),
        ];

    private static RegisterAsset Asset(string id, AssetKind kind, int decimals) =>
        new() { EffectiveAt = Start, Asset = AssetId.Parse(id), Kind = kind, Decimals = decimals };

    private static RegisterAccount Account(string id, AccountKind kind) =>
        new() { EffectiveAt = Start, Account = AccountId.Parse(id), Kind = kind, Venue = id };

    private static async Task<double> CallAsync(
        JournalWriters writers, JournalKey treasury, int callers, int size, double seconds, string name)
    {
        var recorded = 0L;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; clock.Elapsed.TotalSeconds < seconds; i++)
            {
                var request = $"{name}-{caller}-{i}";
                var submission = new Submission(
                    treasury,
                    request,
                    "bench",
                    [.. Enumerable.Range(0, size).Select(n => Buy($"bench:{request}-{n}", i))],
                    Atomic: size > 1,
                    DryRun: false,
                    ScriptedRecordedAt: null);
                var outcome = await writers.SubmitAsync(submission, CancellationToken.None);
                if (outcome is not SubmissionOutcome.Decided decided || decided.Items[0] is not Outcome.Recorded)
                {
                    throw new InvalidOperationException($"{outcome}");
                }

                Interlocked.Add(ref recorded, size);
            }
        })));
        return recorded / clock.Elapsed.TotalSeconds;
    }

    internal static AcquireAsset Buy(string fact, int i) => new()
    {
        EffectiveAt = Start.Plus(i * 1_000_000L),
        Fact = FactId.Parse(fact),
        Account = AccountId.Parse("exchange"),
        Asset = AssetId.Parse("ETH"),
        Quantity = ExactDecimal.Parse("1.123456789012345678"),
        PaidAccount = AccountId.Parse("bank"),
        PaidAsset = AssetId.Parse("USD"),
        PaidQuantity = ExactDecimal.Parse("2345.67"),
        Fees = [new FeeTerms(AccountId.Parse("bank"), AssetId.Parse("USD"), ExactDecimal.Parse("1.25"))],
        Evidence = new Evidence("binance", fact, EvidenceQuality.Fact, null),
    };

    private static async Task<double> PgBenchAsync(EmbeddedPostgresServer server, int clients, double seconds)
    {
        var login = new NpgsqlConnectionStringBuilder(server.OwnerConnectionString);
        await using (var owner = NpgsqlDataSource.Create(server.OwnerConnectionString))
        await using (var create = owner.CreateCommand(
            "create table if not exists public.bench (id bigserial primary key, filler text)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, $"insert into public.bench (filler) values ('{new string('x', 400)}');\n");
        var start = new ProcessStartInfo(Path.Combine(server.BinaryDirectory, "pgbench"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-n", "-M", "prepared", "-f", script, "-c", $"{clients}", "-j", "2", "-T", $"{seconds:0}",
                "-h", login.Host!, "-p", $"{login.Port}", "-U", login.Username!, login.Database!,
            },
            Environment = { ["PGPASSWORD"] = login.Password },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        File.Delete(script);
        var line = output.Split('\n').First(text => text.StartsWith("tps", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
    }

    /// <summary>Seconds of CPU that a process's children used so far; 0 where that cannot be read.</summary>
    private static double CpuOfChildren(int parent)
    {
        const double ticksPerSecond = 100;
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        return Directory.GetDirectories("/proc").Sum(folder =>
        {
            try
            {
                var fields = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ');
                return fields[1] == $"{parent}"
                    ? (double.Parse(fields[11], CultureInfo.InvariantCulture)
                        + double.Parse(fields[12], CultureInfo.InvariantCulture)) / ticksPerSecond
                    : 0;
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return 0; // not a process, or ended meanwhile
            }
        });
    }

    private static void Print(string what, double figure) => Console.WriteLine($"{what,-50} {figure,12:N0}");
}
