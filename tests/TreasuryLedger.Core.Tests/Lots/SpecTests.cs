using TreasuryLedger.Core.Lots;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>The examples of Lots/SPEC.md and the cases of Lots/specs/*.spec, read as text and executed.</summary>
public sealed class SpecTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Lots");

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var (file, found) in AllCases())
        {
            cases.Add(file, found.Name);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void the_book_shows_what_the_specification_says(string file, string name)
    {
        var found = AllCases().Single(item => item.File == file && item.Case.Name == name).Case;
        var book = found.Journal.Book(found.Policy, found.Viewpoint, new BookChoice(SpecCase.Book)
        {
            Currency = found.Currency,
        });

        found.Expected.ShouldNotBeEmpty();
        book.IsConserved.ShouldBeTrue();
        string.Join('\n', found.Expected.Select(line => SpecBook.Say(line, book)))
            .ShouldBe(string.Join('\n', found.Expected));
    }

    [Theory]
    [InlineData("given 2026-01-01 acquire A 1 ETH for 1 USD tip 1 USD")]
    [InlineData("given 2026-01-01 borrow-against A 1 ETH")]
    [InlineData("sometimes 2026-01-01 acquire A 1 ETH for 1 USD")]
    [InlineData("policy fefo")]
    public void a_word_that_is_not_known_fails_the_case(string line) =>
        Should.Throw<FormatException>(() => SpecCase.Parse(["case unknown word", line]).ToList());

    private static IEnumerable<(string File, SpecCase Case)> AllCases() =>
        SpecCase.Parse(SpecCase.BlocksOf(File.ReadLines(Path.Combine(Folder, "SPEC.md"))))
            .Select(found => ("SPEC.md", found))
            .Concat(Directory.GetFiles(Path.Combine(Folder, "specs"), "*.spec").Order(StringComparer.Ordinal)
                .SelectMany(path => SpecCase.Parse(File.ReadLines(path))
                    .Select(found => (Path.GetFileName(path), found))));
}
