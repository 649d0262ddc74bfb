namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The one door through which anything is recorded: HTTP, command line and importer invoke this message on the bus and
/// get a <see cref="SubmissionOutcome"/>.
/// </summary>
/// <param name="Submission">What to record.</param>
public sealed record RecordCommands(Submission Submission);

/// <summary>Hands submissions to the journal's writer.</summary>
public static class RecordCommandsHandler
{
    /// <summary>Records what the message asks for.</summary>
    public static Task<SubmissionOutcome> Handle(
        RecordCommands message, JournalWriters writers, CancellationToken cancellation) =>
        writers.SubmitAsync(message.Submission, cancellation);
}
