using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>The figures of a book beside those that a case expects, and where they differ.</summary>
internal static class LotsFigures
{
    private const decimal QuantityTolerance = 0.000001m;

    public static List<string> Differences(LotsCase found, ImmutableArray<Book> books)
    {
        var (book, expected) = (books[^1], found.Expected);
        if (LotsCase.Text(expected, "error") is { } error)
        {
            return Error(book) == error ? [] : [$"{Error(book) ?? "nothing is wrong"} instead of {error}"];
        }

        var wrong = new List<string>();
        if (!found.Terms.IsMissingBasisZero && Error(book) is { } unexpected)
        {
            wrong.Add(unexpected);
        }

        var disposals = book.Disposals
            .Where(one => one.Kind != DisposalKind.Handover && (found.Terms.From is not { } from || one.At >= from))
            .ToList();
        wrong.AddRange(Each(expected, "realized").SelectMany(item => Realized(found, book, item)));
        wrong.AddRange(Each(expected, "remaining").SelectMany(item => Remaining(found, book, item)));
        wrong.AddRange(Each(expected, "checkpoints").SelectMany(item =>
            Remaining(found, books[item.GetProperty("after_event").GetInt32()], item)));
        wrong.AddRange(Each(expected, "balances").SelectMany(item => Balance(found, book, item)));
        wrong.AddRange(Each(expected, "income").SelectMany(item => Money(
            found, item, "amount", IncomeOf(found, book, item.GetProperty("event_index").GetInt32()))));
        wrong.AddRange(Allocated(found, books, expected));
        wrong.AddRange(Each(expected, "yearly").SelectMany(item => Yearly(found, book, item)));
        // A gift brings nothing that the source states: there is a cost, and no gain to add.
        var sold = disposals.Where(one => one.Proceeds is not null).ToList();
        wrong.AddRange(Money(found, expected, "total_gain", Sum(sold.Select(GainOf))));
        wrong.AddRange(Money(found, expected, "total_gain_short", GainOn(disposals, HoldingTerm.Short)));
        wrong.AddRange(Money(found, expected, "total_gain_long", GainOn(disposals, HoldingTerm.Long)));
        wrong.AddRange(Money(found, expected, "total_cost_basis", Sum(disposals.Select(one => Number(one.CostBasis)))));
        wrong.AddRange(Money(found, expected, "total_proceeds", Sum(sold.Select(one => Number(one.Proceeds)))));
        wrong.AddRange(Money(found, expected, "total_income", Enumerable.Range(0, found.Events.Count)
            .Where(i => found.Terms.From is not { } from || LotsCase.Time(LotsCase.Text(found.Events[i], "t")!) >= from)
            .Sum(i => IncomeOf(found, book, i) ?? 0)));
        return wrong;
    }

    /// <summary>What the case calls an error, a state in the book: the first disposal of which it is true.</summary>
    private static string? Error(Book book)
    {
        var disposal = book.Disposals.FirstOrDefault(one =>
            !one.WithoutLot.IsZero
            || one.Identification is IdentificationOutcome.Ambiguous or IdentificationOutcome.NoMatch
                or IdentificationOutcome.TooFewUnits);
        return disposal?.Identification switch
        {
            IdentificationOutcome.Ambiguous => "ambiguous_lot",
            IdentificationOutcome.NoMatch => "no_match",
            not null => "insufficient_lots",
            null => book.Pools.Any(pool => pool.Deficit.Sign > 0) ? "insufficient_lots" : null,
        };
    }

    private static IEnumerable<string> Realized(LotsCase found, Book book, JsonElement expected)
    {
        var index = expected.GetProperty("disposal_index").GetInt32();
        var first = book.Disposals.FirstOrDefault(one => one.Fact == LotsCase.FactOf(index));
        if (first is null)
        {
            return [$"disposal {index} is none"];
        }

        // Where days decide, those of one day are one, under the first.
        var disposals = found.Terms.MergesDays
            ? book.Disposals.Where(one => one.Pool == first.Pool && Day(one.At) == Day(first.At)).ToList()
            : [first];
        var takes = disposals.SelectMany(one => one.Takes).ToList();
        var terms = takes.Select(take => take.Term).Distinct().ToList();
        return Units(expected, "quantity", disposals.Sum(one => Tokens(one.Quantity)))
            .Concat(Money(found, expected, "proceeds", Sum(disposals.Select(one => Number(one.Proceeds)))))
            .Concat(Money(found, expected, "cost_basis", Sum(disposals.Select(one => Number(one.CostBasis)))))
            .Concat(Money(found, expected, "gain", Sum(disposals.Select(GainOf))))
            .Concat(Word(expected, "term", terms.Count == 1 ? Name(terms[0]) : "mixed"))
            .Concat(expected.TryGetProperty("lots", out var lots) ? Lots(found, lots, takes.Select(take => new Part(
                Day(take.AcquiredAt), found.NameOf(take.LotId), Name(take.Rule), Name(take.Term),
                Tokens(take.Quantity), Number(take.Cost), Number(take.Proceeds), Number(take.Gain)))) : [])
            .Select(difference => $"disposal {index}: {difference}");
    }

