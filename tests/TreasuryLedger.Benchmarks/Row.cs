using System.Globalization;

namespace TreasuryLedger.Benchmarks;

/// <summary>Whether a target is reached.</summary>
public enum Reached
{
    /// <summary>Yes, at the size that the target names.</summary>
    Yes,

    /// <summary>Not at the size that was measured.</summary>
    No,

    /// <summary>The limit is kept at the measured size; the target names a larger one.</summary>
    YesAtThisSize,

    /// <summary>Measured beside a target, without one of its own.</summary>
    NoTarget,
}

/// <summary>One line of the report.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Estimate">What was expected before it was measured.</param>
/// <param name="Measured">The figure, with its spread.</param>
/// <param name="Raw">The raw limit of PostgreSQL in the same run, where one is comparable.</param>
/// <param name="Ratio">Measured against raw.</param>
/// <param name="Target">What is to be reached.</param>
/// <param name="Reached">Whether it is.</param>
public sealed record Row(
    string What, string Estimate, string Measured, string Raw, string Ratio, string Target, Reached Reached)
{
    /// <summary>The line as a row of a Markdown table.</summary>
    public string ToMarkdown() =>
        $"| {What} | {Estimate} | {Measured} | {Raw} | {Ratio} | {Target} | {Verdict} |";

    private string Verdict => Reached switch
    {
        Reached.Yes => "yes",
        Reached.No => "**no**",
        Reached.YesAtThisSize => "yes, at this size",
        Reached.NoTarget => "–",
        _ => throw new ArgumentOutOfRangeException(nameof(Reached), Reached, "No such verdict."),
    };
}

/// <summary>What one row of the report is made of: lines of the table and remarks below it.</summary>
public sealed class Findings
{
    /// <summary>Lines of the table.</summary>
    public List<Row> Rows { get; } = [];

    /// <summary>Breakdowns and remarks, Markdown lines.</summary>
    public List<string> Notes { get; } = [];
}

/// <summary>Repeated measurements of one figure.</summary>
public sealed class Series
{
    private readonly List<double> _values = [];

    /// <summary>How many.</summary>
    public int Count => _values.Count;

    /// <summary>The median.</summary>
    public double Median => At(0.5);

    /// <summary>The largest.</summary>
    public double Max => _values.Max();

    /// <summary>Adds a measurement.</summary>
    public void Add(double value) => _values.Add(value);

    /// <summary>The value that a share of all does not exceed (nearest rank).</summary>
    public double At(double share)
    {
        var sorted = _values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }

    /// <summary>Median and spread, rounded to whole numbers.</summary>
    public string PerSecond() => $"{Text.Whole(Median)}/s ({Text.Whole(_values.Min())}–{Text.Whole(Max)})";

    /// <summary>Median and spread of milliseconds.</summary>
    public string Milliseconds() =>
        $"{Text.Short(Median)} ms ({Text.Short(_values.Min())}–{Text.Short(Max)}, n={Count})";

    /// <summary>Median and 99th percentile of milliseconds; of few measurements that is the largest.</summary>
    public string Percentiles() =>
        $"p50 {Text.Short(Median)} ms, p99 {Text.Short(At(0.99))} ms (max {Text.Short(Max)}, n={Count})";
}

/// <summary>How numbers are printed.</summary>
public static class Text
{
    /// <summary>Without digits after the point, with separators.</summary>
    public static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>With the digits that mean something.</summary>
    public static string Short(double value) => value.ToString(
        Math.Abs(value) >= 100 ? "N0" : Math.Abs(value) >= 10 ? "N1" : "N2", CultureInfo.InvariantCulture);

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => $"{(share * 100).ToString("N1", CultureInfo.InvariantCulture)} %";
}
