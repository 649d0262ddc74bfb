using System.Globalization;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Postings;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Sheets;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// Gains, disposals lot by lot, open lots, flows, the general ledger and more as a workbook, whose gains and sums are
/// formulas over the rows that they come from. Numbers are written exactly; spreadsheets keep 15 digits of them.
/// </summary>
internal sealed partial class WorkbookFile
{
    private readonly Seen _seen;
    private readonly WorkbookStream _workbook;

    private WorkbookFile(Seen seen, WorkbookStream workbook) => (_seen, _workbook) = (seen, workbook);

    /// <summary>The export.</summary>
    public static ExportRoute Route { get; } = new(
        "workbook", "xlsx", WorkbookStream.MediaType, "exportWorkbook",
        "Gains, disposals by lot, open lots, flows, general ledger and more as a workbook",
        "A sheet each: realized gains by month, disposals by lot, open lots, income and expenses, trial balance, "
        + "roll-forward, general ledger, price evidence, lending positions. Gains, totals and market values are "
        + "formulas, so that whoever has the file can recompute them; each sheet says whether its total is that of the "
        + "statement. Numbers are written exactly, of which spreadsheets keep 15 digits.",
        Question.Parameters, AskAsync);

    private static async Task<PendingExport> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var seen = await asking.SeeAsync(cancellation);
        _ = seen.Digits; // refused while the reporting currency is not registered
        return new PendingExport(seen.Standpoint, seen.Cost, (stream, stop) => WriteAsync(seen, stream, stop));
    }

    private static Task WriteAsync(Seen seen, Stream stream, CancellationToken cancellation) => SyncWriting.CopyAsync(
        (output, stop) =>
        {
            using var workbook = new WorkbookStream(output);
            new WorkbookFile(seen, workbook).Write(stop);
        },
        stream,
        cancellation);

    private void Write(CancellationToken cancellation)
    {
        About();
        Gains();
        Disposals(cancellation);
        OpenLots();
        Flows(cancellation);
        Trial();
        RollForwards();
        Ledger(cancellation);
        Prices(cancellation);
        Positions();
    }

    private void About()
    {
        var stand = _seen.Standpoint;
        using var sheet = _workbook.Begin("About", ("Treasury Ledger", 28), (stand.Treasury, 90));
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
        using var sheet = _workbook.Begin(
            "Realized gains", ("Month", 10), ("Asset", 10), ("Disposals", 10), ("Quantity", 22), ("Proceeds", 22),
            ("Cost basis", 22), ("Realized gain", 22), ("Without basis", 18), ("Incomplete", 11));
        foreach (var row in gains.Rows)
        {
            var line = sheet.Rows + 1;
            sheet.Add(
                row.Period.Name, row.Asset.ToString(), Whole(row.Figures.Disposals),
                new(seen.Tokens(row.Asset, row.Figures.Quantity).ToString(), CellStyle.Units),
                Money(row.Figures.Proceeds),
                Money(row.Figures.CostBasis), Money(row.Figures.Gain, $"E{line}-F{line}"),
                new(seen.Tokens(row.Asset, row.Figures.BasisMissing).ToString(), CellStyle.Units),
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
        using var sheet = _workbook.Begin(
            "Disposals", ("Disposal", 34), ("Entry", 8), ("At", 28), ("Account", 16), ("Asset", 10), ("Kind", 12),
            ("Lot", 34), ("Acquired", 28), ("Quantity", 22), ("Proceeds", 24), ("Cost", 24), ("Gain", 24),
            ("Evidence", 10), ("Price entry", 11), ("Term", 8));
        var (proceeds, cost, gain) = (Amount.Zero, Amount.Zero, Amount.Zero);
        foreach (var disposal in _seen.At.Happened.SelectMany(happened => happened.Rows.Disposals))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var part in disposal.Parts)
            {
                Row(disposal, part);
                if (part.Gain is { } known)
                {
                    (proceeds, cost, gain) = (proceeds + part.Proceeds!.Value, cost + part.Cost!.Value, gain + known);
                }
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

        void Row(Disposal disposal, DisposalPart part)
        {
            var line = sheet.Rows + 1;
            sheet.Add(
                new LotId(disposal.Fact, disposal.Leg).ToString(), Whole(disposal.Entry), disposal.At.ToString(),
                disposal.Account.ToString(), disposal.Asset.ToString(), ListRows.Word(disposal.Kind),
                part.Take?.LotId.ToString(), part.Take?.AcquiredAt.ToString(),
                new(_seen.Tokens(disposal.Pool, part.Quantity).ToString(), CellStyle.Units), Money(part.Proceeds),
                Money(part.Cost), Money(part.Gain, $"J{line}-K{line}"), ListRows.Word(part.Quality),
                disposal.Price is { Position: var position } ? Whole(position) : null,
                part.Take?.Term is { } known ? ListRows.Word(known) : null);
            _seen.Cost.Write(1);
        }
    }

    private void OpenLots()
    {
        using var sheet = _workbook.Begin(
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
        using var sheet = _workbook.Begin(
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
        using var sheet = _workbook.Begin(
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
}
