using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Cases;

/// <summary>The audit of a case as a person reads it in a terminal.</summary>
public static class CaseAuditText
{
    /// <summary>Writes the audit.</summary>
    public static void Write(CaseAuditReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        output.WriteLine(report.Case.Title);
        output.WriteLine("Recorded under a replayed clock: known at = when each row was published.");
        WriteFigures(report, output);
        WriteDays(report, output);
        WriteTwoClocks(report, output);
        WriteLadders(report, output);
        WriteContrast(report, output);
        WriteUnbooked(report, output);
    }

    private static void WriteFigures(CaseAuditReport report, TextWriter output)
    {
        var table = new TextTable(
            "Published / ours / difference",
            "figure", "as of (UTC)", "published", "ours", "difference", "on facts", "derived", "assumed", "source");
        foreach (var line in report.Figures)
        {
            var published = line.Published;
            table.Add(
                published.Figure.Replace('_', ' '),
                published.AsOf.ToString()[..16],
                $"{Published(published)} {published.Unit}",
                Number(line.Ours?.Value),
                line.Difference is { } difference ? Number(difference)
                    : line.Inside is { } inside ? (inside ? "inside" : "outside") : "",
                Number(line.Ours?.OnFacts),
                Number(line.Ours?.OnDerived),
                Number(line.Ours?.OnAssumed),
                published.Source);
        }

        table.Write(output);
        output.WriteLine($"With income in kind at its value ({Money(report.IncomeAtFairValue)} "
            + $"{report.Case.Currency}) the realized gain is {Money(report.GainWithIncomeAtFairValue)} "
            + $"{report.Case.Currency}; the case books it at zero.");
        output.WriteLine($"Shortfalls at the end: {report.Shortfalls}.");
    }

    private static void WriteDays(CaseAuditReport report, TextWriter output)
    {
        var table = new TextTable(
            "Day by day, all positions together, at the close (UTC)",
            "day", "debt", "collateral", "close", "loan-to-value", "health factor", "liquidation price",
            "low of the day", "published");
        foreach (var day in report.Days)
        {
            table.Add(
                day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Number(day.Debt),
                Number(day.Collateral),
                Number(day.Close),
                Digits(day.LoanToValue, 4),
                Digits(day.HealthFactor, 4),
                Digits(day.LiquidationPrice, 2),
                Number(day.Low),
                string.Join("; ", day.Published.Select(Published)));
        }

        table.Write(output);
    }

    private static void WriteTwoClocks(CaseAuditReport report, TextWriter output)
    {
        var views = report.TwoClocks;
        var table = new TextTable(
            $"Two clocks: realized gain as of {views.AsOf}", "known at", "realized gain", "entry", "what it changed");
        table.Add(views.KnownBefore.ToString(), Money(views.Before));
        foreach (var line in views.Lines)
        {
            table.Add(
                line.Entry.RecordedAt.ToString(),
                Money(line.Effect),
                $"{line.Journal} #{line.Entry.Position}",
                line.Entry.Voids is { } voids ? $"corrects #{voids}" : line.Entry.Event.GetType().Name);
        }

        table.Add(views.KnownAfter.ToString(), Money(views.After));
        table.Write(output);
    }

    private static void WriteLadders(CaseAuditReport report, TextWriter output)
    {
        foreach (var ladder in report.Ladders)
        {
            var table = new TextTable(
                $"Ladder of {ladder.Treasury} (illustrative) as of {ladder.AsOf}; all together "
                    + $"{Digits(ladder.Aggregate, 2)}",
                "liquidation price", "position", "collateral", "debt", "debt so far",
                "collateral so far at this price");
            foreach (var rung in ladder.Rungs)
            {
                table.Add(
                    Digits(rung.Price, 2),
                    rung.Account.ToString(),
                    Number(rung.Collateral.ToTokens(18)),
                    Money(rung.Debt),
                    Money(rung.DebtSoFar),
                    Money(rung.AmountAtRung));
            }

            table.Write(output);
        }
    }

    private static void WriteContrast(CaseAuditReport report, TextWriter output)
    {
        var table = new TextTable(
            $"Contrast without debt: {report.Case.Audit.Contrast?.Treasury}",
            "day", "tokens", "cost basis", "price", "unrealized gain");
        foreach (var day in report.Contrast)
        {
            table.Add(
                day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Number(day.Tokens),
                Money(day.Cost),
                Number(day.Price?.Price),
                Money(day.UnrealizedGain));
        }

        table.Write(output);
    }

    private static void WriteUnbooked(CaseAuditReport report, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"Rows not booked: {report.Unbooked.Length}");
        foreach (var group in report.Unbooked.GroupBy(row => (row.Row.Entity, row.Row.Event, row.Reason)))
        {
            output.WriteLine($"  {group.Key.Entity}, {group.Key.Event}: {group.Count()} "
                + $"(rows {string.Join(", ", group.Select(row => row.Row.Row))}): {group.Key.Reason}");
        }
    }

    private static string Published(PublishedFigure figure) => (figure.Value, figure.Low, figure.High) switch
    {
        ({ } value, { } low, { } high) => $"{Number(value)} ({Number(low)} to {Number(high)})",
        ({ } value, _, _) => Number(value),
        (_, { } low, { } high) => $"{Number(low)} to {Number(high)}",
        _ => "",
    };

    private static string Money(Amount? amount) => amount is { } known ? Digits(known.ToExact(), 2) : "unknown";

    private static string Number(ExactDecimal? value) =>
        value is { } known ? Digits(known, Math.Min(known.Scale, 2)) : "unknown";

    /// <summary>Shown with that many digits, half to even; thousands set apart.</summary>
    private static string Digits(ExactDecimal? value, int digits)
    {
        if (value is not { } known)
        {
            return "–";
        }

        var shown = known.Scale <= digits
            ? known.Mantissa * PowerOfTen.Of(digits - known.Scale)
            : Rounding.DivideHalfEven(known.Mantissa, PowerOfTen.Of(known.Scale - digits));
        var text = BigInteger.Abs(shown).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        var whole = BigInteger.Parse(text[..^digits], CultureInfo.InvariantCulture)
            .ToString("#,0", CultureInfo.InvariantCulture);
        return (shown.Sign < 0 ? "-" : "") + whole + (digits > 0 ? "." + text[^digits..] : "");
    }
}
