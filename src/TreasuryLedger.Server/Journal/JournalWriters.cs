namespace TreasuryLedger.Server.Journal;

/// <summary>The writers of the active journals of this process.</summary>
public sealed class JournalWriters
{
    /// <summary>Records a submission, or says why not. Never throws for what the caller sent.</summary>
    /// <param name="submission">What to record.</param>
    /// <param name="cancellation">Stops waiting; what is already being committed still is.</param>
    public Task<SubmissionOutcome> SubmitAsync(Submission submission, CancellationToken cancellation) =>
        throw new InvalidOperationException($"No store is configured for {submission.Journal}.");
}
