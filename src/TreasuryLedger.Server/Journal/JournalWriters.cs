using System.Collections.Concurrent;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal;

/// <summary>How writers work. The defaults are right for production; tests make them small.</summary>
public sealed record WriterOptions
{
    /// <summary>Most commands that one commit takes together (inclusive); a larger batch is committed alone.</summary>
    public int CommandsPerCommitMax { get; init; } = 1_024;

    /// <summary>Submissions that may wait at one journal (inclusive); further callers wait before it.</summary>
    public int QueueMax { get; init; } = 4_096;

    /// <summary>A writer without work for this long leaves memory, with its state.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a lost answer to a commit is looked for before it is reported as unknown.</summary>
    public TimeSpan ResolveWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Entries after which a writer writes its state down; more if its journal is long.</summary>
    public int CheckpointAfter { get; init; } = 20_000;

    /// <summary>Entries since the last checkpoint for which a writer that closes writes another.</summary>
    public int CheckpointAtCloseAfter { get; init; } = 1_000;
}

/// <summary>
/// The writers of the active journals of this process. Others may write to the same journals: each commit is fenced by
/// the journal's head row, so correctness does not rest on who is assigned to what.
/// </summary>
/// <param name="databases">Where each journal lies.</param>
/// <param name="reader">Gives instructions the prices and markets they are checked with.</param>
/// <param name="options">How writers work.</param>
/// <param name="time">Decides what is idle; never a recorded instant.</param>
/// <param name="log">Where faults of the database are told.</param>
public sealed class JournalWriters(
    TenantDatabases databases,
    JournalReader reader,
    WriterOptions options,
    TimeProvider time,
    ILogger<JournalWriters> log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<JournalKey, JournalWriter> _writers = new();
    private readonly DecisionContexts _contexts = new(reader);
    private volatile bool _closed;

    /// <summary>Journals whose state is in memory.</summary>
    public int Active => _writers.Count;

    /// <summary>How writers work.</summary>
    internal WriterOptions Options => options;

    /// <summary>What commands may read beside their journal.</summary>
    internal DecisionContexts Contexts => _contexts;

    /// <summary>Decides what is idle.</summary>
    internal TimeProvider Time => time;

    /// <summary>Where faults are told.</summary>
    internal ILogger Log => log;

    /// <summary>Records a submission, or says why not.</summary>
    /// <param name="submission">What to record.</param>
    /// <param name="cancellation">Stops waiting; what is already being committed still is.</param>
    /// <exception cref="ArgumentException">
    /// A name in it is not of its form: journal, idempotency key or actor. They are checked where they come in.
    /// </exception>
    public async Task<SubmissionOutcome> SubmitAsync(Submission submission, CancellationToken cancellation)
    {
        var pending = new Pending(submission, cancellation)
        {
            Frozen = await _contexts.FreezeAsync(submission, cancellation),
        };
        var database = await databases.AssignedAsync(submission.Journal.Tenant, cancellation);
        while (true)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var writer = _writers.GetOrAdd(submission.Journal, key => new JournalWriter(key, database, this));
            if (await writer.TryEnqueueAsync(pending))
            {
                return await pending.Answer.WaitAsync(cancellation);
            }
        }
    }

    /// <summary>Finishes what is queued at some journals and lets go of them; whoever comes next starts anew.</summary>
    public Task ReleaseAsync(Predicate<JournalKey> journals) => Task.WhenAll(
        _writers.Where(one => journals(one.Key)).Select(one =>
        {
            Forget(one.Key, one.Value);
            return one.Value.CloseAsync();
        }));

    /// <summary>Finishes what is queued and lets go of all journals.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        foreach (var writer in _writers.Values)
        {
            await writer.CloseAsync();
        }
    }

    /// <summary>Forgets a writer that closes; whoever comes next makes a new one.</summary>
    internal void Forget(JournalKey key, JournalWriter writer) =>
        _writers.TryRemove(new KeyValuePair<JournalKey, JournalWriter>(key, writer));
}

/// <summary>A submission that waits for its writer.</summary>
internal sealed class Pending
{
    /// <summary>Commands of a large batch that are hashed one after the other.</summary>
    private const int HashedTogether = 128;

    private readonly TaskCompletionSource<SubmissionOutcome> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly string[] _payloadHashes;
    private readonly Task[] _hashing;

    /// <summary>Checks the names and hashes the commands, on the caller's time and not on the writer's.</summary>
    public Pending(Submission submission, CancellationToken cancellation)
    {
        if (!submission.Journal.IsValid
            || !IdText.IsReference(submission.Actor)
            || !IdText.IsReference(submission.IdempotencyKey)
            || submission.IdempotencyKey.Length > Submission.KeyLengthMax)
        {
            throw new ArgumentException(
                $"Journal '{submission.Journal}', key '{submission.IdempotencyKey}' or actor '{submission.Actor}' is "
                + "not of its form.",
                nameof(submission));
        }

        Submission = submission;
        Cancellation = cancellation;
        IsOfAllowedSize = submission.Commands.Length is > 0 and <= Submission.BatchSizeMax;
        var commands = IsOfAllowedSize ? submission.Commands : [];
        _payloadHashes = submission.PayloadHashes is { } known && IsOfAllowedSize
            ? [.. known]
            : new string[commands.Length];
        if (submission.PayloadHashes is not null)
        {
            _hashing = [];
            return;
        }

        if (commands.Length <= HashedTogether)
        {
            _hashing = [];
            Hash(0);
            return;
        }

        // Nobody has to wait for the last before the first is decided.
        _hashing = new Task[(commands.Length + HashedTogether - 1) / HashedTogether];
        for (var part = 0; part < _hashing.Length; part++)
        {
            var from = part * HashedTogether;
            _hashing[part] = Task.Run(() => Hash(from), CancellationToken.None);
        }

        void Hash(int from)
        {
            var batchSize = submission.IsBatch ? commands.Length : 0;
            for (var i = from; i < Math.Min(from + HashedTogether, commands.Length); i++)
            {
                _payloadHashes[i] = PayloadHash.Of(commands[i], batchSize);
            }
        }
    }

    /// <summary>What to record.</summary>
    public Submission Submission { get; }

    /// <summary>What its commands would seal.</summary>
    public IReadOnlyDictionary<Command, FrozenStatement>? Frozen { get; init; }

    /// <summary>Nobody waits for it any more.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Whether it has at least one command and not too many.</summary>
    public bool IsOfAllowedSize { get; }

    /// <summary>The hash of a command.</summary>
    /// <param name="index">Its number, from 0 on.</param>
    public async ValueTask<string> PayloadHashAsync(int index)
    {
        if (_hashing.Length > 0)
        {
            await _hashing[index / HashedTogether];
        }

        return _payloadHashes[index];
    }

    /// <summary>What became of it.</summary>
    public Task<SubmissionOutcome> Answer => _answer.Task;

    /// <summary>Says what became of it.</summary>
    public void Tell(SubmissionOutcome outcome) => _answer.TrySetResult(outcome);

    /// <summary>Says that the program failed it.</summary>
    public void Fail(Exception fault) => _answer.TrySetException(fault);

    /// <summary>Drops it, if nobody waits for it any more.</summary>
    public bool IsAbandoned() => Cancellation.IsCancellationRequested && _answer.TrySetCanceled(Cancellation);
}
