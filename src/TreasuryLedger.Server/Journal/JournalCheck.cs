using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal.Proofs;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Checks one journal from its rows: they are read one page after the other, while those read before are derived again
/// on other processors, and taken in their order. Holds a few pages at a time, however long the journal is.
/// </summary>
internal sealed class JournalCheck
{
    /// <summary>Rows that are checked at once on one processor: few enough to be forgotten soon.</summary>
    private const int Part = JournalTree.Block;

    /// <summary>Rows of one statement, so that a long journal never meets the limit of a statement's time.</summary>
    private const long Page = 16 * Part;

    private readonly JournalKey _key;
    private readonly ChainCheck _chain;
    private readonly Func<IReadOnlyList<Entry>, Task>? _told;
    private readonly ILookup<long, ExportedHead> _exported;
    private readonly List<byte[]> _blocks = [];
    private readonly List<byte[]> _tail = [];

    /// <param name="key">Which journal.</param>
    /// <param name="headPosition">Where its head stands.</param>
    /// <param name="against">Heads that were exported before.</param>
    /// <param name="told">Told of all right entries in their order, some at a time; reading waits for it.</param>
    public JournalCheck(
        JournalKey key,
        long headPosition,
        IEnumerable<ExportedHead> against,
        Func<IReadOnlyList<Entry>, Task>? told = null)
    {
        (_key, _told) = (key, told);
        _exported = against.ToLookup(head => head.Position);
        _chain = new ChainCheck(key, headPosition, _exported);
        Last = ChainLink.Origin(key);
    }

    /// <summary>The newest right entry.</summary>
    public ChainLink Last { get; private set; }

    /// <summary>Texts that were erased, so far.</summary>
    public long Erased { get; private set; }

    /// <summary>The first fault, so far.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Roots over the full blocks so far, as they must be kept.</summary>
    public IReadOnlyList<byte[]> Blocks => _blocks;

    /// <summary>Checks all rows up to a position, or up to the first fault.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, long upTo, CancellationToken cancellation)
    {
        var running = new Queue<Task<ChainCheck.Finding>>();
        var before = Last;
        for (long from = 0; from < upTo && Fault is null; from += Page)
        {
            await using var select = new TenantCommand(connection, _key, StoredRow.Select);
            select.Parameters.Add(JournalRows.Number(from));
            select.Parameters.Add(JournalRows.Number(from + Page));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            for (var part = await PartAsync(rows, cancellation);
                part.Count > 0 && Fault is null;
                part = await PartAsync(rows, cancellation))
            {
                var (start, taken) = (before, part);
                running.Enqueue(Task.Run(() => _chain.Check(start, taken), cancellation));
                before = ChainLink.After(part[^1]);
                if (running.Count > Environment.ProcessorCount)
                {
                    await TakeAsync(await running.Dequeue());
                }
            }
        }

        while (running.TryDequeue(out var next))
        {
            await TakeAsync(await next);
        }
    }

    /// <summary>Compares the end with the head and with what was exported beyond it.</summary>
    public void Finish(JournalHead? head) => Fault ??= _chain.Finish(Last, head);

    /// <summary>Says what else is wrong, unless something was before.</summary>
    public void Say(Fault? fault) => Fault ??= fault;

    /// <summary>Takes what the next rows were found to be.</summary>
    private async Task TakeAsync(ChainCheck.Finding found)
    {
        if (Fault is not null)
        {
            return;
        }

        if (_told is not null && found.Entries.Count > 0)
        {
            await _told(found.Entries);
        }

        Take(found);
    }

    private void Take(ChainCheck.Finding found)
    {
        (Last, Erased) = (found.Last, Erased + found.Erased);
        var position = found.Last.Position - found.Leaves.Count;
        foreach (var leaf in found.Leaves)
        {
            _tail.Add(leaf);
            position++;
            if (_exported[position].FirstOrDefault(head => head.Root is { } root && root != Root()) is { } other)
            {
                Fault = _chain.NotContained(other);
                return;
            }

            if (_tail.Count == JournalTree.Block)
            {
                _blocks.Add(MerkleTree.Root(_tail));
                _tail.Clear();
            }
        }

        Fault = found.Fault;
    }

    private string Root() => Convert.ToHexStringLower(
        MerkleTree.Root(_tail.Count == 0 ? _blocks : [.. _blocks, MerkleTree.Root(_tail)]));

    private static async Task<List<StoredRow>> PartAsync(NpgsqlDataReader rows, CancellationToken cancellation)
    {
        var part = new List<StoredRow>(Part);
        while (part.Count < Part && await rows.ReadAsync(cancellation))
        {
            part.Add(StoredRow.Read(rows));
        }

        return part;
    }
}
