using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// The statement of realized gains and losses on paper: a line for each disposal, which names it, so that it is found
/// again by the API, on the command line and in the auditor's pack.
/// </summary>
internal static class StatementFile
{
    private static readonly PrintedColumn[] Columns =
    [
        new("Line", 36, 26, true), new("At (UTC)", 68, 84), new("Disposal", 156, 156), new("Entry", 316, 30, true),
        new("Kind", 352, 52), new("Asset", 408, 40), new("Quantity", 452, 92, true), new("Proceeds", 550, 84, true),
        new("Cost basis", 640, 84, true), new("Gain or loss", 730, 76, true),
    ];

    /// <summary>The export.</summary>
    public static ExportRoute Route { get; } = new(
        "statement", "pdf", "application/pdf", "exportStatement",
        "The statement of realized gains and losses, printable",
        "Every disposal of a span in a line, rounded to the currency, with the name by which it is found again: "
        + "GET .../disposals/{disposal}; below it the lots that it took. Pages carry the sums of the lines so far. "
        + "Totals are those of the statement of realized gains, whose rows are assets; "
        + "what rounding line by line leaves has a line of its own. Disposals of which proceeds or a basis are "
        + "missing say so and are in no total.",
        [.. Question.Parameters, SpanStart.Parameter], AskAsync);

