using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>Free texts beside journals.</summary>
public static class Texts
{
    /// <summary>
    /// Erases the text of an entry with its salt, for ever. The entry keeps a digest of which nothing can be learned,
    /// so the chain verifies as before.
    /// </summary>
    /// <param name="owner">Connections of the owner role; no other may.</param>
    /// <param name="key">The journal.</param>
    /// <param name="position">The entry.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Whether there was a text.</returns>
    public static async Task<bool> EraseAsync(
        NpgsqlDataSource owner, JournalKey key, long position, CancellationToken cancellation)
    {
        await using var erase = new TenantCommand(owner, key, "select ledger.erase_text($1, $2, $3)");
        erase.Parameters.Add(JournalRows.Number(position));
        return await erase.ExecuteScalarAsync(cancellation) is > 0L;
    }
}
