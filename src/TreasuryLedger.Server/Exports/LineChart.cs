using System.Globalization;
using SkiaSharp;

namespace TreasuryLedger.Server.Exports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Color">Its colour.</param>
/// <param name="IsStep">Whether it stays until the next point; otherwise it goes straight there.</param>
/// <param name="IsDashed">Whether it is dashed.</param>
/// <param name="Values">One for each instant of the chart; a gap where there is none.</param>
internal sealed record ChartLine(
    string Name, SKColor Color, bool IsStep, bool IsDashed, IReadOnlyList<double?> Values);

/// <summary>One of the panels that stand above each other.</summary>
/// <param name="Title">What it shows, with its unit.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Mark">A level that matters, drawn across.</param>
internal sealed record ChartPanel(
    string Title, IReadOnlyList<ChartLine> Lines, (double Level, string Name)? Mark = null);

/// <summary>
/// Panels of lines over one axis of local time, as SVG or PNG. The same chart gives the same bytes: fonts come with the
/// program, and text is drawn as outlines.
/// </summary>
internal sealed class LineChart
{
    private const int Width = 1_200;
    private const int PanelHeight = 300;
    private const int Top = 70;
    private const int Bottom = 60;
    private const int Left = 90;
    private const int Right = 24;
    private const int Gap = 56;

    private static readonly SKColor Grid = new(226, 226, 226);
    private static readonly SKColor Ink = new(40, 40, 40);

    private static readonly SKTypeface Regular = Pages.Face("Roboto-Regular.ttf");
    private static readonly SKTypeface Bold = Pages.Face("Roboto-Bold.ttf");

    private readonly string _title;
    private readonly string _subtitle;
    private readonly string _timeAxis;
    private readonly IReadOnlyList<DateTime> _times;
    private readonly IReadOnlyList<ChartPanel> _panels;

    /// <summary>A chart.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="subtitle">Where it stands.</param>
    /// <param name="timeAxis">The label of the axis of time.</param>
    /// <param name="times">Local times, growing; one for each value of a line.</param>
    /// <param name="panels">From top to bottom.</param>
    public LineChart(
        string title,
        string subtitle,
        string timeAxis,
        IReadOnlyList<DateTime> times,
        IReadOnlyList<ChartPanel> panels) =>
        (_title, _subtitle, _timeAxis, _times, _panels) = (title, subtitle, timeAxis, times, panels);

    private int Height => Top + Bottom + (_panels.Count * PanelHeight) + ((_panels.Count - 1) * Gap);

