using System.Collections.Immutable;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>What a caller wants recorded, under one idempotency key.</summary>
/// <param name="Journal">Where.</param>
/// <param name="IdempotencyKey">
/// Names the request in its journal for ever. Of several commands, number i (from 0) has the key <c>key#i</c>.
/// </param>
/// <param name="Actor">Who asks, from the request's key.</param>
/// <param name="Commands">One command, or a batch of at most <see cref="BatchSizeMax"/>.</param>
/// <param name="Atomic">All or nothing; otherwise each command is accepted or refused alone.</param>
/// <param name="DryRun">Decide as if, leave no trace.</param>
/// <param name="ScriptedRecordedAt">The recorded instant, for a journal with a replayed clock and for no other.</param>
public sealed record Submission(
    JournalKey Journal,
    string IdempotencyKey,
    string Actor,
    ImmutableArray<Command> Commands,
    bool Atomic,
    bool DryRun,
    Instant? ScriptedRecordedAt)
{
    /// <summary>Most commands of one batch (inclusive).</summary>
    public const int BatchSizeMax = 10_000;

    /// <summary>
    /// Longest idempotency key of a submission (inclusive): with <c>#9999</c> behind it, an entry's key is still one.
    /// </summary>
    public const int KeyLengthMax = EntryDraft.KeyLengthMax - 5;

    /// <summary>
    /// A key for each command, of an importer that names them by what they say; then they are requests of their own
    /// that only travel together, and the key of the submission is nobody's.
    /// </summary>
    public ImmutableArray<string>? Keys { get; init; }

    /// <summary>The hashes of commands with <see cref="Keys"/>, from whoever made those keys of them.</summary>
    public ImmutableArray<string>? PayloadHashes { get; init; }

    /// <summary>Whether the commands have keys of their own, <c>key#i</c>.</summary>
    public bool IsBatch => Keys is null && (Atomic || Commands.Length != 1);

    /// <summary>One command, alone.</summary>
    public static Submission One(JournalKey journal, string idempotencyKey, string actor, Command command) =>
        new(journal, idempotencyKey, actor, [command], Atomic: false, DryRun: false, ScriptedRecordedAt: null);

    /// <summary>
    /// The key that the journal has if this idempotency key was used in the other form: for a batch where this is a
    /// command alone, or the other way round. Then it is reused, whatever the payload.
    /// </summary>
    public string OtherForm => IsBatch ? IdempotencyKey : $"{IdempotencyKey}#{(Keys is null ? "0" : "")}";

    /// <summary>The idempotency key of a command of this submission.</summary>
    /// <param name="index">Its number, from 0 on.</param>
    public string KeyOf(int index) => Keys?[index] ?? (IsBatch ? $"{IdempotencyKey}#{index}" : IdempotencyKey);
}

/// <summary>What became of one command.</summary>
[JsonDerivedType(typeof(Recorded), "recorded")]
[JsonDerivedType(typeof(EvidenceAdded), "evidenceAdded")]
[JsonDerivedType(typeof(BreakOpened), "breakOpened")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The position of the entry that stands for the command; <c>null</c> if none does.</summary>
    public long? EntryPosition => this switch
    {
        Recorded it => it.Entry.Position,
        EvidenceAdded it => it.Entry.Position,
        BreakOpened it => it.Entry.Position,
        _ => null,
    };

    /// <summary>An entry stands in the journal (or would, if it was a dry run).</summary>
    /// <param name="Entry">The entry.</param>
    /// <param name="Replayed">The same request came before; this is its first answer again.</param>
    public sealed record Recorded(Entry Entry, bool Replayed) : Outcome;

    /// <summary>The fact was recorded before, alike: this source was added as evidence.</summary>
    /// <param name="Entry">The entry that adds it.</param>
    /// <param name="Fact">The position of the fact.</param>
    /// <param name="Replayed">The same request came before; this is its first answer again.</param>
    public sealed record EvidenceAdded(Entry Entry, long Fact, bool Replayed) : Outcome;

    /// <summary>The fact was recorded before, differently: both claims stand until a person decides.</summary>
    /// <param name="Entry">The entry that holds the second claim.</param>
    /// <param name="Fact">The position of the fact.</param>
    /// <param name="Replayed">The same request came before; this is its first answer again.</param>
    public sealed record BreakOpened(Entry Entry, long Fact, bool Replayed) : Outcome;

    /// <summary>Nothing was recorded by this request; unless the key is reused, it is free.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(Refusal Refusal) : Outcome;
}

/// <summary>What became of a submission.</summary>
[JsonDerivedType(typeof(Decided), "decided")]
[JsonDerivedType(typeof(ClockBehind), "clockBehind")]
[JsonDerivedType(typeof(NotRecorded), "notRecorded")]
[JsonDerivedType(typeof(Unknown), "unknown")]
public abstract record SubmissionOutcome
{
    private SubmissionOutcome()
    {
    }

    /// <summary>Every command was decided; what was accepted is stored for good (unless it was a dry run).</summary>
    /// <param name="Items">
    /// One outcome for each command, in order. If an atomic batch is refused, the command that stopped it has its own
    /// refusal and all others <see cref="RefusalCode.BatchRefused"/>, both naming its <c>index</c>. Of a submission
    /// that is empty or too large there is one outcome, <see cref="RefusalCode.BatchSizeOutOfRange"/>.
    /// </param>
    /// <param name="Head">The journal's head after it: a read with this position at least sees all of it.</param>
    public sealed record Decided(ImmutableArray<Outcome> Items, JournalHead Head) : SubmissionOutcome
    {
        /// <summary>
        /// By command, the chain's hash at its entry (lower-case hex), as far as the commit of this submission made it;
        /// <c>null</c> for what stood before. Empty if nothing was committed.
        /// </summary>
        public ImmutableArray<string?> Hashes { get; init; } = [];
    }

    /// <summary>
    /// The database's clock is more than 500 ms behind the newest entry; nothing was recorded. Retry when it is right.
    /// </summary>
    /// <param name="Clock">What the clock says.</param>
    /// <param name="Newest">The newest recorded instant.</param>
    public sealed record ClockBehind(Instant Clock, Instant Newest) : SubmissionOutcome;

    /// <summary>Nothing was recorded, for a reason that passes. Retry with the same key.</summary>
    /// <param name="Reason">Why, for a person.</param>
    public sealed record NotRecorded(string Reason) : SubmissionOutcome;

    /// <summary>
    /// Nobody knows whether it was recorded: the database could not be asked. Ask again with the same key and payload.
    /// </summary>
    /// <param name="Journal">Where.</param>
    /// <param name="IdempotencyKey">By which it will be found.</param>
    public sealed record Unknown(JournalKey Journal, string IdempotencyKey) : SubmissionOutcome;
}

/// <summary>Where a journal stands.</summary>
/// <param name="Journal">Which.</param>
/// <param name="Position">Its newest entry; 0 if it has none.</param>
/// <param name="RecordedAt">When that was recorded: the newest instant that is settled for sure.</param>
/// <param name="Hash">The chain's hash there, lower-case hex.</param>
/// <param name="ReplayedClock">Its recorded instants come from a script.</param>
public sealed record JournalHead(
    JournalKey Journal, long Position, Instant RecordedAt, string Hash, bool ReplayedClock);
