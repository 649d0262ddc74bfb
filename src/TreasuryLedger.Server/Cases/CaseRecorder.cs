using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Cases;

/// <summary>What recording a case did.</summary>
/// <param name="Recorded">Entries that are new.</param>
/// <param name="Found">Entries that an earlier run had recorded.</param>
public sealed record CaseRecording(int Recorded, int Found)
{
    /// <summary>Both together.</summary>
    public static CaseRecording operator +(CaseRecording left, CaseRecording right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new CaseRecording(left.Recorded + right.Recorded, left.Found + right.Found);
    }
}

/// <summary>
/// Records a case step by step through the door that every caller uses. Keys and facts are the rows themselves, so a
/// second run finds what is there and adds nothing.
/// </summary>
/// <param name="submit">The door.</param>
/// <param name="tenant">Whose journals.</param>
/// <param name="actor">Who records.</param>
public sealed class CaseRecorder(
    Func<Submission, CancellationToken, Task<SubmissionOutcome>> submit, string tenant, string actor)
{
    /// <summary>Records the steps: in order in each journal, journals beside each other.</summary>
    /// <param name="steps">What to record.</param>
    /// <param name="progress">Told how many steps are done, of all.</param>
    /// <param name="cancellation">Stops between two steps; the next run goes on there.</param>
    /// <exception cref="CaseFolderException">A step was not recorded; names the step and the reason.</exception>
    public async Task<CaseRecording> Record(
        ImmutableArray<CaseStep> steps, Action<int, int> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var done = 0;
        var journals = steps.GroupBy(step => step.Journal, StringComparer.Ordinal).Select(async journal =>
        {
            var positions = new Dictionary<string, long>(StringComparer.Ordinal);
            var (found, script) = (0, default(Instant));
            foreach (var step in journal)
            {
                // What became known at one instant is recorded microsecond by microsecond: a script never repeats one.
                script = Instant.Latest(step.KnownAt, script.Plus(1));
                var recorded = await RecordStep(step, script, positions, cancellation);
                positions[step.Key] = recorded.Entry.Position;
                found += recorded.Replayed ? 1 : 0;
                progress(Interlocked.Increment(ref done), steps.Length);
            }

            return (New: positions.Count - found, Found: found);
        });
        var counts = await Task.WhenAll(journals);
        return new CaseRecording(counts.Sum(count => count.New), counts.Sum(count => count.Found));
    }

    private async Task<Outcome.Recorded> RecordStep(
        CaseStep step, Instant script, Dictionary<string, long> positions, CancellationToken cancellation)
    {
        var command = step.Corrects is { } corrected
            ? new CorrectEntry
            {
                EffectiveAt = step.Command.EffectiveAt,
                Entry = positions[corrected],
                Replacement = step.Command,
                Evidence = step.Command.Evidence,
            }
            : step.Command;
        var submission = Submission.One(new JournalKey(tenant, step.Journal), $"case:{step.Key}", actor, command);
        return await submit(submission with { ScriptedRecordedAt = script }, cancellation) switch
        {
            SubmissionOutcome.Decided { Items: [Outcome.Recorded recorded] } => recorded,
            SubmissionOutcome.Decided { Items: [Outcome.Refused refused] } => throw new CaseFolderException(
                $"{step.Journal}, {step.Key}: {refused.Refusal.Code}: {refused.Refusal.Message}"),
            var other => throw new CaseFolderException($"{step.Journal}, {step.Key}: {other}"),
        };
    }
}
