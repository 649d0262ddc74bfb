using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Spreadsheet;

namespace TreasuryLedger.Server.Platform.Sheets;

/// <summary>How a cell is shown.</summary>
internal enum CellStyle
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>The head of a column.</summary>
    Head,

    /// <summary>An amount with the digits of the currency.</summary>
    Amount,

    /// <summary>Units with as many digits as they have.</summary>
    Units,

    /// <summary>A sum.</summary>
    Total,
}

/// <summary>A cell.</summary>
/// <param name="Text">Its text, or the exact decimal of its number; absent: empty.</param>
/// <param name="Style">How it is shown; amounts, units and totals are numbers.</param>
/// <param name="Formula">What a spreadsheet computes it from; its text is then what it must come to.</param>
internal readonly record struct SheetCell(string? Text, CellStyle Style = CellStyle.Plain, string? Formula = null)
{
    public static implicit operator SheetCell(string? text) => new(text);
}

/// <summary>Writes a sheet row by row: nothing of it is kept.</summary>
internal sealed class Sheet : IDisposable
{
    private const string XmlSpace = "http://www.w3.org/XML/1998/namespace";

    private readonly Stream _stream;
    private readonly OpenXmlWriter _writer;

    // Only their names are written: a tree for each cell would be most of what a long sheet leaves to the collector.
    private readonly Row _row = new();
    private readonly Cell _cell = new();
    private readonly CellFormula _formula = new();
    private readonly CellValue _value = new();
    private readonly InlineString _inline = new();
    private readonly Text _text = new();

    /// <summary>Begins a sheet whose first row stays in sight.</summary>
    /// <param name="stream">Where it goes; forward only will do. It ends with the sheet.</param>
    /// <param name="widths">Of its columns, in characters.</param>
    public Sheet(Stream stream, IEnumerable<double> widths)
    {
        _stream = stream;
        _writer = OpenXmlWriter.Create(stream);
        _writer.WriteStartDocument();
        _writer.WriteStartElement(new Worksheet());
        _writer.WriteElement(new SheetViews(new SheetView(
            new Pane
            {
                VerticalSplit = 1,
                TopLeftCell = "A2",
                ActivePane = PaneValues.BottomLeft,
                State = PaneStateValues.Frozen,
            })
        {
            WorkbookViewId = 0,
        }));
        _writer.WriteElement(new Columns(widths.Select((width, i) => new Column
        {
            Min = (uint)i + 1,
            Max = (uint)i + 1,
            Width = width,
            CustomWidth = true,
        })));
        _writer.WriteStartElement(new SheetData());
    }

    /// <summary>Rows so far; the number of the newest one.</summary>
    public int Rows { get; private set; }

    /// <summary>Writes the next row.</summary>
    public void Add(params IReadOnlyList<SheetCell> cells)
    {
        Rows++;
        _writer.WriteStartElement(_row, [Attribute("r", Rows.ToString(CultureInfo.InvariantCulture))]);
        for (var column = 0; column < cells.Count; column++)
        {
            if (cells[column] is { Text: { } text } cell)
            {
                Write(cell, text, Address(column, Rows));
            }
        }

        _writer.WriteEndElement();
    }

    /// <summary>Ends the sheet.</summary>
    public void Dispose()
    {
        _writer.WriteEndElement();
        _writer.WriteEndElement();
        _writer.Dispose();
        _stream.Dispose();
    }

    /// <summary>A cell's address, e.g. C7.</summary>
    /// <param name="column">From 0 on; at most 701, which is ZZ.</param>
    /// <param name="row">From 1 on.</param>
    public static string Address(int column, int row) =>
        string.Create(CultureInfo.InvariantCulture, $"{Column(column)}{row}");

    /// <summary>The letters of a column.</summary>
    public static string Column(int column) => column < 26
        ? $"{(char)('A' + column)}"
        : $"{(char)('A' + (column / 26) - 1)}{(char)('A' + (column % 26))}";

    private void Write(in SheetCell cell, string text, string address)
    {
        var isNumber = cell.Style is CellStyle.Amount or CellStyle.Units or CellStyle.Total;
        var isText = !isNumber && cell.Formula is null;
        _writer.WriteStartElement(_cell,
        [
            Attribute("r", address),
            Attribute("s", ((int)cell.Style).ToString(CultureInfo.InvariantCulture)),
            Attribute("t", isText ? "inlineStr" : isNumber ? "n" : "b"),
        ]);
        if (cell.Formula is { } formula)
        {
            Write(_formula, formula);
        }

        if (isText)
        {
            _writer.WriteStartElement(_inline);
            Write(_text, text, new OpenXmlAttribute("xml", "space", XmlSpace, "preserve"));
            _writer.WriteEndElement();
        }
        else
        {
            Write(_value, text);
        }

        _writer.WriteEndElement();
    }

    private void Write(OpenXmlElement leaf, string text, params OpenXmlAttribute[] attributes)
    {
        _writer.WriteStartElement(leaf, attributes);
        _writer.WriteString(text);
        _writer.WriteEndElement();
    }

    private static OpenXmlAttribute Attribute(string name, string value) => new(name, "", value);
}
