using System.Collections.Immutable;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// A command about the periods of a book. It is an act of this journal and of no source, so it names no fact, replaces
/// nothing and is taken back by a command of its own; and it may ask who it is that asks.
/// </summary>
public abstract record PeriodCommand : Command, IAsksWho
{
    private protected PeriodCommand()
    {
    }

    /// <summary>The book's name; without it the official one.</summary>
    public string Book { get; init; } = StarterBooks.Official;

    /// <summary>The first instant after the period (exclusive), by which it is named.</summary>
    public required Instant Until { get; init; }

    internal sealed override Decision Decide(TreasuryState state) => Decide(state, DecisionContext.Empty);

    /// <summary>The command's own rule.</summary>
    internal sealed override Decision Decide(TreasuryState state, DecisionContext context)
    {
        var check = new Checks(state);
        check.Term(Fact is null, "fact", "must be left out: a period is closed in this journal and nowhere else");
        check.Term(
            Book == StarterBooks.Official || StarterBooks.All.Any(starter => starter.Name == Book)
                || !state.AdoptionsOf(Book).IsEmpty,
            "book",
            "must be the name of a book of this treasury (GET .../books)");
        return Decide(state, context, check, ClosedPeriods.Of(state.Periods));
    }

    private protected abstract Decision Decide(
        TreasuryState state, DecisionContext context, Checks check, ClosedPeriods periods);

    /// <summary>The closed period that the command names; refused if there is none.</summary>
    private protected ClosedPeriod? Closed(Checks check, ClosedPeriods periods)
    {
        var closed = check.First is null ? periods.Of(Book) : [];
        var named = closed.FirstOrDefault(period => period.Until == Until);
        check.That(named is not null, () => Refusal.Of(
            RefusalCode.PeriodNotClosed,
            $"Book {Book} has no closed period until {Until}; {Standing(closed)}.",
            ("book", Book),
            ("until", Until)));
        return named;
    }

    private protected static string Standing(ImmutableArray<ClosedPeriod> closed) => closed.IsEmpty
        ? "none of its periods is closed"
        : $"its last closed one goes from {closed[^1].From} until {closed[^1].Until}";

    /// <summary>Refuses an instant at which no day of the treasury begins.</summary>
    private protected static void CheckDay(Checks check, TreasuryState state, string field, Instant at)
    {
        if (check.First is null)
        {
            var opened = state.Registers.Treasury!;
            var zone = TimeZoneInfo.FindSystemTimeZoneById(opened.TimeZone);
            var start = LocalDay.StartOf(LocalDay.Of(at, zone), zone);
            check.Term(
                start == at,
                field,
                $"is {at}; periods begin and end where a day does in {opened.TimeZone}, such as {start}");
        }
    }

    /// <summary>Refuses an act without a reason.</summary>
    private protected void CheckReason(Checks check) =>
        check.Term(Reason is not null, "reason", "must say why a period is opened again");
}
