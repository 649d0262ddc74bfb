using System.Buffers;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>Bounds of streams.</summary>
internal static class ListText
{
    /// <summary>Rows of a stream that are in memory at once.</summary>
    public const int ChunkRows = 1_000;

    /// <summary>Rows that are written at once.</summary>
    public const int PieceRows = 64;
}

/// <summary>Writes rows as a stream: one JSON object a line, or comma-separated values.</summary>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <param name="format">Which.</param>
/// <param name="columns">The columns of comma-separated values.</param>
internal sealed class ListText<TRow>(ListFormat format, (string Name, Func<TRow, string?> Value)[] columns)
{
    private readonly ArrayBufferWriter<byte> _lines = new();

    private bool IsCsv => format == ListFormat.Csv;

    /// <summary>The first line: the names of the columns, or where the answer stands.</summary>
    public byte[] Begin<T>(T standpoint) => IsCsv
        ? Encoding.UTF8.GetBytes(string.Join(',', columns.Select(column => column.Name)) + "\r\n")
        : Line(standpoint);

    /// <summary>
    /// Some rows, a few at a time: large pieces would lie where the collector rarely looks, and a long stream would
    /// leave many of them.
    /// </summary>
    public IEnumerable<byte[]> Rows(IEnumerable<TRow> rows) =>
        rows.Chunk(ListText.PieceRows).Select(some => IsCsv ? Csv(some) : Lines(some));

    /// <summary>The last line: how many rows there were; nothing in comma-separated values.</summary>
    public byte[] End(long rows) => IsCsv ? [] : Line(new StreamEnd(rows));

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
