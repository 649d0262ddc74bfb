using TreasuryLedger.Core.Tests.Lots;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>The examples of Statements/SPEC.md, read as text and executed.</summary>
public sealed class SpecTests
{
    private static readonly string Spec = Path.Combine(AppContext.BaseDirectory, "Statements", "SPEC.md");

    public static TheoryData<string> Names() => [.. Cases().Select(found => found.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void the_statement_prints_what_the_specification_says(string name)
    {
        var found = Cases().Single(one => one.Name == name);

        found.Expected.ShouldNotBeEmpty();
        string.Join('\n', found.Expected.Select(line => SpecStatement.Say(line, found)))
            .ShouldBe(string.Join('\n', found.Expected));
    }

    private static IEnumerable<SpecCase> Cases() => SpecCase.Parse(SpecCase.BlocksOf(File.ReadLines(Spec)));
}
