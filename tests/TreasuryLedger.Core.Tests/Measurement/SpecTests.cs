using TreasuryLedger.Core.Tests.Lots;

namespace TreasuryLedger.Core.Tests.Measurement;

/// <summary>The examples of Measurement/SPEC.md, read as text and executed.</summary>
public sealed class SpecTests
{
    private static readonly string Spec = Path.Combine(AppContext.BaseDirectory, "Measurement", "SPEC.md");

    public static TheoryData<string> Names() => [.. Cases().Select(found => found.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void the_books_measure_what_the_specification_says(string name)
    {
        var found = Cases().Single(one => one.Name == name);
        var measured = new SpecMeasurement(found);

        found.Expected.ShouldNotBeEmpty();
        string.Join('\n', found.Expected.Select(measured.Say)).ShouldBe(string.Join('\n', found.Expected));
    }

    private static IEnumerable<SpecCase> Cases() => SpecCase.Parse(SpecCase.BlocksOf(File.ReadLines(Spec)));
}
