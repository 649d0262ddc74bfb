using System.Globalization;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Model;

/// <summary>
/// The product against an independent naive model of Lots/SPEC.md, on histories by chance. The large proof is
/// <c>dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- model --full</c>.
/// </summary>
public sealed class ModelTests
{
    private const int Histories = 20_000;

    /// <summary>Kinds of figures, and how many of each the histories must at least bring up.</summary>
    private static readonly Dictionary<string, int> FiguresMin = new()
    {
        ["balance"] = 100_000,
        ["debt"] = 10_000,
        ["transit"] = 5_000,
        ["shortfall"] = 50_000,
        ["open"] = 50_000,
        ["pool"] = 50_000,
        ["disposal"] = 30_000,
        ["take"] = 15_000,
        ["income"] = 5_000,
        ["expense"] = 10_000,
        ["contribution"] = 5_000,
        ["liquidation"] = 5_000,
    };

    public static TheoryData<string> Rules => [.. BrokenRules.All.Keys];

    public static TheoryData<string> Inputs => [.. BrokenInput.All.Keys];

    [Fact]
    public void product_and_model_agree_on_every_figure_of_every_history()
    {
        var result = Proof.Run(1, Histories, ProductBook.Answer, Model(new NaiveRules()), Environment.ProcessorCount);

        (result.Counterexample?.ToString() ?? "").ShouldBe("");
        FiguresMin.Where(least => result.Figures.GetValueOrDefault(least.Key) < least.Value).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void a_broken_rule_is_noticed(string fault) => Noticed(Model(BrokenRules.All[fault]));

    [Theory]
    [MemberData(nameof(Inputs))]
    public void broken_input_is_noticed(string fault) => Noticed(BrokenInput.All[fault]);

    [Fact]
    public void a_side_that_stops_is_a_finding()
    {
        var result = Proof.Run(
            1, 1, (_, _) => throw new InvalidOperationException("out of order"), Model(new NaiveRules()), 1);

        result.Counterexample.ShouldNotBeNull().Figures.ShouldHaveSingleItem().ShouldContain("out of order");
    }

    [Fact]
    public void a_counterexample_is_shrunk_to_the_entries_that_matter()
    {
        var result = Proof.Run(
            1, 100, Model(BrokenRules.All["fees stay out of the cost"]), Model(new NaiveRules()), 1);

        var example = result.Counterexample.ShouldNotBeNull();
        example.History.Treasury.Count(entry => !History.IsGround(entry)).ShouldBeLessThanOrEqualTo(2);
        example.ToString().ShouldContain(
            string.Create(CultureInfo.InvariantCulture, $"history of seed {example.History.Seed}"));
    }

    [Fact]
    public void a_seed_always_gives_the_same_history() =>
        HistoryGenerator.Generate(7).Describe().ShouldBe(HistoryGenerator.Generate(7).Describe());

    private static Answerer Model(NaiveRules rules) =>
        (history, question) => NaiveBook.Answer(rules, history, question);

    private static void Noticed(Answerer broken) =>
        Proof.Run(1, Histories, broken, Model(new NaiveRules()), Environment.ProcessorCount)
            .Counterexample.ShouldNotBeNull();
}
