using TreasuryLedger.Core.Tests.Lots;

namespace TreasuryLedger.Core.Tests.Periods;

/// <summary>The examples of Periods/SPEC.md, read as text and executed.</summary>
public sealed class SpecTests
{
    private static readonly string Spec = Path.Combine(AppContext.BaseDirectory, "Periods", "SPEC.md");

    public static TheoryData<string> Names() => [.. Cases().Select(found => found.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void official_statements_say_what_the_specification_says(string name)
    {
        var found = Cases().Single(one => one.Name == name);
        var official = new SpecPeriods(found);

        found.Expected.ShouldNotBeEmpty();
        string.Join('\n', found.Expected.Select(official.Say)).ShouldBe(string.Join('\n', found.Expected));
    }

    private static IEnumerable<SpecCase> Cases() => SpecCase.Parse(SpecCase.BlocksOf(File.ReadLines(Spec)));
}
