using System.Globalization;
using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Reconciliation;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Reconciliation;

public sealed class MatchingTests
{
    private static readonly MatchRules Rules = new(60, new Quantity(1), 4);

    [Theory]
    [InlineData("a@0:5", "1@30:5", "One a=1")]
    [InlineData("a@0:5", "1@61:5", "left a / 1")] // too late
    [InlineData("a@0:5", "1@60:6", "One a=1")] // within the tolerance
    [InlineData("a@0:5", "1@0:7", "left a / 1")]
    [InlineData("a@0:5", "1@0:-5", "left a / 1")]
    [InlineData("a@0:5 b@1:5", "1@2:5", "One b=1; left a")] // the nearest
    [InlineData("a@0:9", "1@0:2 2@1:3 3@2:4 4@3:50", "Several a=1+2+3; left / 4")]
    [InlineData("a@0:2 b@1:3 c@2:4", "1@0:9", "Several a+b+c=1")]
    [InlineData("a@0:10 b@1:20", "1@0:13 2@1:17", "Many a+b=1+2")]
    [InlineData("a@0:10 b@1:20", "1@0:13 2@100:17", "left a b / 1 2")]
    [InlineData("a@0:5!f", "1@999:8!f 2@0:5", "Fact a=1; left / 2")] // the same fact, whatever it says
    [InlineData("", "", "")]
    public void lines_match_by_fact_then_one_by_one_then_in_groups(string statement, string ledger, string expected) =>
        Told(Matching.Of(Lines(statement), Lines(ledger), Rules)).ShouldBe(expected);

    [Fact]
    public void nothing_is_matched_twice_nothing_is_lost_and_the_order_of_lines_changes_nothing()
    {
        var line = Gen.Select(Gen.Long[0, 200], Gen.Long[-6, 6], (at, change) => (at, change));
        Gen.Select(line.Array[0, 9], line.Array[0, 9], Gen.Int[0, 1_000]).Sample(
            (statement, ledger, seed) =>
            {
                var (told, recorded) = (Named("s", statement), Named("l", ledger));
                var matching = Matching.Of(told, recorded, Rules);

                NamesOf(matching.Matches.SelectMany(match => match.Statement).Concat(matching.OnlyStatement))
                    .ShouldBe(NamesOf(told));
                NamesOf(matching.Matches.SelectMany(match => match.Ledger).Concat(matching.OnlyLedger))
                    .ShouldBe(NamesOf(recorded));
                matching.Matches.ShouldAllBe(match => match.Difference.Units >= -1 && match.Difference.Units <= 1);
                var random = new Random(seed);
                var shuffled = Matching.Of(
                    told.OrderBy(_ => random.Next()), recorded.OrderBy(_ => random.Next()), Rules);
                Told(shuffled).ShouldBe(Told(matching));
            },
            iter: 2_000);
    }

    private static List<MatchLine> Named(string side, (long At, long Change)[] lines) =>
        [.. lines.Select((line, index) => new MatchLine($"{side}{index}", new Instant(line.At), new(line.Change)))];

    private static IEnumerable<MatchLine> Lines(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var parts = line.Split('@', ':', '!');
            return new MatchLine(
                parts[0], new Instant(long.Parse(parts[1], CultureInfo.InvariantCulture)),
                new Quantity(long.Parse(parts[2], CultureInfo.InvariantCulture)),
                parts.Length > 3 ? FactId.Parse(parts[3]) : null);
        });

    private static string Told(Matching matching)
    {
        var matches = matching.Matches.Select(match =>
            $"{match.Kind} {Names(match.Statement, '+')}={Names(match.Ledger, '+')}");
        var left = matching.OnlyStatement.Count + matching.OnlyLedger.Count > 0
            ? [$"left {Names(matching.OnlyStatement, ' ')}"
                + (matching.OnlyLedger.Count > 0 ? $" / {Names(matching.OnlyLedger, ' ')}" : "")]
            : Array.Empty<string>();
        return string.Join("; ", matches.Concat(left)).Replace("left  /", "left /", StringComparison.Ordinal);
    }

    private static List<string> NamesOf(IEnumerable<MatchLine> lines) =>
        [.. lines.Select(line => line.Name).Order(StringComparer.Ordinal)];

    private static string Names(IEnumerable<MatchLine> lines, char between) =>
        string.Join(between, lines.Select(line => line.Name));
}
