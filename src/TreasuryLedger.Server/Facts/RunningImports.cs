using System.Collections.Concurrent;
using System.Collections.Immutable;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Facts;

/// <summary>A payload that becomes entries.</summary>
/// <param name="Treasury">Whose.</param>
/// <param name="Source">Who told it.</param>
/// <param name="Payload">SHA-256 of the payload.</param>
/// <param name="StartedAt">Since when, by the clock of the node.</param>
/// <param name="Bytes">How long the payload is.</param>
/// <param name="Rows">Rows that were read and recorded so far.</param>
public sealed record RunningImport(
    string Treasury, string Source, string Payload, Instant StartedAt, long Bytes, long Rows);

/// <summary>What this node is importing now.</summary>
/// <param name="time">The clock.</param>
public sealed class RunningImports(TimeProvider time)
{
    private readonly ConcurrentDictionary<long, (string Tenant, Func<RunningImport> Now)> _running = [];
    private long _last;

    /// <summary>What is imported for a tenant.</summary>
    public ImmutableArray<RunningImport> Of(string tenant) =>
    [
        .. _running.OrderBy(one => one.Key).Where(one => one.Value.Tenant == tenant).Select(one => one.Value.Now()),
    ];

    /// <summary>Shows an import while it runs.</summary>
    internal IDisposable Begin(JournalKey journal, string source, PayloadFile file, Func<long> rows)
    {
        var (id, clock) = (Interlocked.Increment(ref _last), time.GetUtcNow().UtcDateTime);
        var since = Instant.FromUtc(clock.AddTicks(-(clock.Ticks % TimeSpan.TicksPerMicrosecond)));
        var (hash, bytes) = (Convert.ToHexStringLower(file.Hash), file.Length);
        _running[id] = (
            journal.Tenant,
            () => new RunningImport(journal.Journal.Split('/')[1], source, hash, since, bytes, rows()));
        return new Ending(() => _running.TryRemove(id, out _));
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
