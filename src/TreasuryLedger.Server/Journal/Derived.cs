using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.Server.Periods;

namespace TreasuryLedger.Server.Journal;

/// <summary>Something that is recorded and follows from the journals: it can be held against them.</summary>
public interface IDerived
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>A statement that gives tenant and journal of all that it holds.</summary>
    string Journals { get; }

    /// <summary>Compares what it holds of a journal with what its stored events say.</summary>
    /// <param name="snapshot">A connection in a transaction that sees one moment.</param>
    /// <param name="key">The journal; its chain is right.</param>
    /// <param name="position">Its head's position; 0 if it has none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The first thing that is wrong, with the first position that it makes wrong; or <c>null</c>.</returns>
    Task<DerivedFault?> CheckAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation);
}

/// <summary>
/// Something that is stored beside the journals and derived from them: it can be made anew. A new one joins
/// <see cref="Derived.Parts"/>.
/// </summary>
public interface IDerivedPart : IDerived
{
    /// <summary>
    /// Makes what it holds of a journal anew, beside what is there, and puts it in its place in one transaction: a
    /// reader sees the old or the new.
    /// </summary>
    /// <param name="owner">Connections of the owner.</param>
    /// <param name="key">The journal; one without a head has nothing to be derived from.</param>
    /// <param name="cancellation">Stops it; then the old one stays.</param>
    /// <returns>Entries read.</returns>
    Task<long> RebuildAsync(NpgsqlDataSource owner, JournalKey key, CancellationToken cancellation);
}

/// <summary>The first thing that is wrong with what is stored and derived from a journal.</summary>
/// <param name="Position">The first entry that it makes wrong.</param>
/// <param name="Detail">What, for a person.</param>
public sealed record DerivedFault(long Position, string Detail);

/// <summary>What checking one part for one journal found.</summary>
/// <param name="Part">What is derived; <c>journal</c> is the journal itself.</param>
/// <param name="Journal">Which journal.</param>
/// <param name="Position">The newest entry that was derived again.</param>
/// <param name="Fault">The first fault, or <c>null</c>.</param>
public sealed record DerivedVerdict(string Part, JournalKey Journal, long Position, DerivedFault? Fault);

/// <summary>What a rebuild did for one part and one journal.</summary>
/// <param name="Part">What is derived.</param>
/// <param name="Journal">Which journal.</param>
/// <param name="Entries">Entries read.</param>
public sealed record RebuiltPart(string Part, JournalKey Journal, long Entries);

/// <summary>Checks and rebuilds all that is stored and derived from journals.</summary>
public static class Derived
{
    /// <summary>The name of the journals themselves among the parts.</summary>
    public const string Journal = "journal";

    private const string Heads = "select tenant, journal from ledger.heads";

    /// <summary>All that is stored beside the journals: an open list.</summary>
    public static IReadOnlyList<IDerivedPart> Parts { get; } =
        [new NarrowPart(), new WriterCheckpointPart(), new Lists.ListPart()];

    /// <summary>All that is checked beside the journals themselves.</summary>
    public static IReadOnlyList<IDerived> Checks { get; } = [.. Parts, new SealCheck()];

    /// <summary>
    /// Verifies each journal, then derives again what is stored of it and compares. Of a journal that is damaged itself
    /// nothing is derived.
    /// </summary>
    /// <param name="database">Connections of any role that may read.</param>
    /// <param name="only">One journal, or <c>null</c> for all of the database.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async IAsyncEnumerable<DerivedVerdict> CheckAsync(
        NpgsqlDataSource database, JournalKey? only, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var verified = new HashSet<JournalKey>();
        await foreach (var verdict in new Verification(database).VerifyAsync(only, [], cancellation))
        {
            if (verdict.Fault is null)
            {
                verified.Add(verdict.Journal);
            }

            yield return new DerivedVerdict(
                Journal, verdict.Journal, verdict.Position,
                verdict.Fault is { } fault
                    ? new DerivedFault(fault.Position, $"{fault.Kind}: {fault.Detail}")
                    : null);
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellation);
        foreach (var part in Checks)
        {
            foreach (var key in await JournalsAsync(connection, part, only, cancellation))
            {
                var head = await JournalRows.HeadAsync(connection, key, cancellation);
                if (head is null || verified.Contains(key))
                {
                    var position = head?.Head.Position ?? 0;
                    yield return new DerivedVerdict(
                        part.Name, key, position, await part.CheckAsync(connection, key, position, cancellation));
                }
            }
        }
    }

    /// <summary>Makes all of it anew, one journal after the other.</summary>
    /// <param name="owner">Connections of the owner.</param>
    /// <param name="only">One journal, or <c>null</c> for all of the database.</param>
    /// <param name="cancellation">Stops it; what is not yet in its place stays as it was.</param>
    public static async IAsyncEnumerable<RebuiltPart> RebuildAsync(
        NpgsqlDataSource owner, JournalKey? only, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var part in Parts)
        {
            await using var connection = await owner.OpenConnectionAsync(cancellation);
            foreach (var key in await JournalsAsync(connection, part, only, cancellation))
            {
                yield return new RebuiltPart(part.Name, key, await part.RebuildAsync(owner, key, cancellation));
            }
        }
    }

    /// <summary>Journals that there are, and those that only the part says there are.</summary>
    private static async Task<List<JournalKey>> JournalsAsync(
        NpgsqlConnection connection, IDerived part, JournalKey? only, CancellationToken cancellation)
    {
        if (only is not null)
        {
            return [only];
        }

#pragma warning disable CA2100 // constants of the program
        await using var select = new NpgsqlCommand($"{Heads} union {part.Journals} order by 1, 2", connection);
#pragma warning restore CA2100
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var keys = new List<JournalKey>();
        while (await rows.ReadAsync(cancellation))
        {
            keys.Add(new JournalKey(rows.GetString(0), rows.GetString(1)));
        }

        return keys;
    }
}
