using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Drill;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>A row with its place in the list.</summary>
/// <param name="Position">The entry that it belongs to; of a list without entries its number, from 0 on.</param>
/// <param name="Leg">Its number among the rows of the entry, from 0 on.</param>
/// <param name="Entry">The entry, if it belongs to one.</param>
/// <param name="Row">The row.</param>
internal sealed record DerivedRow<T>(long Position, int Leg, NarrowEntry? Entry, T Row);

/// <summary>Where a derived list stands: everything that its rows follow from.</summary>
/// <param name="Seen">The treasury.</param>
/// <param name="Links">Where rows lead to.</param>
/// <param name="Filter">What the list is about.</param>
/// <param name="Behind">The row behind which it begins.</param>
internal sealed record DerivedStand(Seen Seen, Links Links, DerivedFilter Filter, ListCursor? Behind);

/// <summary>What of an entry stands in a row that a fold does not know.</summary>
/// <param name="KeyOf">The journal of the entry.</param>
/// <param name="PositionOf">Its position; 0 if there is none.</param>
/// <param name="With">The row with it.</param>
internal sealed record DerivedEvidence<T, TRow>(
    Func<Asking, DerivedStand, JournalKey> KeyOf, Func<T, long> PositionOf, Func<TRow, Entry, TRow> With);

/// <summary>The first line of a stream of JSON.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
public sealed record DerivedBegin(Standpoint Viewpoint);

/// <summary>
/// A list whose rows follow from a treasury's book: folded from the nearest checkpoint on, and never stored (decision
/// 0017). Pages, streams, sums and both routes are the same for every list.
/// </summary>
/// <typeparam name="T">A row as it is derived.</typeparam>
/// <typeparam name="TRow">A row as callers see it.</typeparam>
internal sealed record DerivedList<T, TRow>(string Verb, string Path, string Id, string Summary, string Description)
{
    private const string Lists = " As a list (`limit`, `cursor`, any filter, `format`) it comes in pages; as a stream "
        + "(`ndjson`, `csv`, `xlsx`) whole. NDJSON begins with the viewpoint and ends with the number of rows; CSV has "
        + "the viewpoint in the headers Ledger-As-Of, Ledger-Known-At and Ledger-Position.";

    private const string SelectActors =
        """
        select version from journal.mt_events
        where tenant_id = $1 and stream_id = $2 and version = any($3) and data->>'actor' = $4
        """;

    /// <summary>The type of a page.</summary>
    public required Type Answer { get; init; }

    /// <summary>Which filters it has.</summary>
    public required FilterText Filters { get; init; }

    /// <summary>The answer to a question without any parameter of lists; absent: the first page.</summary>
    public Func<Seen, object>? Plain { get; init; }

    /// <summary>
    /// Its rows in order, from behind the row of a cursor on; those that no filter wants may be left out.
    /// </summary>
    public required Func<DerivedStand, IEnumerable<DerivedRow<T>>> Read { get; init; }

    /// <summary>What filters ask of a row.</summary>
    public required Func<DerivedRow<T>, DerivedFacts> FactsOf { get; init; }

    /// <summary>A row as callers see it.</summary>
    public required Func<DerivedStand, T, TRow> RowOf { get; init; }

    /// <summary>What stands in a row that a fold does not know; absent if nothing does.</summary>
    public DerivedEvidence<T, TRow>? Evidence { get; init; }

    /// <summary>A page.</summary>
    public required Func<Seen, ImmutableArray<TRow>, string?, object> Page { get; init; }

    /// <summary>The columns of comma-separated values.</summary>
    public required (string Name, Func<TRow, string?> Value)[] Columns { get; init; }

    /// <summary>Adds a row to the sums that it belongs to.</summary>
    public required Action<DerivedTallies, T> Count { get; init; }

    private static ParameterText[] Paging => [.. ListQuestion.Parameters.Where(parameter =>
        parameter.Name is "limit" or "cursor" or "format")];

    private string[] ListNames =>
        [.. Filters.Parameters.Select(parameter => parameter.Name), "limit", "cursor", "format"];

    /// <summary>The list, and what it adds up to.</summary>
    public AnswerRoute[] Routes() =>
    [
        new(Verb, Path, Id, Summary, Description + Lists, Answer,
            [.. Question.Parameters, .. Paging, .. Filters.Parameters], AskAsync)
        {
            IsList = true,
        },
        new($"{Verb}-sums", $"{Path}/sums", $"sum{Id[(Id.StartsWith("list", StringComparison.Ordinal) ? 4 : 3)..]}",
            $"What they add up to: {char.ToLowerInvariant(Summary[0])}{Summary[1..]}",
            "How many rows match, and their sums. The same filters as for the list. It folds the span that the "
            + "effective instants leave.",
            typeof(DerivedSumsAnswer), [.. Question.Parameters, .. Filters.Parameters], AskSumsAsync),
    ];

