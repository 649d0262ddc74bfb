using System.Text.Json;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>
/// Shows any answer to a person: single values line by line, lists as tables. Made from the JSON that HTTP answers, so
/// that both say the same.
/// </summary>
public static class AnswerText
{
    /// <summary>Writes an answer.</summary>
    public static async Task WriteAsync(JsonElement answer, TextWriter output)
    {
        foreach (var (name, value) in Cells(answer))
        {
            await output.WriteLineAsync($"{name}: {value}");
        }

        foreach (var list in Lists(answer))
        {
            WriteList(list.Name, [.. list.Value.EnumerateArray().Select(row => ("", row))], output);
        }
    }

    /// <summary>
    /// A list as a table; lists inside its rows as further tables, whose rows say what they belong to.
    /// </summary>
    private static void WriteList(string title, List<(string Of, JsonElement Row)> rows, TextWriter output)
    {
        if (rows.Count == 0)
        {
            output.WriteLine();
            output.WriteLine($"{title}: none");
            return;
        }

        var cells = rows
            .Select(row => Cells(row.Row).Prepend(("of", row.Of)).Where(cell => cell.Item2.Length > 0).ToList())
            .ToList();
        string[] columns = [.. cells.SelectMany(row => row.Select(cell => cell.Item1)).Distinct()];
        var table = new TextTable(title, columns);
        foreach (var row in cells)
        {
            table.Add([.. columns.Select(column => row.Find(cell => cell.Item1 == column).Item2 ?? "")]);
        }

        table.Write(output);
        var inner = rows
            .SelectMany((row, i) => Lists(row.Row).Select(list => (list.Name, Of: cells[i][0].Item2, list.Value)))
            .GroupBy(list => list.Name, StringComparer.Ordinal);
        foreach (var list in inner)
        {
            WriteList(
                $"{title}, {list.Key}",
                [.. list.SelectMany(part => part.Value.EnumerateArray().Select(item => (part.Of, item)))],
                output);
        }
    }

    private static IEnumerable<(string, string)> Cells(JsonElement row) => row.ValueKind == JsonValueKind.Object
        ? row.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Array).SelectMany(Values)
        : [("value", row.ToString())];

    private static IEnumerable<JsonProperty> Lists(JsonElement row) => row.ValueKind == JsonValueKind.Object
        ? row.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array)
        : [];

    private static IEnumerable<(string, string)> Values(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.Object
            ? Cells(member.Value).Select(inner => ($"{member.Name}.{inner.Item1}", inner.Item2))
            : [(member.Name, member.Value.ToString())];
}
