using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Exposure;

/// <summary>About which breaches an alert is to be raised.</summary>
public sealed class AlertsDueTests
{
    /// <summary>
    /// Instants at which the limit is broken (x) or holds (.), where an alert was raised and resolved (digits of
    /// instants, - for never), and where breaches begin that are due.
    /// </summary>
    [Theory]
    [InlineData("..xx", "", "2")]
    [InlineData("x.xx", "", "0 2")]
    [InlineData("..xx", "2-", "")]
    [InlineData("..xx", "0-", "")]
    [InlineData("..xx", "23", "")]
    [InlineData("xxxx", "01", "")]
    [InlineData("xx.x", "01", "3")]
    [InlineData(".x.x", "12", "3")]
    [InlineData(".x.x", "12 3-", "")]
    [InlineData(".x.x", "01", "1 3")]
    public void an_alert_is_due_once_a_breach(string broken, string raised, string due)
    {
        var seen = broken.Select((word, i) => (
            Instant(i), word == 'x' ? ImmutableArray.Create(Broken) : [])).ToList();
        var alerts = raised.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((pair, i) => new RecordedAlert(
            FactId.Parse($"watch:{i}"), i, Instant(pair[0] - '0'),
            new AlertRaised(Broken.Limit, Broken.Subject, null, null, 0, 0), null,
            pair[1] == '-' ? null : Resolved(pair[1] - '0')));

        AlertsDue.Of(seen, [.. alerts]).Select(breach => breach.From.Microseconds)
            .ShouldBe(due.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse));
    }

    private static BrokenLimit Broken { get; } =
        new(LimitKind.HealthFactorMin, "aave-1", ExactDecimal.One, ExactDecimal.Zero);

    private static RiskEntry Resolved(int at) => new(
        new AlertResolved(FactId.Parse("watch:0")), FactId.Parse("r:1"), Instant(at), 9);

    private static Instant Instant(int at) => new(at);
}
