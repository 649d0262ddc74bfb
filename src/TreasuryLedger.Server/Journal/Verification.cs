using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal.Proofs;

namespace TreasuryLedger.Server.Journal;

/// <summary>What can be wrong with a journal as it is stored.</summary>
public enum FaultKind
{
    /// <summary>The entry that must have this position is not there.</summary>
    EntryMissing,

    /// <summary>An entry is there that the head does not know.</summary>
    EntryBeyondHead,

    /// <summary>The stored content cannot be read as an entry.</summary>
    ContentUnreadable,

    /// <summary>The stored content says that it is another position.</summary>
    PositionWrong,

    /// <summary>The recorded instant is not later than the one before.</summary>
    RecordedAtNotLater,

    /// <summary>The content is not the one that was hashed.</summary>
    HashWrong,

    /// <summary>The index row is missing.</summary>
    IndexMissing,

    /// <summary>The index row or the event's own columns say something else than the content.</summary>
    IndexWrong,

    /// <summary>A text beside the entry is missing, or is not the one that was digested.</summary>
    TextWrong,

    /// <summary>A text stands beside an entry that has none.</summary>
    TextUnasked,

    /// <summary>The head is missing, or stands elsewhere than the chain.</summary>
    HeadWrong,

    /// <summary>The journal does not contain a head that was exported before.</summary>
    ExportedHeadMissing,

    /// <summary>A root that is kept for proofs is wrong. Derived: delete it, and it is made anew.</summary>
    SubtreeWrong,
}

/// <summary>The first thing that is wrong with a journal.</summary>
/// <param name="Position">At which entry; of a head, its position.</param>
/// <param name="Kind">What.</param>
/// <param name="Detail">More, for a person.</param>
public sealed record Fault(long Position, FaultKind Kind, string Detail);

/// <summary>What verifying one journal found.</summary>
/// <param name="Journal">Which.</param>
/// <param name="Position">The newest entry that was derived again.</param>
/// <param name="Hash">The chain's hash there, lower-case hex.</param>
/// <param name="Erased">How many texts were erased.</param>
/// <param name="Fault">The first fault, or <c>null</c>: then all up to the position is what was recorded.</param>
public sealed record JournalVerdict(JournalKey Journal, long Position, string Hash, long Erased, Fault? Fault);

/// <summary>
/// Derives journals again from their stored rows and compares: positions, recorded instants, hash chain, head, index
/// and texts. Reads in one snapshot, so journals may be written meanwhile. Trusts nothing but the rows: no cache, no
/// state.
/// </summary>
/// <param name="database">Connections of any role that may read journals.</param>
public sealed class Verification(NpgsqlDataSource database)
{
    /// <summary>All that there is a row of, of all tenants.</summary>
    private const string Journals = "select tenant, journal from ledger.every_journal(derived => false)";

    private const string LastRow =
        """
        select greatest(
            (select max(version) from journal.mt_events where tenant_id = $1 and stream_id = $2),
            (select max(position) from ledger.entries where tenant = $1 and journal = $2), 0)
        """;

    private const string Subtrees =
        "select block, root from ledger.subtrees where tenant = $1 and journal = $2 order by block";

    private const string OrphanTexts =
        """
        select min(position) from ledger.texts t
        where tenant = $1 and journal = $2 and (field <> 'reason' or not exists (
            select from ledger.entries e where e.tenant = $1 and e.journal = $2 and e.position = t.position))
        """;

    private const string ReplayedClock =
        """
        select (data -> 'event' ->> 'replayedClock')::boolean from journal.mt_events
        where tenant_id = $1 and stream_id = $2 and version = 1
        """;

    private const string StreamVersion =
        "select version from journal.mt_streams where tenant_id = $1 and id = $2 and not is_archived";

    /// <summary>How far a clock may have stepped back since an answer settled an instant.</summary>
    private static readonly TimeSpan StepBackMax = TimeSpan.FromSeconds(1);

    /// <summary>Verifies one journal, or all of the database, one after the other.</summary>
    /// <param name="only">One, or <c>null</c> for all.</param>
    /// <param name="against">Heads that were exported before and must be contained.</param>
    /// <param name="cancellation">Stops it.</param>
    public async IAsyncEnumerable<JournalVerdict> VerifyAsync(
        JournalKey? only,
        IReadOnlyList<ExportedHead> against,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellation);
        var expected = against.Select(head => head.Key).Where(key => only is null || key == only);
        foreach (var key in only is null ? await JournalsAsync(connection, Journals, cancellation) : [only])
        {
            yield return await VerifyAsync(
                connection, key, [.. against.Where(head => head.Key == key)], told: null, cancellation);
            expected = expected.Where(other => other != key);
        }

