namespace TreasuryLedger.Server.Platform;

/// <summary>
/// A table for a terminal or a log: columns as wide as their content, numbers to the right. It never wraps, so that the
/// same content has the same bytes everywhere.
/// </summary>
/// <param name="title">Written above.</param>
/// <param name="columns">The heads.</param>
public sealed class TextTable(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [columns];

    /// <summary>Adds a row; missing cells at its end are empty.</summary>
    public void Add(params string[] cells) =>
        _rows.Add([.. cells, .. Enumerable.Repeat("", columns.Length - cells.Length)]);

    /// <summary>Writes the table after an empty line.</summary>
    public void Write(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var widths = columns.Select((_, i) => _rows.Max(row => row[i].Length)).ToArray();
        var numeric = columns.Select((_, i) => _rows.Skip(1).All(row => IsNumber(row[i]))).ToArray();
        output.WriteLine();
        output.WriteLine(title);
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, i) => numeric[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            output.WriteLine($"  {string.Join("  ", cells)}".TrimEnd());
        }
    }

    private static bool IsNumber(string cell) =>
        cell.Length == 0
        || cell is "–" or "unknown"
        || (char.IsAsciiDigit(cell[^1]) && (char.IsAsciiDigit(cell[0]) || cell[0] == '-'));
}
