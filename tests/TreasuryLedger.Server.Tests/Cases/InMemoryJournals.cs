using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>Journals in memory behind the door of the real ones: decides with the core, keeps no hashes.</summary>
internal sealed class InMemoryJournals
{
    private readonly Dictionary<string, (TreasuryState State, List<Entry> Entries)> _journals = [];

    public Task<SubmissionOutcome> Submit(Submission submission, CancellationToken cancellation)
    {
        var name = submission.Journal.Journal;
        var (state, entries) = _journals.TryGetValue(name, out var found)
            ? found
            : (TreasuryState.Empty(KindOf(name)), []);
        state = state.Recalling(Recalled.Of([Named.By(submission.Commands[0])], entries));
        var recordedAt = entries.Count == 0
            ? submission.ScriptedRecordedAt!.Value
            : Instant.Latest(submission.ScriptedRecordedAt!.Value, entries[^1].RecordedAt.Plus(1));
        var context = DecisionContext.Empty with { Actor = submission.Actor, RecordedAt = recordedAt };
        var decision = Decider.Decide(state, submission.Commands[0], context);
        if (decision is not Decision.Accepted accepted)
        {
            return Decided(submission, new Outcome.Refused(((Decision.Refused)decision).Refusal));
        }

        var entry = Decider.Draft(state, submission.Commands[0], accepted)
            .ToEntry(entries.Count + 1, recordedAt, submission.Actor, submission.IdempotencyKey, "", null);
        entries.Add(entry);
        _journals[name] = (state.Evolve(entry), entries);
        return Decided(submission, new Outcome.Recorded(entry, Replayed: false));
    }

    public TreasuryView Read(string treasury)
    {
        var entries = _journals[$"treasury/{treasury}"].Entries;
        var opened = (TreasuryOpened)entries[0].Event;
        var all = new[]
        {
            View($"treasury/{treasury}", entries[^1].RecordedAt),
            View($"prices/{opened.PriceBook}", entries[^1].RecordedAt),
            View($"markets/{opened.MarketBook}", entries[^1].RecordedAt),
        };
        return new TreasuryView(all[0], all[1], all[2]);
    }

    private static Task<SubmissionOutcome> Decided(Submission submission, Outcome outcome) =>
        Task.FromResult<SubmissionOutcome>(new SubmissionOutcome.Decided(
            [outcome], new JournalHead(submission.Journal, 0, default, "", ReplayedClock: true)));

    private static JournalKind KindOf(string journal) => journal.Split('/')[0] switch
    {
        "treasury" => JournalKind.Treasury,
        "prices" => JournalKind.PriceBook,
        _ => JournalKind.MarketBook,
    };

    private JournalView View(string journal, Instant knownAt)
    {
        var entries = _journals[journal].Entries;
        var head = new JournalHead(
            new JournalKey("test", journal), entries.Count, entries[^1].RecordedAt, "", ReplayedClock: true);
        return new JournalView(head, knownAt, entries);
    }
}