    private static IEnumerable<string> Remaining(LotsCase found, Book book, JsonElement expected)
    {
        var asset = LotsCase.AssetOf(expected, "asset");
        var account = found.Account(LotsCase.Text(expected, "wallet"));
        if (account is not null && !book.Policy.IsPerAccount)
        {
            return Balance(found, book, expected);
        }

        var open = book.OpenLots
            .Where(lot => lot.Pool == asset && (account is null || lot.Account == account))
            .ToList();
        var decimals = open.Sum(lot => Tokens(lot.Remaining));
        return Units(expected, "quantity", decimals)
            .Concat(Money(found, expected, "cost_basis", Sum(open.Select(lot => Number(lot.Cost)))))
            .Concat(decimals == 0 ? [] : Money(
                found, expected, "unit_cost", Sum(open.Select(lot => Number(lot.Cost))) / decimals))
            .Concat(expected.TryGetProperty("lots", out var lots) ? Lots(found, lots, open.Select(lot => new Part(
                Day(lot.AcquiredAt), found.NameOf(lot.LotId), null, null, Tokens(lot.Remaining), Number(lot.Cost), null,
                null))) : [])
            .Select(difference => $"remaining {asset} {account}: {difference}");
    }

    private static IEnumerable<string> Balance(LotsCase found, Book book, JsonElement expected)
    {
        var asset = LotsCase.AssetOf(expected, "asset");
        var account = found.Account(LotsCase.Text(expected, "wallet"));
        var units = book.Balances
            .Where(balance => balance.Asset == asset && (account is null || balance.Account == account))
            .Sum(balance => Tokens(balance.Quantity));
        return Units(expected, "quantity", units).Select(difference => $"balance {asset} {account}: {difference}");
    }

