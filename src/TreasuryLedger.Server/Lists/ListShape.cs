using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>How the rows of a list are got and shown: the same for pages, streams and every list.</summary>
/// <param name="Page">The type of a page.</param>
public abstract record ListShape(Type Page)
{
    /// <summary>Entries.</summary>
    public static ListShape OfEntries { get; } = new ListShape<EntryRow>(
        typeof(EntriesAnswer),
        (lookout, stand, behind, rows, cancellation) => lookout.EntriesAsync(stand, behind, rows, cancellation),
        row => (row.Entry.Position, 0),
        (viewpoint, rows, next) => new EntriesAnswer(viewpoint, rows, next),
        [
            ("position", row => Text(row.Entry.Position)), ("effectiveAt", row => row.Entry.EffectiveAt.ToString()),
            ("recordedAt", row => row.Entry.RecordedAt.ToString()),
            ("type", row => EventNames.Of(row.Entry.Event).Name), ("mode", row => ListRows.Word(row.Entry.Mode)),
            ("fact", row => row.Entry.Fact.ToString()), ("actor", row => row.Entry.Actor),
            ("source", row => row.Entry.Source), ("reference", row => row.Entry.Evidence.Reference),
            ("quality", row => ListRows.Word(row.Entry.Quality)), ("voids", row => Text(row.Entry.Voids)),
            ("voidedBy", row => Text(row.VoidedBy)), ("fulfils", row => row.Entry.Fulfils?.ToString()),
            ("hash", row => row.Hash),
            ("event", row => JsonSerializer.Serialize(row.Entry.Event, row.Entry.Event.GetType(), StoredJson.Options)),
        ]);

    /// <summary>Movements.</summary>
    public static ListShape OfMovements { get; } = new ListShape<MovementRow>(
        typeof(MovementsAnswer),
        (lookout, stand, behind, rows, cancellation) => lookout.MovementsAsync(stand, behind, rows, cancellation),
        row => (row.Entry, row.Leg),
        (viewpoint, rows, next) => new MovementsAnswer(viewpoint, rows, next),
        [
            ("entry", row => Text(row.Entry)), ("leg", row => Text(row.Leg)),
            ("side", row => ListRows.Word(row.Side)), ("account", row => row.Account.ToString()),
            ("asset", row => row.Asset.ToString()), ("quantity", row => row.Quantity.ToString()),
            ("effectiveAt", row => row.EffectiveAt.ToString()), ("recordedAt", row => row.RecordedAt.ToString()),
            ("type", row => row.Type), ("fact", row => row.Fact.ToString()), ("source", row => row.Source),
            ("quality", row => ListRows.Word(row.Quality)), ("voidedBy", row => Text(row.VoidedBy)),
        ]);

    /// <summary>Prices.</summary>
    public static ListShape OfPrices { get; } = new ListShape<RecordedPriceRow>(
        typeof(PricesAnswer),
        (lookout, stand, behind, rows, cancellation) => lookout.PricesAsync(stand, behind, rows, cancellation),
        row => (row.Entry, 0),
        (viewpoint, rows, next) => new PricesAnswer(viewpoint, rows, next),
        [
            ("entry", row => Text(row.Entry)), ("asset", row => row.Asset.ToString()),
            ("currency", row => row.Currency.ToString()), ("price", row => row.Price.ToString()),
            ("effectiveAt", row => row.EffectiveAt.ToString()), ("recordedAt", row => row.RecordedAt.ToString()),
            ("fact", row => row.Fact.ToString()), ("source", row => row.Source),
            ("quality", row => ListRows.Word(row.Quality)), ("voidedBy", row => Text(row.VoidedBy)),
        ]);

    /// <summary>A page.</summary>
    public abstract Task<object> PageAsync(ListLookout lookout, ListStand stand, CancellationToken cancellation);

    /// <summary>All rows from the cursor on as bytes of a stream, a part at a time.</summary>
    public abstract IAsyncEnumerable<byte[]> StreamAsync(
        ListLookout lookout, ListStand stand, CancellationToken cancellation);

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How rows of a type are got and shown.</summary>
/// <typeparam name="TRow">The type of a row.</typeparam>
internal sealed record ListShape<TRow>(
    Type Page,
    Func<ListLookout, ListStand, (long Position, int Leg)?, int, CancellationToken, Task<List<TRow>>> ReadAsync,
    Func<TRow, (long Position, int Leg)> PlaceOf,
    Func<JournalStandpoint, ImmutableArray<TRow>, string?, object> Answer,
    (string Name, Func<TRow, string?> Value)[] Columns)
    : ListShape(Page)
{
    /// <inheritdoc/>
    public override async Task<object> PageAsync(
        ListLookout lookout, ListStand stand, CancellationToken cancellation)
    {
        var limit = (int)(stand.Question.Limit ?? ListQuestion.PageUsual);
        var rows = await ReadAsync(lookout, stand, Begin(stand), limit + 1, cancellation);
        string? next = null;
        if (rows.Count > limit)
        {
            rows.RemoveAt(limit);
            var (position, leg) = PlaceOf(rows[^1]);
            next = await lookout.CursorAsync(stand, position, leg, cancellation);
        }

        return Answer(stand.Viewpoint, [.. rows], next);
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<byte[]> StreamAsync(
        ListLookout lookout, ListStand stand, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var text = new ListText<TRow>(stand.Question.Format, Columns);
        yield return text.Begin(new StreamBegin(stand.Viewpoint));
        var (behind, given, most) = (Begin(stand), 0L, stand.Question.Limit ?? long.MaxValue);
        while (given < most)
        {
            var wanted = (int)Math.Min(ListText.ChunkRows, most - given);
            var rows = await ReadAsync(lookout, stand, behind, wanted, cancellation);
            if (rows.Count > 0)
            {
                given += rows.Count;
                behind = PlaceOf(rows[^1]);
                foreach (var piece in text.Rows(rows))
                {
                    yield return piece;
                }
            }

            if (rows.Count < wanted)
            {
                break;
            }
        }

        yield return text.End(given);
    }

    private static (long Position, int Leg)? Begin(ListStand stand) =>
        stand.Behind is { } cursor ? (cursor.Position, cursor.Leg) : null;
}

/// <summary>The first line of a stream of JSON.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
public sealed record StreamBegin(JournalStandpoint Viewpoint);

/// <summary>The last line of a stream of JSON; without it the stream broke.</summary>
/// <param name="Rows">How many rows there were.</param>
public sealed record StreamEnd(long Rows);
