using Npgsql;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>What a decision rarely needs of the stored journal, on the connection that holds the head's lock.</summary>
internal sealed class StoredJournal(NpgsqlConnection connection, JournalKey key)
{
    private const int Page = 1_000;

    private const string SelectVoided =
        """
        select voids from ledger.entries
        where tenant = $1 and journal = $2 and voids between $3 and $4
        """;

    /// <summary>The salt of an entry's text; <c>null</c> if it has none, or it was erased.</summary>
    public ValueTask<byte[]?> SaltAsync(long position) => JournalRows.SaltAsync(connection, key, position);

    /// <summary>The entries that are not voided, between two positions (inclusive), in their order.</summary>
    public async IAsyncEnumerable<Entry> StandingFromAsync(long from, long upTo)
    {
        for (var after = from - 1; after < upTo; after += Page)
        {
            var to = Math.Min(after + Page, upTo);
            var voided = await VoidedAsync(after + 1, to);
            var page = await JournalRows
                .EntriesAsync(connection, key, after, to, CancellationToken.None).ToListAsync();
            foreach (var entry in page.Where(entry => !voided.Contains(entry.Position)))
            {
                yield return entry;
            }
        }
    }

    private async Task<HashSet<long>> VoidedAsync(long from, long upTo)
    {
        await using var select = new TenantCommand(connection, key, SelectVoided);
        select.Parameters.Add(JournalRows.Number(from));
        select.Parameters.Add(JournalRows.Number(upTo));
        await using var rows = await select.ExecuteReaderAsync();
        var voided = new HashSet<long>();
        while (await rows.ReadAsync())
        {
            voided.Add(rows.GetInt64(0));
        }

        return voided;
    }
}
