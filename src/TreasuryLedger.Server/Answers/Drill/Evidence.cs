using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>Why an entry is believed: where every chain of figures ends.</summary>
/// <param name="Entry">Its position.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Type">The pinned name of its event.</param>
/// <param name="EffectiveAt">When it happened.</param>
/// <param name="RecordedAt">When the journal learned it.</param>
/// <param name="Actor">Who recorded it.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Reference">Where it can be read again, if there is such a place.</param>
/// <param name="PayloadHash">SHA-256 (hex) of the raw document that was received, if one was.</param>
/// <param name="Quality">How much a figure may rest on it.</param>
/// <param name="SourceTimestamp">The source's own time of the fact, where it differs.</param>
/// <param name="SourceRecordedAt">When an earlier system recorded it, if one did.</param>
/// <param name="VoidedBy">The entry known by then that voids it, if one does.</param>
/// <param name="Path">Where the whole entry is asked for, its place in the hash chain included.</param>
public sealed record EvidenceRow(
    long Entry,
    FactId Fact,
    string Type,
    Instant EffectiveAt,
    Instant RecordedAt,
    string Actor,
    string Source,
    string? Reference,
    string? PayloadHash,
    EvidenceQuality Quality,
    Instant? SourceTimestamp,
    Instant? SourceRecordedAt,
    long? VoidedBy,
    string Path)
{
    /// <summary>The evidence of an entry.</summary>
    public static EvidenceRow Of(EntryRow row, string path)
    {
        var entry = row.Entry;
        return new EvidenceRow(
            entry.Position, entry.Fact, EventNames.Of(entry.Event).Name, entry.EffectiveAt, entry.RecordedAt,
            entry.Actor, entry.Source, entry.Evidence.Reference, entry.Evidence.PayloadHash, entry.Quality,
            entry.SourceTimestamp, entry.SourceRecordedAt, row.VoidedBy, path);
    }

    /// <summary>The evidence as lines.</summary>
    public Tree Tell(string what) => Tree.Of(
        $"{what} {Entry}: {Type} of {EffectiveAt}, fact {Fact}",
        new Tree($"says {Source}{(Reference is null ? "" : $", {Reference}")} ({ListRows.Word(Quality)})"),
        PayloadHash is null ? null : new Tree($"document sha256 {PayloadHash}"),
        SourceTimestamp is null ? null : new Tree($"by the source's own clock {SourceTimestamp}"),
        new Tree($"recorded {RecordedAt} by {Actor}"),
        VoidedBy is null ? null : new Tree($"voided by entry {VoidedBy}"));
}

/// <summary>A price with the entry that says it.</summary>
/// <param name="Price">The price.</param>
/// <param name="Evidence">Its entry in the price book; absent if it is par by definition.</param>
/// <param name="Uses">Where every figure that used it is asked for; absent as above.</param>
public sealed record OpenedPrice(PriceRow Price, EvidenceRow? Evidence, string? Uses)
{
    /// <summary>The price as lines.</summary>
    public Tree Tell(string what) => Tree.Of(
        $"{what} {Price.Price}, {Price.AgeSeconds} s old",
        Evidence?.Tell("price entry"));
}

/// <summary>Opens entries to their evidence: those of the treasury and those of its price book.</summary>
/// <param name="links">Where the next steps are.</param>
/// <param name="entries">Entries of the treasury by position.</param>
/// <param name="prices">Entries of the price book by position.</param>
public sealed class EvidenceBook(
    Links links, IReadOnlyDictionary<long, EntryRow> entries, IReadOnlyDictionary<long, EntryRow> prices)
{
    private const string SelectFact =
        """
        with recursive told (position) as (
            select position from ledger.entries
            where fact_id = $3 and journal = $2 and tenant = $1 and voids is null and position <= $4
            union all
            select e.position from told t
            join ledger.entries e on e.voids = t.position and e.journal = $2 and e.tenant = $1
            where e.fact_id = $3 and e.position <= $4)
        select max(position) from told
        """;

    /// <summary>Where the next steps are.</summary>
    public Links Links => links;

    /// <summary>Reads what figures rest on.</summary>
    /// <param name="databases">Where the tenant's journals lie.</param>
    /// <param name="seen">The treasury.</param>
    /// <param name="links">Where the next steps are.</param>
    /// <param name="entries">Entries of the treasury.</param>
    /// <param name="prices">Prices that were used; those at par have no entry.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<EvidenceBook> ReadAsync(
        TenantDatabases databases,
        Seen seen,
        Links links,
        IEnumerable<long> entries,
        IEnumerable<PriceUsed?> prices,
        CancellationToken cancellation)
    {
        var treasury = seen.View.Treasury.Head.Journal;
        await using var connection = await databases.OpenAsync(treasury.Tenant, cancellation);
        return new EvidenceBook(
            links,
            await RowsAsync(treasury, entries, seen.Standpoint.Positions.Treasury),
            await RowsAsync(
                JournalKey.Prices(treasury.Tenant, seen.Opened.PriceBook),
                prices.OfType<PriceUsed>().Select(price => price.Position).Where(position => position > 0),
                seen.Standpoint.Positions.PriceBook));

        async Task<Dictionary<long, EntryRow>> RowsAsync(JournalKey key, IEnumerable<long> positions, long known)
        {
            var wanted = positions.Distinct().Order().ToList();
            return wanted.Count == 0
                ? []
                : (await EntryRows.ReadAsync(connection, key, wanted, known, cancellation))
                    .ToDictionary(row => row.Entry.Position);
        }
    }

    /// <summary>One entry with what stands beside it.</summary>
    /// <param name="databases">Where the tenant's journals lie.</param>
    /// <param name="key">The journal.</param>
    /// <param name="position">The entry.</param>
    /// <param name="known">Later entries void nothing.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<EntryRow> RowAsync(
        TenantDatabases databases, JournalKey key, long position, long known, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        return (await EntryRows.ReadAsync(connection, key, [position], known, cancellation))[0];
    }

    /// <summary>The entry that tells a fact, as known: the last one that replaced it; absent if none does.</summary>
    internal static async Task<NarrowEntry?> FindAsync(
        TenantDatabases databases, Seen seen, FactId fact, CancellationToken cancellation)
    {
        var key = seen.View.Treasury.Head.Journal;
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        await using var select = new TenantCommand(connection, key, SelectFact);
        select.Parameters.Add(JournalRows.Text(fact.ToString()));
        select.Parameters.Add(JournalRows.Number(seen.Standpoint.Positions.Treasury));
        return await select.ExecuteScalarAsync(cancellation) is long position ? seen.At.Log.Find(position) : null;
    }

    /// <summary>The evidence of an entry of the treasury.</summary>
    public EvidenceRow Of(long position) => EvidenceRow.Of(entries[position], links.Entry(position));

    /// <summary>A price with its evidence.</summary>
    /// <param name="price">The price.</param>
    /// <param name="usedAt">When it was used.</param>
    public OpenedPrice? Of(PriceUsed? price, Instant usedAt) => PriceRow.Of(price, usedAt) is not { } row ? null
        : row.Position == 0 ? new OpenedPrice(row, null, null)
        : new OpenedPrice(
            row, EvidenceRow.Of(prices[row.Position], links.Price(row.Position)), links.PriceUses(row.Position));

    /// <summary>Prices with their evidence.</summary>
    /// <inheritdoc cref="Of(PriceUsed, Instant)"/>
    public ImmutableArray<OpenedPrice> Of(ImmutableArray<PriceUsed> used, Instant usedAt) =>
        [.. used.Select(price => Of(price, usedAt)!)];
}
