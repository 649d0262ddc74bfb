using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Writes one journal for this process: takes what is queued, decides it on the state in memory, and commits it as one
/// transaction (group commit). The state is right if and only if position and hash are the head row's.
/// </summary>
internal sealed class JournalWriter
{
    /// <summary>What others wrote is folded without the lock from this many entries on (inclusive).</summary>
    private const long LongTail = 1_000;

    /// <summary>Against somebody who writes faster than this one folds, the lock is kept in the end.</summary>
    private const int AttemptsMax = 4;

    private const string DropBeyond = "select ledger.drop_narrow_beyond($1, $2)";

    private readonly JournalKey _key;
    private readonly NpgsqlDataSource _database;
    private readonly JournalWriters _owner;
    private readonly Channel<Pending> _queue;
    private readonly WriterCheckpoints _checkpoints;
    private readonly Task _running;
    private WriterState _state;
    private bool _isTidy;

    public JournalWriter(JournalKey key, NpgsqlDataSource database, JournalWriters owner)
    {
        _key = key;
        _database = database;
        _owner = owner;
        _state = WriterState.Empty(key);
        _checkpoints = new WriterCheckpoints(database, key, owner.Options, owner.Log);
        _queue = Channel.CreateBounded<Pending>(
            new BoundedChannelOptions(owner.Options.QueueMax) { SingleReader = true });
        _running = Task.Run(RunAsync);
    }