        foreach (var gone in expected.Distinct())
        {
            yield return new JournalVerdict(gone, 0, "", 0, new Fault(
                0, FaultKind.ExportedHeadMissing, "The journal of an exported head is not in this database."));
        }
    }

    /// <summary>Verifies one journal.</summary>
    /// <param name="connection">A connection in a transaction that sees one moment.</param>
    /// <param name="key">The journal.</param>
    /// <param name="against">Its heads that were exported before.</param>
    /// <param name="told">Told of all right entries in their order, some at a time; nobody, if <c>null</c>.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static async Task<JournalVerdict> VerifyAsync(
        NpgsqlConnection connection,
        JournalKey key,
        IReadOnlyList<ExportedHead> against,
        Func<IReadOnlyList<Entry>, Task>? told,
        CancellationToken cancellation)
    {
        var head = await JournalRows.HeadAsync(connection, key, cancellation);
        var check = new JournalCheck(key, head?.Head.Position ?? 0, against, told);
        await using var ask = new TenantCommand(connection, key, LastRow);
        await check.ReadAsync(connection, (long)(await ask.ExecuteScalarAsync(cancellation))!, cancellation);
        check.Finish(head?.Head);
        if (check.Fault is null)
        {
            await using var version = new TenantCommand(connection, key, StreamVersion);
            var stands = await version.ExecuteScalarAsync(cancellation) as long? ?? 0;
            check.Say(stands == check.Last.Position ? null : new Fault(
                check.Last.Position, FaultKind.IndexWrong, $"The event store's stream stands at {stands}."));
        }

        if (check.Fault is null && head is { Head: { Position: > 0, ReplayedClock: var isReplayed } })
        {
            await using var replayed = new TenantCommand(connection, key, ReplayedClock);
            check.Say(await replayed.ExecuteScalarAsync(cancellation) as bool? == isReplayed ? null : new Fault(
                check.Last.Position, FaultKind.HeadWrong, "The head and the first entry differ on the clock."));
        }

        check.Say(check.Fault ?? SettledFault(key, head, check.Last.Position));
        if (check.Fault is null)
        {
            await using var orphans = new TenantCommand(connection, key, OrphanTexts);
            check.Say(await orphans.ExecuteScalarAsync(cancellation) is long orphan
                ? new Fault(orphan, FaultKind.TextUnasked, "A text stands beside an entry that is not there.")
                : null);
        }

        check.Say(check.Fault ?? await SubtreeFaultAsync(connection, key, check.Blocks, cancellation));
        return new JournalVerdict(
            key, check.Last.Position, Convert.ToHexStringLower(check.Last.Hash), check.Erased, check.Fault);
    }

    /// <summary>
    /// An answer settles an instant that has come: by the clock, or by the script of a replayed one. Books are settled
    /// by the clocks of all their treasuries, which they do not know.
    /// </summary>
    private static Fault? SettledFault(JournalKey key, HeadRow? row, long position)
    {
        if (row is null || !key.IsTreasury)
        {
            return null;
        }

        var come = row.Head.ReplayedClock
            ? row.Head.RecordedAt
            : row.Clock.Plus((long)StepBackMax.TotalMicroseconds);
        return row.SettledAt <= come ? null : new Fault(
            position, FaultKind.HeadWrong, $"The head says that {row.SettledAt} is settled, which has not come.");
    }

    /// <summary>Roots are kept for proofs once they were needed. One that is not there is no fault.</summary>
    private static async Task<Fault?> SubtreeFaultAsync(
        NpgsqlConnection connection, JournalKey key, IReadOnlyList<byte[]> derived, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(connection, key, Subtrees);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var block = rows.GetInt64(0);
            if (block >= derived.Count || !rows.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(derived[(int)block]))
            {
                return new Fault(
                    (block * JournalTree.Block) + 1,
                    FaultKind.SubtreeWrong,
                    $"The root that is kept for proofs over {JournalTree.Block} entries from here on is another.");
            }
        }

        return null;
    }

    /// <summary>The journals that a statement names, in order.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="sql">Selects tenant and journal; a constant of the program.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static async Task<List<JournalKey>> JournalsAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        var keys = new List<JournalKey>();
#pragma warning disable CA2100 // a constant
        await using var select = new NpgsqlCommand(
            $"{sql} order by tenant collate \"C\", journal collate \"C\"", connection);
#pragma warning restore CA2100
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            keys.Add(new JournalKey(rows.GetString(0), rows.GetString(1)));
        }

        return keys;
    }
}
