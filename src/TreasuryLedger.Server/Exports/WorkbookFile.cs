using System.Globalization;
using System.IO.Compression;
using System.IO.Packaging;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Postings;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// Gains, disposals lot by lot, open lots, flows and the trial balance as a workbook, whose gains and sums are formulas
/// over the rows that they come from. Numbers are written exactly; spreadsheets keep 15 digits of them.
/// </summary>
internal sealed class WorkbookFile
{
    private const string Main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

    private readonly Seen _seen;
    private readonly SpreadsheetDocument _document;
    private readonly Sheets _sheets = new();

    private WorkbookFile(Seen seen, SpreadsheetDocument document) => (_seen, _document) = (seen, document);

    /// <summary>The export.</summary>
    public static ExportRoute Route { get; } = new(
        "workbook", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "exportWorkbook",
        "Gains, disposals by lot, open lots, flows and the trial balance as a workbook",
        "Gains, totals and market values are formulas, so that whoever has the file can recompute them; each sheet "
        + "says whether its total is that of the statement. Numbers are written exactly, of which spreadsheets keep "
        + "15 digits.", Question.Parameters, AskAsync);

    private static async Task<PendingExport> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var seen = await asking.SeeAsync(cancellation);
        _ = seen.Digits; // refused while the reporting currency is not registered
        return new PendingExport(seen.Standpoint, (stream, stop) => WriteAsync(seen, stream, stop));
    }

    private static async Task WriteAsync(Seen seen, Stream stream, CancellationToken cancellation)
    {
        await using var made = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        using (var package = Package.Open(made, FileMode.Create, FileAccess.ReadWrite))
        using (var document = SpreadsheetDocument.Create(package, SpreadsheetDocumentType.Workbook))
        {
            new WorkbookFile(seen, document).Write(cancellation);
        }

        // The library writes the hour into the archive; the same workbook shall have the same bytes whenever.
        made.Position = 0;
        await using var forward = new DigestingStream(stream, leaveOpen: true);
        await using var from = await ZipArchive.CreateAsync(made, ZipArchiveMode.Read, true, null, cancellation);
        await using var to = await ZipArchive.CreateAsync(forward, ZipArchiveMode.Create, true, null, cancellation);
        foreach (var part in from.Entries)
        {
            var copy = to.CreateEntry(part.FullName);
            copy.LastWriteTime = DigestingStream.Epoch;
            await using var source = await part.OpenAsync(cancellation);
            await using var target = await copy.OpenAsync(cancellation);
            await source.CopyToAsync(target, cancellation);
        }
    }

    private void Write(CancellationToken cancellation)
    {
        // Named by hand: the library would draw a name by lot.
        var workbook = _document.AddNewPart<WorkbookPart>(Main, "workbook");
        workbook.AddNewPart<WorkbookStylesPart>("styles").Stylesheet = Styles();
        About();
        Gains();
        Disposals(cancellation);
        OpenLots();
        Flows(cancellation);
        Trial();
        // Whoever opens it computes every formula anew.
        workbook.Workbook = new Workbook(_sheets, new CalculationProperties { FullCalculationOnLoad = true });
    }

    private Sheet Begin(string name, params ReadOnlySpan<(string Head, double Width)> columns)
    {
        var number = (uint)_sheets.ChildElements.Count + 1;
        var id = string.Create(CultureInfo.InvariantCulture, $"sheet{number}");
        var part = _document.WorkbookPart!.AddNewPart<WorksheetPart>(id);
        _sheets.Append(new DocumentFormat.OpenXml.Spreadsheet.Sheet { Id = id, SheetId = number, Name = name });
        var sheet = new Sheet(part, columns.ToArray().Select(column => column.Width));
        sheet.Add([.. columns.ToArray().Select(column => new SheetCell(column.Head, CellStyle.Head))]);
        return sheet;
    }

    private void About()
    {
        var stand = _seen.Standpoint;
        using var sheet = Begin("About", ("Treasury Ledger", 28), (stand.Treasury, 90));
        sheet.Add("legal entity", _seen.Opened.Name);
        sheet.Add("as of", stand.AsOf.ToString());
        sheet.Add("known at", stand.KnownAt.ToString());
        sheet.Add("positions", string.Create(
            CultureInfo.InvariantCulture,
            $"treasury {stand.Positions.Treasury}, prices {stand.Positions.PriceBook}, markets "
            + $"{stand.Positions.MarketBook}"));
        sheet.Add("calculation version", stand.CalculationVersion);
        sheet.Add("book", stand.Book ?? StarterBooks.Official);
        sheet.Add("lot method, scope", $"{ListRows.Word(stand.Policy.LotMethod)}, "
            + ListRows.Word(stand.Policy.BasisScope));
        sheet.Add("stablecoins, income", $"{ListRows.Word(stand.Policy.Stablecoins)}, "
            + ListRows.Word(stand.Policy.IncomeBasis));
        sheet.Add("currency", stand.ReportingCurrency.ToString());
        sheet.Add("time zone", _seen.Opened.TimeZone);
        sheet.Add("rounding", "Statements round rows half to even to the currency's digits, and totals add rows. Rows "
            + "of disposals and lots are exact; spreadsheets keep 15 digits of a number.");
        sheet.Add("evidence", "A row stands on its worst evidence: fact, derived or assumed.");
        if (stand.ReplayedClock)
        {
            sheet.Add("replayed clock", "Recorded instants come from a script.");
        }

        if (stand.Illustrative)
        {
            sheet.Add("illustrative", "These books are nobody's.");
        }
    }

    private void Gains()
    {
        var seen = _seen;
        var periods = RealizedGainsAnswer.PeriodsOf(seen, GainPeriod.Month, seen.At.State.GainDays());
        var gains = RealizedGains.Of(seen.At.State, periods, seen.Digits, seen.Zone);
        using var sheet = Begin(
            "Realized gains", ("Month", 10), ("Asset", 10), ("Disposals", 10), ("Quantity", 22), ("Proceeds", 22),
            ("Cost basis", 22), ("Realized gain", 22), ("Without basis", 18), ("Incomplete", 11));
        foreach (var row in gains.Rows)
        {
            var line = sheet.Rows + 1;
            sheet.Add(
                row.Period.Name, row.Asset.ToString(), Whole(row.Figures.Disposals),
                new(seen.Tokens(row.Asset, row.Quantity).ToString(), CellStyle.Units), Money(row.Figures.Proceeds),
                Money(row.Figures.CostBasis), Money(row.Figures.Gain, $"E{line}-F{line}"),
                new(seen.Tokens(row.Asset, row.BasisMissing).ToString(), CellStyle.Units),
                Whole(row.Figures.Incomplete));
        }

        var last = sheet.Rows;
        sheet.Add(
            "Total", null, Whole(gains.Total.Disposals, Sum('C', last)), null, Total(gains.Total.Proceeds, 'E', last),
            Total(gains.Total.CostBasis, 'F', last), Total(gains.Total.Gain, 'G', last), null,
            Whole(gains.Total.Incomplete, Sum('I', last)));
    }

    /// <summary>A row for each lot that a disposal took, and one for units without a lot.</summary>
    private void Disposals(CancellationToken cancellation)
    {
        using var sheet = Begin(
            "Disposals", ("Disposal", 34), ("Entry", 8), ("At", 28), ("Account", 16), ("Asset", 10), ("Kind", 12),
            ("Lot", 34), ("Acquired", 28), ("Quantity", 22), ("Proceeds", 24), ("Cost", 24), ("Gain", 24),
            ("Evidence", 10), ("Price entry", 11));
        var (proceeds, cost, gain) = (Amount.Zero, Amount.Zero, Amount.Zero);
        foreach (var disposal in _seen.At.Happened.SelectMany(happened => happened.Rows.Disposals))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var take in disposal.Takes)
            {
                Row(disposal, take.LotId.ToString(), take.AcquiredAt.ToString(), take.Quantity, take.Proceeds,
                    take.Cost, take.Gain, take.Quality);
                if (take.Gain is { } known)
                {
                    (proceeds, cost, gain) = (proceeds + take.Proceeds!.Value, cost + take.Cost!.Value, gain + known);
                }
            }

            if (!disposal.WithoutLot.IsZero)
            {
                var rest = disposal.Proceeds - disposal.Takes.Aggregate(
                    (Amount?)Amount.Zero, (sum, take) => sum + take.Proceeds);
                Row(disposal, null, null, disposal.WithoutLot, rest, null, null, disposal.Quality);
            }
        }

        var last = sheet.Rows;
        sheet.Add("Total of rows with proceeds and cost", null, null, null, null, null, null, null, null,
            Conditional(proceeds, 'J', last), Conditional(cost, 'K', last), Total(gain, 'L', last));
        var whole = _seen.At.State.RealizedGain;
        sheet.Add("Realized gain of the book", null, null, null, null, null, null, null, null, null, null,
            Money(whole));
        sheet.Add("Equal to the cent", null, null, null, null, null, null, null, null, null, null,
            new(whole == gain ? "1" : "0", CellStyle.Plain, $"ABS(L{last + 1}-L{last + 2})<0.01"));

        void Row(
            Disposal disposal, string? lot, string? acquired, Quantity units, Amount? worth, Amount? basis,
            Amount? result, Core.Journal.EvidenceQuality quality)
        {
            var line = sheet.Rows + 1;
            sheet.Add(
                new LotId(disposal.Fact, disposal.Leg).ToString(), Whole(disposal.Entry), disposal.At.ToString(),
                disposal.Account.ToString(), disposal.Asset.ToString(), ListRows.Word(disposal.Kind), lot, acquired,
                new(_seen.Tokens(disposal.Pool, units).ToString(), CellStyle.Units), Money(worth), Money(basis),
                Money(result, $"J{line}-K{line}"), ListRows.Word(quality),
                disposal.Price is { Position: var position } ? Whole(position) : null);
        }
    }

    private void OpenLots()
    {
        using var sheet = Begin(
            "Open lots", ("Lot", 34), ("Entry", 8), ("Account", 16), ("In transit", 24), ("Asset", 10),
            ("Acquired", 28), ("Quantity", 22), ("Cost", 24), ("Price", 18), ("Market value", 24), ("Unrealized", 24),
            ("Evidence", 10), ("Price source", 40));
        var prices = UnrealizedGains.Of(_seen.At).Rows
            .Where(row => row.MarketValue is not null)
            .ToDictionary(row => row.Asset, row => row.Price!);
        var (cost, decimals) = (Amount.Zero, _seen.At.Registers);
        foreach (var lot in _seen.At.State.OpenLots())
        {
            var (line, price) = (sheet.Rows + 1, prices.GetValueOrDefault(lot.Pool));
            var value = price is null
                ? (Amount?)null
                : Amount.Of(lot.Remaining, decimals.DecimalsOf(lot.Pool), price.Price);
            sheet.Add(
                lot.LotId.ToString(), Whole(lot.Entry), lot.Account?.ToString(), lot.InTransit?.ToString(),
                lot.Pool.ToString(), lot.AcquiredAt.ToString(),
                new(_seen.Tokens(lot.Pool, lot.Remaining).ToString(), CellStyle.Units), Money(lot.Cost),
                new(price?.Price.ToString(), CellStyle.Units), Money(value, $"G{line}*I{line}"),
                Money(value - lot.Cost, $"J{line}-H{line}"), ListRows.Word(lot.Quality), price?.Source);
            cost += lot.Cost ?? Amount.Zero;
        }

        sheet.Add("Total", null, null, null, null, null, null, Total(cost, 'H', sheet.Rows));
    }

    private void Flows(CancellationToken cancellation)
    {
        using var sheet = Begin(
            "Income and expenses", ("Kind", 22), ("Fact", 34), ("Entry", 8), ("At", 28), ("Account", 16),
            ("Asset", 10), ("Quantity", 22), ("Income", 24), ("Expense", 24), ("Evidence", 10));
        var (earned, spent) = (Amount.Zero, Amount.Zero);
        foreach (var happened in _seen.At.Happened)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var income in happened.Rows.Incomes)
            {
                sheet.Add(
                    ListRows.Word(income.Kind), income.Fact.ToString(), Whole(income.Entry), income.At.ToString(),
                    income.Account.ToString(), income.Asset.ToString(),
                    new(_seen.Tokens(income.Asset, income.Quantity).ToString(), CellStyle.Units), Money(income.Value),
                    null, ListRows.Word(income.Quality));
                earned += income.Value ?? Amount.Zero;
            }

            foreach (var expense in happened.Rows.Expenses)
            {
                sheet.Add(
                    ListRows.Word(expense.Kind), expense.Fact.ToString(), Whole(expense.Entry), expense.At.ToString(),
                    expense.Account.ToString(), expense.Asset.ToString(),
                    new(_seen.Tokens(expense.Asset, expense.Quantity).ToString(), CellStyle.Units), null,
                    Money(expense.Value), ListRows.Word(expense.Quality));
                spent += expense.Value ?? Amount.Zero;
            }
        }

        var last = sheet.Rows;
        sheet.Add("Total", null, null, null, null, null, null, Total(earned, 'H', last), Total(spent, 'I', last));
    }

    private void Trial()
    {
        var balance = TrialBalanceAnswer.Of(_seen);
        using var sheet = Begin(
            "Trial balance", ("Account", 28), ("Heading", 24), ("Asset", 10), ("Quantity", 26), ("Debit", 24),
            ("Credit", 24), ("Postings", 10));
        foreach (var row in balance.Rows)
        {
            sheet.Add(
                ListRows.Word(row.Account), ListRows.Word(row.Heading), row.Asset.ToString(),
                new(row.Quantity.ToString(), CellStyle.Units), Money(row.Debit), Money(row.Credit),
                Whole(row.Postings));
        }

        var last = sheet.Rows;
        sheet.Add("Total", null, null, null, Total(balance.Debit, 'E', last), Total(balance.Credit, 'F', last));
        sheet.Add("What rounding left", null, null, null, Money(balance.Rounding));
        sheet.Add("Debits equal credits", null, null, null, new(
            "1", CellStyle.Plain, $"ABS(E{last + 1}+E{last + 2}-F{last + 1})<0.005"));
    }

    private static SheetCell Money(Amount? amount, string? formula = null) =>
        new(amount?.ToString(), CellStyle.Amount, formula);

    private static SheetCell Total(Amount amount, char column, int last) =>
        new(amount.ToString(), CellStyle.Total, Sum(column, last));

    /// <summary>A sum over rows that have a gain.</summary>
    private static SheetCell Conditional(Amount amount, char column, int last) => new(
        amount.ToString(), CellStyle.Total, last < 2 ? "0" : $"SUMIF(L2:L{last},\"<>\",{column}2:{column}{last})");

    private static SheetCell Whole(long number, string? formula = null) =>
        new(number.ToString(CultureInfo.InvariantCulture), CellStyle.Units, formula);

    private static string Sum(char column, int last) => last < 2 ? "0" : $"SUM({column}2:{column}{last})";

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
