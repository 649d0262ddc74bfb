using System.Globalization;
using SkiaSharp;

namespace TreasuryLedger.Server.Exports;

/// <summary>A column of a printed table.</summary>
/// <param name="Head">What stands above it.</param>
/// <param name="Left">Where it begins, in points from the left edge of the page.</param>
/// <param name="Width">Its width in points.</param>
/// <param name="IsNumber">Whether it stands at the right.</param>
internal sealed record PrintedColumn(string Head, float Left, float Width, bool IsNumber = false);

/// <summary>
/// Pages of a printed table, A4 across: what must stand on every page, rows, and page numbers. The same rows give the
/// same bytes: fonts come with the program, and the document has the date that it is given.
/// </summary>
internal sealed class Pages : IDisposable
{
    private const float Width = 842;
    private const float Height = 595;
    private const float Margin = 36;
    private const float Size = 8;
    private const float Line = 12;

    private static readonly SKTypeface Regular = Face("Roboto-Regular.ttf");
    private static readonly SKTypeface Bold = Face("Roboto-Bold.ttf");

    private readonly SKDocument _document;
    private readonly SKPaint _black = new() { Color = SKColors.Black, IsAntialias = true };
    private readonly SKPaint _grey = new() { Color = new SKColor(110, 110, 110), IsAntialias = true };
    private readonly SKFont _plain = Font(Regular, Size);
    private readonly SKFont _strong = Font(Bold, Size);
    private readonly SKFont _title = Font(Bold, 16);
    private readonly string[] _foot;
    private readonly PrintedColumn[] _columns;
    private SKCanvas? _canvas;
    private float _y;
    private int _page;

    /// <summary>Begins a document.</summary>
    /// <param name="output">Where it goes; forward only will do.</param>
    /// <param name="title">Its title.</param>
    /// <param name="at">The date that it has.</param>
    /// <param name="foot">What stands at the foot of every page.</param>
    /// <param name="columns">The columns of its table.</param>
    public Pages(Stream output, string title, DateTime at, string[] foot, PrintedColumn[] columns)
    {
        (_foot, _columns) = (foot, columns);
        _document = SKDocument.CreatePdf(output, new SKDocumentPdfMetadata
        {
            Title = title,
            Producer = "Treasury Ledger",
            Creation = at,
            Modified = at,
            EncodingQuality = 101,
            RasterDpi = 72,
        });
    }

    private static float Last => Height - Margin - (3 * Line);

    /// <summary>
    /// The sums so far, column by column: they stand at the end of a page and at the beginning of the next one. Absent:
    /// pages have none.
    /// </summary>
    public Func<string?[]>? Carried { get; set; }

    /// <summary>A heading of the document.</summary>
    public void Title(string text)
    {
        var canvas = Room(2 * Line);
        canvas.DrawText(text, Margin, _y + 16, SKTextAlign.Left, _title, _black);
        _y += 2.2f * Line;
    }

    /// <summary>A line of text, e.g. a name and what it is.</summary>
    public void Say(string name, string text)
    {
        var head = name;
        foreach (var part in Wrapped(text, _plain, Width - Margin - 150))
        {
            var canvas = Room(Line);
            canvas.DrawText(head, Margin, _y + Size, SKTextAlign.Left, _strong, _black);
            canvas.DrawText(part, 150, _y + Size, SKTextAlign.Left, _plain, _black);
            _y += Line;
            head = "";
        }
    }

    /// <summary>Space between parts.</summary>
    public void Skip() => _y += Line;

    /// <summary>Begins the table, whose head stands on every page from here on.</summary>
    public void Begin()
    {
        Room(3 * Line);
        Head();
    }

    /// <summary>A row of the table.</summary>
    /// <param name="cells">Its texts, column by column.</param>
    /// <param name="isStrong">Whether it is a sum.</param>
    public void Row(IReadOnlyList<string?> cells, bool isStrong = false)
    {
        var font = isStrong ? _strong : _plain;
        List<string>?[] parts = [.. cells.Select((text, i) =>
            text is null ? null : Wrapped(text, font, _columns[i].Width).ToList())];
        var lines = parts.Max(part => part?.Count ?? 1);
        Turn(lines * Line);
        if (isStrong)
        {
            _canvas!.DrawLine(Margin, _y, Width - Margin, _y, _black);
        }

        for (var line = 0; line < lines; line++)
        {
            Cells([.. parts.Select(part => part is not null && line < part.Count ? part[line] : null)], font, _black);
            _y += Line;
        }
    }