    /// <summary>Queues a submission; waits while the queue is full.</summary>
    /// <returns><c>false</c> if this writer has closed: ask the next one.</returns>
    public async ValueTask<bool> TryEnqueueAsync(Pending pending)
    {
        try
        {
            await _queue.Writer.WriteAsync(pending, pending.Cancellation);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>Finishes what is queued.</summary>
    public Task CloseAsync()
    {
        _queue.Writer.TryComplete();
        return _running;
    }

    private async Task RunAsync()
    {
        var group = new List<Pending>();
        while (await HasWorkAsync())
        {
            Take(group);
            if (group.Count > 0)
            {
                await AnswerAsync(group);
            }

            group.Clear();
        }

        await _checkpoints.CloseAsync(_state);
    }

    /// <summary>Waits for work. Without any for long, the writer closes: its state leaves memory.</summary>
    private async Task<bool> HasWorkAsync()
    {
        if (_queue.Reader.TryPeek(out _))
        {
            return true;
        }

        using var idle = new CancellationTokenSource(_owner.Options.IdleAfter, _owner.Time);
        try
        {
            return await _queue.Reader.WaitToReadAsync(idle.Token);
        }
        catch (OperationCanceledException)
        {
            _owner.Forget(_key, this);
            _queue.Writer.TryComplete();
            return await _queue.Reader.WaitToReadAsync(CancellationToken.None); // what came in the same moment
        }
    }

    private void Take(List<Pending> group)
    {
        var commands = 0;
        while (_queue.Reader.TryPeek(out var next)
            && (commands == 0 || commands + next.Submission.Commands.Length <= _owner.Options.CommandsPerCommitMax)
            && _queue.Reader.TryRead(out next))
        {
            if (!next.IsAbandoned())
            {
                commands += next.Submission.Commands.Length;
                group.Add(next);
            }
        }
    }

    /// <summary>Commits a group and tells each of it. Never throws.</summary>
    private async Task AnswerAsync(List<Pending> group)
    {
        try
        {
            await CommitAsync(group);
        }
        catch (Exception fault) when (group.Count > 1 && !IsOfConnection(fault))
        {
            // The database or a rule failed on one of them. It must not take the others with it.
            _owner.Log.LogWarning(fault, "{Journal}: a group failed; its submissions are tried one by one.", _key);
            foreach (var pending in group)
            {
                await AnswerAsync([pending]);
            }
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            _owner.Log.LogWarning(fault, "{Journal}: nothing was recorded.", _key);
            group.ForEach(pending => pending.Tell(new SubmissionOutcome.NotRecorded(
                "The database did not take it; nothing was recorded. Retry with the same key.")));
        }
        catch (Exception fault)
        {
            _owner.Log.LogError(fault, "{Journal}: a submission could not be decided.", _key);
            group.ForEach(pending => pending.Fail(fault));
        }
    }

    /// <summary>
    /// Two round trips: one locks the head and reads the clock, one stores and commits. Whatever throws here was surely
    /// not recorded.
    /// </summary>
    private async Task CommitAsync(List<Pending> group)
    {
        await using var connection = await _database.OpenConnectionAsync();
        var (transaction, head) = await LockAsync(connection, group);
        await using var ends = transaction;
        await TidyAsync(connection);
        var found = await Recollection.OfAsync(connection, _key, _state.Known, group);
        var decision = new GroupDecision(
            head, _state.Treasury, found, _owner.Contexts, new StoredJournal(connection, _key));
        await using var append = new Append(_key, head.Head, decision.Accepted);
        Func<ValueTask>? storeAhead = IsStoredAhead(group, found) ? () => append.StoreAheadAsync(transaction) : null;
        var decided = new List<DecidedSubmission>(group.Count);
        foreach (var pending in group)
        {
            decided.Add(await decision.DecideAsync(pending, storeAhead));
        }

        if (decision.Accepted.Count == 0)
        {
            await append.DisposeAsync();
            await transaction.RollbackAsync();
            decided.ForEach(one => one.Pending.Tell(Answer(one, head, null)));
            return;
        }

        if (await TryCommitAsync(transaction, append, decision.State.ReplayedClock) is { } failure)
        {
            foreach (var one in decided)
            {
                one.Pending.Tell(one.Stands(head.Head.Position) ? Answer(one, head, null) : failure(one.Pending));
            }

            return;
        }

        _isTidy = true;
        _state = _state.With(decision, append.Head.Hash);
        decided.ForEach(one => one.Pending.Tell(Answer(one, head, append)));
        _checkpoints.Offer(_state);
    }

    /// <summary>
    /// Drops narrow rows beyond the locked head, before the first commit: they would make a later one fail.
    /// </summary>
    private async Task TidyAsync(NpgsqlConnection connection)
    {
        if (_isTidy)
        {
            return;
        }

        await using var drop = new TenantCommand(connection, _key, DropBeyond);
        if (await drop.ExecuteScalarAsync() is long and > 0 and var dropped)
        {
            _owner.Log.LogError(
                "{Journal}: {Rows} narrow rows lay beyond the head and go with the next commit. The database was "
                + "restored in parts: run 'verify' and 'check'.",
                _key,
                dropped);
        }
    }

    /// <summary>
    /// Whether what is accepted can be stored while the rest is decided: a large submission alone, of which the journal
    /// knows nothing yet. If it is refused after all, the transaction goes, and nobody else's commands with it; and
    /// deciding it asks for nothing on the connection that is busy.
    /// </summary>
    private static bool IsStoredAhead(List<Pending> group, Recollection found) =>
        group is [{ IsOfAllowedSize: true, Submission: { DryRun: false, Commands.Length: > Append.PartLength } }]
        && found.IsEmpty;

    /// <summary>
    /// Begins a transaction that holds the head's lock, with the state at that head. Normally nobody else wrote, and
    /// one round trip does it. A long tail of others is folded without the lock, and so is what instructions are held
    /// against; then the lock is taken again.
    /// </summary>
    private async Task<(NpgsqlTransaction Transaction, HeadRow Head)> LockAsync(
        NpgsqlConnection connection, List<Pending> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            var transaction = await connection.BeginTransactionAsync();
            try
            {
                var head = await HeadLock.TakeAsync(connection, _key);
                if (attempt < AttemptsMax && head.Head.Position - _state.Treasury.Position >= LongTail)
                {
                    await transaction.RollbackAsync();
                    _state = await _state.FollowAsync(connection, _key, head.Head, _checkpoints);
                    continue;
                }

                _state = await _state.FollowAsync(connection, _key, head.Head, _checkpoints);
                if (attempt < AttemptsMax && _owner.Contexts.IsToPrepare(_key, _state.Treasury, group))
                {
                    await transaction.RollbackAsync();
                    await _owner.Contexts.PrepareAsync(_key, _state.Treasury, group);
                    continue;
                }

                return (transaction, head);
            }
            catch
            {
                await transaction.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Commits; if the answer is lost, finds out. Gives what to tell if it was not surely committed.</summary>
    private async Task<Func<Pending, SubmissionOutcome>?> TryCommitAsync(
        NpgsqlTransaction transaction, Append append, bool replayedClock)
    {
        try
        {
            var started = Stopwatch.GetTimestamp();
            await append.CommitAsync(transaction, replayedClock);
            JournalMeter.Commit(Stopwatch.GetElapsedTime(started));
            return null;
        }
        catch (Exception lost) when (
            lost is NpgsqlException or TimeoutException or IOException && !Append.IsSurelyNotCommitted(lost))
        {
            _owner.Log.LogWarning(lost, "{Journal}: the answer to a commit is lost; looking for it.", _key);
            await EndAsync(transaction); // it may still hold the lock by which it is looked for
        }

        switch (await append.WasCommittedAsync(_database, _owner))
        {
            case true:
                return null;
            case false:
                return NotRecorded;
            case null:
                _state = WriterState.Empty(_key);
                return pending => new SubmissionOutcome.Unknown(_key, pending.Submission.IdempotencyKey);
        }
    }

    private static async Task EndAsync(NpgsqlTransaction transaction)
    {
        try
        {
            await transaction.DisposeAsync();
        }
        catch (Exception gone) when (gone is NpgsqlException or TimeoutException or IOException)
        {
            // Then the database ends it by itself.
        }
    }

    private static SubmissionOutcome NotRecorded(Pending pending) => new SubmissionOutcome.NotRecorded(
        "The database did not commit it; nothing was recorded. Retry with the same key.");

    /// <summary>What a submission is told.</summary>
    /// <param name="one">What was decided of it.</param>
    /// <param name="locked">The head before the commit.</param>
    /// <param name="append">What was committed; <c>null</c> if nothing was.</param>
    private static SubmissionOutcome Answer(DecidedSubmission one, HeadRow locked, Append? append) => one.ClockBehind
        ? new SubmissionOutcome.ClockBehind(locked.Clock, locked.Floor)
        : new SubmissionOutcome.Decided(one.Items, append?.Head ?? locked.Head)
        {
            Hashes = append is null || one.Pending.Submission.DryRun ? [] : append.HashesOf(one.Items),
        };

    /// <summary>Whether trying again at once would meet the same fault.</summary>
    private static bool IsOfConnection(Exception fault) =>
        fault is NpgsqlException and not PostgresException
        || fault is PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or "55P03" };
}
