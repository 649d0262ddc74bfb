using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>
/// Figures of cost basis that others published: US regulations, hledger, beancount, rotki, the Japanese tax agency.
/// What a case expects is never changed. Not compared is what the engine does not say yet: the term of holding (short,
/// long) and the names of matching rules.
/// </summary>
public sealed class LotsConformanceTests
{
    private const decimal QuantityTolerance = 0.000001m;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Conformance", "lots");

    public static TheoryData<string> Playable() => [.. Cases().Where(c => c.Unsupported is null).Select(c => c.Id)];

    [Theory]
    [MemberData(nameof(Playable))]
    public void the_engine_gives_the_published_figures(string id)
    {
        var found = Cases().Single(one => one.Id == id);
        var books = found.Play();
        var differences = Differences(found, books).ToList();

        differences.ShouldBeEmpty();
        books.ShouldAllBe(book => book.IsConserved);
    }

    [Fact]
    public void cases_that_wait_for_later_work_are_counted_by_reason()
    {
        var waiting = Cases().Where(found => found.Unsupported is not null)
            .CountBy(found => found.Unsupported!)
            .OrderBy(reason => reason.Key, StringComparer.Ordinal)
            .Select(reason => $"{reason.Value} {reason.Key}");

        waiting.ShouldBe(
        [
            "4 method SPECIFIC",
            "9 method STRICT",
            "1 method UK_CORP",
            "15 method UK_S104",
            "5 option fees_in_basis",
            "4 option oversell",
            "2 option universal_until",
            "4 removal at cost from the one pool",
            "6 specific identification",
            "2 standing orders by date",
        ]);
        Playable().Count.ShouldBe(54);
    }

    private static IEnumerable<LotsCase> Cases() => Directory.GetFiles(Folder, "*.json")
        .Order(StringComparer.Ordinal)
        .SelectMany(path => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.EnumerateArray())
        .Select(json => new LotsCase(json));

    private static IEnumerable<string> Differences(LotsCase found, ImmutableArray<Book> books)
    {
        var (book, expected) = (books[^1], found.Expected);
        if (LotsCase.Text(expected, "error") is { } error)
        {
            error.ShouldBe("insufficient_lots");
            return book.Pools.Any(pool => pool.Deficit.Sign > 0) ? [] : ["nothing is missing"];
        }

        var unheld = book.Pools.Where(pool => pool.Deficit.Sign > 0).Select(pool => $"{pool.Pool} is missing");
        return unheld
            .Concat(Each(expected, "realized").SelectMany(item => Realized(found, book, item)))
            .Concat(Each(expected, "remaining").SelectMany(item => Remaining(found, book, item)))
            .Concat(Each(expected, "checkpoints").SelectMany(item =>
                Remaining(found, books[item.GetProperty("after_event").GetInt32()], item)))
            .Concat(Money(found, expected, "total_gain", Sum(book.Disposals.Select(d => d.RealizedGain))))
            .Concat(Money(found, expected, "total_cost_basis", Sum(book.Disposals.Select(d => d.CostBasis))))
            .Concat(Money(found, expected, "total_proceeds", Sum(book.Disposals.Select(d => d.Proceeds))))
            .Concat(Money(found, expected, "total_income", Sum(book.Incomes.Select(income => income.Value))));
    }

    private static IEnumerable<string> Realized(LotsCase found, Book book, JsonElement expected)
    {
        var index = expected.GetProperty("disposal_index").GetInt32();
        var disposal = book.Disposals.Single(d => d.Entry == index + 1);
        return Units(expected, "quantity", Tokens(disposal.Quantity))
            .Concat(Money(found, expected, "proceeds", disposal.Proceeds))
            .Concat(Money(found, expected, "cost_basis", disposal.CostBasis))
            .Concat(Money(found, expected, "gain", disposal.RealizedGain))
            .Concat(expected.TryGetProperty("lots", out var lots)
                ? Lots(found, lots, disposal.Takes.Select(take =>
                    (Day(take.AcquiredAt), Tokens(take.Quantity), (decimal?)Decimal(take.Cost))))
                : [])
            .Select(difference => $"disposal {index}: {difference}");
    }

