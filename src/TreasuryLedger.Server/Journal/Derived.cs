using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Periods;

namespace TreasuryLedger.Server.Journal;

/// <summary>Something that is recorded and follows from the journals: it can be held against them.</summary>
public interface IDerived
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>Begins to compare what it holds of a journal with what the stored events say.</summary>
    /// <param name="snapshot">A connection for it alone, in a transaction that sees one moment.</param>
    /// <param name="key">The journal.</param>
    /// <param name="position">Its head's position; 0 if it has none.</param>
    /// <param name="cancellation">Stops it.</param>
    Task<IDerivedCheck> BeginAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation);
}

/// <summary>One part while it is held against one journal, whose entries are read once for all parts.</summary>
public interface IDerivedCheck
{
    /// <summary>Takes the next entries.</summary>
    /// <param name="next">In recorded order without gaps, from position 1 on; their chain is right.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>
    /// The first thing that is wrong, with the first position that it makes wrong, or <c>null</c>. After a fault
    /// nothing more is asked.
    /// </returns>
    Task<DerivedFault?> TakeAsync(IReadOnlyList<Entry> next, CancellationToken cancellation);

    /// <summary>There are no more entries.</summary>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>As before.</returns>
    Task<DerivedFault?> EndAsync(CancellationToken cancellation);
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

    private const string Journals = "select tenant, journal from ledger.every_journal(derived => true)";

    /// <summary>All that is stored beside the journals: an open list.</summary>
    public static IReadOnlyList<IDerivedPart> Parts { get; } =
        [new NarrowPart(), new WriterCheckpointPart(), new Lists.ListPart()];

    /// <summary>All that is checked beside the journals themselves.</summary>
    public static IReadOnlyList<IDerived> Checks { get; } = [.. Parts, new SealCheck()];

    /// <summary>
    /// Verifies each journal, derives again what is stored of it and compares. Its entries are read once: while some
    /// are read and verified, those before them are held against all parts at once. Of a journal that is damaged itself
    /// nothing is said of its parts.
    /// </summary>
    /// <param name="database">Connections of any role that may read.</param>
    /// <param name="only">One journal, or <c>null</c> for all of the database.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async IAsyncEnumerable<DerivedVerdict> CheckAsync(
        NpgsqlDataSource database, JournalKey? only, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var snapshot = await SharedSnapshot.TakeAsync(database, 1 + Checks.Count, cancellation);
        var keys = only is not null
            ? [only]
            : await Verification.JournalsAsync(snapshot.Connections[0], Journals, cancellation);
        foreach (var key in keys)
        {
            foreach (var verdict in await CheckAsync(snapshot.Connections, key, cancellation))
            {
                yield return verdict;
            }
        }
    }

    private static async Task<List<DerivedVerdict>> CheckAsync(
        IReadOnlyList<NpgsqlConnection> snapshot, JournalKey key, CancellationToken cancellation)
    {
        var head = await JournalRows.HeadAsync(snapshot[0], key, cancellation);
        var position = head?.Head.Position ?? 0;
        var parts = new List<CheckedPart>();
        foreach (var (part, connection) in Checks.Zip(snapshot.Skip(1)))
        {
            parts.Add(new CheckedPart(part.Name, await part.BeginAsync(connection, key, position, cancellation)));
        }

        var before = Task.CompletedTask;
        var journal = await Verification.VerifyAsync(snapshot[0], key, [], TellAsync, cancellation);
        await before;
        if (journal.Fault is { } fault)
        {
            return
            [
                new DerivedVerdict(
                    Journal, key, journal.Position, new DerivedFault(fault.Position, $"{fault.Kind}: {fault.Detail}")),
            ];
        }

        foreach (var part in parts)
        {
            part.Fault ??= await part.Check.EndAsync(cancellation);
        }

        return
        [
            new DerivedVerdict(Journal, key, journal.Position, null),
            .. parts.Select(part => new DerivedVerdict(part.Name, key, position, part.Fault)),
        ];

        async Task TellAsync(IReadOnlyList<Entry> next)
        {
            await before;
            before = Task.WhenAll(parts.Where(part => part.Fault is null).Select(part => Task.Run(
                async () => part.Fault = await part.Check.TakeAsync(next, cancellation), cancellation)));
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
            var keys = only is not null
                ? [only]
                : await Verification.JournalsAsync(connection, Journals, cancellation);
            foreach (var key in keys)
            {
                yield return new RebuiltPart(part.Name, key, await part.RebuildAsync(owner, key, cancellation));
            }
        }
    }

    private sealed class CheckedPart(string name, IDerivedCheck check)
    {
        public string Name => name;

        public IDerivedCheck Check => check;

        public DerivedFault? Fault { get; set; }
    }
}
