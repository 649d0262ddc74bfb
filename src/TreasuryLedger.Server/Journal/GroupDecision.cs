using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>An entry that is to be stored.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Reason">Its free text with the salt of its digest.</param>
internal sealed record AcceptedEntry(Entry Entry, (byte[] Salt, string Text)? Reason);

/// <summary>What was decided of one submission.</summary>
/// <param name="Pending">The submission.</param>
/// <param name="Items">By command; empty if the clock stopped it.</param>
/// <param name="ClockBehind">The clock stopped it.</param>
internal sealed record DecidedSubmission(Pending Pending, ImmutableArray<Outcome> Items, bool ClockBehind)
{
    /// <summary>Whether it only repeats what the journal holds already, whatever becomes of the commit.</summary>
    public bool Stands(long committed) => !Items.IsEmpty && Items.All(item => item.EntryPosition <= committed);
}

/// <summary>
/// Decides the submissions of one commit, one after the other, each on the state that the accepted ones before it made.
/// The head row is locked meanwhile: the clock and everything else in it hold until the commit.
/// </summary>
/// <param name="head">The locked head.</param>
/// <param name="before">The journal up to it.</param>
/// <param name="found">What it says of what the submissions name.</param>
/// <param name="contexts">What commands may read beside their journal.</param>
/// <param name="stored">The journal's rows, for what is rarely needed.</param>
internal sealed class GroupDecision(
    HeadRow head, TreasuryState before, Recollection found, DecisionContexts contexts, StoredJournal stored)
{
    /// <summary>
    /// How far a clock may step back (microseconds, inclusive) before writing stops. Less is bridged by adding
    /// microseconds to the newest instant.
    /// </summary>
    public const long ClockToleranceMicroseconds = 500_000;

    private readonly Dictionary<string, AcceptedEntry> _new = new(StringComparer.Ordinal);
    private Instant _newest = head.Floor;

    /// <summary>The newest instant before the submission that is being decided: its script must be later.</summary>
    private Instant _before = head.Floor;

    /// <summary>The journal after everything accepted.</summary>
    public TreasuryState State { get; private set; } = before.Recalling(found.Recalled);

    /// <summary>The entries to store, in order.</summary>
    public List<AcceptedEntry> Accepted { get; } = [];

    /// <summary>Decides a submission. What is not to be recorded leaves no trace in this group.</summary>
    /// <param name="pending">The submission.</param>
    /// <param name="afterEach">Called after each of its commands, unless that stopped it.</param>
    public async ValueTask<DecidedSubmission> DecideAsync(Pending pending, Func<ValueTask>? afterEach = null)
    {
        if (!pending.IsOfAllowedSize)
        {
            return new DecidedSubmission(pending, [WrongSize(pending.Submission)], ClockBehind: false);
        }

        var submission = pending.Submission;
        var (state, accepted, newest) = (State, Accepted.Count, _newest);
        _before = newest;
        var items = ImmutableArray.CreateBuilder<Outcome>(submission.Commands.Length);
        for (var index = 0; index < submission.Commands.Length; index++)
        {
            var outcome = await DecideAsync(pending, index);
            if (outcome is null)
            {
                Undo(state, accepted, newest);
                return new DecidedSubmission(pending, [], ClockBehind: true);
            }

            if (submission.Atomic && outcome is Outcome.Refused refused)
            {
                Undo(state, accepted, newest);
                var refusals = RefuseAll(submission, index, refused.Refusal);
                return new DecidedSubmission(pending, refusals, ClockBehind: false);
            }

            items.Add(outcome);
            if (afterEach is not null)
            {
                await afterEach();
            }
        }

        if (submission.DryRun)
        {
            Undo(state, accepted, newest);
        }

        return new DecidedSubmission(pending, items.MoveToImmutable(), ClockBehind: false);
    }

    private async ValueTask<Outcome?> DecideAsync(Pending pending, int index)
    {
        var submission = pending.Submission;
        var command = submission.Commands[index];
        var payloadHash = await pending.PayloadHashAsync(index);
        if (await RepeatAsync(pending, index, payloadHash) is { } repeated)
        {
            return repeated;
        }

        if (command is OpenTreasury { TimeZone: var zone } && !IsZone(zone))
        {
            return new Outcome.Refused(Refusal.Of(
                RefusalCode.TermsInvalid, $"'{zone}' is no time zone that this machine knows.", ("timeZone", zone)));
        }

        // Not kept in the state: that depends on the journal alone, and not on what was asked.
        var state = command is CorrectEntry correction && State.FirstUseToFind(correction) is { } from
            ? State.WithFirstUse(correction, await FirstUseAsync(correction, from))
            : State;
        var context = await contexts.ForAsync(pending, State, command, Accepted);
        if (command is IAsksWho || command.Mode == EntryMode.Instruction)
        {
            var recordedAt = Instant.Latest(submission.ScriptedRecordedAt ?? head.Clock, _newest.Plus(1));
            context = context with { RecordedAt = recordedAt };
        }

        switch (Decider.Decide(state, command, context))
        {
            case Decision.Refused refused:
                return new Outcome.Refused(refused.Refusal);
            case Decision.Accepted accepted:
                var isReplayed = IsReplayed(accepted.Event);
                if (RefuseClock(isReplayed, submission.ScriptedRecordedAt) is { } wrong)
                {
                    return new Outcome.Refused(wrong);
                }

                var clock = submission.ScriptedRecordedAt ?? head.Clock;
                return IsBehind(clock) ? null : Accept(pending, index, payloadHash, command, accepted, clock);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private Outcome Accept(
        Pending pending, int index, string payloadHash, Command command, Decision.Accepted accepted, Instant clock)
    {
        var draft = Decider.Draft(State, command, accepted);
        var salt = draft.Reason is null ? null : RandomNumberGenerator.GetBytes(16);
        var key = pending.Submission.KeyOf(index);
        var entry = draft.ToEntry(
            State.Position + 1,
            Instant.Latest(clock, _newest.Plus(1)),
            pending.Submission.Actor,
            key,
            payloadHash,
            draft.Reason is null ? null : HashChain.DigestOf(salt, draft.Reason));
        State = State.Evolve(entry);
        _newest = entry.RecordedAt;
        var reason = draft.Reason is null ? ((byte[] Salt, string Text)?)null : (salt!, draft.Reason);
        var added = new AcceptedEntry(entry, reason);
        Accepted.Add(added);
        _new.Add(key, added);
        return OutcomeOf(entry, replayed: false);
    }

    /// <summary>The answer to a request whose key was used before.</summary>
    private async ValueTask<Outcome?> RepeatAsync(Pending pending, int index, string payloadHash)
    {
        var submission = pending.Submission;
        var key = submission.KeyOf(index);
        if (EntryOf(key) is not { } first)
        {
            return EntryOf(submission.OtherForm) is { } other
                ? KeyReused(submission.IdempotencyKey, other.Position)
                : null;
        }

        var text = TextOf(submission.Commands[index]);
        var salt = _new.TryGetValue(key, out var added) ? added.Reason?.Salt
            : first.Reason is null ? null
            : await stored.SaltAsync(first.Position);
        var isSameText = salt is null || text is null
            ? first.Reason is null == text is null // of an erased text, any repetition is believed
            : HashChain.DigestOf(salt, text) == first.Reason;
        return payloadHash == first.PayloadHash && isSameText
            ? OutcomeOf(first, replayed: true)
            : KeyReused(key, first.Position);
    }

    private Entry? EntryOf(string key) => _new.TryGetValue(key, out var added) ? added.Entry
        : found[key];

    /// <summary>The first standing entry that uses what a correction would void; the state counts them.</summary>
    private async ValueTask<long> FirstUseAsync(CorrectEntry correction, long from)
    {
        var voided = Accepted.Where(accepted => accepted.Entry.Voids is not null)
            .Select(accepted => accepted.Entry.Voids!.Value).ToHashSet();
        await foreach (var entry in stored.StandingFromAsync(from, head.Head.Position))
        {
            if (!voided.Contains(entry.Position) && State.Uses(correction, entry))
            {
                return entry.Position;
            }
        }

        return Accepted.First(accepted =>
            !voided.Contains(accepted.Entry.Position) && State.Uses(correction, accepted.Entry)).Entry.Position;
    }

    private static Outcome.Refused KeyReused(string key, long position) => new(Refusal.Of(
        RefusalCode.IdempotencyKeyReused,
        $"The key '{key}' recorded entry {position} with another payload. Use a new key for a new request.",
        ("idempotencyKey", key),
        ("position", position)));

    private bool IsReplayed(LedgerEvent happened) => State.Position > 0
        ? State.ReplayedClock
        : happened is TreasuryOpened { ReplayedClock: true } or BookOpened { ReplayedClock: true };

    private Refusal? RefuseClock(bool isReplayed, Instant? scripted) => (isReplayed, scripted) switch
    {
        (false, { } given) => Refusal.Of(
            RefusalCode.ScriptedClockWrong,
            "The journal has a real clock: it says when something was recorded, the caller does not.",
            ("scripted", given)),
        (true, null) => Refusal.Of(
            RefusalCode.ScriptedClockWrong,
            "The journal has a replayed clock: say when this was recorded.",
            ("newest", _before)),
        // Exactly: a script does not drift as clocks do. Commands of one batch follow each other by a microsecond.
        (true, { } given) when given <= _before => Refusal.Of(
            RefusalCode.ScriptedClockWrong,
            $"The script says {given}, but the journal was recorded, or read as known, up to {_before}.",
            ("scripted", given),
            ("newest", _before)),
        // Otherwise a slip of the pen would leave no later instant for anybody.
        (true, { } given) when given > head.Clock => Refusal.Of(
            RefusalCode.ScriptedClockWrong,
            $"The script says {given}, but it is only {head.Clock}: nothing was recorded in the future.",
            ("scripted", given),
            ("clock", head.Clock)),
        _ => null,
    };

    private bool IsBehind(Instant clock) => clock.Microseconds < _newest.Microseconds - ClockToleranceMicroseconds;

    private void Undo(TreasuryState state, int accepted, Instant newest)
    {
        foreach (var undone in Accepted.Skip(accepted))
        {
            _new.Remove(undone.Entry.IdempotencyKey);
        }

        Accepted.RemoveRange(accepted, Accepted.Count - accepted);
        (State, _newest) = (state, newest);
    }

    private static Outcome OutcomeOf(Entry entry, bool replayed) => entry.Event switch
    {
        EvidenceAdded added => new Outcome.EvidenceAdded(entry, added.Entry, replayed),
        BreakOpened opened => new Outcome.BreakOpened(entry, opened.Entry, replayed),
        _ => new Outcome.Recorded(entry, replayed),
    };

    private static ImmutableArray<Outcome> RefuseAll(Submission submission, int index, Refusal refusal)
    {
        var stopped = new Outcome.Refused(Refusal.Of(
            RefusalCode.BatchRefused,
            $"Command {index} of the batch was refused; none was recorded.",
            ("index", index)));
        var items = ImmutableArray.CreateBuilder<Outcome>(submission.Commands.Length);
        items.AddRange(Enumerable.Repeat<Outcome>(stopped, submission.Commands.Length));
        items[index] = new Outcome.Refused(refusal with
        {
            Numbers = refusal.Numbers.SetItem("index", index.ToString(CultureInfo.InvariantCulture)),
        });
        return items.MoveToImmutable();
    }

    private static Outcome.Refused WrongSize(Submission submission) => new(Refusal.Of(
        RefusalCode.BatchSizeOutOfRange,
        $"A batch has 1 to {Submission.BatchSizeMax} commands; this one has {submission.Commands.Length}.",
        ("commands", submission.Commands.Length),
        ("commandsMax", Submission.BatchSizeMax)));

    /// <summary>The free text that an entry of this command would have.</summary>
    private static string? TextOf(Command command) =>
        command.Reason ?? (command as CorrectEntry)?.Replacement?.Reason;

    /// <summary>IANA names only: other names mean different zones on different machines.</summary>
    private static bool IsZone(string name) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId;
}
