using System.Buffers;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Sheets;

namespace TreasuryLedger.Server.Lists;

/// <summary>Bounds of streams.</summary>
internal static class ListText
{
    /// <summary>Rows of a stream that are in memory at once.</summary>
    public const int ChunkRows = 1_000;

    /// <summary>Rows that are written at once.</summary>
    public const int PieceRows = 64;

    /// <summary>Whether values of a type are numbers to a spreadsheet.</summary>
    public static bool IsNumber(Type? type) =>
        (type is null ? null : Nullable.GetUnderlyingType(type) ?? type) is { } plain
        && (plain == typeof(Amount) || plain == typeof(ExactDecimal) || plain == typeof(Quantity)
            || plain == typeof(long) || plain == typeof(int));
}

/// <summary>Writes rows as a stream: one JSON object a line, comma-separated values, or a workbook.</summary>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <param name="format">Which.</param>
/// <param name="columns">The columns of comma-separated values and of a workbook.</param>
internal sealed class ListText<TRow>(ListFormat format, (string Name, Func<TRow, string?> Value)[] columns)
{
    private readonly ArrayBufferWriter<byte> _lines = new();

    private SheetText? _sheets;

    /// <summary>The first line: the names of the columns, or where the answer stands.</summary>
    public byte[] Begin<T>(T standpoint)
    {
        switch (format)
        {
            case ListFormat.Csv:
                return Encoding.UTF8.GetBytes(string.Join(',', columns.Select(column => column.Name)) + "\r\n");
            case ListFormat.Xlsx:
                _sheets = new SheetText();
                _sheets.About(JsonSerializer.SerializeToElement(standpoint, Wire.Options));
                _sheets.Begin("Rows", [.. columns.Select(column => (column.Name, IsNumber(column.Name)))]);
                return _sheets.Take();
            default:
                return Line(standpoint);
        }
    }

    /// <summary>
    /// Some rows, a few at a time: large pieces would lie where the collector rarely looks, and a long stream would
    /// leave many of them.
    /// </summary>
    public IEnumerable<byte[]> Rows(IEnumerable<TRow> rows) =>
        rows.Chunk(ListText.PieceRows).Select(some => format switch
        {
            ListFormat.Csv => Csv(some),
            ListFormat.Xlsx => Cells(some),
            _ => Lines(some),
        });

    /// <summary>The last line: how many rows there were; nothing in comma-separated values.</summary>
    public byte[] End(long rows) => format switch
    {
        ListFormat.Csv => [],
        ListFormat.Xlsx => _sheets!.End(),
        _ => Line(new StreamEnd(rows)),
    };

    /// <summary>Columns that are members with another text, e.g. the position of a price, are none.</summary>
    private static bool IsNumber(string name) => ListText.IsNumber(
        typeof(TRow).GetProperty($"{char.ToUpperInvariant(name[0])}{name[1..]}")?.PropertyType);

    private byte[] Cells(TRow[] rows)
    {
        foreach (var row in rows)
        {
            _sheets!.Row([.. columns.Select(column => column.Value(row))]);
        }

        return _sheets!.Take();
    }

    private byte[] Lines(TRow[] rows)
    {
        _lines.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = Wire.Options.Encoder });
        foreach (var row in rows)
        {
            JsonSerializer.Serialize(writer, row, Wire.Options);
            writer.Flush();
            writer.Reset();
            _lines.Write("\n"u8);
        }

        return _lines.WrittenSpan.ToArray();
    }

    private static byte[] Line<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, Wire.Options), (byte)'\n'];

    private byte[] Csv(TRow[] rows)
    {
        var lines = new StringBuilder(rows.Length * 300);
        foreach (var row in rows)
        {
            lines.AppendJoin(',', columns.Select(column => Quoted(column.Value(row) ?? ""))).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
