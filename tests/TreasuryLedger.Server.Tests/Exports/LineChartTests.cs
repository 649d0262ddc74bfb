using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Shouldly;
using SkiaSharp;
using TreasuryLedger.Server.Exports;
using Xunit;

namespace TreasuryLedger.Server.Tests.Exports;

public sealed partial class LineChartTests
{
    private static readonly DateTime Day = new(2026, 2, 1);

    /// <summary>Where nothing is known a line ends and begins anew; a step reaches up to where it ends.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void a_line_has_a_gap_where_there_is_no_value_and_a_point_alone_is_seen(bool isStep)
    {
        var whole = Strokes(isStep, [1, 2, 1, 2, 1]).ShouldHaveSingleItem();
        var parts = Strokes(isStep, [1, 2, null, 1, null, 2, 1]);

        parts.Count.ShouldBe(3);
        whole.Length.ShouldBeGreaterThan(parts.Max(part => part.Length));
        // The point alone, on the fourth of seven days, reaches to the fifth as a step.
        Width(parts[1]).ShouldBe(isStep ? PlotWidth / 6.0 : 0.5, tolerance: 0.6);
        Strokes(isStep, [null, null, null]).ShouldBeEmpty();
    }

    /// <summary>Whatever the days are, all that is drawn lies in the picture.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(82)]
    public void nothing_is_drawn_beyond_the_edge(int days) =>
        Paths().Matches(Svg(true, [.. Enumerable.Range(1, days).Select(day => (double?)day)]))
            .SelectMany(path => Numbers().Matches(Data().Match(path.Value).Groups[1].Value))
            .Max(number => double.Parse(number.Value, CultureInfo.InvariantCulture)).ShouldBeLessThan(1_200);

    private const double PlotWidth = 1_200 - 90 - 24;

    /// <summary>The strokes of the only line, each from where it begins.</summary>
    private static List<string> Strokes(bool isStep, double?[] values)
    {
        var paths = Paths().Matches(Svg(isStep, values))
            .Select(path => path.Value)
            .Where(path => path.Contains("#010203", StringComparison.OrdinalIgnoreCase))
            .Skip(1); // the legend's
        return
        [
            .. paths.SelectMany(path => Data().Match(path).Groups[1].Value.Split('M').Where(part => part.Length > 0)),
        ];
    }

    private static string Svg(bool isStep, double?[] values) => Encoding.UTF8.GetString(new LineChart(
        "title", "subtitle", "time",
        [.. values.Select((_, i) => Day.AddDays(i))],
        [new ChartPanel("panel", [new ChartLine("line", new SKColor(1, 2, 3), isStep, false, values)])]).Svg());

    private static double Width(string stroke)
    {
        var x = Numbers().Matches(stroke).Where((_, i) => i % 2 == 0)
            .Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture)).ToList();
        return x.Max() - x.Min();
    }

    [GeneratedRegex("<path[^>]*>")]
    private static partial Regex Paths();

    [GeneratedRegex(" d=\"([^\"]*)\"")]
    private static partial Regex Data();

    [GeneratedRegex("-?[0-9.]+")]
    private static partial Regex Numbers();
}
