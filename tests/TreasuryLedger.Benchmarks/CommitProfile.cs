using System.Collections.Concurrent;
using System.Diagnostics;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// Where the time of commits goes, seen from outside: the database driver tells of each statement, and what lies
/// between two of them is the program's own work. Only good while one writer is at work. The processor's time says what
/// it costs whatever else the machine does meanwhile.
/// </summary>
public sealed class CommitProfile : IDisposable
{
    private const string Lock = "lock, clock";
    private const string Store = "store, COMMIT to disk";
    private const string Ahead = "store ahead";

    private static readonly (string Name, string Marker)[] Statements =
    [
        (Store, "update ledger.heads"),
        (Ahead, "insert into ledger.entries"),
        (Lock, "settled_at from ledger.heads"),
    ];

    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<(string Name, DateTime Start, DateTime End)> _seen = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lab _lab;
    private readonly (double Program, double Database) _processor;

    /// <summary>Begins to listen.</summary>
    public CommitProfile(Lab lab)
    {
        _lab = lab;
        _processor = Machine.Processor(lab.Postgres.ProcessId);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Take,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>How many commits there were, and their parts in milliseconds, on average, as one line.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="commands">How many commands were committed meanwhile.</param>
    public string Report(string name, double commands)
    {
        var elapsed = _watch.Elapsed.TotalMilliseconds;
        var processor = Machine.Processor(_lab.Postgres.ProcessId);
        var parts = new Dictionary<string, double>(StringComparer.Ordinal);
        var (commits, last) = (0, (Name: "", End: default(DateTime)));
        foreach (var (statement, start, end) in _seen.OrderBy(one => one.Start))
        {
            if (last.Name.Length > 0)
            {
                Add(Between(last.Name, statement), (start - last.End).TotalMilliseconds);
            }

            Add(statement, (end - start).TotalMilliseconds);
            commits += statement == Store ? 1 : 0;
            last = (statement, end);
        }

        var list = parts.Where(part => part.Value / Math.Max(1, commits) >= 0.005).OrderByDescending(part => part.Value)
            .Select(part => $"{part.Key} {Text.Short(part.Value / Math.Max(1, commits))}");
        return $"{name}: {commits} commits of {Text.Short(commands / Math.Max(1, commits))} commands, "
            + $"{Text.Short(elapsed / Math.Max(1, commits))} ms each: {string.Join("; ", list)} (ms, means); "
            + $"processor a command: program {Text.Short((processor.Program - _processor.Program) / commands)}, "
            + $"database {Text.Short((processor.Database - _processor.Database) / commands)} µs";

        void Add(string part, double time) => parts[part] = parts.GetValueOrDefault(part) + time;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static string Between(string before, string after) => (before, after) switch
    {
        (Lock, Store) => "– decide, write JSON, hash, columns",
        (Lock, Ahead) => "– decide, write and hash the first part",
        (Store, Lock) => "– answers, next group",
        _ => $"– {before} to {after}",
    };

    private void Take(Activity activity)
    {
        var text = (activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")) as string ?? "";
        var name = Statements.FirstOrDefault(one => text.Contains(one.Marker, StringComparison.Ordinal)).Name;
        if (name is not null) // all others are the message store's, beside the commits
        {
            _seen.Enqueue((name, activity.StartTimeUtc, activity.StartTimeUtc + activity.Duration));
        }
    }
}