    private async Task<PendingAnswer> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var query = asking.Query;
        var filter = DerivedFilter.Read(query, Filters);
        var format = query.Word<ListFormat>("format") ?? asking.Accepted;
        var limit = query.Number("limit", 1, format == ListFormat.Json ? ListQuestion.PageMax : long.MaxValue);
        var text = query.Text("cursor");
        var isList = Plain is null || format != ListFormat.Json || ListNames.Any(name => query.Text(name) is not null);
        var question = Question.Read(query);
        query.End();
        var behind = text is null
            ? null
            : ListCursor.Read(await asking.Desk.Cursors.GetAsync(cancellation), TextOf(asking), text);
        var seen = await SeeAsync(asking, question, behind, cancellation);
        var stand = new DerivedStand(seen, Links.Of(seen, query), filter, behind);
        return new PendingAnswer(
            seen.Standpoint,
            seen.Cost,
            async stop => isList
                ? await PageAsync(asking, stand, (int)(limit ?? ListQuestion.PageUsual), stop)
                : Plain!(seen))
        {
            Format = format,
            StreamAsync = stop => StreamAsync(asking, stand, format, limit ?? long.MaxValue, stop),
        };
    }

    private async Task<PendingAnswer> AskSumsAsync(Asking asking, CancellationToken cancellation)
    {
        var filter = DerivedFilter.Read(asking.Query, Filters);
        var seen = await asking.SeeAsync(cancellation);
        var stand = new DerivedStand(seen, Links.Of(seen, asking.Query), filter, null);
        return new PendingAnswer(seen.Standpoint, seen.Cost, async stop =>
        {
            var tallies = new DerivedTallies();
            await foreach (var row in RowsAsync(asking, stand, stop))
            {
                Count(tallies, row.Row);
            }

            return tallies.Answer(seen);
        });
    }

    /// <summary>All pages stand where the first one stood.</summary>
    private static async Task<Seen> SeeAsync(
        Asking asking, Question question, ListCursor? behind, CancellationToken cancellation)
    {
        if (behind is not { AsOf: { } asOf, KnownAt: var knownAt })
        {
            return await asking.Desk.Lookout.SeeAsync(asking.Treasury, question, cancellation);
        }

        var pinned = question with { AsOf = AsOf.Of(asOf), KnownAt = knownAt };
        var seen = await asking.Desk.Lookout.SeeAsync(asking.Treasury, pinned, cancellation);
        if ((question.KnownAt ?? knownAt) != knownAt || (question.AsOf?.In(seen.Zone) ?? asOf) != asOf)
        {
            throw ProblemException.Of(
                ErrorRegistry.CursorInvalid, $"The cursor was given for asOf {asOf} and knownAt {knownAt}.");
        }

        return seen;
    }

    private async Task<object> PageAsync(
        Asking asking, DerivedStand stand, int limit, CancellationToken cancellation)
    {
        var rows = new List<DerivedRow<T>>(limit + 1);
        await foreach (var row in RowsAsync(asking, stand, cancellation))
        {
            rows.Add(row);
            if (rows.Count > limit)
            {
                break;
            }
        }

        string? next = null;
        if (rows.Count > limit)
        {
            rows.RemoveAt(limit);
            var viewpoint = stand.Seen.Standpoint;
            next = new ListCursor(viewpoint.KnownAt, rows[^1].Position, rows[^1].Leg, viewpoint.AsOf)
                .Write(await asking.Desk.Cursors.GetAsync(cancellation), TextOf(asking));
        }

        return Page(stand.Seen, [.. await ToldAsync(asking, stand, rows, cancellation)], next);
    }

    private async IAsyncEnumerable<byte[]> StreamAsync(
        Asking asking,
        DerivedStand stand,
        ListFormat format,
        long most,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var text = new ListText<TRow>(format, Columns);
        yield return text.Begin(new DerivedBegin(stand.Seen.Standpoint));
        var (given, rows) = (0L, new List<DerivedRow<T>>(ListText.ChunkRows));
        await foreach (var row in RowsAsync(asking, stand, cancellation))
        {
            rows.Add(row);
            stand.Seen.Cost.Write(1);
            given++;
            if (rows.Count == ListText.ChunkRows || given == most)
            {
                foreach (var piece in text.Rows(await ToldAsync(asking, stand, rows, cancellation)))
                {
                    yield return piece;
                }

                rows.Clear();
            }

            if (given == most)
            {
                break;
            }
        }

        foreach (var piece in text.Rows(await ToldAsync(asking, stand, rows, cancellation)))
        {
            yield return piece;
        }

        yield return text.End(given);
    }

    /// <summary>Some rows as callers see them.</summary>
    private async Task<IReadOnlyList<TRow>> ToldAsync(
        Asking asking, DerivedStand stand, List<DerivedRow<T>> rows, CancellationToken cancellation)
    {
        var told = rows.Select(row => RowOf(stand, row.Row));
        if (Evidence is not { } evidence)
        {
            return [.. told];
        }

        var positions = rows.Select(row => evidence.PositionOf(row.Row)).Where(position => position > 0).Distinct();
        var database = await asking.Desk.Databases.OfAsync(asking.Treasury.Tenant, cancellation);
        var entries = await JournalRows.EntriesAsync(
            database, evidence.KeyOf(asking, stand), [.. positions], cancellation);
        return
        [
            .. told.Select((row, i) => entries.TryGetValue(evidence.PositionOf(rows[i].Row), out var entry)
                ? evidence.With(row, entry)
                : row),
        ];
    }

    private async IAsyncEnumerable<DerivedRow<T>> RowsAsync(
        Asking asking, DerivedStand stand, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var matching = Read(stand).Where(row => stand.Filter.Matches(FactsOf(row)));
        if (stand.Filter.Actor is not { } actor)
        {
            foreach (var row in matching)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return row;
            }

            yield break;
        }

        // Folds do not know who recorded an entry.
        foreach (var some in matching.Where(row => row.Entry is not null).Chunk(ListText.ChunkRows))
        {
            var positions = some.Select(row => row.Entry!.Position).ToArray();
            var known = await RecordedByAsync(asking, actor, positions, cancellation);
            foreach (var row in some.Where(row => known.Contains(row.Entry!.Position)))
            {
                yield return row;
            }
        }
    }

    private static async Task<HashSet<long>> RecordedByAsync(
        Asking asking, string actor, long[] positions, CancellationToken cancellation)
    {
        await using var connection = await asking.Desk.Databases.OpenAsync(asking.Treasury.Tenant, cancellation);
        await using var select = new TenantCommand(connection, asking.Treasury, SelectActors);
        select.Parameters.Add(JournalRows.Array(NpgsqlDbType.Bigint, positions));
        select.Parameters.Add(JournalRows.Text(actor));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var found = new HashSet<long>();
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(rows.GetInt64(0));
        }

        return found;
    }

    /// <summary>Everything that rows depend on beside the two instants.</summary>
    private string TextOf(Asking asking) => string.Join(
        '\n',
        asking.Treasury.Tenant,
        asking.Treasury.Journal,
        Id,
        asking.Query.Canonical(name =>
            Filters.Parameters.Concat(Question.Policy).Any(parameter => parameter.Name == name)));
}

