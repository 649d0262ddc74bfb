using System.Text.RegularExpressions;

namespace TreasuryLedger.Core.Tests.House;

/// <summary>What comments refer to is there: decisions by number, rules by their SPEC.md and number.</summary>
public sealed partial class ReferenceTests
{
    [Fact]
    public void every_rule_and_decision_that_the_code_refers_to_is_there()
    {
        var lost =
            from path in Repository.CodeUnder("src", "tests")
            where !path.Contains("/House/", StringComparison.Ordinal)
            from line in Repository.Lines(path).Index()
            from reference in Lost(path, line.Item)
            select $"{path}:{line.Index + 1}: {reference}";

        lost.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "/// (SPEC 4.1; decision 0003)", 0)]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "/// (SPEC.md 4, Commands/SPEC.md 3.2)", 0)]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "/// (SPEC 4.99)", 1)]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "/// (SPEC 99)", 1)]
    [InlineData("src/TreasuryLedger.Core/Prices/A.cs", "/// (SPEC.md 1)", 1)]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "/// (decision 9999)", 1)]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "/// (DESIGN 4)", 1)]
    [InlineData("src/TreasuryLedger.Core/Lots/A.cs", "// design of 4 lots", 0)]
    public void the_search_tells_what_is_there_from_what_is_not(string path, string comment, int lost) =>
        Lost(path, comment).Count().ShouldBe(lost);

    private static IEnumerable<string> Lost(string path, string line) => Reference().Matches(line)
        .Where(found => !Leads(path, found))
        .Select(found => found.Value);

    private static bool Leads(string path, Match found)
    {
        if (found.Groups["decision"] is { Success: true, Value: var number })
        {
            return Repository.Files.Any(
                file => file.StartsWith($"ops/decisions/{number}-", StringComparison.Ordinal));
        }

        if (!found.Groups["spec"].Success)
        {
            return false; // a text that is not part of the repository
        }

        var folder = found.Groups["folder"] is { Success: true, Value: var named } ? named : FolderOf(path);
        var spec = $"src/TreasuryLedger.Core/{folder}/SPEC.md";
        var (chapter, rule) = (found.Groups["chapter"].Value, found.Groups["rule"].Value);
        return Repository.Files.Contains(spec) && (chapter.Length == 0 || Has(Repository.Lines(spec), chapter, rule));
    }

    /// <summary>
    /// Rules are numbered through ("4.1 …"), or from 1 on under the heading of their chapter ("## 4." and "1. …"); a
    /// short text has rules and no chapters.
    /// </summary>
    private static bool Has(string[] lines, string chapter, string rule)
    {
        var heading = Array.FindIndex(
            lines, line => line.StartsWith($"## {chapter}. ", StringComparison.Ordinal));
        if (heading < 0)
        {
            return rule.Length == 0 && lines.Any(line => line.StartsWith($"{chapter}. ", StringComparison.Ordinal));
        }

        return rule.Length == 0 || lines.Skip(heading + 1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Any(line => line.StartsWith($"{rule}. ", StringComparison.Ordinal)
                || line.StartsWith($"{chapter}.{rule} ", StringComparison.Ordinal));
    }

    /// <summary>The capability of a file: tests and the server are named as what they are about.</summary>
    private static string FolderOf(string path) =>
        path.StartsWith("tests/TreasuryLedger.Model/", StringComparison.Ordinal) ? "Lots" : path.Split('/')[2];

    [GeneratedRegex(
        @"\bdecision (?<decision>[0-9]{4})\b|\bDESIGN\b"
        + @"|(?:\b(?<folder>[A-Z][a-z]+)/)?\b(?<spec>SPEC)(?:\.md)?\b(?: (?<chapter>[0-9]+)(?:\.(?<rule>[0-9]+))?)?")]
    private static partial Regex Reference();
}
