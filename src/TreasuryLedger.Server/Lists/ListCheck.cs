using System.Numerics;
using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Lists;

/// <summary>The rows of lists held against the entries of their journal, value by value.</summary>
/// <param name="snapshot">A connection for it alone.</param>
/// <param name="key">The journal.</param>
/// <param name="position">Where its head stands.</param>
/// <param name="progress">How far the rows say they reach.</param>
internal sealed class ListCheck(NpgsqlConnection snapshot, JournalKey key, long position, ListProgress progress)
    : IDerivedCheck
{
    private const string OfSome = "where tenant = $1 and journal = $2 and position > $3 and position <= $4";

    private static readonly Table<EntryRow> Entries = new(
        "entries",
        $"""
        select position, effective_at, event_type, mode, quality, actor, source, fact_id
        from lists.entries {OfSome} order by position
        """,
        row => new EntryRow(
            row.GetInt64(0), JournalRows.InstantOf(row, 1), row.GetString(2), row.GetString(3), row.GetString(4),
            row.GetString(5), row.GetString(6), row.GetString(7)),
        entry =>
        [
            new EntryRow(
                entry.Position, entry.EffectiveAt, EventNames.Of(entry.Event).Name, ListRows.Word(entry.Mode),
                ListRows.Word(entry.Quality), entry.Actor, entry.Source, entry.Fact.ToString()),
        ]);

    private static readonly Table<MovementRow> Movements = new(
        "movements",
        $"select position, leg, side, account, asset, units from lists.movements {OfSome} order by position, leg",
        row => new MovementRow(
            row.GetInt64(0), row.GetInt16(1), row.GetString(2), TextOrNot(row, 3), TextOrNot(row, 4),
            row.IsDBNull(5) ? null : row.GetFieldValue<BigInteger>(5)),
        entry => ListRows.MovementsOf(entry.Event).Select((moved, leg) => new MovementRow(
            entry.Position, leg, ListRows.Word(moved.Side), moved.Account?.ToString(), moved.Asset?.ToString(),
            moved.Units?.Units)));

    // As text: a price may have more digits than any type here.
    private static readonly Table<PriceRow> Prices = new(
        "prices",
        $"select position, asset, currency, price::text from lists.prices {OfSome} order by position",
        row => new PriceRow(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)),
        entry => entry.Event is PriceRecorded price
            ? [new PriceRow(entry.Position, price.Asset.ToString(), price.Currency.ToString(), price.Price.ToString())]
            : []);

    /// <summary>A row that knows its entry.</summary>
    private interface IRow
    {
        long Position { get; }
    }

    /// <inheritdoc/>
    public async Task<DerivedFault?> TakeAsync(IReadOnlyList<Entry> next, CancellationToken cancellation)
    {
        var upTo = Math.Min(next[^1].Position, progress.Position);
        return next[0].Position > upTo
            ? null
            : await CompareAsync(
                next[0].Position - 1, upTo, [.. next.TakeWhile(entry => entry.Position <= upTo)], cancellation);
    }

    /// <inheritdoc/>
    public async Task<DerivedFault?> EndAsync(CancellationToken cancellation) =>
        progress.Position > position
            ? new DerivedFault(position + 1, $"The progress says {progress.Position}, behind the journal's head.")
            // Behind the progress there is nothing: whoever goes on from it would meet these rows.
            : await CompareAsync(progress.Position, long.MaxValue, [], cancellation)
                ?? await CompareAsync(long.MinValue, 0, [], cancellation)
                ?? (progress is { StoppedAt: { } stopped, Reason: var reason }
                    ? new DerivedFault(stopped, $"The rows end here: {reason}")
                    : null);

    private async Task<DerivedFault?> CompareAsync(
        long after, long upTo, IReadOnlyList<Entry> entries, CancellationToken cancellation)
    {
        DerivedFault?[] faults =
        [
            await CompareAsync(Entries, after, upTo, entries, cancellation),
            await CompareAsync(Movements, after, upTo, entries, cancellation),
            await CompareAsync(Prices, after, upTo, entries, cancellation),
        ];
        return faults.Where(fault => fault is not null).MinBy(fault => fault!.Position);
    }

    private async Task<DerivedFault?> CompareAsync<TRow>(
        Table<TRow> table, long after, long upTo, IReadOnlyList<Entry> entries, CancellationToken cancellation)
        where TRow : struct, IRow, IEquatable<TRow>
    {
        using var derived = entries.SelectMany(table.Derive).GetEnumerator();
        await foreach (var row in StoredAsync(table, after, upTo, cancellation))
        {
            if (!derived.MoveNext())
            {
                return new DerivedFault(row.Position, $"lists.{table.Name} has a row too many: {row}");
            }

            if (!derived.Current.Equals(row))
            {
                return new DerivedFault(
                    Math.Min(row.Position, derived.Current.Position),
                    $"lists.{table.Name} has '{row}', and the journal says '{derived.Current}'.");
            }
        }

        return derived.MoveNext()
            ? new DerivedFault(derived.Current.Position, $"lists.{table.Name} lacks '{derived.Current}'.")
            : null;
    }

    private async IAsyncEnumerable<TRow> StoredAsync<TRow>(
        Table<TRow> table, long after, long upTo, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var select = new TenantCommand(snapshot, key, table.Select) { CommandTimeout = 0 };
        select.Parameters.Add(JournalRows.Number(after));
        select.Parameters.Add(JournalRows.Number(upTo));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            yield return table.Read(rows);
        }
    }

    private static string? TextOrNot(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private sealed record Table<TRow>(
        string Name, string Select, Func<NpgsqlDataReader, TRow> Read, Func<Entry, IEnumerable<TRow>> Derive);

    private readonly record struct EntryRow(
        long Position,
        Instant EffectiveAt,
        string Type,
        string Mode,
        string Quality,
        string Actor,
        string Source,
        string Fact) : IRow;

    private readonly record struct MovementRow(
        long Position, int Leg, string Side, string? Account, string? Asset, BigInteger? Units) : IRow;

    private readonly record struct PriceRow(long Position, string Asset, string Currency, string Price) : IRow;
}
