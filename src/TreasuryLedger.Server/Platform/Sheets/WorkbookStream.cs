using System.Globalization;
using System.IO.Compression;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Spreadsheet;

namespace TreasuryLedger.Server.Platform.Sheets;

/// <summary>
/// A workbook that is written forward only, sheet by sheet and row by row: nothing of it is kept. The library's own
/// packages keep a whole document, and put the hour into it; the same workbook shall have the same bytes whenever.
/// </summary>
internal sealed class WorkbookStream : IDisposable
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>The time of every file in an archive, so that it has the same bytes whenever it is made.</summary>
    public static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string Xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    private const string Relations = "http://schemas.openxmlformats.org/package/2006/relationships";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Sheets = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    private const int NameMax = 31;

    private readonly ZipArchive _archive;
    private readonly List<string> _names = [];

    /// <summary>Begins a workbook.</summary>
    /// <param name="output">Where it goes; it cannot be rewound, and stays open.</param>
    public WorkbookStream(Stream output) => _archive = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);

    /// <summary>Begins the next sheet; the one before has ended.</summary>
    /// <param name="name">Its name; what is too long of it is cut.</param>
    /// <param name="columns">The heads and widths of its columns.</param>
    public Sheet Begin(string name, params IReadOnlyCollection<(string Head, double Width)> columns)
    {
        _names.Add(name.Length > NameMax ? name[..NameMax] : name);
        var sheet = new Sheet(Open($"xl/worksheets/sheet{_names.Count}.xml"), columns.Select(column => column.Width));
        sheet.Add([.. columns.Select(column => new SheetCell(column.Head, CellStyle.Head))]);
        return sheet;
    }

    /// <summary>Ends the workbook.</summary>
    public void Dispose()
    {
        // Whoever opens it computes every formula anew.
        Write("xl/workbook.xml", new Workbook(
            new DocumentFormat.OpenXml.Spreadsheet.Sheets(Numbered().Select(sheet =>
                new DocumentFormat.OpenXml.Spreadsheet.Sheet
                {
                    Id = sheet.Id,
                    SheetId = sheet.Number,
                    Name = sheet.Name,
                })),
            new CalculationProperties { FullCalculationOnLoad = true }));
        Write("xl/styles.xml", Styles());
        Write("xl/_rels/workbook.xml.rels", $"{Xml}<Relationships xmlns=\"{Relations}\">"
            + string.Concat(Numbered().Select(sheet => Relation(sheet.Id, "worksheet", $"worksheets/{sheet.Id}.xml")))
            + Relation("styles", "styles", "styles.xml") + "</Relationships>");
        Write("_rels/.rels", $"{Xml}<Relationships xmlns=\"{Relations}\">"
            + Relation("workbook", "officeDocument", "xl/workbook.xml") + "</Relationships>");
        Write("[Content_Types].xml", $"{Xml}<Types "
            + "xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
            + "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
            + Content("workbook", "sheet.main") + Content("styles", "styles")
            + string.Concat(Numbered().Select(sheet => Content($"worksheets/{sheet.Id}", "worksheet"))) + "</Types>");
        _archive.Dispose();
    }

    private static string Relation(string id, string type, string target) =>
        $"<Relationship Id=\"{id}\" Type=\"{Office}/{type}\" Target=\"{target}\"/>";

    private static string Content(string part, string type) =>
        $"<Override PartName=\"/xl/{part}.xml\" ContentType=\"{Sheets}{type}+xml\"/>";

    private IEnumerable<(string Id, uint Number, string Name)> Numbered() => _names.Select((name, i) =>
        (string.Create(CultureInfo.InvariantCulture, $"sheet{i + 1}"), (uint)i + 1, name));

    private Stream Open(string part)
    {
        var entry = _archive.CreateEntry(part);
        entry.LastWriteTime = Epoch;
        return entry.Open();
    }

    private void Write(string part, string text)
    {
        using var stream = Open(part);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    private void Write(string part, OpenXmlElement element)
    {
        using var stream = Open(part);
        using var writer = OpenXmlWriter.Create(stream);
        writer.WriteStartDocument();
        writer.WriteElement(element);
    }

    private static Stylesheet Styles() => new(
        new NumberingFormats(
            new NumberingFormat { NumberFormatId = 200, FormatCode = "#,##0.00;[Red]-#,##0.00" },
            new NumberingFormat { NumberFormatId = 201, FormatCode = "#,##0.##################" }),
        new Fonts(new Font(), new Font(new Bold())),
        new Fills(
            new Fill(new PatternFill { PatternType = PatternValues.None }),
            new Fill(new PatternFill { PatternType = PatternValues.Gray125 })),
        new Borders(new Border(), new Border(
            new LeftBorder(), new RightBorder(), new TopBorder { Style = BorderStyleValues.Thin }, new BottomBorder(),
            new DiagonalBorder())),
        new CellStyleFormats(new CellFormat()),
        new CellFormats(
            new CellFormat(),
            new CellFormat { FontId = 1, ApplyFont = true },
            new CellFormat { NumberFormatId = 200, ApplyNumberFormat = true },
            new CellFormat { NumberFormatId = 201, ApplyNumberFormat = true },
            new CellFormat
            {
                NumberFormatId = 200,
                ApplyNumberFormat = true,
                FontId = 1,
                ApplyFont = true,
                BorderId = 1,
                ApplyBorder = true,
            }));
}
