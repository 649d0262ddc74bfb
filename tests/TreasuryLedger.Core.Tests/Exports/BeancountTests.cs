using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Exports;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Tests.Postings;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Exports;

/// <summary>
/// Beancount itself reads what is exported of random histories, and finds the same cost of what left.
/// </summary>
public sealed class BeancountTests
{
    /// <summary>At 10⁻¹⁸: beancount keeps the cost of a unit, we that of a lot.</summary>
    private static readonly BigInteger TenthOfAMillionth = BigInteger.Pow(10, 11);

    [Fact]
    public void beancount_accepts_every_book_with_the_lots_that_it_took()
    {
        Installed();
        var books = RandomBooks.Some(7_000, 700).Select(Exported.Of).ToList();

        Check(books, BeancountLots.Named).ShouldBeGreaterThan(100);
        books.SelectMany(book => book.Methods).Distinct().ShouldBe(Enum.GetValues<LotMethod>(), ignoreOrder: true);
    }

    [Fact]
    public void beancount_books_the_same_lots_by_itself()
    {
        Installed();
        var books = Enumerable.Range(0, 200).Select(seed => Exported.Of(Lots(new Dice((ulong)seed)))).ToList();

        Check(books, BeancountLots.Booked).ShouldBeGreaterThan(2_000);
        Check(books, BeancountLots.Named).ShouldBeGreaterThan(2_000);
    }

    [Theory]
    [InlineData("acquire", "key acquire")]
    [InlineData("sell", "no such lot")]
    public void beancount_notices_a_file_that_was_changed(string what, string why)
    {
        Installed();
        var lines = Exported.Of(Lots(new Dice(1))).Lines(BeancountLots.Named).ToList();
        var at = what == "acquire"
            ? lines.FindIndex(line => line.Contains("{{", StringComparison.Ordinal))
            : lines.FindIndex(line => line.Contains("ETH {\"", StringComparison.Ordinal));
        lines.RemoveAt(at);

        Beancount.Read([lines])[0].Errors.ShouldNotBeEmpty(why);
    }

    [Fact]
    public void beancount_has_no_booking_of_its_own_for_other_methods()
    {
        var book = Exported.Of(SpecCase.Parse(
            ["case one", "policy hifo", "given 2026-01-01 acquire A 2 ETH for 2000 USD"]).Single());

        Should.Throw<ArgumentException>(() => book.Lines(BeancountLots.Booked));
    }

    private static void Installed() =>
        Assert.SkipUnless(Beancount.IsInstalled, "beancount is not installed: apt-get install beancount");

    /// <summary>How many disposals have the same cost in both.</summary>
    private static int Check(List<Exported> books, BeancountLots lots)
    {
        var count = 0;
        foreach (var (book, verdict) in books.Zip(Beancount.Read(books.Select(book => book.Lines(lots)))))
        {
            verdict.Errors.ShouldBeEmpty(book.Named);
            foreach (var disposal in book.Book.Disposals.Where(disposal => disposal.Takes.Length > 0))
            {
                var cost = disposal.Takes.Aggregate(Money.Amount.Zero, (sum, take) => sum + (take.Cost ?? default));
                var name = new LotId(disposal.Fact, disposal.Leg).ToString();
                BigInteger.Abs(BigInteger.Parse(verdict.Cost[name], CultureInfo.InvariantCulture) - cost.Attos)
                    .ShouldBeLessThan(TenthOfAMillionth, $"{name} in {book.Named}");
                count++;
            }
        }

        return count;
    }

    /// <summary>
    /// Days with a purchase, a transfer or a sale each, of what is there. Beancount books lots of one day in the order
    /// of the file, whatever the method.
    /// </summary>
    private static SpecCase Lots(Dice dice)
    {
        var lines = new List<string>
        {
            "case random", $"policy {dice.Pick(["fifo", "lifo"])}{dice.Pick(["", " per-account"])}",
        };
        string[] places = ["w1", "w2", "x"];
        var held = places.ToDictionary(place => place, _ => 0);
        for (var day = 0; day < 60; day++)
        {
            var date = new DateOnly(2026, 1, 1).AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var (place, other) = (dice.Pick(places), dice.Pick(places));
            var units = held[place] == 0 ? 0 : 1 + dice.Below(held[place]);
            var (money, fee) = (100 + dice.Below(9_000), dice.Below(3));
            if (units == 0 || dice.Chance(40))
            {
                units = 1 + dice.Below(20);
                lines.Add($"when {date} acquire A{day} {units} ETH for {money} USD fee {fee + 1} USD at {place}");
                held[place] += units;
            }
            else if (place != other && dice.Chance(30))
            {
                lines.Add($"when {date} move T{day} {units} ETH from {place} to {other}");
                held[place] -= units;
                held[other] += units;
            }
            else
            {
                lines.Add($"when {date} sell S{day} {units} ETH for {money} USD fee {fee + 1} USD at {place}");
                held[place] -= units;
            }
        }

        return SpecCase.Parse(lines).Single();
    }

    /// <summary>A book with what its file is made from.</summary>
    private sealed record Exported(string Named, BookHistory History, BookQuestion Question, Book Book)
    {
        public IEnumerable<LotMethod> Methods => BeancountExport.MethodsOf(
            History.Log, Question, History.At(Question).Registers.Treasury!.Policy);

        public static Exported Of(RandomBooks books) => new(books.Named, books.History, books.Question, books.Book);

        public static Exported Of(SpecCase found)
        {
            var history = new BookHistory(PriceHistory.Of(found.Journal.Prices));
            history.Append(found.Journal.Entries);
            var question = new BookQuestion(
                found.Viewpoint.AsOf, history.Log.Position, history.Prices.Position, found.Policy);
            return Of(new RandomBooks(0, history, question, default)) with { Named = $"{found.Policy}" };
        }

        public IEnumerable<string> Lines(BeancountLots lots) => BeancountExport.Lines(
            History.At(Question), Methods, History.Between(null, Question), [Named], TimeZoneInfo.Utc, lots);
    }
}