    /// <summary>What belongs to the row before, below it.</summary>
    /// <param name="left">Where it begins, in points from the left edge of the page.</param>
    /// <param name="text">The text.</param>
    public void Note(float left, string text)
    {
        foreach (var part in Wrapped(text, _plain, Width - Margin - left))
        {
            Turn(Line);
            _canvas!.DrawText(part, left, _y + Size, SKTextAlign.Left, _plain, _grey);
            _y += Line;
        }
    }

    /// <summary>Ends the document.</summary>
    public void Dispose()
    {
        EndPage();
        _document.Close();
        _document.Dispose();
        foreach (var font in new[] { _plain, _strong, _title })
        {
            font.Dispose();
        }

        _black.Dispose();
        _grey.Dispose();
    }

    /// <summary>Begins another page if there is no room, with the sums so far on both.</summary>
    private void Turn(float height)
    {
        var sums = Carried?.Invoke();
        if (_canvas is not null && _y + height + (sums is null ? 0 : Line) <= Last)
        {
            return;
        }

        if (_canvas is not null && sums is not null)
        {
            Cells(Named(sums, "carried forward"), _strong, _black);
        }

        EndPage();
        Room(Line);
        Head();
        if (sums is not null)
        {
            Cells(Named(sums, "brought forward"), _strong, _black);
            _y += Line;
        }

        static string?[] Named(string?[] sums, string name) =>
            [.. sums.Select((text, i) => i == 2 ? name : text)];
    }

    private void Head()
    {
        Cells([.. _columns.Select(column => column.Head)], _strong, _black);
        _y += Line;
        _canvas!.DrawLine(Margin, _y - 2, Width - Margin, _y - 2, _grey);
        _y += 2;
    }

    private void Cells(string?[] cells, SKFont font, SKPaint paint)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { } text)
            {
                var column = _columns[i];
                _canvas!.DrawText(
                    text, column.IsNumber ? column.Left + column.Width : column.Left, _y + Size,
                    column.IsNumber ? SKTextAlign.Right : SKTextAlign.Left, font, paint);
            }
        }
    }

    /// <summary>
    /// A text in as many lines as it needs: what is cut nobody finds again. A number stays in one, or it would be two.
    /// </summary>
    private static IEnumerable<string> Wrapped(string text, SKFont font, float width)
    {
        var isNumber = text.All(letter => char.IsAsciiDigit(letter) || letter is '.' or ',' or '-');
        while (!isNumber && text.Length > 1 && font.MeasureText(text) > width)
        {
            var length = text.Length - 1;
            while (length > 1 && font.MeasureText(text[..length]) > width)
            {
                length--;
            }

            yield return text[..length];
            text = text[length..];
        }

        yield return text;
    }

    private SKCanvas Room(float height)
    {
        if (_canvas is not null && _y + height > Last)
        {
            EndPage();
        }

        if (_canvas is null)
        {
            _canvas = _document.BeginPage(Width, Height);
            _y = Margin;
            _page++;
        }

        return _canvas;
    }

    private void EndPage()
    {
        if (_canvas is not { } canvas)
        {
            return;
        }

        var y = Height - Margin - ((_foot.Length - 1) * 10);
        foreach (var text in _foot)
        {
            canvas.DrawText(text, Margin, y, SKTextAlign.Left, _plain, _grey);
            y += 10;
        }

        canvas.DrawText(
            string.Create(CultureInfo.InvariantCulture, $"page {_page}"), Width - Margin, Height - Margin,
            SKTextAlign.Right, _plain, _grey);
        _document.EndPage();
        _canvas = null;
    }

    /// <summary>Paper has no pixels to fit letters to.</summary>
    private static SKFont Font(SKTypeface face, float size) => new(face, size)
    {
        Subpixel = true,
        LinearMetrics = true,
        Hinting = SKFontHinting.None,
    };

    /// <summary>A font that comes with the program.</summary>
    internal static SKTypeface Face(string name)
    {
        using var file = typeof(Pages).Assembly.GetManifestResourceStream($"Fonts/{name}");
        return SKTypeface.FromStream(file);
    }
}
