using Shouldly;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Cases;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// The figures that a replay of the case must give. They stand here and nowhere in the program: the program has only
/// the case's rows.
/// </summary>
public sealed class TrendResearchTests
{
    private static readonly Lazy<Task<CaseAuditReport>> Audit = new(Replay);

    [Theory]
    [InlineData("collateral", "2026-02-01T00:00:00Z", "651170")]
    [InlineData("collateral", "2026-02-06T15:00:00Z", "247094")]
    [InlineData("sent_to_exchange", "2026-02-08T03:00:00Z", "651757")]
    [InlineData("proceeds", "2026-02-08T03:00:00Z", "1339360635.01")]
    [InlineData("cost_basis", "2026-02-08T03:00:00Z", "2086198689")]
    [InlineData("realized_gain", "2026-02-08T03:00:00Z", "-746838053.99")]
    [InlineData("repaid", "2026-02-08T03:00:00Z", "1018500000")]
    [InlineData("debt", "2026-02-01T13:00:00Z", "941000000")]
    [InlineData("debt", "2026-02-04T01:00:00Z", "743000000")]
    [InlineData("debt", "2026-02-06T01:00:00Z", "526000000")]
    public async Task the_figure_comes_out_of_the_engine(string figure, string asOf, string expected)
    {
        var line = (await Audit.Value).Figures
            .Single(line => line.Published.Figure == figure && line.Published.AsOf.ToString() == asOf);

        line.Ours!.Value.ShouldBe(ExactDecimal.Parse(expected));
    }

    [Fact]
    public async Task what_a_figure_rests_on_adds_up_to_it()
    {
        foreach (var line in (await Audit.Value).Figures.Where(line => line.Published.Figure != "liquidation_price"))
        {
            var ours = line.Ours!;
            Sum(ours.OnFacts, ours.OnDerived, ours.OnAssumed).ShouldBe(ours.Value, line.Published.ToString());
        }
    }

    [Fact]
    public async Task what_was_known_on_6_february_and_what_was_learned_later()
    {
        var clocks = (await Audit.Value).TwoClocks;

        clocks.Before.RoundTo(2).ToString().ShouldBe("-541908383.27");
        clocks.After.RoundTo(2).ToString().ShouldBe("-555427904.09");
        var line = clocks.Lines.ShouldHaveSingleItem();
        line.Effect.ShouldBe(clocks.Difference);
        line.Entry.Voids.ShouldNotBeNull();
        line.Entry.RecordedAt.ToString().ShouldStartWith("2026-02-07T16:05:00");
    }

    [Fact]
    public async Task nothing_is_left_at_the_end_and_nothing_was_ever_missing()
    {
        var audit = await Audit.Value;

        audit.Shortfalls.ShouldBe(0);
        audit.Days[^1].Debt.ShouldBe(ExactDecimal.Zero);
        audit.Days[^1].Collateral.ShouldBe(ExactDecimal.Zero);
    }

    [Fact]
    public async Task the_ladders_span_the_published_levels()
    {
        var ladders = (await Audit.Value).Ladders;

        ladders.Select(ladder => ladder.Treasury).ShouldBe(["illustrative-2026-02-02", "illustrative-2026-02-06"]);
        Rounded(ladders[0].Rungs[0].Price).ShouldBe("1862.02");
        Rounded(ladders[0].Rungs[^1].Price).ShouldBe("1781.09");
        Rounded(ladders[1].Rungs[0].Price).ShouldBe("1698");
        Rounded(ladders[1].Rungs[^1].Price).ShouldBe("1562");
    }

    [Fact]
    public async Task the_unlevered_treasury_shows_its_unrealized_loss_by_day()
    {
        var contrast = (await Audit.Value).Contrast;

        contrast.Single(day => day.Day == new DateOnly(2026, 2, 5)).UnrealizedGain!.Value
            .RoundTo(0).ToString().ShouldBe("-8713920800");
        contrast.ShouldAllBe(day => day.Price != null && day.Cost != null);
    }

    /// <summary>The whole audit as printed; any change of a figure or word of it must be meant.</summary>
    [Fact]
    public async Task the_printed_audit_is_the_one_on_file()
    {
        var printed = new StringWriter { NewLine = "\n" };
        CaseAuditText.Write(await Audit.Value, printed);
        var actual = Path.Combine(AppContext.BaseDirectory, "trend-research.audit.txt");
        File.WriteAllText(actual, printed.ToString());

        var onFile = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cases", "audit.golden.txt"));

        printed.ToString().ShouldBe(onFile, $"the new one is at {actual}");
    }

    private static async Task<CaseAuditReport> Replay()
    {
        var folder = CaseFolder.Read(Path.Combine(AppContext.BaseDirectory, "cases", "trend-research"));
        var (steps, unbooked) = CasePlan.Of(folder);
        var journals = new InMemoryJournals();
        await new CaseRecorder(journals.Submit, "test", "test").Record(steps, (_, _) => { }, default);
        var treasuries = CasePlan.TreasuriesOf(steps).ToDictionary(id => id, journals.Read);
        return new CaseAuditor(folder, treasuries).Audit(unbooked);
    }

    private static string Rounded(ExactDecimal price) =>
        Amount.TryFrom(price, out var amount) ? amount.RoundTo(2).ToString() : price.ToString();

    private static ExactDecimal Sum(params ReadOnlySpan<ExactDecimal> parts)
    {
        var sum = System.Numerics.BigInteger.Zero;
        foreach (var part in parts)
        {
            part.TryMantissaAt(ExactDecimal.ScaleMax, out var mantissa);
            sum += mantissa;
        }

        return new ExactDecimal(sum, ExactDecimal.ScaleMax);
    }
}