    /// <summary>Which lots lie in which wallet right after the allocation.</summary>
    private static IEnumerable<string> Allocated(LotsCase found, ImmutableArray<Book> books, JsonElement expected)
    {
        var index = found.Events.ToList().FindIndex(e => LotsCase.Text(e, "type") == "reallocate");
        if (index < 0 || !expected.TryGetProperty("allocation", out var allocation))
        {
            return [];
        }

        var wallets = allocation.ValueKind == JsonValueKind.Object
            ? allocation.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.EnumerateArray().ToList())
            : allocation.EnumerateArray()
                .GroupBy(one => (LotsCase.Text(one, "to_wallet") ?? LotsCase.Text(one, "wallet"))!)
                .ToDictionary(
                    one => one.Key,
                    one => one.SelectMany(row => LotsCase.Has(row, "lots") ? Each(row, "lots") : [row]).ToList());
        return wallets.SelectMany(wallet => Lots(
            found,
            wallet.Value,
            books[index].OpenLots.Where(lot => lot.Account == found.AccountOf(wallet.Key)).Select(lot => new Part(
                Day(lot.AcquiredAt), found.NameOf(lot.LotId), null, null, Tokens(lot.Remaining), Number(lot.Cost), null,
                null))))
            .Select(difference => $"allocation: {difference}");
    }

    private static IEnumerable<string> Yearly(LotsCase found, Book book, JsonElement expected)
    {
        var year = LotsCase.Text(expected, "year")!;
        var asset = LotsCase.Has(expected, "asset") ? LotsCase.AssetOf(expected, "asset") : (AssetId?)null;
        var disposals = book.Disposals
            .Where(one => Day(one.At)[..4] == year && (asset is null || one.Pool == asset))
            .ToList();
        return Money(found, expected, "gain", Sum(disposals.Select(GainOf)))
            .Concat(Money(found, expected, "total_gain", Sum(disposals.Select(GainOf))))
            .Concat(Money(found, expected, "proceeds", Sum(disposals.Select(one => Number(one.Proceeds)))))
            .Concat(Money(found, expected, "cost_basis", Sum(disposals.Select(one => Number(one.CostBasis)))))
            .Concat(Money(found, expected, "income", book.Incomes
                .Where(one => Day(one.At)[..4] == year).Sum(one => Number(one.Value))))
            .Select(difference => $"year {year}: {difference}");
    }

    private static decimal? IncomeOf(LotsCase found, Book book, int index) =>
        found.IncomeBeside(index)
        ?? Sum(book.Incomes.Where(one => one.Fact == LotsCase.FactOf(index)).Select(one => Number(one.Value)));

    /// <summary>The gain; units that cost nothing by decision included.</summary>
    private static decimal? GainOf(Disposal disposal) => Number(disposal.RealizedGain);

    private static decimal GainOn(IEnumerable<Disposal> disposals, HoldingTerm term) => disposals
        .SelectMany(one => one.Takes)
        .Where(take => take.Term == term)
        .Sum(take => Number(take.Gain) ?? 0);

    /// <summary>
    /// Lots as a set, merged by whatever the case names them by: day, name, rule. Order and slicing do not matter.
    /// </summary>
    private static IEnumerable<string> Lots(LotsCase found, JsonElement expected, IEnumerable<Part> actual) =>
        Lots(found, [.. expected.EnumerateArray()], actual);

    private static IEnumerable<string> Lots(
        LotsCase found, List<JsonElement> expected, IEnumerable<Part> actual)
    {
        var theirs = expected.ConvertAll(Part.Of);
        var (byRule, byDay, byName) = (
            theirs.Exists(lot => lot.Rule is not null),
            theirs.Exists(lot => lot.Day is not null),
            theirs.Count > 0 && theirs.TrueForAll(lot => lot.Name is not null));
        var ours = Merge(actual.Select(part => part with
        {
            Rule = byRule ? part.Rule : null,
            Day = byDay && !(byRule && part.Rule is "s104" or "total_average") ? part.Day : null,
            Name = byName ? part.Name : null,
        }));
        var merged = Merge(theirs.Select(part => part with { Name = byName ? part.Name : null }));
        foreach (var key in ours.Keys.Union(merged.Keys))
        {
            var (our, their) = (ours.GetValueOrDefault(key), merged.GetValueOrDefault(key));
            if (our is null || their is null
                || Math.Abs(our.Units - their.Units) > QuantityTolerance
                || Differs(our.Cost, their.Cost)
                || Differs(our.Proceeds, their.Proceeds)
                || Differs(our.Gain, their.Gain)
                || (their.Term is not null && our.Term != their.Term))
            {
                yield return $"lot {our} instead of {their}";
            }
        }

        // Where the source states no figure of a lot, there is none to compare.
        bool Differs(decimal? our, decimal? their) =>
            their is { } stated && (our is null || Math.Abs(our.Value - stated) > found.Tolerance);
    }

    private static Dictionary<(string? Day, string? Name, string? Rule), Part> Merge(IEnumerable<Part> parts) => parts
        .GroupBy(part => (part.Day, part.Name, part.Rule))
        .ToDictionary(key => key.Key, key => key.Aggregate((sum, part) => sum with
        {
            Units = sum.Units + part.Units,
            Cost = sum.Cost + part.Cost,
            Proceeds = sum.Proceeds + part.Proceeds,
            Gain = sum.Gain + part.Gain,
            Term = sum.Term == part.Term ? sum.Term : "mixed",
        }));

    private static IEnumerable<string> Units(JsonElement expected, string name, decimal actual) =>
        LotsCase.Text(expected, name) is { } text && Math.Abs(LotsCase.Number(text) - actual) > QuantityTolerance
            ? [$"{name} {actual} instead of {text}"]
            : [];

    private static IEnumerable<string> Money(LotsCase found, JsonElement expected, string name, decimal? actual) =>
        LotsCase.Text(expected, name) is { } text
        && (actual is null || Math.Abs(LotsCase.Number(text) - actual.Value) > found.Tolerance)
            ? [$"{name} {actual} instead of {text}"]
            : [];

    private static IEnumerable<string> Word(JsonElement expected, string name, string? actual) =>
        LotsCase.Text(expected, name) is { } text && text != actual ? [$"{name} {actual} instead of {text}"] : [];

    public static List<JsonElement> Each(JsonElement expected, string name) =>
        expected.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray()]
            : [];

    private static decimal? Sum(IEnumerable<decimal?> amounts) =>
        amounts.Aggregate((decimal?)0, (sum, amount) => sum + amount);

    private static decimal? Number(Amount? amount) => amount is null
        ? null
        : decimal.Parse(amount.Value.ToString(), NumberStyles.Number, CultureInfo.InvariantCulture);

    private static decimal Tokens(Quantity units) => decimal.Parse(
        units.ToTokens(LotsCase.AssetDecimals).ToString(), NumberStyles.Number, CultureInfo.InvariantCulture);

    private static string Day(Time.Instant instant) => instant.ToString()[..10];

    private static string? Name(HoldingTerm? term) => term?.ToString().ToLowerInvariant();

    private static string Name(MatchRule rule) => rule switch
    {
        MatchRule.SameDay => "same_day",
        MatchRule.ThirtyDays => "thirty_day",
        MatchRule.TenDays => "ten_day",
        MatchRule.Pool => "s104",
        MatchRule.Year => "total_average",
        _ => "method",
    };

    /// <summary>A part of a lot; absent is what nobody states.</summary>
    private sealed record Part(
        string? Day,
        string? Name,
        string? Rule,
        string? Term,
        decimal Units,
        decimal? Cost,
        decimal? Proceeds,
        decimal? Gain)
    {
        public static Part Of(JsonElement lot)
        {
            var units = LotsCase.Number(LotsCase.Text(lot, "quantity")!);
            decimal? cost = LotsCase.Text(lot, "cost") is { } whole ? LotsCase.Number(whole)
                : LotsCase.Text(lot, "unit_cost") is { } each ? LotsCase.Number(each) * units
                : null;
            return new Part(
                LotsCase.Text(lot, "acquired")?[..10], LotsCase.Text(lot, "lot_id"), LotsCase.Text(lot, "rule"),
                LotsCase.Text(lot, "term"), units, cost, Stated("proceeds"), Stated("gain"));

            decimal? Stated(string name) =>
                LotsCase.Text(lot, name) is { } text ? LotsCase.Number(text) : null;
        }
    }
}
