using TreasuryLedger.Server.Journal.Nodes;
using Wolverine;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The one door through which anything is recorded: HTTP, command line and importer invoke this message on the bus and
/// get a <see cref="SubmissionOutcome"/>.
/// </summary>
/// <param name="Submission">What to record.</param>
public sealed record RecordCommands(Submission Submission);

/// <summary>Hands submissions to the journal's writer, here or on another node.</summary>
public static class RecordCommandsHandler
{
    /// <summary>Records what the message asks for.</summary>
    public static Task<SubmissionOutcome> Handle(
        RecordCommands message, Submissions submissions, IMessageBus bus, CancellationToken cancellation) =>
        submissions.SubmitAsync(message.Submission, bus, cancellation);
}
