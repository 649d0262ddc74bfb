using System.Globalization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>A treasury with its two books, to which a specification's commands are put one after another.</summary>
internal sealed class SpecWorld
{
    public static readonly Instant Start = Instant.Parse("2026-01-01T00:00:00Z");

    /// <summary>A seal that names this hash comes before the statements can be read.</summary>
    private static readonly string Unread = new('0', 64);

    private readonly Dictionary<JournalKind, TreasuryState> _journals = System.Enum.GetValues<JournalKind>()
        .ToDictionary(kind => kind, TreasuryState.Empty);

    private readonly Dictionary<JournalKind, List<Entry>> _entries = System.Enum.GetValues<JournalKind>()
        .ToDictionary(kind => kind, _ => new List<Entry>());

    private int _requests;

    public TreasuryState Treasury => _journals[JournalKind.Treasury];

    /// <summary>The treasury's entries by position: index 0 is position 1. Voided ones stay in.</summary>
    public IReadOnlyList<Entry> Entries => _entries[JournalKind.Treasury];

    /// <summary>Who asks next.</summary>
    public string Actor { get; set; } = "tester";

    public Decision? Last { get; private set; }

    public Entry? LastEntry { get; private set; }

    /// <summary>Types of the commands that were accepted, and codes of those refused.</summary>
    public HashSet<Type> Accepted { get; } = [];

    public HashSet<RefusalCode> Refused { get; } = [];

    /// <summary>Decides a command, twice, and records what is accepted.</summary>
    public Decision Put(JournalKind journal, Command command)
    {
        var state = Recalling(_journals[journal], _entries[journal], command);
        var decision = Decider.Decide(state, command, Context(command));
        Text(Decider.Decide(state, command, Context(command))).ShouldBe(Text(decision), "deciding leaves no trace");
        HoldAgainstOneCommit(state, command, decision);
        (Last, LastEntry) = (decision, null);
        if (decision is not Decision.Accepted accepted)
        {
            Refused.Add(((Decision.Refused)decision).Refusal.Code);
            return decision;
        }

        Accepted.Add(command.GetType());
        LastEntry = Decider.Draft(state, command, accepted).ToEntry(
            state.Position + 1,
            Start.Plus(1_000_000L * ++_requests),
            Actor,
            $"k{_requests}",
            new string('0', 64),
            null);
        _journals[journal] = state.Evolve(LastEntry);
        _entries[journal].Add(LastEntry);
        return decision;
    }

    /// <summary>The state with what a command names, and nothing else.</summary>
    public static TreasuryState Recalling(TreasuryState state, IReadOnlyList<Entry> entries, Command command)
    {
        state = state.Recalling(Recalled.Of([Named.By(command)], entries));
        return state.FirstUseToFind(command) is not { } from || command is not CorrectEntry correction
            ? state
            : state.WithFirstUse(correction, entries.First(entry =>
                entry.Position >= from
                && state.Uses(correction, entry)
                && entries.All(other => other.Voids != entry.Position)).Position);
    }

    /// <summary>Goes on with what a checkpoint of the treasury's state would hold.</summary>
    public void Restore() => _journals[JournalKind.Treasury] = TreasuryState.Of(Treasury.Snapshot());

    /// <summary>The entry that holds a fact now.</summary>
    public Entry? HolderOf(FactId fact) => Entries.LastOrDefault(entry => entry.Fact == fact);

    public void Must(JournalKind journal, Command command, SpecLine line)
    {
        if (Put(journal, command) is Decision.Refused refused)
        {
            throw new InvalidOperationException($"Refused: {refused.Refusal.Code} {refused.Refusal.Message} {line}");
        }
    }

    /// <summary>"entry 7" is just that; a fact is the entry that holds it now.</summary>
    public long Position(SpecLine line)
    {
        if (line.Take("entry"))
        {
            return long.Parse(line.Word(), CultureInfo.InvariantCulture);
        }

        return HolderOf(line.Fact())?.Position ?? throw new FormatException($"No such fact: {line}");
    }

    public static string Text(Decision decision) => decision switch
    {
        Decision.Refused(var refusal) => $"{refusal.Code} {refusal.Message} {string.Join(' ', refusal.Numbers)}",
        Decision.Accepted(var happened) => Content.Of(happened),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>
    /// An instruction is decided the same if the entries before it were brought by its own commit, as far as they void
    /// nothing.
    /// </summary>
    private void HoldAgainstOneCommit(TreasuryState state, Command command, Decision decision)
    {
        for (var pending = 1; pending <= 3 && command.Mode == EntryMode.Instruction; pending++)
        {
            var (before, brought) = (Entries.SkipLast(pending).ToList(), Entries.TakeLast(pending).ToList());
            if (before.Count == 0 || brought.Exists(entry => entry.Voids is not null))
            {
                return;
            }

            var context = Context(command) with { FactsAt = at => FactsAt(at, before), Pending = brought };
            Text(Decider.Decide(state, command, context)).ShouldBe(Text(decision), $"{pending} in the same commit");
        }
    }

    private DecisionContext Context(Command command) => new(
        PriceBookView.Of(VisibleEntries.KnownAt(_entries[JournalKind.PriceBook], Instant.Max)),
        MarketBookView.Of(VisibleEntries.KnownAt(_entries[JournalKind.MarketBook], Instant.Max)))
    {
        Actor = Actor,
        RecordedAt = Start.Plus(1_000_000L * (_requests + 1)),
        FactsAt = at => FactsAt(at, Entries),
        Frozen = command is SealPeriod seal ? Frozen(seal) : null,
    };

    private PositionFacts FactsAt(Instant at, IReadOnlyList<Entry> entries)
    {
        var (history, question) = History(entries);
        return history.At(question with { AsOf = at }).State.Facts;
    }

    private FrozenStatement? Frozen(SealPeriod seal)
    {
        var periods = ClosedPeriods.Of(Treasury.Periods);
        if (periods.Of(seal.Book).FirstOrDefault(one => one.Until == seal.Until) is not { } period
            || seal.StatementHash == Unread)
        {
            return null;
        }

        var (history, question) = History(Entries);
        var book = new OfficialBook(history, question, periods);
        return FrozenStatement.Of(book, period, _entries[JournalKind.PriceBook], "1");
    }

    private (BookHistory History, BookQuestion Question) History(IReadOnlyList<Entry> entries)
    {
        var history = new BookHistory(PriceHistory.Of(_entries[JournalKind.PriceBook]));
        history.Append(entries);
        return (history, new BookQuestion(Instant.Max, history.Log.Position, history.Prices.Position));
    }
}
