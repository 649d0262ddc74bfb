using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using TreasuryLedger.Client;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using At = TreasuryLedger.Client.Journal;
using RecordedEntry = TreasuryLedger.Client.RecordedEntry;

namespace TreasuryLedger.Server.Tests.Chaos;

/// <summary>What callers were told, held against what is stored.</summary>
/// <param name="Told">Requests that were answered as recorded.</param>
/// <param name="Replayed">Of those, how many were found to be recorded before: their first answer was lost.</param>
/// <param name="Lost">Told and not stored, or stored otherwise.</param>
/// <param name="Doubled">Stored more than once, or without having been told.</param>
/// <param name="IsIntact">Whether the chain verifies.</param>
/// <param name="Wrong">What was derived and is not what the entries say, for a person.</param>
internal sealed record ChaosResult(
    int Told, int Replayed, int Lost, int Doubled, bool IsIntact, IReadOnlyList<string> Wrong)
{
    /// <summary>How often the program was told to stop, and ended otherwise than by itself.</summary>
    public int Unclean { get; init; }

    /// <summary>Connections that were cut.</summary>
    public int Cut { get; init; }
}

/// <summary>A blow while callers record.</summary>
internal enum Blow
{
    /// <summary>SIGKILL to the program.</summary>
    Program,

    /// <summary>SIGKILL to all of PostgreSQL.</summary>
    Database,

    /// <summary>SIGTERM to the program, as whoever updates it sends.</summary>
    Stop,
}

/// <summary>
/// The program as a process over a real PostgreSQL, callers who record through the client as fast as they can, and
/// somebody who kills (SIGKILL) the program or the database, or stops the program, at any moment. Then every request is
/// cut off from its answer once.
/// </summary>
internal static class ChaosRun
{
    private const string Tenant = "chaos";
    private const int Callers = 16;

    private static readonly At Treasury = At.Treasury("main");
    private static readonly DateTimeOffset Day = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly LedgerClientOptions Patient = new()
    {
        RepeatFor = TimeSpan.FromMinutes(5),
        LongestWait = TimeSpan.FromMilliseconds(400),
        AttemptWithin = TimeSpan.FromSeconds(30),
    };

