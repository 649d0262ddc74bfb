using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Lists.Derived;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Platform.Sheets;

namespace TreasuryLedger.Server.Answers.Forms;

/// <summary>A row of an answer in a stream of JSON.</summary>
/// <param name="Table">The table that it belongs to.</param>
/// <param name="Row">The row, with everything in it.</param>
public sealed record AnswerLine(string Table, object Row);

/// <summary>In which form an answer is asked for that is no list: as it is, or in rows.</summary>
/// <param name="Format">The form.</param>
/// <param name="Table">Of comma-separated values: which table; absent: the first one.</param>
internal sealed record AnswerForm(ListFormat Format, string? Table)
{
    /// <summary>What may be said of the form.</summary>
    public static ParameterText[] Parameters =>
    [
        new("format", "query", typeof(ListFormat),
            "`json` for the answer as it is; `ndjson`, `csv` or `xlsx` for its rows. Every member that lists objects "
            + "is a table: a line of NDJSON says which, a workbook has a sheet for each. Without it the Accept header "
            + "decides.", "csv"),
        new("table", "query", typeof(string),
            "Of `csv`: which table, by the member's path; `summary` for what stands once. Without it `rows`, or the "
            + "first one.", "summary"),
    ];

    /// <summary>Reads them.</summary>
    /// <exception cref="ProblemException">One is not of its form, or there is no such table.</exception>
    public static AnswerForm Read(Asking asking, Type answer)
    {
        var form = new AnswerForm(
            asking.Query.Word<ListFormat>("format") ?? asking.Accepted, asking.Query.Text("table"));
        if (form.Table is { } name)
        {
            var tables = AnswerTable.Of(answer);
            if (form.Format != ListFormat.Csv || tables.All(table => table.Name != name))
            {
                throw ProblemException.Of(
                    ErrorRegistry.QueryInvalid,
                    "The parameter 'table' needs format=csv, and must be one of "
                    + $"{string.Join(", ", tables.Select(table => table.Name))}.",
                    ("parameter", "table"));
            }
        }

        return form;
    }

    /// <summary>The answer in this form.</summary>
    public PendingAnswer Of(PendingAnswer pending, Type answer) => Format == ListFormat.Json ? pending : pending with
    {
        Format = Format,
        StreamAsync = pending.RowsAsync is { } rows && Table is null
            ? stop => rows(Format, stop)
            : stop => StreamAsync(pending, AnswerTable.Of(answer), stop),
    };

    private IAsyncEnumerable<byte[]> StreamAsync(
        PendingAnswer pending, ImmutableArray<AnswerTable> tables, CancellationToken cancellation)
    {
        var first = tables.FirstOrDefault(table => table.Name == (Table ?? "rows"));
        return Format switch
        {
            ListFormat.Csv => CsvAsync(pending, first ?? tables[tables.Length > 1 ? 1 : 0], cancellation),
            ListFormat.Xlsx => XlsxAsync(pending, tables, cancellation),
            _ => LinesAsync(pending, tables, cancellation),
        };
    }

    private static async IAsyncEnumerable<byte[]> CsvAsync(
        PendingAnswer pending, AnswerTable table, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var answer = await pending.MakeAsync(cancellation);
        var text = new ListText<object[]>(
            ListFormat.Csv, [.. table.Columns.Select(column => (column.Name, column.Value))]);
        yield return text.Begin(pending.Standpoint);
        foreach (var piece in text.Rows(Counted(pending, table.Rows(answer))))
        {
            yield return piece;
        }
    }

    /// <summary>What is in a row stands in it, so only the outermost tables are told.</summary>
    private static async IAsyncEnumerable<byte[]> LinesAsync(
        PendingAnswer pending,
        ImmutableArray<AnswerTable> tables,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var answer = await pending.MakeAsync(cancellation);
        var text = new ListText<AnswerLine>(ListFormat.Ndjson, []);
        yield return text.Begin(new DerivedBegin(pending.Standpoint));
        var before = pending.Cost.Rows;
        // Rows within rows come with those that they are in.
        foreach (var piece in text.Rows(tables.SelectMany(table =>
            Counted(pending, table.Rows(answer).TakeWhile(row => row.Length == 2))
                .Select(row => new AnswerLine(table.Name, row[1])))))
        {
            yield return piece;
        }

        yield return text.End(pending.Cost.Rows - before);
    }

    private static IEnumerable<object[]> Counted(PendingAnswer pending, IEnumerable<object[]> rows)
    {
        foreach (var row in rows)
        {
            pending.Cost.Write(1);
            yield return row;
        }
    }

    private static async IAsyncEnumerable<byte[]> XlsxAsync(
        PendingAnswer pending,
        ImmutableArray<AnswerTable> tables,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var answer = await pending.MakeAsync(cancellation);
        var sheets = new SheetText();
        sheets.About(JsonSerializer.SerializeToElement(pending.Standpoint, Wire.Options));
        foreach (var table in tables)
        {
            sheets.Begin(table.Name, [.. table.Columns.Select(column => (column.Name, column.IsNumber))]);
            foreach (var rows in Counted(pending, table.Rows(answer)).Chunk(ListText.PieceRows))
            {
                foreach (var row in rows)
                {
                    sheets.Row([.. table.Columns.Select(column => column.Value(row))]);
                }

                yield return sheets.Take();
            }
        }

        yield return sheets.End();
    }
}