    /// <summary>The chart as SVG.</summary>
    public byte[] Svg()
    {
        using var bytes = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, Height), bytes))
        {
            Draw(canvas);
        }

        return bytes.ToArray();
    }

    /// <summary>The chart as PNG.</summary>
    public byte[] Png()
    {
        using var surface = SKSurface.Create(
            new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>Levels of an axis: some five round numbers.</summary>
    internal static IReadOnlyList<double> Ticks(double least, double most)
    {
        var raw = (most - least) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = new[] { 1.0, 2, 5, 10 }.Select(factor => factor * power).First(one => one >= raw * 0.999);
        var ticks = new List<double>();
        for (var at = Math.Ceiling((least / step) - 1e-9); at * step <= most * (1 + 1e-12); at++)
        {
            ticks.Add((at * step) + 0.0); // no negative zero
        }

        return ticks;
    }

    private static void Text(
        SKCanvas canvas, string text, float x, float y, float size, SKTextAlign align, SKColor? color = null)
    {
        using var font = FontOf(size);
        var left = align switch
        {
            SKTextAlign.Right => x - font.MeasureText(text),
            SKTextAlign.Center => x - (font.MeasureText(text) / 2),
            _ => x,
        };
        using var outline = font.GetTextPath(text, new SKPoint(left, y));
        using var paint = new SKPaint { Color = color ?? Ink, IsAntialias = true };
        canvas.DrawPath(outline, paint);
    }

    private static SKFont FontOf(float size) => new(size > 14 ? Bold : Regular, size)
    {
        Subpixel = true,
        Hinting = SKFontHinting.None,
        LinearMetrics = true,
    };

    private static void Stroke(SKCanvas canvas, SKPath path, SKColor color, float width, bool isDashed)
    {
        using var dashes = isDashed ? SKPathEffect.CreateDash([7, 5], 0) : null;
        using var paint = new SKPaint
        {
            Color = color,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = width,
            StrokeJoin = SKStrokeJoin.Round,
            PathEffect = dashes,
        };
        canvas.DrawPath(path, paint);
    }

    private static void Line(
        SKCanvas canvas, float x1, float y1, float x2, float y2, SKColor color, bool isDashed = false)
    {
        using var path = new SKPath();
        path.MoveTo(x1, y1);
        path.LineTo(x2, y2);
        Stroke(canvas, path, color, 1, isDashed);
    }

    private void Draw(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        Text(canvas, _title, Left, 28, 18, SKTextAlign.Left);
        Text(canvas, _subtitle, Left, 47, 11, SKTextAlign.Left, new SKColor(110, 110, 110));
        for (var i = 0; i < _panels.Count; i++)
        {
            Draw(canvas, _panels[i], Top + (i * (PanelHeight + Gap)));
        }

        Text(canvas, _timeAxis, Left + ((Width - Left - Right) / 2f), Height - 14, 12, SKTextAlign.Center);
    }

    private void Draw(SKCanvas canvas, ChartPanel panel, float top)
    {
        var plot = new SKRect(Left, top + 26, Width - Right, top + PanelHeight - 4);
        Text(canvas, panel.Title, Left, top + 4, 13, SKTextAlign.Left);
        Legend(canvas, panel, top + 19);
        var all = panel.Lines.SelectMany(line => line.Values).OfType<double>()
            .Concat(panel.Mark is { } mark ? [mark.Level] : []).ToList();
        if (all.Count == 0)
        {
            Text(canvas, "nothing to show", plot.MidX, plot.MidY, 12, SKTextAlign.Center);
            return;
        }

        var room = Math.Max((all.Max() - all.Min()) * 0.06, Math.Max(Math.Abs(all.Max()), 1) * 0.01);
        var (least, most) = (all.Min() - room, all.Max() + room);
        float Y(double value) => (float)(plot.Bottom - ((value - least) / (most - least) * plot.Height));
        foreach (var tick in Ticks(least, most))
        {
            Line(canvas, plot.Left, Y(tick), plot.Right, Y(tick), Grid);
            Text(canvas, tick.ToString("#,0.####", CultureInfo.InvariantCulture), Left - 8, Y(tick) + 4, 11,
                SKTextAlign.Right);
        }

        Times(canvas, plot);
        if (panel.Mark is { } level)
        {
            Line(canvas, plot.Left, Y(level.Level), plot.Right, Y(level.Level), SKColors.Firebrick, true);
        }

        // Not clipped: all values are inside, and an SVG numbers its clips anew for each picture of a process.
        foreach (var line in panel.Lines)
        {
            using var path = PathOf(line, plot, Y);
            Stroke(canvas, path, line.Color, line.IsStep ? 2 : 1.5f, line.IsDashed);
        }
    }

    private float X(SKRect plot, DateTime time)
    {
        var span = (_times[^1] - _times[0]).Ticks;
        return span == 0 ? plot.MidX : plot.Left + (float)((time - _times[0]).Ticks / (double)span * plot.Width);
    }

    private SKPath PathOf(ChartLine line, SKRect plot, Func<double, float> y)
    {
        var path = new SKPath();
        float? last = null;
        for (var i = 0; i < line.Values.Count; i++)
        {
            var x = X(plot, _times[i]);
            if (line.IsStep && last is { } before)
            {
                path.LineTo(x, before);
            }

            if (line.Values[i] is not { } value)
            {
                last = null;
                continue;
            }

            if (last is null)
            {
                path.MoveTo(x, y(value));
                path.LineTo(x + 0.5f, y(value)); // a point alone is seen too
            }
            else
            {
                path.LineTo(x, y(value));
            }

            last = y(value);
        }

        return path;
    }

    private void Times(SKCanvas canvas, SKRect plot)
    {
        const int labels = 10;
        var days = Math.Max(1, (int)Math.Ceiling((_times[^1] - _times[0]).TotalDays / labels));
        for (var day = _times[0].Date; day <= _times[^1]; day = day.AddDays(days))
        {
            if (day >= _times[0] || _times[0].Date == _times[^1].Date)
            {
                var x = Math.Max(plot.Left, X(plot, day));
                Line(canvas, x, plot.Top, x, plot.Bottom, Grid);
                // A day at the end has its label inside the picture, too.
                Text(canvas, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Math.Min(x, Width - 32),
                    plot.Bottom + 16, 11, SKTextAlign.Center);
            }
        }
    }

    private static void Legend(SKCanvas canvas, ChartPanel panel, float y)
    {
        var x = (float)Left;
        using var font = FontOf(11);
        // What the mark is stands here too: beside its line words would lie under a curve sooner or later.
        var lines = panel.Lines.Select(line => (line.Name, line.Color, Width: 2f, line.IsDashed));
        foreach (var (name, color, width, isDashed) in panel.Mark is { } mark
            ? lines.Append((mark.Name, SKColors.Firebrick, 1f, true))
            : lines)
        {
            using var path = new SKPath();
            path.MoveTo(x, y - 4);
            path.LineTo(x + 22, y - 4);
            Stroke(canvas, path, color, width, isDashed);
            Text(canvas, name, x + 27, y, 11, SKTextAlign.Left);
            x += 27 + font.MeasureText(name) + 18;
        }
    }
}
