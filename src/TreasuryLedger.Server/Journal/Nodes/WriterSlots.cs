using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using JasperFx;
using Wolverine.Runtime;
using Wolverine.Runtime.Agents;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>
/// Each journal's writer belongs to a slot, and Wolverine assigns the slots to the living nodes. Who has a slot decides
/// for its journals, as long as nobody else has to: correctness never rests on it (each commit is fenced by the head).
/// </summary>
/// <param name="node">How this process is a node; <c>null</c> if it takes no writers.</param>
/// <param name="writers">The writers of this process.</param>
/// <param name="clock">Says whether this machine's clock allows to take part.</param>
public sealed class WriterSlots(NodeOptions? node, JournalWriters writers, DatabaseClock clock) : IStaticAgentFamily
{
    /// <summary>How many there are: many more than nodes, for like shares; few enough to move at once.</summary>
    public const int Count = 64;

    private const string SchemeName = "writers";

    /// <summary>A node tells its address among its capabilities, in the scheme of those that are no agents.</summary>
    private const string AddressPrefix = "wolverine://node-address/";

    private static readonly Uri[] Uris =
        [.. Enumerable.Range(0, Count).Select(slot => new Uri($"{SchemeName}://slot/{Number(slot)}"))];

    private readonly ConcurrentDictionary<int, bool> _own = new();

    /// <inheritdoc/>
    public string Scheme => SchemeName;

    /// <summary>The slots that this process has, in order.</summary>
    public int[] Own => [.. _own.Keys.Order()];

    /// <summary>The slot of a journal: the same on every node of every version.</summary>
    public static int Of(JournalKey journal)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{journal.Tenant}\n{journal.Journal}"), digest);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(digest) % Count);
    }

    /// <summary>What a node tells of itself: its address, and the slots if its clock is right.</summary>
    internal static Uri[] CapabilitiesOf(NodeOptions node, bool isOff) =>
        [new Uri(AddressPrefix + Hex(node.Address)), .. isOff ? [] : Uris];

    /// <summary>The agent of a slot.</summary>
    internal static Uri UriOf(int slot) => Uris[slot];

    /// <summary>Whether a capability is that of taking a slot.</summary>
    internal static bool IsSlot(Uri capability) => capability.Scheme == SchemeName;

    /// <summary>Whether a capability tells an address.</summary>
    internal static bool IsAddress(Uri capability) =>
        capability.ToString().StartsWith(AddressPrefix, StringComparison.Ordinal);

    /// <summary>Whether this process has a slot.</summary>
    public bool Has(int slot) => _own.ContainsKey(slot);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Uri>> AllKnownAgentsAsync() => new(node is null ? [] : Uris);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Uri>> SupportedAgentsAsync()
    {
        if (node is null)
        {
            return [];
        }

        var (_, ahead) = await clock.ReadAsync(CancellationToken.None);
        return CapabilitiesOf(node, DatabaseClock.IsOff(ahead));
    }

    /// <inheritdoc/>
    public ValueTask<IAgent> BuildAgentAsync(Uri uri, IWolverineRuntime wolverineRuntime) =>
        new(new Slot(this, uri, SlotOf(uri) ?? throw new InvalidAgentException($"'{uri}' is no slot of writers.")));

    /// <summary>
    /// Gives each node that takes writers a like share and moves no more slots than that needs. A node that takes none,
    /// such as a command line at work, gets none.
    /// </summary>
    public ValueTask EvaluateAssignmentsAsync(AssignmentGrid assignments)
    {
        var takers = assignments.Nodes
            .Where(one => one.Capabilities.Any(IsSlot))
            .ToDictionary(one => one, one => one.ForScheme(SchemeName).ToList());
        if (takers.Count == 0)
        {
            return ValueTask.CompletedTask;
        }

        var shareMax = (Count + takers.Count - 1) / takers.Count;
        foreach (var slots in takers.Values.Where(slots => slots.Count > shareMax))
        {
            slots[shareMax..].ForEach(slot => slot.Detach());
            slots.RemoveRange(shareMax, slots.Count - shareMax);
        }

        foreach (var slot in assignments.AvailableAgentsForScheme(SchemeName)
            .Where(slot => slot.AssignedNode is null || !takers.ContainsKey(slot.AssignedNode)))
        {
            var (least, slots) = takers.MinBy(taker => taker.Value.Count);
            least.Assign(slot);
            slots.Add(slot);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The slots that a node has, as its row says.</summary>
    internal static IEnumerable<int> SlotsOf(WolverineNode one) => one.ActiveAgents.Select(SlotOf).OfType<int>();

    /// <summary>Where a node is reached; <c>null</c> if it takes no writers.</summary>
    internal static Uri? AddressOf(WolverineNode one) => one.Capabilities
        .Where(IsAddress)
        .Select(capability => new Uri(Encoding.UTF8.GetString(
            Convert.FromHexString(capability.ToString().AsSpan(AddressPrefix.Length)))))
        .FirstOrDefault();

    private static int? SlotOf(Uri uri) =>
        IsSlot(uri)
        && int.TryParse(uri.AbsolutePath.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var slot)
        && slot < Count
            ? slot
            : null;

    private static string Number(int slot) => slot.ToString(CultureInfo.InvariantCulture);

    // Hex, because an address inside an address is rewritten by whoever prints it.
    private static string Hex(Uri address) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(address.ToString()));

    private sealed class Slot(WriterSlots owner, Uri uri, int slot) : IAgent
    {
        public Uri Uri => uri;

        public AgentStatus Status { get; private set; } = AgentStatus.Stopped;

        public string Description => $"Writes the journals of slot {Number(slot)}";

        public Task StartAsync(CancellationToken cancellationToken)
        {
            owner._own[slot] = true;
            Status = AgentStatus.Running;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            owner._own.TryRemove(slot, out _);
            Status = AgentStatus.Stopped;
            return owner.ReleaseAsync(slot);
        }
    }

    private Task ReleaseAsync(int slot) => writers.ReleaseAsync(journal => Of(journal) == slot);
}
