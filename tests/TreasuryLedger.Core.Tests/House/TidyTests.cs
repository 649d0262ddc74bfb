using System.Text.RegularExpressions;

namespace TreasuryLedger.Core.Tests.House;

/// <summary>House rules about the text of the source, held by a test because reviewers tire.</summary>
public sealed partial class TidyTests
{
    private const int LineLengthMax = 120;
    private const int FileLinesMax = 450;
    private const int FunctionLinesMax = 70;

    private static readonly string[] TextFiles =
    [
        ".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".json", ".yml", ".csv", ".txt", ".sql", ".sh", ".razor",
    ];

    [Fact]
    public void no_line_of_code_is_longer_than_120_columns()
    {
        var long_lines =
            from path in Repository.CodeUnder("src", "tests")
            from line in Repository.Lines(path).Index()
            where line.Item.Length > LineLengthMax
            select $"{path}:{line.Index + 1} has {line.Item.Length} columns";

        long_lines.ShouldBeEmpty();
    }

    [Fact]
    public void no_file_of_the_product_is_longer_than_450_lines()
    {
        var long_files =
            from path in Repository.CodeUnder("src")
            where !path.Contains("/Generated/", StringComparison.Ordinal)
            let lines = Repository.Lines(path).Length
            where lines > FileLinesMax
            select $"{path} has {lines} lines";

        long_files.ShouldBeEmpty();
    }

    [Fact]
    public void no_function_of_the_product_is_longer_than_70_lines()
    {
        var long_functions =
            from path in Repository.CodeUnder("src")
            from function in Functions(Repository.Lines(path))
            where function.Lines > FunctionLinesMax
            select $"{path}:{function.Line} has {function.Lines} lines";

        long_functions.ShouldBeEmpty();
    }

    [Fact]
    public void the_measure_of_functions_sees_methods_and_skips_types()
    {
        string[] lines =
        [
            "public sealed class Outer", "{", "    private sealed record Inner(", "        int One)", "    {",
            "        public int Two(", "            int three)", "        {", "            return three;", "        }",
            "        private static readonly int[] Four =", "        {", "            5,", "        };",
            "    }", "}",
        ];

        Functions(lines).ShouldBe([(6, 5)]);
    }

    [Fact]
    public void no_file_names_a_folder_of_somebodys_machine()
    {
        var paths =
            from path in Repository.Files
            where TextFiles.Contains(Path.GetExtension(path), StringComparer.Ordinal) || !Path.HasExtension(path)
            from line in Repository.Lines(path).Index()
            where MachinePath().IsMatch(line.Item)
            select $"{path}:{line.Index + 1}";

        paths.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("see /ho" + "me/ann/ledger", true)]
    [InlineData("C:\\Us" + "ers\\ann", true)]
    [InlineData("https://example.org/ho" + "me/page", false)]
    [InlineData("/var/lib/postgresql", false)]
    public void the_search_for_machine_paths_tells_them_from_addresses(string text, bool found) =>
        MachinePath().IsMatch(text).ShouldBe(found);

    [Fact]
    public void nothing_is_left_to_be_done_later()
    {
        var stubs =
            from path in Repository.CodeUnder("src", "tests")
            from line in Repository.Lines(path).Index()
            where Stub().IsMatch(line.Item)
            select $"{path}:{line.Index + 1}: {line.Item.Trim()}";

        stubs.ShouldBeEmpty();
    }

    [Fact]
    public void the_product_knows_no_figure_of_the_case()
    {
        var known =
            from path in Repository.CodeUnder("src")
            from line in Repository.Lines(path).Index()
            where CaseFigure().IsMatch(line.Item)
            select $"{path}:{line.Index + 1}: {line.Item.Trim()}";

        known.ShouldBeEmpty();
    }

    [Fact]
    public void decisions_are_numbered_without_gaps_and_all_stand_in_the_index()
    {
        const string folder = "ops/decisions/";
        var names = Repository.Files
            .Where(path => path.StartsWith(folder, StringComparison.Ordinal))
            .Where(path => !path.EndsWith("README.md", StringComparison.Ordinal))
            .Select(path => path[folder.Length..])
            .ToList();
        var index = Repository.Text(folder + "README.md");

        names.Select(name => name[..4]).ShouldBe(Enumerable.Range(1, names.Count).Select(number => $"{number:0000}"));
        names.Where(name => !index.Contains($"({name})", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void the_glossary_names_only_what_the_code_has()
    {
        var code = string.Join('\n', Repository.CodeUnder("src").Select(Repository.Text));
        var names = Repository.Lines("ops/glossary.md")
            .Where(line => line.StartsWith('|'))
            .SelectMany(line => CodeName().Matches(line.Split('|')[3]).Select(match => match.Groups[1].Value))
            .ToList();

        names.ShouldNotBeEmpty();
        names.Where(name => !Regex.IsMatch(code, $@"\b{name}\b")).ShouldBeEmpty();
    }

    /// <summary>
    /// First line (from 1 on) and number of lines, header included, of each block in braces that belongs to a member.
    /// Reads the layout, which the formatter holds: a member's braces stand alone on lines of one indentation.
    /// </summary>
    private static IEnumerable<(int Line, int Lines)> Functions(string[] lines)
    {
        for (var open = 1; open < lines.Length; open++)
        {
            if (lines[open].Trim() != "{")
            {
                continue;
            }

            var first = open;
            while (first > 0 && HeaderLine().IsMatch(lines[first - 1]))
            {
                first--;
            }

            var header = string.Join(' ', lines[first..open]);
            if (Member().IsMatch(header) && !TypeDeclaration().IsMatch(header))
            {
                var close = Array.FindIndex(lines, open + 1, line => line.Length > 0
                    && Indent(line) <= Indent(lines[open]));
                if (lines[close].Trim() == "}")
                {
                    yield return (first + 1, close - first + 1);
                }
            }
        }
    }

    private static int Indent(string line) => line.Length - line.TrimStart().Length;

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex CodeName();

    /// <summary>A line of the signature above a block: not empty, no comment, no end of what went before.</summary>
    [GeneratedRegex(@"^\s*(?!//)\S.*(?<![;{}])$")]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"^ {4,}(public|private|protected|internal|static)\b")]
    private static partial Regex Member();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\b")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"(?<![\w.])/(?:home|Users|root|work)/|\b[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"NotImplemented(?=Exception)|\b(?:TO(?=DO)|FIX(?=ME)|HA(?=CK\b))|\((?:[^)]*,)?\s*Skip\s*=")]
    private static partial Regex Stub();

    [GeneratedRegex(@"746[_.,]?8[34]|651[_,]?(?:757|170)|247[_,]?09[34]|2[_,]?086[_.,]2")]
    private static partial Regex CaseFigure();
}
