using CsCheck;
using TreasuryLedger.Core.Exposure.Liabilities;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Exposure.Liabilities;

/// <summary>The examples of Exposure/SPEC.md 10, read from the file and executed.</summary>
public sealed class LiabilitySpecTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Singapore");

    public static TheoryData<string> BandRows() => Rows("| asked at |");

    public static TheoryData<string> CarryRows() => Rows("| worth | rate |");

    [Theory]
    [MemberData(nameof(BandRows))]
    public void each_day_has_its_band(string row)
    {
        var cells = Cells(row);
        var ladder = new LiabilityLadder(Instant.Parse(cells[0]), Zone);

        ladder.BandOf(cells[1] == "–" ? null : Instant.Parse(cells[1])).ToString().ShouldBe(cells[2]);
    }

    [Fact]
    public void the_table_has_every_band() =>
        BandRows().Select(row => Cells(row.Data)[2]).Distinct().Count()
            .ShouldBe(Enum.GetValues<LiabilityBand>().Length);

    [Theory]
    [MemberData(nameof(CarryRows))]
    public void each_rate_costs_what_the_table_says(string row)
    {
        var cells = Cells(row);
        Amount.TryParse(cells[0], out var worth).ShouldBeTrue();
        var cost = CostOfCarry.Of(
            worth, ExactDecimal.Parse(cells[1]),
            cells[2] == "–" ? null : Enum.Parse<DayCount>(cells[2], ignoreCase: true));

        (ExactDecimal.Parse($"{cost.PerDay}"), ExactDecimal.Parse($"{cost.PerYear}"))
            .ShouldBe((ExactDecimal.Parse(cells[3]), ExactDecimal.Parse(cells[4])));
    }

    [Fact]
    public void bands_add_up_and_coverage_is_what_is_free_for_what_may_be_asked_for()
    {
        var now = Instant.Parse("2026-01-05T04:00:00Z");
        var ladder = new LiabilityLadder(now, Zone);
        Gen.Select(Gen.Int[-40, 400], Gen.Int[0, 1_000], Gen.Int[0, 2]).Array[1, 20].Sample(
            rows =>
            {
                DatedValue[] Of(int kind) =>
                [
                    .. rows.Where(row => row.Item3 == kind).Select(row => new DatedValue(
                        row.Item1 > 380 ? null : now.Plus(row.Item1 * 86_400_000_000L), Worth(row.Item2))),
                ];
                var (due, callable, liquid) = (Of(0), Of(1), Of(2));
                var rungs = ladder.Of(due, callable, liquid);

                rungs[^1].DueSoFar.ShouldBe(Sum(due));
                rungs[^1].CallableSoFar.ShouldBe(Sum(callable));
                rungs[^1].Gap.ShouldBe(Sum(liquid) - Sum(callable));
                var (asked, free, ratio) = ladder.Coverage(30, callable, liquid);
                (asked, free).ShouldBe(
                    (rungs[(int)LiabilityBand.Within30Days].CallableSoFar,
                        rungs[(int)LiabilityBand.Within30Days].LiquidSoFar));
                ratio.ShouldBe(asked is { Sign: > 0 } all
                    ? ExactDecimal.RatioFloor(free!.Value.Attos, all.Attos)
                    : null);
            },
            iter: 100);
        ladder.Of([], [new DatedValue(now, null)], [])[0].Gap.ShouldBeNull();
        ladder.Coverage(30, [], [new DatedValue(now, Worth(1))]).Ratio.ShouldBeNull();
    }

    private static Amount Worth(int whole) => new(whole * PowerOfTen.Of(18));

    private static Amount Sum(IEnumerable<DatedValue> values) =>
        values.Aggregate(Amount.Zero, (sum, value) => sum + value.Value!.Value);

    private static string[] Cells(string row) =>
        row.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static TheoryData<string> Rows(string header) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Exposure", "SPEC.md"))
            .SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|')),
    ];
}
