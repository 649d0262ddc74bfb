using System.Globalization;
using SkiaSharp;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Exposure;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// Health factor, loan-to-value and liquidation price against the market, as a picture or as comma-separated values.
/// </summary>
internal static class ExposureChartFile
{
    /// <summary>Most positions that have a line of their own; of more, the first to fall and all together.</summary>
    private const int LinesMax = 6;

    private static readonly SKColor[] Colors =
    [
        new(31, 119, 180), new(255, 127, 14), new(44, 160, 44), new(148, 103, 189), new(140, 86, 75),
        new(227, 119, 194),
    ];

    /// <summary>The exports.</summary>
    public static ExportRoute[] Routes { get; } =
    [
        Of("exposure-svg", "svg", "image/svg+xml", "exportExposureSvg", "picture (SVG)", one => Chart(one).Svg()),
        Of("exposure-png", "png", "image/png", "exportExposurePng", "picture (PNG)", one => Chart(one).Png()),
        Of("exposure-csv", "csv", "text/csv; charset=utf-8", "exportExposureCsv", "comma-separated values", Csv),
    ];

    private static ExportRoute Of(
        string name,
        string extension,
        string mediaType,
        string id,
        string form,
        Func<ExposureHistoryAnswer, byte[]> write) => new(
        name, extension, mediaType, id, $"Health factor, loan-to-value and liquidation price over time, as {form}",
        "Against the market's price and low, at the end of each day or at each entry that changes a lending position; "
        + "days and labels in the treasury's time zone. The same question gets the same bytes.",
        [.. Question.Times, .. ExposureHistoryAnswer.Parameters],
        async (asking, cancellation) =>
        {
            var read = ExposureHistoryAnswer.Read(asking.Query);
            var seen = await asking.SeeAsync(cancellation, Question.ReadTimes);
            return new PendingExport(seen.Standpoint, seen.Cost, async (stream, stop) =>
                await stream.WriteAsync(write(read(new SeenExposure(seen, AaveVersion.V36, null))), stop));
        });

    private static byte[] Csv(ExposureHistoryAnswer history)
    {
        var rows = history.Points.SelectMany(point =>
            point.Positions.DefaultIfEmpty().Select(row => (Point: point, Row: row))).ToList();
        var text = new ListText<(HistoryPoint Point, HistoryRow? Row)>(ListFormat.Csv,
        [
            ("asOf", one => one.Point.AsOf.ToString()), ("entry", one => $"{one.Point.Entry}"),
            ("price", one => one.Point.Price?.ToString()), ("low", one => one.Point.Low?.ToString()),
            ("account", one => one.Row is null ? null : one.Row.Account?.ToString() ?? "all together"),
            ("collateral", one => one.Row?.Collateral?.ToString()), ("debt", one => one.Row?.Debt?.ToString()),
            ("loanToValue", one => one.Row?.LoanToValue?.ToString()),
            ("healthFactor", one => one.Row?.HealthFactor?.ToString()),
            ("liquidationPrice", one => one.Row?.LiquidationPrice?.ToString()),
        ]);
        return [.. text.Begin(history.Viewpoint), .. text.Rows(rows).SelectMany(part => part)];
    }

    private static LineChart Chart(ExposureHistoryAnswer history)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(history.TimeZone);
        var points = history.Points;
        var stand = history.Viewpoint;
        var drawn = Drawn(history);
        IReadOnlyList<double?> Market(Func<HistoryPoint, ExactDecimal?> figure) =>
            [.. points.Select(point => Number(figure(point)))];
        IEnumerable<ChartLine> Lines(Func<HistoryRow, ExactDecimal?> figure) => drawn.Select((account, i) =>
            new ChartLine(
                account?.ToString() ?? "all together", account is null ? SKColors.DimGray : Colors[i % Colors.Length],
                true, account is null,
                [
                    .. points.Select(point => point.Positions.FirstOrDefault(row => row.Account == account)
                        is { } row ? Number(figure(row)) : null),
                ]));
        return new LineChart(
            $"{stand.Treasury}: how close to liquidation",
            $"as of {stand.AsOf}, known at {stand.KnownAt}; positions {stand.Positions.Treasury}, "
                + $"{stand.Positions.PriceBook}, {stand.Positions.MarketBook}; calculation version "
                + stand.CalculationVersion,
            history.By == HistoryPoints.Day ? $"end of day in {history.TimeZone}" : $"time in {history.TimeZone}",
            [
                .. points.Select(point => history.By == HistoryPoints.Day
                    ? LocalDay.Of(point.AsOf, zone).ToDateTime(TimeOnly.MinValue)
                    : TimeZoneInfo.ConvertTimeFromUtc(point.AsOf.ToUtc(), zone)),
            ],
            [
                new ChartPanel(
                    $"Price of {history.Asset?.ToString() ?? "the collateral"} and liquidation prices "
                        + $"({stand.ReportingCurrency} for a token)",
                    [
                        new ChartLine("price", SKColors.Black, false, false, Market(point => point.Price)),
                        new ChartLine("low of the day", SKColors.Red, false, false, Market(point => point.Low)),
                        .. Lines(row => row.LiquidationPrice),
                    ]),
                new ChartPanel("Health factor", [.. Lines(row => row.HealthFactor)], (1, "liquidation below 1")),
                new ChartPanel("Loan-to-value", [.. Lines(row => row.LoanToValue)]),
            ]);
    }

    /// <summary>Positions with a line: each, or the one that falls first; then all together.</summary>
    private static List<AccountId?> Drawn(ExposureHistoryAnswer history)
    {
        var rows = history.Points.SelectMany(point => point.Positions)
            .Where(row => row.Account is not null).ToList();
        var all = rows.Select(row => row.Account).Distinct().ToList();
        return all.Count <= LinesMax
            ? all.Count == 1 ? all : [.. all, null]
            : [rows.OrderByDescending(row => Number(row.LiquidationPrice) ?? 0).First().Account, null];
    }

    /// <summary>A figure as a place in a picture; nothing is calculated with it.</summary>
    private static double? Number(ExactDecimal? figure) =>
        figure is { } exact ? double.Parse(exact.ToString(), CultureInfo.InvariantCulture) : null;
}
