using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// What PostgreSQL can do at all: single-row inserts of 400 bytes, each a transaction of its own. Measured with pgbench
/// if the server's programs have it, else by the same loop over Npgsql, which is slower.
/// </summary>
public sealed partial class RawLimit
{
    private readonly string _connection;
    private readonly string _pgbench;
    private readonly Dictionary<int, Series> _measured = [];

    private RawLimit(string connection, string pgbench) => (_connection, _pgbench) = (connection, pgbench);

    /// <summary>What measures.</summary>
    public string Name => File.Exists(_pgbench) ? "pgbench" : "an Npgsql loop (no pgbench here)";

    /// <summary>Makes the table.</summary>
    public static async Task<RawLimit> PrepareAsync(Lab lab)
    {
        var connection = lab.Postgres.OwnerConnectionString;
        await using var database = NpgsqlDataSource.Create(connection);
        await using var create = database.CreateCommand(
            "create table if not exists public.raw_limit (id bigserial primary key, payload text not null)");
        await create.ExecuteNonQueryAsync();
        var name = OperatingSystem.IsWindows() ? "pgbench.exe" : "pgbench";
        return new RawLimit(connection, Path.Combine(lab.Postgres.BinaryDirectory, name));
    }

    /// <summary>The median of what was measured so far at a number of clients; measures once if nothing was.</summary>
    public async Task<double> MedianAsync(int clients)
    {
        if (!_measured.ContainsKey(clients))
        {
            await MeasureAsync(clients, seconds: 2);
        }

        return _measured[clients].Median;
    }

    /// <summary>Everything measured so far, for the report.</summary>
    public IEnumerable<string> Report() => _measured.OrderBy(one => one.Key).Select(one =>
        $"raw limit ({Name}), single-row inserts of 400 bytes at {one.Key} clients: {one.Value.PerSecond()}");

    /// <summary>Measures inserts a second.</summary>
    public async Task MeasureAsync(int clients, int seconds)
    {
        var rate = File.Exists(_pgbench) ? await PgbenchAsync(clients, seconds) : await LoopAsync(clients, seconds);
        if (!_measured.TryGetValue(clients, out var series))
        {
            _measured.Add(clients, series = new Series());
        }

        series.Add(rate);
    }

    /// <summary>
    /// On a busy machine all the time can go into connecting; pgbench then says no rate. It gets more time.
    /// </summary>
    private async Task<double> PgbenchAsync(int clients, int seconds)
    {
        for (var time = seconds; time <= 8 * seconds; time *= 2)
        {
            if (await TryPgbenchAsync(clients, time) is { } rate)
            {
                return rate;
            }
        }

        throw new InvalidOperationException($"pgbench processed nothing at {clients} clients.");
    }

    private async Task<double?> TryPgbenchAsync(int clients, int seconds)
    {
        var parts = new NpgsqlConnectionStringBuilder(_connection);
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, "insert into public.raw_limit (payload) values (repeat('x', 400));\n");
            var start = new ProcessStartInfo(_pgbench)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["PGPASSWORD"] = parts.Password },
            };
            string[] arguments =
            [
                "--no-vacuum", "--protocol=prepared", $"--client={clients}", $"--jobs={Math.Min(clients, 2)}",
                $"--time={seconds}", $"--file={script}", $"--host={parts.Host}", $"--port={parts.Port}",
                $"--username={parts.Username}", parts.Database!,
            ];
            Array.ForEach(arguments, start.ArgumentList.Add);
            using var pgbench = Process.Start(start)!;
            var error = pgbench.StandardError.ReadToEndAsync();
            var output = await pgbench.StandardOutput.ReadToEndAsync();
            await pgbench.WaitForExitAsync();
            if (pgbench.ExitCode != 0)
            {
                throw new InvalidOperationException($"pgbench ended with {pgbench.ExitCode}: {await error}");
            }

            var tps = Tps().Match(output);
            return tps.Success ? double.Parse(tps.Groups[1].Value, CultureInfo.InvariantCulture) : null;
        }
        finally
        {
            File.Delete(script);
        }
    }

    private async Task<double> LoopAsync(int clients, int seconds)
    {
        var parts = new NpgsqlConnectionStringBuilder(_connection) { MaxPoolSize = clients, MaxAutoPrepare = 10 };
        await using var database = NpgsqlDataSource.Create(parts);
        var payload = new string('x', 400);
        return await Callers.RunAsync(clients, TimeSpan.FromSeconds(seconds), async (_, _) =>
        {
            await using var insert = database.CreateCommand("insert into public.raw_limit (payload) values ($1)");
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = payload });
            await insert.ExecuteNonQueryAsync();
        });
    }

    [GeneratedRegex("tps = ([0-9.]+)")]
    private static partial Regex Tps();
}

/// <summary>Callers that each do one thing after the other.</summary>
public static class Callers
{
    /// <summary>Lets them work for a time, and says how much was done a second.</summary>
    /// <param name="callers">How many at once.</param>
    /// <param name="time">How long; what has begun by then is finished and counted.</param>
    /// <param name="work">Given the caller's number and how many it has done.</param>
    public static async Task<double> RunAsync(int callers, TimeSpan time, Func<int, int, Task> work)
    {
        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var count = 0;
            while (watch.Elapsed < time)
            {
                await work(caller, count++);
            }

            return count;
        })));
        return done.Sum() / watch.Elapsed.TotalSeconds;
    }
}
