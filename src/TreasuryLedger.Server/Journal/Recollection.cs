using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// What the journal already says of what the queued submissions name: the entries of their keys, facts and positions.
/// Read in one query a commit, and in none if all names are new.
/// </summary>
internal sealed class Recollection
{
    // A fact's entry, and what voids it, and what voids that: the last one holds the fact.
    private const string Select =
        """
        with recursive named as (
            select position from ledger.entries
            where idempotency_key = any($3) and journal = $2 and tenant = $1
            union
            select position from ledger.entries
            where fact_id = any($4) and journal = $2 and tenant = $1 and voids is null
            union
            select unnest($5)
        ), told as (
            select position from named
            union
            select later.position
            from told
            join ledger.entries later on later.voids = told.position and later.journal = $2 and later.tenant = $1
        )
        select event.data
        from told
        join journal.mt_events event
            on event.tenant_id = $1 and event.stream_id = $2 and event.version = told.position
        """;

    private readonly Dictionary<string, Entry> _byKey;

    private Recollection(Dictionary<string, Entry> byKey, Recalled recalled, bool isEmpty) =>
        (_byKey, Recalled, IsEmpty) = (byKey, recalled, isEmpty);

    /// <summary>What deciding needs of it.</summary>
    public Recalled Recalled { get; }

    /// <summary>Whether the submissions name nothing that the journal has: all they need is in the state.</summary>
    public bool IsEmpty { get; }

    /// <summary>The entry that a request recorded, if it did.</summary>
    /// <param name="key">One of the keys of the submissions.</param>
    public Entry? this[string key] => _byKey.GetValueOrDefault(key);

    /// <summary>Looks up what submissions name.</summary>
    /// <param name="connection">Holds the lock of the head.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="known">The names of the journal up to the head.</param>
    /// <param name="group">The submissions.</param>
    public static async Task<Recollection> OfAsync(
        NpgsqlConnection connection, JournalKey journal, KnownNames known, List<Pending> group)
    {
        var submissions = group.Where(pending => pending.IsOfAllowedSize)
            .Select(pending => pending.Submission).ToList();
        var named = submissions.SelectMany(submission => submission.Commands).Select(Named.By).ToList();
        var keys = submissions.SelectMany(KeysOf).Where(known.MayHaveKey).ToArray();
        var facts = named.SelectMany(names => names.Facts).Where(known.MayHaveFact)
            .Select(fact => fact.ToString()).ToArray();
        var positions = named.SelectMany(names => names.Entries).ToArray();
        var isEmpty = keys.Length + facts.Length + positions.Length == 0;
        var found = isEmpty
            ? []
            : await ReadAsync(connection, journal, keys, facts, positions);
        return new Recollection(
            found.ToDictionary(entry => entry.IdempotencyKey, StringComparer.Ordinal),
            Recalled.Of(named, found),
            isEmpty);
    }

    /// <summary>The entries at positions, with what voids them.</summary>
    public static Task<List<Entry>> EntriesAsync(NpgsqlConnection connection, JournalKey journal, long[] positions) =>
        ReadAsync(connection, journal, [], [], positions);

    private static IEnumerable<string> KeysOf(Submission submission) =>
        Enumerable.Range(0, submission.Commands.Length).Select(submission.KeyOf).Append(submission.OtherForm);

    private static async Task<List<Entry>> ReadAsync(
        NpgsqlConnection connection, JournalKey journal, string[] keys, string[] facts, long[] positions)
    {
        await using var select = new TenantCommand(connection, journal, Select);
        select.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, keys));
        select.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, facts));
        select.Parameters.Add(JournalRows.Array(NpgsqlDbType.Bigint, positions));
        await using var rows = await select.ExecuteReaderAsync();
        var entries = new List<Entry>();
        while (await rows.ReadAsync())
        {
            entries.Add(StoredJson.Read(rows.GetFieldValue<byte[]>(0)));
        }

        return entries;
    }
}
