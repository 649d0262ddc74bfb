using System.Text.Json;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>
/// Shows any answer to a person: members line by line, lists as tables. Made from the JSON that HTTP answers, so
/// that both say the same.
/// </summary>
public static class AnswerText
{
    /// <summary>Writes an answer.</summary>
    public static async Task WriteAsync(JsonElement answer, TextWriter output)
    {
        foreach (var member in answer.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Array))
        {
            var values = member.Value.ValueKind == JsonValueKind.Object
                ? string.Join(", ", Cells(member.Value).Select(cell => $"{cell.Item1} {cell.Item2}"))
                : Text(member.Value);
            await output.WriteLineAsync($"{member.Name}: {values}");
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
        var table = new TextTable(title, [.. columns.Select(column => Head(column, columns))]);
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

    /// <summary>A column's head: the end of its path, where no other column ends so.</summary>
    private static string Head(string column, string[] all)
    {
        var end = column[(column.LastIndexOf('.') + 1)..];
        var sharing = all.Count(other => other == end || other.EndsWith("." + end, StringComparison.Ordinal));
        return sharing == 1 ? end : column;
    }

    private static IEnumerable<(string, string)> Cells(JsonElement row) => row.ValueKind == JsonValueKind.Object
        ? row.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Array).SelectMany(Values)
        : [("value", Text(row))];

    private static IEnumerable<JsonProperty> Lists(JsonElement row) => row.ValueKind == JsonValueKind.Object
        ? row.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array)
        : [];

    private static IEnumerable<(string, string)> Values(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.Object
            ? Cells(member.Value).Select(inner => ($"{member.Name}.{inner.Item1}", inner.Item2))
            : [(member.Name, Text(member.Value))];

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