    private static async Task<PendingExport> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var from = SpanStart.Read(asking.Query);
        var seen = await asking.SeeAsync(cancellation);
        var start = from(seen);
        _ = seen.Digits; // refused while the reporting currency is not registered
        return new PendingExport(seen.Standpoint, seen.Cost, (stream, stop) => SyncWriting.CopyAsync(
            (output, cancelled) => Write(seen, start, output, cancelled), stream, stop));
    }

    private static void Write(Seen seen, Instant? start, Stream stream, CancellationToken cancellation)
    {
        var stand = seen.Standpoint;
        var title = $"Realized gains and losses of {seen.Opened.Name}";
        using var pages = new Pages(stream, title, stand.KnownAt.ToUtc(), Foot(stand), Columns);
        pages.Title(title);
        pages.Say("Span", $"{(start is { } after ? $"after {after}" : "from the beginning")} to {stand.AsOf}");
        pages.Say("Known at", $"{stand.KnownAt}{(stand.ReplayedClock ? " (replayed clock)" : "")}");
        pages.Say("Book", $"{stand.Book ?? StarterBooks.Official}: lots {ListRows.Word(stand.Policy.LotMethod)}, scope "
            + $"{ListRows.Word(stand.Policy.BasisScope)}, stablecoins {ListRows.Word(stand.Policy.Stablecoins)}, "
            + $"income {ListRows.Word(stand.Policy.IncomeBasis)}"
            + (stand.IsOfficial ? "" : " (not the official book)"));
        pages.Say("Currency", $"{stand.ReportingCurrency}, rounded half to even to {seen.Digits} digits; time zone "
            + seen.Opened.TimeZone);
        if (stand.Illustrative)
        {
            pages.Say("Illustrative", "These books are nobody's.");
        }

        pages.Skip();
        pages.Begin();
        var sums = new SortedDictionary<AssetId, GainTotals>();
        var (lines, printed) = Lines(seen, start, pages, sums, cancellation);
        Totals(seen.Digits, pages, sums, lines, printed);
    }

    /// <summary>A line for each disposal; adds up what they are exactly by asset.</summary>
    private static (int Lines, GainTotals Printed) Lines(
        Seen seen,
        Instant? start,
        Pages pages,
        SortedDictionary<AssetId, GainTotals> sums,
        CancellationToken cancellation)
    {
        var (lines, printed) = (0, default(GainTotals));
        pages.Carried = () =>
        [
            null, null, null, null, null, null, null, Money(printed.Proceeds, seen.Digits),
            Money(printed.CostBasis, seen.Digits), Money(printed.Gain, seen.Digits),
        ];
        foreach (var disposal in seen.At.HappenedAfter(start).SelectMany(happened => happened.Rows.Disposals))
        {
            cancellation.ThrowIfCancellationRequested();
            lines++;
            seen.Cost.Write(1);
            var exact = GainTotals.Of(disposal);
            sums[disposal.Pool] = sums.GetValueOrDefault(disposal.Pool) + exact;
            var figures = exact.RoundTo(seen.Digits);
            printed += figures;
            pages.Row(
            [
                Text(lines), disposal.At.ToUtc().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                new LotId(disposal.Fact, disposal.Leg).ToString(), Text(disposal.Entry),
                ListRows.Word(disposal.Kind), disposal.Asset.ToString(),
                Grouped(seen.Tokens(disposal.Pool, disposal.Quantity).ToString()),
                disposal.Proceeds is null ? "unvalued" : Money(figures.Proceeds, seen.Digits),
                disposal.BasisMissing.IsZero ? Money(figures.CostBasis, seen.Digits) : "basis missing",
                disposal.IsComplete ? Money(figures.Gain, seen.Digits) : "incomplete",
            ]);
            Lots(seen, disposal, pages);
        }

        pages.Carried = null;
        return (lines, printed);
    }

    /// <summary>The lots that a disposal took, below its line.</summary>
    private static void Lots(Seen seen, Disposal disposal, Pages pages)
    {
        foreach (var take in disposal.Takes)
        {
            pages.Note(Columns[2].Left, $"lot {take.LotId}, entry {Text(take.AcquisitionEntry)}, acquired "
                + $"{take.AcquiredAt}: {Grouped(seen.Tokens(disposal.Pool, take.Quantity).ToString())} {disposal.Pool}"
                + (take.Cost is { } cost ? $" at {Money(cost.RoundTo(seen.Digits), seen.Digits)}" : ", basis missing")
                + (take.Term is { } term ? $", {ListRows.Word(term)} term" : ""));
        }

        if (!disposal.WithoutLot.IsZero)
        {
            pages.Note(Columns[2].Left, "without a lot: "
                + $"{Grouped(seen.Tokens(disposal.Pool, disposal.WithoutLot).ToString())} {disposal.Pool}");
        }
    }

    /// <summary>The statement's own rows, which are assets, and what rounding line by line leaves.</summary>
    private static void Totals(
        int digits, Pages pages, SortedDictionary<AssetId, GainTotals> sums, int lines, GainTotals printed)
    {
        var total = default(GainTotals);
        foreach (var (asset, exact) in sums)
        {
            var figures = exact.RoundTo(digits);
            total += figures;
            Sum(asset.ToString(), figures);
        }

        Sum("Total", total);
        if (printed.Proceeds != total.Proceeds || printed.CostBasis != total.CostBasis)
        {
            pages.Row(
            [
                null, null, "of which rounding of lines", null, null, null, null,
                Money(total.Proceeds - printed.Proceeds, digits),
                Money(total.CostBasis - printed.CostBasis, digits), Money(total.Gain - printed.Gain, digits),
            ]);
        }

        pages.Skip();
        pages.Say("Evidence", $"of the gain rests on facts {Money(total.OnFact, digits)}, on derived evidence "
            + $"{Money(total.OnDerived, digits)}, on assumed evidence {Money(total.OnAssumed, digits)}");
        pages.Say("Incomplete", $"{total.Incomplete} of {lines} disposals lack proceeds or basis; in no total: "
            + $"proceeds without basis {Money(total.ProceedsWithoutBasis, digits)}, cost without proceeds "
            + Money(total.CostUnvalued, digits));
        pages.Say("To find a line", "GET .../disposals/{disposal} or the verb 'disposal', with the same asOf and "
            + "knownAt: down to lots, prices and evidence");

        void Sum(string name, GainTotals figures) => pages.Row(
            [
                null, null, name, null, null, null, null, Money(figures.Proceeds, digits),
                Money(figures.CostBasis, digits), Money(figures.Gain, digits),
            ],
            isStrong: true);
    }

    private static string[] Foot(Standpoint stand) =>
    [
        $"{stand.Treasury}, as of {stand.AsOf}, known at {stand.KnownAt}",
        string.Create(
            CultureInfo.InvariantCulture,
            $"positions: treasury {stand.Positions.Treasury}, prices {stand.Positions.PriceBook}, markets "
            + $"{stand.Positions.MarketBook}; calculation version {stand.CalculationVersion}"),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>With all digits of the currency, in groups of three.</summary>
    private static string Money(Amount amount, int digits)
    {
        var text = amount.ToString();
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? "" : text[(point + 1)..];
        return Grouped(digits == 0 ? text : $"{(point < 0 ? text : text[..point])}.{fraction.PadRight(digits, '0')}");
    }

    private static string Grouped(string number)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var end = point < 0 ? number.Length : point;
        var start = number[0] == '-' ? 1 : 0;
        for (var at = end - 3; at > start; at -= 3)
        {
            number = number.Insert(at, ",");
        }

        return number;
    }
}
