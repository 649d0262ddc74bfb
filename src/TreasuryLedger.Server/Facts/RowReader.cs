using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sylvan.Data.Csv;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Reads the rows of a payload, whatever form it has: values separated by a delimiter under a line of names, JSON
/// lines, a JSON list, or a JSON object that has one list. Its first character decides.
/// </summary>
internal static class RowReader
{
    private const int DepthMax = 32;
    private const long DocumentBytesMax = 64L << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = DepthMax };

    /// <summary>The rows, in the order of the payload.</summary>
    /// <param name="file">The payload.</param>
    /// <param name="delimiter">Between columns.</param>
    /// <param name="cancellation">Stops between rows.</param>
    /// <exception cref="Platform.ProblemException">None of it can be read.</exception>
    public static async IAsyncEnumerable<SourceRow> ReadAsync(
        PayloadFile file, char delimiter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await file.CheckTextAsync(cancellation);
        using var text = file.Text();
        var (first, second) = await BeginningAsync(file, cancellation);
        var isLines = first.StartsWith('{') && IsObject(first) && (second.Length == 0 || second.StartsWith('{'));
        var rows = first.Length == 0 ? AsyncEnumerable.Empty<SourceRow>()
            : isLines ? LinesAsync(text, cancellation)
            : first[0] is '{' or '[' ? DocumentAsync(file, text, cancellation)
            : SeparatedAsync(text, delimiter, cancellation);
        await foreach (var row in rows)
        {
            yield return row;
        }
    }

    /// <summary>A JSON object as names and values: what is nested has the names on the way to it.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="json">The object.</param>
    /// <param name="before">The row before it: most have the same names, in the same order.</param>
    public static SourceRow OfObject(long number, JsonElement json, SourceRow? before = null)
    {
        var (names, values) = (new List<string>(), new List<string>());
        Flatten("", json, names, values);
        var isAlike = before is not null
            && before.Columns.Names.AsSpan().SequenceEqual(CollectionsMarshal.AsSpan(names));
        return !isAlike && names.Distinct(StringComparer.Ordinal).Count() != names.Count
            ? Malformed(number, "A member stands twice.")
            : new SourceRow(number, isAlike ? before!.Columns : new RowColumns([.. names]), [.. values])
            {
                Json = JsonMarshal.GetRawUtf8Value(json).ToArray(),
            };
    }

    private static void Flatten(string path, JsonElement json, List<string> names, List<string> values)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    Flatten(path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value, names, values);
                }

                break;
            case JsonValueKind.Null:
                break; // said to be nothing, as if not said
            default:
                names.Add(path);
                values.Add(json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText());
                break;
        }
    }

    private static async Task<(string First, string Second)> BeginningAsync(
        PayloadFile file, CancellationToken cancellation)
    {
        using var text = file.Text();
        var lines = new List<string>();
        while (lines.Count < 2 && await text.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Trim() is { Length: > 0 } said)
            {
                lines.Add(said);
            }
        }

        file.FromStart();
        return (lines.ElementAtOrDefault(0) ?? "", lines.ElementAtOrDefault(1) ?? "");
    }

    private static bool IsObject(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line, Options);
            return !json.RootElement.EnumerateObject().Any(member => member.Value.ValueKind == JsonValueKind.Array
                && member.Value.EnumerateArray().FirstOrDefault().ValueKind == JsonValueKind.Object
                && ListNames.Contains(member.Name));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Under which names answers of exchanges hold their list.</summary>
    private static readonly ImmutableHashSet<string> ListNames = ["result", "rows", "data", "list"];

    private static async IAsyncEnumerable<SourceRow> LinesAsync(
        StreamReader text, [EnumeratorCancellation] CancellationToken cancellation)
    {
        SourceRow? row = null;
        while (await text.ReadLineAsync(cancellation) is { } line)
        {
            if (line.AsSpan().Trim().Length > 0)
            {
                row = OfLine((row?.Number ?? 0) + 1, line, row);
                yield return row;
            }
        }
    }

    private static SourceRow OfLine(long number, string line, SourceRow? before)
    {
        try
        {
            using var json = JsonDocument.Parse(line, Options);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? OfObject(number, json.RootElement, before)
                : Malformed(number, "The line is no JSON object.");
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return Malformed(number, "The line is no JSON; the file may be cut here.");
        }
    }

    private static async IAsyncEnumerable<SourceRow> DocumentAsync(
        PayloadFile file, StreamReader text, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (file.Length > DocumentBytesMax)
        {
            throw PayloadFile.Unreadable(
                $"A JSON list is read as a whole, up to {DocumentBytesMax} bytes; send a longer one as JSON lines.", 1);
        }

        var whole = await text.ReadToEndAsync(cancellation);
        using var json = Parse(whole);
        var root = json.RootElement;
        var list = root.ValueKind == JsonValueKind.Array ? root
            : root.EnumerateObject().FirstOrDefault(member =>
                member.Value.ValueKind == JsonValueKind.Array && ListNames.Contains(member.Name)).Value;
        if (list.ValueKind != JsonValueKind.Array)
        {
            yield return OfObject(1, root);
            yield break;
        }

        SourceRow? row = null;
        foreach (var item in list.EnumerateArray())
        {
            var number = (row?.Number ?? 0) + 1;
            row = item.ValueKind == JsonValueKind.Object
                ? OfObject(number, item, row)
                : Malformed(number, "The item is no JSON object.");
            yield return row;
        }
    }

    private static JsonDocument Parse(string whole)
    {
        try
        {
            return JsonDocument.Parse(whole, Options);
        }
        catch (JsonException wrong)
        {
            throw PayloadFile.Unreadable(
                "It begins like JSON and is none: it may be cut. Nothing of it was recorded.",
                wrong.LineNumber + 1 ?? 1);
        }
    }

    private static async IAsyncEnumerable<SourceRow> SeparatedAsync(
        StreamReader text, char delimiter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var rows = await CsvDataReader.CreateAsync(
            text,
            new CsvDataReaderOptions
            {
                Delimiter = delimiter,
                HasHeaders = true,
                // Nothing in a file of a source is a remark that may be passed over.
                Comment = '\0',
                MaxBufferSize = 1 << 20,
                OwnsReader = false,
            },
            cancellation);
        ImmutableArray<string> names =
            [.. Enumerable.Range(0, rows.FieldCount).Select(index => rows.GetName(index).Trim())];
        if (names.Length != names.Distinct(StringComparer.Ordinal).Count())
        {
            throw PayloadFile.Unreadable("Two columns have the same name.", 1);
        }

        var columns = new RowColumns(names);
        var number = 0L;
        while (true)
        {
            var isThere = await NextAsync(rows, cancellation);
            if (isThere == false)
            {
                yield break;
            }

            number++;
            if (isThere is null)
            {
                yield return Malformed(number, "Its quotes do not end or it is too long; nothing behind it is read.");
                yield break;
            }

            if (rows.RowFieldCount == 1 && names.Length > 1 && rows.GetString(0).Length == 0)
            {
                number--; // an empty line
                continue;
            }

            if (rows.RowFieldCount != names.Length)
            {
                yield return Malformed(
                    number, $"It has {rows.RowFieldCount} columns, the names are {names.Length}; it may be cut.");
                continue;
            }

            var values = new string[names.Length];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = rows.GetString(index);
            }

            yield return new SourceRow(number, columns, values);
        }
    }

    private static async Task<bool?> NextAsync(CsvDataReader rows, CancellationToken cancellation)
    {
        try
        {
            return await rows.ReadAsync(cancellation);
        }
        catch (Exception wrong) when (wrong is CsvFormatException or CsvRecordTooLargeException)
        {
            return null;
        }
    }

    private static SourceRow Malformed(long number, string why) => new(number, new RowColumns([]), [])
    {
        Problem = new RowProblem(number, null, RowProblem.Malformed, why, Parked: false),
    };
}