/// <summary>Rows of a fold.</summary>
internal static class DerivedRows
{
    /// <summary>What entries brought forth, in the order of the fold, from behind a row on.</summary>
    /// <param name="stand">Where the list stands.</param>
    /// <param name="pick">The rows of an entry.</param>
    public static IEnumerable<DerivedRow<T>> OfFold<T>(
        DerivedStand stand, Func<Core.Lots.EntryRows, IEnumerable<T>> pick)
    {
        var at = stand.Seen.At;
        var last = stand.Behind is { } behind ? at.Log.Find(behind.Position) : null;
        var from = last?.EffectiveAt ?? stand.Filter.EffectiveFrom;
        var isBehind = last is null;
        foreach (var happened in at.HappenedAfter(from is { } first ? Core.Statements.TreasuryAt.Before(first) : null))
        {
            var entry = happened.Entry;
            if (stand.Filter.EffectiveUntil is { } until && entry.EffectiveAt >= until)
            {
                yield break;
            }

            if (!isBehind && entry.Position != last!.Position)
            {
                continue; // of the same instant, and before the row
            }

            var seen = isBehind ? -1 : stand.Behind!.Leg;
            isBehind = true;
            foreach (var (leg, row) in pick(happened).Index())
            {
                if (leg > seen)
                {
                    yield return new DerivedRow<T>(entry.Position, leg, entry, row);
                }
            }
        }
    }

    /// <summary>Rows that stand in an order of their own, from behind one on.</summary>
    /// <param name="stand">Where the list stands.</param>
    /// <param name="rows">All of them.</param>
    /// <param name="entryOf">The entry of a row, if it belongs to one.</param>
    public static IEnumerable<DerivedRow<T>> OfState<T>(
        DerivedStand stand, ImmutableArray<T> rows, Func<T, NarrowEntry?> entryOf)
    {
        for (var number = (int)((stand.Behind?.Position ?? -1) + 1); number < rows.Length; number++)
        {
            yield return new DerivedRow<T>(number, 0, entryOf(rows[number]), rows[number]);
        }
    }
}
