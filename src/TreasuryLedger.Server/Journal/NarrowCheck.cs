using Npgsql;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>Narrow rows held against the entries of their journal, byte for byte.</summary>
/// <param name="snapshot">A connection for it alone.</param>
/// <param name="key">The journal.</param>
/// <param name="position">Where its head stands.</param>
internal sealed class NarrowCheck(NpgsqlConnection snapshot, JournalKey key, long position) : IDerivedCheck
{
    private const string SelectRows =
        """
        select first, last, body from ledger.narrow
        where tenant = $1 and journal = $2 and last > $3 and last <= $4
        order by last
        """;

    /// <summary>Entries that no row was found for yet: a row may hold more than what is taken at a time.</summary>
    private readonly List<Entry> _open = [];

    /// <summary>The last entry of the rows so far.</summary>
    private long _reached;

    /// <inheritdoc/>
    public async Task<DerivedFault?> TakeAsync(IReadOnlyList<Entry> next, CancellationToken cancellation)
    {
        _open.AddRange(next);
        return await CompareAsync(next[^1].Position, cancellation);
    }

    /// <inheritdoc/>
    public async Task<DerivedFault?> EndAsync(CancellationToken cancellation) =>
        await CompareAsync(long.MaxValue, cancellation)
            ?? (_reached < position ? Missing(_reached + 1, position) : null);

    private async Task<DerivedFault?> CompareAsync(long upTo, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(snapshot, key, SelectRows);
        select.Parameters.Add(JournalRows.Number(_reached));
        select.Parameters.Add(JournalRows.Number(upTo));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var row = new Row(rows.GetInt64(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2));
            if (Misplaced(row.First, row.Last, _reached, position) is { } misplaced)
            {
                return misplaced;
            }

            var entries = _open.GetRange(0, (int)(row.Last - _reached));
            if (Differs(key, row, entries) is { } fault)
            {
                return fault;
            }

            _open.RemoveRange(0, entries.Count);
            _reached = row.Last;
        }

        return null;
    }

    /// <summary>A row must begin behind the one before, leave nothing out, and not go beyond the head.</summary>
    private static DerivedFault? Misplaced(long first, long last, long reached, long position) =>
        last > position ? new DerivedFault(
            Math.Max(first, position + 1), $"A row holds the entries {first} to {last}; the head stands at {position}.")
        : first > reached + 1 ? Missing(reached + 1, first - 1)
        : first < reached + 1 ? new DerivedFault(first, $"Two rows hold the entry {first}.")
        : null;

    private static DerivedFault Missing(long first, long last) =>
        new(first, $"No row holds the entries {first} to {last}. Whoever reads the journal makes one.");

    private static DerivedFault? Differs(JournalKey key, Row row, List<Entry> entries)
    {
        if (row.Body.AsSpan().SequenceEqual(NarrowBlock.Write(key, entries)))
        {
            return null;
        }

        try
        {
            var block = NarrowBlock.Open(key, row.Body, new NarrowTexts());
            for (var index = 0; index < entries.Count && index < block.Count; index++)
            {
                var stored = NarrowBlock.Write(key, [block.Entry(index)]);
                if (!stored.AsSpan().SequenceEqual(NarrowBlock.Write(key, [entries[index]])))
                {
                    return new DerivedFault(row.First + index, "The row says something else than the stored event.");
                }
            }

            return new DerivedFault(row.First, $"The row holds the entries {block.First} to {block.Last}.");
        }
        catch (NarrowException unfit)
        {
            return new DerivedFault(row.First, $"The row cannot be read: {unfit.Message}.");
        }
    }

    private readonly record struct Row(long First, long Last, byte[] Body);
}
