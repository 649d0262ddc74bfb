using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Periods;

/// <summary>Says in the words of a specification what official statements say.</summary>
internal sealed class SpecPeriods
{
    private readonly SpecCase _found;
    private readonly BookHistory _history;
    private readonly ClosedPeriods _periods;
    private readonly OfficialBook _official;

    public SpecPeriods(SpecCase found)
    {
        _found = found;
        _history = new BookHistory(PriceHistory.Of(found.Journal.Prices));
        _history.Append(found.Journal.Entries);
        _periods = ClosedPeriods.Of(_history.Log.Periods(_history.Log.Position).Select(PeriodEntry.Of));
        _official = new OfficialBook(_history, Known, _periods);
    }

    private BookQuestion Known => new(Instant.Max, _history.Log.Position, _history.Prices.Position);

    public string Say(string expected) => expected.Split(' ') switch
    {
        ["day", "of", var fact, ..] => $"day of {fact} {Day(fact)}",
        ["derived", "at", var day, ..] =>
            $"derived at {day} {_history.At(Known with { AsOf = EndOf(day) }).State.RealizedGain}",
        ["official", "at", var day, ..] => $"official at {day} | {Gains(day)}",
        ["catch-up", "at", var day, ..] => $"catch-up at {day} | {CatchUps(day)}",
        ["rematched", "at", var day, ..] => $"rematched at {day} | {Rematched(day)}",
        ["ledger", var account, "from", var from, "through", var day, ..] =>
            $"ledger {account} from {from} through {day} | {Ledger(account, EndOf(from), EndOf(day))}",
        ["ledger", var account, "through", var day, ..] =>
            $"ledger {account} through {day} | {Ledger(account, null, EndOf(day))}",
        _ => throw new FormatException($"Nothing is official as: {expected}"),
    };

    private static Instant EndOf(string day) =>
        LocalDay.EndOf(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture), SpecVerbs.Zone);

    private string Day(string fact)
    {
        var entry = _found.Journal.Entries.Last(one => one.Fact == FactId.Parse(fact));
        return _periods.AccountingDate(StarterBooks.Official, entry.Position, entry.EffectiveAt, SpecVerbs.Zone)
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private string Gains(string day)
    {
        var gains = _official.GainsAt(EndOf(day), _found.Journal.Prices);
        gains.Cumulated.ShouldBe(_official.CumulatedGain(EndOf(day)));
        return $"own {gains.Own} | catch-up {gains.CatchUp} | "
            + (gains.Rematched.IsEmpty ? "" : $"rematched {gains.RematchedGain} | ")
            + $"from the beginning {gains.Cumulated}";
    }

    private string Ledger(string account, Instant? after, Instant through)
    {
        var filter = new PostingFilter(Enum.Parse<ChartAccount>(account, ignoreCase: true));
        var section = GeneralLedger.Of(
            new OfficialLedger(_official, _found.Journal.Prices).Between(after, through), filter, PostingPage.All)
            .Sections.Single();
        var lines = section.Lines.Select(line =>
            $"{LocalDay.Of(line.Source.AccountedAt, SpecVerbs.Zone):yyyy-MM-dd} "
            + (line.Source.Entry is { } entry ? $"{entry.Fact}" : $"{line.Source.Kind}".ToLowerInvariant())
            + $" {line.Posting.Amount}"
            + (line.Source.Late is { } late ? $" by {late.Entry.Fact}" : ""));
        return (after is null ? "" : $"opening {section.Opening.Amount} | ")
            + $"{string.Join(", ", lines)} | closing {section.Closing.Amount}";
    }

    private string Rematched(string day) => string.Join(
        ", ",
        _official.GainsAt(EndOf(day), _found.Journal.Prices).Rematched.Select(line =>
            $"{line.Fact} of {line.Lot} {TestJournal.Tokens(line.Pool, line.Quantity)} gain {line.Gain} by "
            + _found.Journal.Entries.Single(entry => entry.Position == line.LotEntry).Fact));

    private string CatchUps(string day) => string.Join(
        ", ",
        _official.GainsAt(EndOf(day), _found.Journal.Prices).CatchUps.Select(line =>
            line.Kind == CatchUpKind.Lot
                ? $"{line.Late.Fact} lot {line.Lot} {TestJournal.Tokens(line.Pool, line.Quantity)} cost {line.Cost}"
                : $"{line.Late.Fact} {line.Fact} of {line.Lot} {TestJournal.Tokens(line.Pool, line.Quantity)} "
                + $"gain {line.Gain}"));
}
