using System.Text.Json;

namespace TreasuryLedger.Server.Platform.Sheets;

/// <summary>A workbook whose bytes are taken a part at a time, while rows are written.</summary>
#pragma warning disable CA1001 // it holds memory alone, and ends with its workbook
internal sealed class SheetText
#pragma warning restore CA1001
{
    private const double Narrow = 12;
    private const double Wide = 26;

    private readonly MemoryStream _written = new();
    private readonly WorkbookStream _workbook;
    private Sheet? _sheet;
    private bool[] _areNumbers = [];

    /// <summary>Begins a workbook.</summary>
    public SheetText() => _workbook = new WorkbookStream(new ForwardStream(_written));

    /// <summary>A sheet that tells where everything stands: every member of an object in a row.</summary>
    public void About(JsonElement about)
    {
        Begin("About", [("What", false), ("Value", false)]);
        Tell("", about);

        void Tell(string name, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                Row([name, value.ToString()]);
                return;
            }

            foreach (var member in value.EnumerateObject())
            {
                Tell(name.Length == 0 ? member.Name : $"{name}.{member.Name}", member.Value);
            }
        }
    }

    /// <summary>Begins the next sheet.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="columns">The heads of its columns, and whether they are numbers.</param>
    public void Begin(string name, IReadOnlyCollection<(string Name, bool IsNumber)> columns)
    {
        _sheet?.Dispose();
        _areNumbers = [.. columns.Select(column => column.IsNumber)];
        _sheet = _workbook.Begin(
            name, [.. columns.Select(column => (column.Name, column.Name.Length < Narrow ? Narrow + 4 : Wide))]);
    }

    /// <summary>The next row.</summary>
    public void Row(IReadOnlyList<string?> cells) => _sheet!.Add(
    [
        .. cells.Select((text, i) => string.IsNullOrEmpty(text)
            ? default
            : new SheetCell(text, _areNumbers[i] ? CellStyle.Units : CellStyle.Plain)),
    ]);

    /// <summary>What was written since.</summary>
    public byte[] Take()
    {
        var bytes = _written.ToArray();
        _written.SetLength(0);
        return bytes;
    }

    /// <summary>Ends the workbook.</summary>
    public byte[] End()
    {
        _sheet?.Dispose();
        _workbook.Dispose();
        return Take();
    }
}
