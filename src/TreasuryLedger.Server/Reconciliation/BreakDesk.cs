using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Forms;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>Reconciles statements, and keeps what becomes of the breaks.</summary>
/// <param name="desk">Looks at journals.</param>
/// <param name="store">Steps of breaks.</param>
public sealed class BreakDesk(AnswerDesk desk, BreakStore store)
{
    /// <summary>Which breaks are listed.</summary>
    internal static readonly ParameterText OpenFlag = new(
        "open", "query", typeof(bool), "Only those that somebody has to look at.", "true");

    /// <summary>The official book, now, by all that is known.</summary>
    private static Question Unsaid => Question.ReadTimes(new QueryReader(QueryCollection.Empty));

    /// <summary>Holds a statement against the ledger, and keeps the breaks if it says so.</summary>
    /// <param name="asking">In which form.</param>
    /// <param name="statement">What a source says.</param>
    /// <param name="actor">Who keeps the breaks.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">The statement is not of its form, or the treasury was not opened.</exception>
    public async Task<PendingAnswer> ReconcileAsync(
        Asking asking, SourceStatement statement, string actor, CancellationToken cancellation)
    {
        var form = AnswerForm.Read(asking, typeof(ReconciliationAnswer));
        var seen = await asking.SeeAsync(cancellation, _ => Unsaid with
        {
            AsOf = AsOf.Of(statement.Until),
            KnownAt = statement.KnownAt,
        });
        var view = seen.View.Treasury;
        var known = VisibleEntries.KnownAt(view.Entries, view.KnownAt);
        var (matches, breaks) = new Reconciler(statement, known).Reconcile();
        return form.Of(
            new PendingAnswer(seen.Standpoint, seen.Cost, async stop =>
            {
                var (opened, resolved) = statement.Record == true
                    ? await KeepAsync(asking.Treasury, statement, breaks, actor, stop)
                    : (0, 0);
                return new ReconciliationAnswer(
                    statement.Source, statement.Account, statement.Until, view.KnownAt, view.Head.Position, matches,
                    breaks, opened, resolved);
            }),
            typeof(ReconciliationAnswer));
    }

    /// <summary>Every break, or those that somebody has to look at.</summary>
    /// <param name="asking">In which form.</param>
    /// <param name="isOpen">Only those that somebody has to look at.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<PendingAnswer> ListAsync(Asking asking, bool isOpen, CancellationToken cancellation)
    {
        var form = AnswerForm.Read(asking, typeof(BreaksAnswer));
        var seen = await asking.SeeAsync(cancellation, _ => Unsaid);
        return form.Of(
            new PendingAnswer(seen.Standpoint, seen.Cost, async stop => new BreaksAnswer(
            [
                .. (await ListAsync(asking.Treasury, stop)).Where(one => !isOpen || one.IsOpen()),
            ])),
            typeof(BreaksAnswer));
    }

    /// <summary>Every break: those that were kept, and facts that two sources told differently.</summary>
    private async Task<ImmutableArray<BreakStanding>> ListAsync(JournalKey journal, CancellationToken cancellation)
    {
        var view = (await desk.Lookout.ReadAsync(journal, null, 0, cancellation)).Treasury;
        var kept = await store.ListAsync(journal, cancellation);
        var recorded = view.Entries.ToDictionary(entry => entry.Position, entry => entry.RecordedAt);
        var conflicts = Reconciler.Conflicts(VisibleEntries.KnownAt(view.Entries, view.KnownAt))
            .Where(found => kept.All(one => one.Break.Id != found.Id))
            .Select(found => BreakStore.Of(
                found,
                [new BreakStep(BreakStatus.Opened, null, null, found.Source, recorded[found.Entries[1]])],
                view.KnownAt));
        return [.. kept.Concat(conflicts).OrderBy(one => one.OpenedAt)];
    }

    /// <summary>Takes a step with a break.</summary>
    /// <exception cref="ProblemException">There is none, or it cannot take that step.</exception>
    public async Task<BreakStanding> DecideAsync(
        JournalKey journal, string id, BreakDecision decision, string actor, CancellationToken cancellation)
    {
        var standing = (await ListAsync(journal, cancellation)).FirstOrDefault(one => one.Break.Id == id)
            ?? throw ProblemException.Of(ErrorRegistry.BreakUnknown, $"There is no break {id}.");
        Require(decision.Status != BreakStatus.Opened, "status", "assigned, accepted or resolved");
        Require(
            (decision.Status == BreakStatus.Assigned) == (decision.Owner is not null)
            && (decision.Owner is null || IdText.IsReference(decision.Owner)),
            "owner", "a name for a break that is assigned, and left out otherwise");
        Require(
            decision.Status != BreakStatus.Accepted || decision.Note is { Length: > 0 }, "note",
            "there for a break that is accepted");
        var isKept = (await store.ListAsync(journal, cancellation)).Any(one => one.Break.Id == id);
        if (!isKept)
        {
            // Of a conflict the journal knows the beginning; the first step here says that it is kept.
            await store.AddAsync(
                journal, standing.Break, 0, new BreakDecision(BreakStatus.Opened), actor, cancellation);
        }

        if (!standing.IsOpen()
            || !await store.AddAsync(journal, standing.Break, standing.Steps.Length, decision, actor, cancellation))
        {
            throw ProblemException.Of(
                ErrorRegistry.BreakDecided, $"Break {id} is {standing.Status}, or somebody decided on it just now.",
                ("status", standing.Status));
        }

        return (await store.ListAsync(journal, cancellation)).Single(one => one.Break.Id == id);
    }

    private async Task<(int Opened, int Resolved)> KeepAsync(
        JournalKey journal,
        SourceStatement statement,
        ImmutableArray<Break> found,
        string actor,
        CancellationToken cancellation)
    {
        var kept = (await store.ListAsync(journal, cancellation)).ToDictionary(one => one.Break.Id);
        var (opened, resolved) = (0, 0);
        foreach (var one in found)
        {
            // What somebody answers for stays accepted; what was resolved and is there again is opened again.
            if (!kept.TryGetValue(one.Id, out var before) || before.Status == BreakStatus.Resolved)
            {
                opened += await store.AddAsync(
                    journal, one, before?.Steps.Length ?? 0, new BreakDecision(BreakStatus.Opened), actor, cancellation)
                    ? 1 : 0;
            }
        }

        var ids = found.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in kept.Values.Where(one => one.IsOpen() && !ids.Contains(one.Break.Id)
            && one.Break.Source == statement.Source && one.Break.Account == statement.Account
            && one.Break.At >= statement.From && one.Break.At <= statement.Until))
        {
            resolved += await store.AddAsync(
                journal, gone.Break, gone.Steps.Length,
                new BreakDecision(BreakStatus.Resolved, null, "Found no more."), actor, cancellation)
                ? 1 : 0;
        }

        return (opened, resolved);
    }

    private static void Require(bool holds, string member, string expected)
    {
        if (!holds)
        {
            throw ProblemException.Of(
                ErrorRegistry.ValueInvalid, $"$.{member} must be {expected}.", ("path", $"$.{member}"));
        }
    }
}
