using Wolverine;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>
/// Hands a submission to the writer of its journal: here, or on the node that has it. If that node does not answer, it
/// is decided here: the idempotency key finds what the other may have recorded, and the head's lock orders the two.
/// </summary>
/// <param name="writers">The writers of this process.</param>
/// <param name="nodes">The other nodes; <c>null</c> if there are none.</param>
/// <param name="log">Where lost answers are told.</param>
public sealed class Submissions(JournalWriters writers, NodeWatch? nodes, ILogger<Submissions> log)
{
    /// <inheritdoc cref="JournalWriters.SubmitAsync"/>
    public Task<SubmissionOutcome> SubmitAsync(
        Submission submission, IMessageBus bus, CancellationToken cancellation) =>
        nodes?.OtherHolderOf(submission.Journal) is { } holder
            ? ForwardAsync(nodes, holder, submission, bus, cancellation)
            : writers.SubmitAsync(submission, cancellation);

    private async Task<SubmissionOutcome> ForwardAsync(
        NodeWatch watch, Uri holder, Submission submission, IMessageBus bus, CancellationToken cancellation)
    {
        try
        {
            var answer = await bus.EndpointFor(NodeGate.EndpointOf(holder))
                .InvokeAsync<ForwardedOutcome>(ForwardedSubmission.Of(submission), cancellation)
                .WaitAsync(NodeOptions.AnswerWithin, cancellation);
            return NodeJson.Read<SubmissionOutcome>(answer.Json);
        }
        catch (Exception lost) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning(
                "{Journal}: no answer from {Node}, deciding here. {Reason}", submission.Journal, holder, lost.Message);
            if (lost is HttpRequestException or TimeoutException or OperationCanceledException)
            {
                watch.Avoid(holder);
            }

            return await writers.SubmitAsync(submission, cancellation);
        }
    }
}
