using System.Collections.Concurrent;
using Wolverine.Runtime;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>A living node that takes writers.</summary>
/// <param name="Number">Its number, as Wolverine counts nodes.</param>
/// <param name="Address">Where it is reached.</param>
/// <param name="IsSelf">It is this process.</param>
/// <param name="IsLeader">It assigns the slots.</param>
/// <param name="Slots">The slots that it has, in order.</param>
public sealed record LivingNode(int Number, Uri Address, bool IsSelf, bool IsLeader, int[] Slots);

/// <summary>
/// Knows which living node has which slot, as of the last look: wrong for a moment after each change, which costs a
/// detour and nothing else.
/// </summary>
/// <param name="options">How this process is a node.</param>
/// <param name="runtime">Wolverine, which keeps the nodes.</param>
/// <param name="slots">The slots of this process.</param>
/// <param name="clock">Says when a node was last heard of.</param>
/// <param name="log">Where faults are told.</param>
public sealed class NodeWatch(
    NodeOptions options,
    IWolverineRuntime runtime,
    WriterSlots slots,
    DatabaseClock clock,
    ILogger<NodeWatch> log) : BackgroundService
{
    private readonly ConcurrentDictionary<Uri, long> _avoidedUntil = new();
    private readonly Membership _membership = new(runtime, slots, log);
    private volatile IReadOnlyList<LivingNode> _living = [];
    private volatile Uri?[] _holders = new Uri?[WriterSlots.Count];

    /// <summary>The living nodes, by number.</summary>
    public IReadOnlyList<LivingNode> Living => _living;

    /// <summary>The other node that has a journal's writer; <c>null</c> if it is to be written here.</summary>
    public Uri? OtherHolderOf(JournalKey journal)
    {
        var slot = WriterSlots.Of(journal);
        return slots.Has(slot) || _holders[slot] is not { } holder
            || (_avoidedUntil.TryGetValue(holder, out var until) && Environment.TickCount64 < until)
            ? null
            : holder;
    }

    /// <summary>A node could not be reached: until it has been looked at again, nothing is sent to it.</summary>
    public void Avoid(Uri node) =>
        _avoidedUntil[node] = Environment.TickCount64 + (long)options.HealthCheckInterval.TotalMilliseconds;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.HealthCheckInterval);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                // What was seen last stands. If it is wrong by now, a forward fails and the submission is decided here.
                log.LogWarning("The nodes could not be looked up: {Reason}", fault.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var (now, ahead) = await clock.ReadAsync(cancellation);

        // Wolverine compares what the database's clock wrote with this machine's clock. A machine whose clock is off
        // would take the living for dead, or the dead for living; so the difference is part of the allowance.
        runtime.Options.Durability.StaleNodeTimeout = options.DeadAfter + ahead;

        var state = await runtime.Storage.Nodes.LoadNodeAgentStateAsync(cancellation);
        if (state.Nodes.FirstOrDefault(node => node.NodeId == runtime.Options.UniqueNodeId) is { } self)
        {
            await _membership.JudgeAsync(ahead, self, cancellation);
        }

        var living = new List<LivingNode>();
        foreach (var node in state.Nodes.Where(node => now - node.LastHealthCheck < options.DeadAfter))
        {
            if (WriterSlots.AddressOf(node) is { } address)
            {
                living.Add(new LivingNode(
                    node.AssignedNodeNumber,
                    address,
                    node.NodeId == runtime.Options.UniqueNodeId,
                    node.IsLeader(),
                    [.. WriterSlots.SlotsOf(node).Order()]));
            }
        }

        var holders = new Uri?[WriterSlots.Count];
        foreach (var other in living.Where(node => !node.IsSelf))
        {
            foreach (var slot in other.Slots)
            {
                holders[slot] = other.Address;
            }
        }

        _living = [.. living.OrderBy(node => node.Number)];
        _holders = holders;
    }
}
