using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Cases;

/// <summary>Records a case and audits it from what the journals then hold.</summary>
/// <param name="submit">The door that every caller uses.</param>
/// <param name="reader">Settled reads.</param>
public sealed class CaseRunner(
    Func<Submission, CancellationToken, Task<SubmissionOutcome>> submit, JournalReader reader)
{
    /// <summary>Records what is not recorded yet, and audits the whole.</summary>
    /// <param name="folder">The case.</param>
    /// <param name="tenant">Whose journals.</param>
    /// <param name="actor">Who records.</param>
    /// <param name="progress">Told how many steps are done, of all.</param>
    /// <param name="close">Whether its periods are closed in their time, and sealed in the end.</param>
    /// <param name="cancellation">Stops it; the next run goes on there.</param>
    /// <exception cref="CaseFolderException">A step was refused, or a journal cannot be read.</exception>
    public async Task<(CaseRecording Recording, CaseAuditReport Audit)> RunAsync(
        CaseFolder folder, string tenant, string actor, Action<int, int> progress, bool close,
        CancellationToken cancellation)
    {
        var (steps, unbooked) = CasePlan.Of(folder);
        steps = close ? CasePlan.Closing(folder, steps) : steps;
        var recorder = new CaseRecorder(submit, tenant, actor);
        var recording = await recorder.Record(steps, progress, cancellation);
        if (close)
        {
            recording += await recorder.Record(CasePlan.Sealing(folder, steps), (_, _) => { }, cancellation);
        }

        var treasuries = new Dictionary<string, TreasuryView>(StringComparer.Ordinal);
        foreach (var id in CasePlan.TreasuriesOf(steps))
        {
            treasuries[id] = await reader.ReadTreasuryAsync(tenant, id, null, 0, cancellation) switch
            {
                ReadOutcome<TreasuryView>.Found { View: var view } => view,
                var other => throw new CaseFolderException($"treasury/{id} cannot be read: {other}"),
            };
        }

        return (recording, new CaseAuditor(folder, treasuries).Audit(unbooked));
    }
}
