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
    private readonly Stream _stream;
    private readonly OpenXmlWriter _writer;

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
        _writer.WriteStartElement(new Row { RowIndex = (uint)Rows });
        for (var column = 0; column < cells.Count; column++)
        {
            if (cells[column] is { Text: { } text } cell)
            {
                _writer.WriteElement(Of(cell, text, Address(column, Rows)));
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

    private static Cell Of(SheetCell cell, string text, string address)
    {
        var isNumber = cell.Style is CellStyle.Amount or CellStyle.Units or CellStyle.Total;
        var written = new Cell { CellReference = address, StyleIndex = (uint)cell.Style };
        if (cell.Formula is { } formula)
        {
            written.CellFormula = new CellFormula(formula);
        }

        if (isNumber || cell.Formula is not null)
        {
            written.DataType = isNumber ? CellValues.Number : CellValues.Boolean;
            written.CellValue = new CellValue(text);
        }
        else
        {
            written.DataType = CellValues.InlineString;
            written.InlineString = new InlineString(new Text(text) { Space = SpaceProcessingModeValues.Preserve });
        }

        return written;
    }
}
