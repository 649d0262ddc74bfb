namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>Which node has which writers, as this node saw it last.</summary>
/// <param name="ActiveJournals">Journals whose writers have their state in this process's memory.</param>
/// <param name="Nodes">The living nodes that take writers, by number; none if this process is alone.</param>
public sealed record NodesHealth(int ActiveJournals, IReadOnlyList<NodeHealth> Nodes)
{
    /// <summary>What this process knows.</summary>
    public static NodesHealth Of(IServiceProvider services) => new(
        services.GetRequiredService<JournalWriters>().Active,
        [
            .. services.GetService<NodeWatch>()?.Living
                .Select(node => new NodeHealth(node.Number, node.IsSelf, node.IsLeader, node.Slots)) ?? [],
        ]);
}

/// <summary>A node, without its address, which is nobody's business.</summary>
/// <param name="Number">Its number, as Wolverine counts nodes.</param>
/// <param name="IsSelf">It is the one that answers.</param>
/// <param name="IsLeader">It assigns the slots.</param>
/// <param name="Slots">The slots (0 to 63) whose journals it writes.</param>
public sealed record NodeHealth(int Number, bool IsSelf, bool IsLeader, int[] Slots);
