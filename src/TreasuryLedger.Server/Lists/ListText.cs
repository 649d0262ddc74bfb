using System.Text;
using System.Text.Json;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>Bounds of streams.</summary>
internal static class ListText
{
    /// <summary>Rows of a stream that are in memory at once.</summary>
    public const int ChunkRows = 1_000;
}

/// <summary>Writes rows as a stream: one JSON object a line, or comma-separated values.</summary>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <param name="format">Which.</param>
/// <param name="columns">The columns of comma-separated values.</param>
internal sealed class ListText<TRow>(ListFormat format, (string Name, Func<TRow, string?> Value)[] columns)
{
    private bool IsCsv => format == ListFormat.Csv;

    /// <summary>The first line: the names of the columns, or where the answer stands.</summary>
    public byte[] Begin<T>(T standpoint) => IsCsv
        ? Encoding.UTF8.GetBytes(string.Join(',', columns.Select(column => column.Name)) + "\r\n")
        : Line(standpoint);

    /// <summary>Some rows.</summary>
    public byte[] Rows(IReadOnlyList<TRow> rows) => IsCsv ? Csv(rows) : Lines(rows);

    /// <summary>The last line: how many rows there were; nothing in comma-separated values.</summary>
    public byte[] End(long rows) => IsCsv ? [] : Line(new StreamEnd(rows));

    private static byte[] Lines(IReadOnlyList<TRow> rows)
    {
        var bytes = new MemoryStream(rows.Count * 700);
        foreach (var row in rows)
        {
            JsonSerializer.Serialize(bytes, row, Wire.Options);
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }

    private static byte[] Line<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, Wire.Options), (byte)'\n'];

    private byte[] Csv(IReadOnlyList<TRow> rows)
    {
        var lines = new StringBuilder(rows.Count * 300);
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
