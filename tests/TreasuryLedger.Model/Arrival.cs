using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Model;

/// <summary>The same facts learnt in another order.</summary>
public static class Arrival
{
    /// <summary>
    /// The history with both journals in another order of arrival: what opens and registers stays in front, what names
    /// an entry stays behind it, and entries for which only the recorded order decides keep it among themselves.
    /// Positions and recorded instants are new; nothing else is.
    /// </summary>
    public static History Shuffled(History history, Dice dice)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(dice);
        return history with
        {
            Treasury = Shuffled(history.Treasury, dice),
            Prices = Shuffled(history.Prices, dice),
        };
    }

    private static ImmutableArray<Entry> Shuffled(ImmutableArray<Entry> journal, Dice dice)
    {
        var waiting = journal.ToList();
        var positions = new Dictionary<long, long>();
        var shuffled = ImmutableArray.CreateBuilder<Entry>();
        while (waiting.Count > 0)
        {
            var next = History.IsGround(waiting[0]) ? waiting[0] : dice.Pick([.. waiting.Where(MayComeNow)]);
            waiting.Remove(next);
            positions[next.Position] = shuffled.Count + 1;
            shuffled.Add(next with
            {
                Position = shuffled.Count + 1,
                RecordedAt = HistoryGenerator.Start.Plus(shuffled.Count),
                Voids = next.Voids is { } voided ? positions[voided] : null,
                Event = Renamed(next.Event, positions),
            });
        }

        return shuffled.ToImmutable();

        bool MayComeNow(Entry entry) =>
            (History.Named(entry) is not { } named || positions.ContainsKey(named))
            && (!OnlyRecordedOrderDecides(entry) || ReferenceEquals(entry, waiting.First(OnlyRecordedOrderDecides)));
    }

    private static bool OnlyRecordedOrderDecides(Entry entry) =>
        entry.SourceOrder is null && !entry.FactIsGiven && entry.Event is not EntryVoided;

    private static LedgerEvent Renamed(LedgerEvent happened, Dictionary<long, long> positions) => happened switch
    {
        EvidenceAdded evidence => new EvidenceAdded(positions[evidence.Entry]),
        BreakOpened opened => opened with { Entry = positions[opened.Entry] },
        EntryAnnotated note => new EntryAnnotated(positions[note.Entry]),
        _ => happened,
    };
}
