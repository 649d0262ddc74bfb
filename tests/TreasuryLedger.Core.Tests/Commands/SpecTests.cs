using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The specifications in text, one test a case, and what all of them together must cover.</summary>
public sealed class SpecTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Commands", "specs");

    /// <summary>Refusals that no command's rule makes: keys, batches and scripted clocks are the shell's.</summary>
    private static readonly RefusalCode[] OfTheShell =
    [
        RefusalCode.IdempotencyKeyReused, RefusalCode.BatchSizeOutOfRange, RefusalCode.BatchRefused,
        RefusalCode.ScriptedClockWrong,
    ];

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Files())
        {
            foreach (var one in SpecCase.Parse(file))
            {
                data.Add(Path.GetFileNameWithoutExtension(file), one.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void the_specification_holds(string file, string name) =>
        SpecCase.Parse(Path.Combine(Folder, file + ".spec")).Single(one => one.Name == name).Run();

    [Fact]
    public void every_refusal_of_a_command_occurs_in_a_specification()
    {
        var seen = Run().SelectMany(one => one.World.Refused).ToHashSet();

        Enum.GetValues<RefusalCode>().Except(seen).ShouldBe(OfTheShell, ignoreOrder: true);
    }

    [Fact]
    public void every_command_is_accepted_in_a_specification()
    {
        var seen = Run().SelectMany(one => one.World.Accepted).ToHashSet();
        var commands = typeof(Command).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Command)) && !type.IsAbstract);

        commands.Except(seen).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("case x\nwhen 2026-01-02 contribution c of 1 ETH at w1 hurriedly")]
    [InlineData("case x\nwhen 2026-01-02 gift c of 1 ETH at w1")]
    [InlineData("case x\nthen perhaps")]
    [InlineData("case x\nhowever 2026-01-02")]
    public void a_word_that_is_not_known_fails_the_specification(string text)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(file, text);
        try
        {
            Should.Throw<FormatException>(() => SpecCase.Parse(file).Single().Run());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Folder, "*.spec").Order(StringComparer.Ordinal);

    private static List<SpecCase> Run()
    {
        var cases = Files().SelectMany(SpecCase.Parse).ToList();
        cases.ForEach(one => one.Run());
        return cases;
    }
}
