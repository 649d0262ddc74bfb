using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>Says in the words of a specification what a statement prints about the subject of a "then" line.</summary>
internal static class SpecStatement
{
    private static readonly TimeZoneInfo NewYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");

    public static string Say(string expected, SpecCase found)
    {
        var words = expected.Split(' ');
        return words switch
        {
            ["unrealized", "total", ..] =>
                $"unrealized total | {Total(UnrealizedGains.Of(At(found, found.Viewpoint)))}",
            ["unrealized", var asset, ..] => $"unrealized {asset} {Unrealized(asset, found)}",
            ["restated", var figure, "as", "of", var asOf, "from", var from, "to", var to, ..] =>
                $"restated {figure} as of {asOf} from {from} to {to} | "
                + Restated(figure, Instant(asOf), Instant(from), Instant(to), found),
            [var kind, "all", "total", ..] => $"{kind} all total | {Text(Gains(kind, found).Total)}",
            [var kind, "all", var asset, ..] => $"{kind} all {asset} | " + Text(
                Gains(kind, found).ByAsset.Single(sum => sum.Asset.ToString() == asset).Figures),
            [var kind, var period, "total", ..] => $"{kind} {period} total | " + Text(
                Gains(kind, found).ByPeriod.Single(sum => sum.Period.Name == period).Figures),
            [var kind, var period, var asset, ..] => $"{kind} {period} {asset} " + Text(
                Gains(kind, found).Rows.Single(row => row.Period.Name == period && row.Asset.ToString() == asset)),
            _ => throw new FormatException($"Nothing is printed as: {expected}"),
        };
    }

    private static TreasuryAt At(SpecCase found, Viewpoint viewpoint) =>
        TreasuryAt.Of(found.Journal.Entries, found.Journal.Prices, [], viewpoint);

    private static RealizedGains Gains(string kind, SpecCase found)
    {
        var book = At(found, found.Viewpoint).Book;
        var (first, last) = (book.Disposals[0].At, book.Disposals[^1].At);
        var periods = CalendarPeriods.Of(Enum.Parse<PeriodKind>(kind, ignoreCase: true), "01-01", NewYork, first, last);
        return RealizedGains.Of(book, periods, 2);
    }

    private static string Text(RealizedGainRow row) =>
        $"{TestJournal.Tokens(row.Asset, row.Figures.Quantity)} | {Text(row.Figures)}".Replace(
            "missing for", $"missing {TestJournal.Tokens(row.Asset, row.Figures.BasisMissing)} for",
            StringComparison.Ordinal);

    private static string Text(GainTotals figures) =>
        $"proceeds {figures.Proceeds} | cost {figures.CostBasis} | gain {figures.Gain}"
        + (figures.OnDerived.IsZero ? "" : $" | derived {figures.OnDerived}")
        + (figures.OnAssumed.IsZero ? "" : $" | assumed {figures.OnAssumed}")
        + (figures.ProceedsWithoutBasis.IsZero ? "" : $" | missing for {figures.ProceedsWithoutBasis}")
        + (figures.CostUnvalued.IsZero ? "" : $" | unvalued {figures.CostUnvalued}")
        + (figures.Incomplete == 0 ? "" : $" | incomplete {figures.Incomplete}");

    private static string Unrealized(string asset, SpecCase found)
    {
        var row = UnrealizedGains.Of(At(found, found.Viewpoint)).Rows.Single(one => one.Asset.ToString() == asset);
        var price = row.Price is null
            ? "missing"
            : $"{row.Price.Price} {row.Price.Source} age {row.AgeSeconds}"
                + (row.State == PriceState.Stale ? " stale" : "");
        var missing = row.BasisMissing.IsZero
            ? ""
            : $" | missing {TestJournal.Tokens(row.Asset, row.BasisMissing)} worth {Text(row.ValueWithoutBasis)}";
        return $"{TestJournal.Tokens(row.Asset, row.Quantity)} | cost {row.CostBasis} | value {Text(row.MarketValue)}"
            + $" | gain {Text(row.Gain)} | price {price}{missing}";
    }

    private static string Total(UnrealizedGains gains) =>
        $"cost {gains.CostBasis} | value {gains.MarketValue} | gain {gains.Gain}"
        + (gains.Unvalued == 0 ? "" : $" | unvalued {gains.Unvalued}");

    private static string Restated(string figure, Instant asOf, Instant from, Instant to, SpecCase found)
    {
        Func<TreasuryAt, Amount> of = figure switch
        {
            "gain" => Restatement.RealizedGainOf,
            "cost-open" => treasury => treasury.State.CostOpen,
            _ => throw new FormatException($"No figure is called {figure}."),
        };
        var restated = Restatement.Between(found.Journal.Entries, found.Journal.Prices, asOf, from, to, of);
        return $"{restated.Before} to {restated.After} | "
            + string.Join(", ", restated.Lines.Select(line => $"{line.Entry.Fact} {line.Effect}"));
    }

    private static Instant Instant(string text) => Time.Instant.Parse(text.Length == 10 ? text + "T00:00:00Z" : text);

    private static string Text(Amount? amount) => amount?.ToString() ?? "?";
}
