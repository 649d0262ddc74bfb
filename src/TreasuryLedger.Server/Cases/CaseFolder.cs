using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sylvan.Data.Csv;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Cases;

/// <summary>A case on disk: <c>case.json</c>, <c>timeline.csv</c> and <c>published.csv</c> in one folder.</summary>
/// <param name="File">What the case is about.</param>
/// <param name="Timeline">Its rows in the order in which they became known; ties in the order of the file.</param>
/// <param name="Published">What others published.</param>
public sealed record CaseFolder(
    CaseFile File, ImmutableArray<TimelineRow> Timeline, ImmutableArray<PublishedFigure> Published)
{
    /// <summary>Reads the folder.</summary>
    /// <exception cref="CaseFolderException">
    /// A file is missing, or a row cannot be read; names file, row and column.
    /// </exception>
    public static CaseFolder Read(string folder)
    {
        var file = Path.Combine(folder, "case.json");
        if (!System.IO.File.Exists(file))
        {
            throw new CaseFolderException($"There is no case at {folder}: case.json is missing.");
        }

        using var json = System.IO.File.OpenRead(file);
        var about = JsonSerializer.Deserialize<CaseFile>(json, Wire.Options)
            ?? throw new CaseFolderException($"{file} is empty.");
        return new CaseFolder(
            about,
            [.. Rows(Path.Combine(folder, "timeline.csv"), Row).OrderBy(row => row.KnownAt).ThenBy(row => row.Row)],
            [.. Rows(Path.Combine(folder, "published.csv"), Figure)]);
    }

    private static IEnumerable<T> Rows<T>(string file, Func<Cells, T> read)
    {
        using var csv = CsvDataReader.Create(file, new CsvDataReaderOptions { Culture = CultureInfo.InvariantCulture });
        while (csv.Read())
        {
            yield return read(new Cells(file, csv));
        }
    }

    private static TimelineRow Row(Cells cells) => new(
        long.Parse(cells.Text("row"), NumberStyles.None, CultureInfo.InvariantCulture),
        cells.Value<Instant>("effective_at"),
        cells.Value<Instant>("known_at"),
        cells.Text("event"),
        cells.Text("entity"),
        cells.Text("asset"),
        cells.Number("quantity"),
        cells.Number("unit_price"),
        cells.Number("amount"),
        cells.Text("from"),
        cells.Text("to"),
        cells.Text("source"),
        Enum.Parse<EvidenceQuality>(cells.Text("quality"), ignoreCase: true),
        cells.Number("open") is { } open
            ? new SessionPrices(open, cells.Value<ExactDecimal>("high"), cells.Value<ExactDecimal>("low"))
            : null);

    private static PublishedFigure Figure(Cells cells) => new(
        cells.Text("treasury"),
        cells.Text("figure"),
        cells.Text("from").Length == 0 ? null : cells.Value<Instant>("from"),
        cells.Value<Instant>("as_of"),
        cells.Number("value"),
        cells.Number("low"),
        cells.Number("high"),
        cells.Text("unit"),
        cells.Text("source"));

    private sealed class Cells(string file, CsvDataReader csv)
    {
        public string Text(string column) => csv.GetString(csv.GetOrdinal(column));

        public ExactDecimal? Number(string column) =>
            Text(column).Length == 0 ? null : Value<ExactDecimal>(column);

        public T Value<T>(string column)
            where T : IText<T> => T.TryParse(Text(column), out var value)
                ? value
                : throw new CaseFolderException(
                    $"{Path.GetFileName(file)}, line {csv.RowNumber + 1}, column {column}: "
                    + $"'{Text(column)}' is not {T.Expected}.");
    }
}

/// <summary>A case's folder cannot be read.</summary>
public sealed class CaseFolderException : Exception
{
    /// <summary>With what is wrong, and where.</summary>
    public CaseFolderException(string message)
        : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public CaseFolderException()
    {
    }

    /// <summary>With its cause.</summary>
    public CaseFolderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
