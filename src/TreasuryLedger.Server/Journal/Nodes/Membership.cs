using Wolverine.Runtime;
using Wolverine.Runtime.Agents;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>
/// Whether this node takes part in the assignment. Nodes tell each other what to start and stop by messages in the
/// database that expire by the clocks of sender and receiver. A machine whose clock is off would find every message
/// expired, or remove those of others; so while it is off, its node takes no writers, leads nobody and leaves the
/// messages alone. It serves its callers as before, by sending their submissions to the others.
/// </summary>
/// <param name="runtime">Wolverine, which keeps the nodes.</param>
/// <param name="slots">The slots of this process.</param>
/// <param name="log">Where leaving and joining are told.</param>
internal sealed class Membership(IWolverineRuntime runtime, WriterSlots slots, ILogger log)
{
    private bool _isAway;

    /// <summary>Takes part or stays away, as the clock demands.</summary>
    /// <param name="ahead">How far this machine's clock is ahead of the database's.</param>
    /// <param name="self">This node's row.</param>
    /// <param name="cancellation">Stops it; the next look goes on.</param>
    public async Task JudgeAsync(TimeSpan ahead, WolverineNode self, CancellationToken cancellation)
    {
        var isOff = DatabaseClock.IsOff(ahead);
        runtime.Options.Durability.LeadershipEligible = !isOff;
        if (isOff != _isAway)
        {
            await ListenAsync(!isOff, self, ahead);
            _isAway = isOff;
        }

        var takes = self.Capabilities.RemoveAll(WriterSlots.IsSlot) > 0;
        if (takes == isOff)
        {
            self.Capabilities.AddRange(isOff ? [] : await slots.AllKnownAgentsAsync());
            await runtime.Storage.Nodes.ReregisterNodeAsync(self, cancellation);
        }

        foreach (var slot in isOff ? slots.Own : [])
        {
            await runtime.Agents.StopLocallyAsync(WriterSlots.UriOf(slot));
        }
    }

    private async Task ListenAsync(bool begin, WolverineNode self, TimeSpan ahead)
    {
        var messages = runtime.Endpoints.FindListeningAgent(self.ControlUri!)!;
        if (begin)
        {
            log.LogInformation("This machine's clock is right again; journals may be written here.");
            await messages.StartAsync();
            return;
        }

        log.LogError(
            "This machine's clock is {Ahead} ahead of the database's. Until it is right, no journal is written here "
            + "while another node lives.",
            ahead);
        await messages.StopAndDrainAsync();
    }
}
