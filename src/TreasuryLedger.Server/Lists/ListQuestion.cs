using System.Globalization;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists;

/// <summary>In which form a list is given.</summary>
public enum ListFormat
{
    /// <summary>A page as JSON.</summary>
    Json,

    /// <summary>Everything, one JSON object a line.</summary>
    Ndjson,

    /// <summary>Everything, as comma-separated values (RFC 4180).</summary>
    Csv,

    /// <summary>Everything, as a workbook.</summary>
    Xlsx,
}

/// <summary>What is asked of a list.</summary>
/// <param name="List">Which list.</param>
/// <param name="Filter">What it is about.</param>
/// <param name="Order">In which order.</param>
/// <param name="AsOf">Only entries effective at or before it.</param>
/// <param name="KnownAt">Only entries recorded at or before it; <c>null</c> for the newest settled instant.</param>
/// <param name="MinPosition">The answer must know the journal up to here.</param>
/// <param name="Limit">Most rows; <c>null</c> for a page of the usual size, and for everything in a stream.</param>
/// <param name="Cursor">Where it begins.</param>
/// <param name="Format">In which form.</param>
public sealed record ListQuestion(
    string List,
    ListFilter Filter,
    ListOrder Order,
    AsOf? AsOf,
    Instant? KnownAt,
    long MinPosition,
    long? Limit,
    string? Cursor,
    ListFormat Format)
{
    /// <summary>Most rows of a page (inclusive).</summary>
    public const int PageMax = 1_000;

    /// <summary>Rows of a page, if nobody says.</summary>
    public const int PageUsual = 100;

    /// <summary>The parameters of every list beside its filters.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Times,
        new("order", "query", typeof(ListOrder), "By when they were recorded; without it the oldest first.", "newest"),
        new("limit", "query", typeof(int), $"Rows of a page, 1 to {PageMax}, without it {PageUsual}; of a stream any "
            + "number, without it all.", "100"),
        new("cursor", "query", typeof(string), "Where the page begins: what the page before gave as `next`. It belongs "
            + "to one question, so filters, order and asOf must be the same again; it keeps the known-at instant of "
            + "the first page.", "AAZBcn2KQAAAAAAAAAAAAgAAAAC2mRxVX2nPnZ8mMNB2ViZB"),
        new("format", "query", typeof(ListFormat), "`json` for a page; `ndjson`, `csv` or `xlsx` for all rows as a "
            + "stream. Without it the Accept header decides.", "ndjson"),
    ];

    /// <summary>Reads a question.</summary>
    /// <param name="list">Which list.</param>
    /// <param name="query">The query.</param>
    /// <param name="filter">Reads the filters of the list.</param>
    /// <param name="accepted">The form that the caller accepts, if the query names none.</param>
    /// <exception cref="ProblemException">A parameter is not of its form.</exception>
    public static ListQuestion Read(
        string list, QueryReader query, Func<QueryReader, ListFilter> filter, ListFormat accepted)
    {
        var format = query.Word<ListFormat>("format") ?? accepted;
        var question = new ListQuestion(
            list,
            filter(query),
            query.Word<ListOrder>("order") ?? ListOrder.Oldest,
            query.Value<AsOf>("asOf"),
            query.Value<Instant>("knownAt"),
            query.Number("minPosition", 0, long.MaxValue) ?? 0,
            query.Number("limit", 1, format == ListFormat.Json ? PageMax : long.MaxValue),
            query.Text("cursor"),
            format);
        query.End();
        return question;
    }

    /// <summary>Everything that rows depend on beside the known-at instant.</summary>
    public string Text(JournalKey journal) => string.Create(
        CultureInfo.InvariantCulture, $"{journal.Tenant}\n{journal.Journal}\n{List}\n{Order}\n{AsOf}\n")
        + Filter.Canonical();
}
