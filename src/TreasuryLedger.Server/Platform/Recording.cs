using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Wolverine;

namespace TreasuryLedger.Server.Platform;

/// <summary>What became of a command that was taken.</summary>
public enum RecordedAs
{
    /// <summary>A new entry says so.</summary>
    Recorded,

    /// <summary>The fact stood already, alike; the entry adds this source as evidence.</summary>
    EvidenceAdded,

    /// <summary>The fact stood already, differently; the entry keeps both claims until a person decides.</summary>
    BreakOpened,

    /// <summary>Two persons decide it: it is in force when a second one has approved it, and not before.</summary>
    Proposed,
}

/// <summary>The entry that a command became.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Replayed">The same request came before; this is its first answer again.</param>
/// <param name="Position">The entry's number in the journal.</param>
/// <param name="RecordedAt">When the journal learned it.</param>
/// <param name="EffectiveAt">When it happened in the world.</param>
/// <param name="Fact">What happened, by its id.</param>
/// <param name="FactPosition">For added evidence and breaks: the entry that first told the fact.</param>
/// <param name="IdempotencyKey">The key by which this entry can be looked up.</param>
/// <param name="Hash">The chain's hash at it, SHA-256 in lower-case hex; absent in a dry run.</param>
public sealed record RecordedEntry(
    RecordedAs Outcome,
    bool Replayed,
    long Position,
    Instant RecordedAt,
    Instant EffectiveAt,
    FactId Fact,
    long? FactPosition,
    string IdempotencyKey,
    string? Hash);

/// <summary>What a submission brought.</summary>
/// <param name="Journal">The journal, kind and id.</param>
/// <param name="DryRun">Nothing was recorded: this is what would have been.</param>
/// <param name="Entries">One for each command, in order.</param>
/// <param name="Head">Where the journal stands after it.</param>
public sealed record RecordedAnswer(
    string Journal, bool DryRun, ImmutableArray<RecordedEntry> Entries, HeadAnswer Head)
{
    /// <summary>Whether all of it was recorded by an earlier, equal request.</summary>
    public bool IsReplay() => Entries.All(entry => entry.Replayed);
}

/// <summary>Where a journal stands.</summary>
/// <param name="Position">Its newest entry.</param>
/// <param name="RecordedAt">When that was recorded.</param>
/// <param name="Hash">The chain's hash there, SHA-256 in lower-case hex.</param>
/// <param name="ReplayedClock">Its recorded instants come from a script.</param>
public sealed record HeadAnswer(long Position, Instant RecordedAt, string Hash, bool ReplayedClock)
{
    /// <summary>The head as callers see it.</summary>
    public static HeadAnswer Of(JournalHead head) =>
        new(head.Position, head.RecordedAt, head.Hash, head.ReplayedClock);
}

/// <summary>Records what HTTP and the command line ask for, and puts the outcome into the words of the wire.</summary>
public static class Recording
{
    /// <summary>Records a submission.</summary>
    /// <exception cref="ProblemException">Nothing was recorded, or nobody knows whether it was.</exception>
    public static async Task<RecordedAnswer> RecordAsync(
        this IMessageBus bus, TenantDatabases databases, Submission submission, CancellationToken cancellation)
    {
        var outcome = await bus.InvokeAsync<SubmissionOutcome>(new RecordCommands(submission), cancellation);
        return await AnswerAsync(
            databases, submission, Decided(outcome, databases, submission.Journal), cancellation);
    }

    /// <summary>What was decided, where something was.</summary>
    /// <exception cref="ProblemException">Nothing was recorded, or nobody knows whether it was.</exception>
    public static SubmissionOutcome.Decided Decided(
        SubmissionOutcome outcome, TenantDatabases databases, JournalKey journal) => outcome switch
        {
            SubmissionOutcome.Decided decided => decided,
            SubmissionOutcome.ClockBehind behind => throw ProblemException.Of(
                ErrorRegistry.ClockBehind,
                $"The database's clock says {behind.Clock}, the newest entry {behind.Newest}. Nothing was recorded.",
                ("clock", behind.Clock),
                ("newest", behind.Newest)),
            SubmissionOutcome.NotRecorded passing => throw ProblemException.Of(
                ErrorRegistry.NotRecorded, passing.Reason, databases.NumbersOf(journal.Tenant)),
            SubmissionOutcome.Unknown unknown => throw ProblemException.Of(
                ErrorRegistry.OutcomeUnknown,
                $"The database could not be asked whether '{unknown.IdempotencyKey}' was recorded.",
                ("idempotencyKey", unknown.IdempotencyKey)),
            _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}."),
        };

    private static async Task<RecordedAnswer> AnswerAsync(
        TenantDatabases databases,
        Submission submission,
        SubmissionOutcome.Decided decided,
        CancellationToken cancellation)
    {
        // Of an atomic batch, the command that stopped it says more than those that were stopped with it.
        var refusals = decided.Items.OfType<Outcome.Refused>().Select(refused => refused.Refusal).ToList();
        if (refusals.Count > 0)
        {
            throw new ProblemException(Problem.Of(
                refusals.Find(refusal => refusal.Code != RefusalCode.BatchRefused) ?? refusals[0]));
        }

        ImmutableArray<RecordedEntry> rows = [.. decided.Items.Select(Row)];
        if (!submission.DryRun)
        {
            rows = [.. rows.Select((row, i) => row with { Hash = decided.Hashes.ElementAtOrDefault(i) })];
            if (rows.Any(row => row.Hash is null))
            {
                var hashes = await JournalRows.HashesAsync(
                    await databases.OfAsync(submission.Journal.Tenant, cancellation),
                    submission.Journal,
                    [.. rows.Select(row => row.Position)],
                    cancellation);
                rows = [.. rows.Select(row => row with { Hash = hashes[row.Position] })];
            }
        }

        return new RecordedAnswer(
            submission.Journal.Journal, submission.DryRun, rows, HeadAnswer.Of(decided.Head));
    }

    private static RecordedEntry Row(Outcome outcome) => outcome switch
    {
        Outcome.Recorded it => Row(
            it.Entry.Event is ChangeProposed ? RecordedAs.Proposed : RecordedAs.Recorded, it.Entry, it.Replayed, null),
        Outcome.EvidenceAdded it => Row(RecordedAs.EvidenceAdded, it.Entry, it.Replayed, it.Fact),
        Outcome.BreakOpened it => Row(RecordedAs.BreakOpened, it.Entry, it.Replayed, it.Fact),
        _ => throw new InvalidOperationException($"No row for {outcome.GetType().Name}."),
    };

    private static RecordedEntry Row(RecordedAs outcome, Entry entry, bool replayed, long? fact) => new(
        outcome,
        replayed,
        entry.Position,
        entry.RecordedAt,
        entry.EffectiveAt,
        entry.Fact,
        fact,
        entry.IdempotencyKey,
        Hash: null);
}