    /// <summary>Strikes so often, and looks what is left.</summary>
    /// <param name="blows">What, in any order.</param>
    /// <param name="cuts">Connections that are cut afterwards.</param>
    /// <param name="seed">When.</param>
    /// <param name="progress">Told after each blow.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<ChaosResult> RunAsync(
        IEnumerable<Blow> blows, int cuts, int seed, Action<int> progress, CancellationToken cancellation)
    {
        await using var postgres = await EmbeddedPostgresServer.StartThrowawayAsync(cancellation: cancellation);
        await Schema.PrepareAsync(postgres.OwnerConnectionString, cancellation);
        var key = await new KeyAdministration(Logins.Of(postgres.OwnerConnectionString).Owner)
            .CreateAsync(Tenant, "caller", Grant.Everything, cancellation);
        using var http = new HttpClient { BaseAddress = FreeAddress(), Timeout = TimeSpan.FromMinutes(2) };
        var ledger = new LedgerClient(http, key.ToString(), Patient);
        var program = Start(postgres, http.BaseAddress);
        try
        {
            await OpenAsync(ledger, cancellation);
            var (random, told) = (new Random(seed), new ConcurrentDictionary<string, RecordedEntry>());
            using var enough = new CancellationTokenSource();
            var callers = Enumerable.Range(0, Callers)
                .Select(caller => Task.Run(() => RecordAsync(ledger, $"c{caller}", told, enough.Token), cancellation))
                .ToList();
            var (order, unclean) = (blows.ToArray(), 0);
            random.Shuffle(order);
            foreach (var (number, blow) in order.Index())
            {
                // Somebody must be recording again before the next blow.
                var before = told.Count;
                while (told.Count < before + Callers)
                {
                    await Task.Delay(20, cancellation);
                }

                await Task.Delay(random.Next(300), cancellation);
                if (blow == Blow.Database)
                {
                    using var postmaster = Process.GetProcessById(postgres.ProcessId);
                    postmaster.Kill(entireProcessTree: true);
                }
                else
                {
                    unclean += await EndAsync(program, blow, http.BaseAddress, cancellation) ? 0 : 1;
                    program.Dispose();
                    program = Start(postgres, http.BaseAddress);
                }

                progress(number + 1);
            }

            await Task.Delay(500, cancellation);
            await enough.CancelAsync();
            await Task.WhenAll(callers);
            var cut = await CutAsync(cuts, http.BaseAddress, key.ToString(), seed, told);
            return await CompareAsync(ledger, postgres, told, cancellation) with { Unclean = unclean, Cut = cut };
        }
        finally
        {
            program.Kill();
            await program.WaitForExitAsync(CancellationToken.None);
            program.Dispose();
        }
    }

    private static async Task OpenAsync(LedgerClient ledger, CancellationToken cancellation)
    {
        await ledger.RecordAsync(
            Treasury,
            new OpenTreasury
            {
                EffectiveAt = Day,
                Name = "Chaos",
                TimeZone = "UTC",
                FiscalYearStart = "01-01",
                ReportingCurrency = "USD",
                PriceBook = "main",
                MarketBook = "main",
            },
            "opening",
            cancellation: cancellation);
        await ledger.RecordAllAsync(
            Treasury,
            [
                new RegisterAsset { EffectiveAt = Day, Asset = "ETH", Kind = AssetKind.Token, Decimals = 18 },
                new RegisterAccount { EffectiveAt = Day, Account = "wallet", Kind = AccountKind.Wallet, Venue = "own" },
            ],
            "registrations",
            cancellation: cancellation);
    }

    private static async Task RecordAsync(
        LedgerClient ledger, string caller, ConcurrentDictionary<string, RecordedEntry> told, CancellationToken enough)
    {
        for (var number = 0; !enough.IsCancellationRequested; number++)
        {
            await RecordAsync(ledger, string.Create(CultureInfo.InvariantCulture, $"{caller}-{number}"), told);
        }
    }

    private static async Task RecordAsync(
        LedgerClient ledger, string key, ConcurrentDictionary<string, RecordedEntry> told)
    {
        var yield = new ReceiveYield { EffectiveAt = Day, Account = "wallet", Asset = "ETH", Quantity = 1 };
        var recorded = await ledger.RecordAsync(Treasury, yield, key, cancellation: CancellationToken.None);
        told[key] = recorded.Entries[0];
    }

    /// <summary>Callers whose every request loses its connection once before it is answered.</summary>
    private static async Task<int> CutAsync(
        int cuts, Uri address, string key, int seed, ConcurrentDictionary<string, RecordedEntry> told)
    {
        var made = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            using var cutter = new Cutter(seed + caller);
            using var http = new HttpClient(cutter) { BaseAddress = address };
            var ledger = new LedgerClient(http, key, Patient with { FirstWait = TimeSpan.FromMilliseconds(5) });
            for (var number = caller; number < cuts; number += Callers)
            {
                await RecordAsync(ledger, string.Create(CultureInfo.InvariantCulture, $"cut-{number}"), told);
            }

            return cutter.Cuts;
        })));
        return made.Sum();
    }

    private static async Task<ChaosResult> CompareAsync(
        LedgerClient ledger,
        EmbeddedPostgresServer postgres,
        ConcurrentDictionary<string, RecordedEntry> told,
        CancellationToken cancellation)
    {
        var stored = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        await foreach (var row in ledger.ListAsync(
            Treasury, Questions.Entries, parameters: new Dictionary<string, string> { ["limit"] = "1000" },
            cancellation: cancellation))
        {
            var key = row.Entry.GetProperty("idempotencyKey").GetString()!;
            if (key[0] == 'c') // of a caller
            {
                stored.TryAdd(key, []);
                stored[key].Add(row.Hash);
            }
        }

        var verified = await ledger.AskAsync(
            Treasury, new Question<System.Text.Json.JsonElement>("verification"), cancellation: cancellation);
        return new ChaosResult(
            told.Count,
            told.Values.Count(entry => entry.Replayed),
            told.Count(one => !stored.TryGetValue(one.Key, out var hashes) || !hashes.Contains(one.Value.Hash!)),
            stored.Count(one => one.Value.Count != 1 || !told.ContainsKey(one.Key)),
            verified.GetProperty("isIntact").GetBoolean(),
            await WrongAsync(ledger, postgres, told.Count, cancellation));
    }

    /// <summary>What is answered otherwise than what was told adds up to, or stored otherwise than derived.</summary>
    private static async Task<IReadOnlyList<string>> WrongAsync(
        LedgerClient ledger, EmbeddedPostgresServer postgres, int told, CancellationToken cancellation)
    {
        var wrong = new List<string>();
        var balances = await ledger.AskAsync(Treasury, Questions.Balances, cancellation: cancellation);
        if (balances.Balances.Single().Quantity != told)
        {
            wrong.Add($"{balances.Balances.Single().Quantity} ETH instead of {told}");
        }

        await using var database = NpgsqlDataSource.Create(Logins.Of(postgres.OwnerConnectionString).App);
        await foreach (var verdict in Derived.CheckAsync(database, only: null, cancellation))
        {
            if (verdict.Fault is { } fault)
            {
                wrong.Add($"{verdict.Part} of {verdict.Journal} at {fault.Position}: {fault.Detail}");
            }
        }

        return wrong;
    }

    /// <summary>
    /// Ends the program. Told to stop, it first says that it is not ready, while it still answers, and then ends by
    /// itself with exit code 0.
    /// </summary>
    /// <returns>Whether it did.</returns>
    private static async Task<bool> EndAsync(
        Process program, Blow blow, Uri address, CancellationToken cancellation)
    {
        if (blow == Blow.Program)
        {
            program.Kill();
            await program.WaitForExitAsync(cancellation);
            return true;
        }

        using var probe = new HttpClient { BaseAddress = address };
        using var signal = Process.Start("kill", ["-TERM", program.Id.ToString(CultureInfo.InvariantCulture)]);
        var saidSo = false;
        try
        {
            while (!saidSo && !program.HasExited)
            {
                using var answer = await probe.GetAsync("/health/ready", cancellation);
                saidSo = answer.StatusCode == HttpStatusCode.ServiceUnavailable
                    && answer.Headers.ConnectionClose == true
                    && (await answer.Content.ReadAsStringAsync(cancellation)).Contains(
                        "leaving", StringComparison.Ordinal);
            }
        }
        catch (HttpRequestException)
        {
            // It closed its door before it had said that it would.
        }

        await program.WaitForExitAsync(cancellation);
        return saidSo && program.ExitCode == 0;
    }

    private static Process Start(EmbeddedPostgresServer postgres, Uri address)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "TreasuryLedger.Server.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet", $"\"{program}\" serve --url {address}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Database__OwnerConnection"] = postgres.OwnerConnectionString },
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static Uri FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new Uri(string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}"));
    }
}