    private static IEnumerable<string> Remaining(LotsCase found, Book book, JsonElement expected)
    {
        var asset = AssetId.Parse(LotsCase.Text(expected, "asset")!);
        var account = found.Account(LotsCase.Text(expected, "wallet"));
        var open = book.OpenLots
            .Where(lot => lot.Pool == asset && !found.IsRemoved(lot.Account))
            .Where(lot => account is null || lot.Account == account)
            .ToList();
        return Units(expected, "quantity", open.Sum(lot => Tokens(lot.Remaining)))
            .Concat(Money(found, expected, "cost_basis", Sum(open.Select(lot => lot.Cost))))
            .Concat(expected.TryGetProperty("lots", out var lots)
                ? Lots(found, lots, open.Select(lot =>
                    (Day(lot.AcquiredAt), Tokens(lot.Remaining), (decimal?)Decimal(lot.Cost))))
                : [])
            .Select(difference => $"remaining {asset} {account}: {difference}");
    }

    /// <summary>Lots as a set, merged by day of acquisition: order and slicing do not matter.</summary>
    private static IEnumerable<string> Lots(
        LotsCase found, JsonElement expected, IEnumerable<(string Day, decimal Units, decimal? Cost)> actual)
    {
        var ours = Merge(actual);
        var theirs = Merge(expected.EnumerateArray().Select(lot =>
        {
            var units = LotsCase.Number(LotsCase.Text(lot, "quantity")!);
            decimal? cost = LotsCase.Text(lot, "cost") is { } whole ? LotsCase.Number(whole)
                : LotsCase.Text(lot, "unit_cost") is { } each ? LotsCase.Number(each) * units
                : null;
            return (LotsCase.Text(lot, "acquired")![..10], units, cost);
        }));
        return ours.Keys.Union(theirs.Keys)
            .Select(day => (Day: day, Ours: ours.GetValueOrDefault(day), Theirs: theirs.GetValueOrDefault(day)))
            .Where(lot => Math.Abs(lot.Ours.Units - lot.Theirs.Units) > QuantityTolerance
                || Math.Abs(lot.Ours.Cost - lot.Theirs.Cost ?? 0) > found.Tolerance)
            .Select(lot => $"lot of {lot.Day} {lot.Ours} instead of {lot.Theirs}");
    }

    /// <summary>Where the source states no cost of a lot, there is none to compare.</summary>
    private static Dictionary<string, (decimal Units, decimal? Cost)> Merge(
        IEnumerable<(string Day, decimal Units, decimal? Cost)> lots) => lots
        .GroupBy(lot => lot.Day)
        .ToDictionary(
            day => day.Key,
            day => (day.Sum(lot => lot.Units), day.Any(lot => lot.Cost is null) ? null : day.Sum(lot => lot.Cost)));

    private static IEnumerable<string> Units(JsonElement expected, string name, decimal actual) =>
        LotsCase.Text(expected, name) is { } text && Math.Abs(LotsCase.Number(text) - actual) > QuantityTolerance
            ? [$"{name} {actual} instead of {text}"]
            : [];

    private static IEnumerable<string> Money(LotsCase found, JsonElement expected, string name, Amount? actual) =>
        LotsCase.Text(expected, name) is { } text
        && (actual is null || Math.Abs(LotsCase.Number(text) - Decimal(actual)) > found.Tolerance)
            ? [$"{name} {actual} instead of {text}"]
            : [];

    private static List<JsonElement> Each(JsonElement expected, string name) =>
        expected.TryGetProperty(name, out var list) ? [.. list.EnumerateArray()] : [];

    private static Amount? Sum(IEnumerable<Amount?> amounts) =>
        amounts.Aggregate((Amount?)Amount.Zero, (sum, amount) => sum + amount);

    private static decimal Decimal(Amount? amount) =>
        decimal.Parse(amount?.ToString() ?? "0", NumberStyles.Number, CultureInfo.InvariantCulture);

    private static decimal Tokens(Quantity units) =>
        decimal.Parse(units.ToTokens(27).ToString(), NumberStyles.Number, CultureInfo.InvariantCulture);

    private static string Day(Time.Instant instant) => instant.ToString()[..10];
}
