using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What kind of journal: which commands belong to it.</summary>
public enum JournalKind
{
    /// <summary>One legal entity's journal.</summary>
    Treasury,

    /// <summary>Observed prices, shared by treasuries.</summary>
    PriceBook,

    /// <summary>Observed terms of lending markets, shared by treasuries.</summary>
    MarketBook,
}

/// <summary>
/// Everything that deciding needs to know of a journal, after its newest entry. Immutable: a batch decides on
/// successive
/// states and drops them if it fails.
/// </summary>
public sealed record TreasuryState
{
    private TreasuryState()
    {
    }

    /// <summary>What kind of journal.</summary>
    public required JournalKind Kind { get; init; }

    /// <summary>The newest position; 0 before the opening. Equals the number of entries.</summary>
    public long Position { get; private init; }

    /// <summary>When the newest entry was recorded; 1970 before the opening.</summary>
    public Instant RecordedAt { get; private init; }

    /// <summary>Whether recorded instants come from a script.</summary>
    public bool ReplayedClock { get; private init; }

    /// <summary>Accounts, assets and the opening.</summary>
    public Registers Registers { get; private init; } = Registers.Empty;

    /// <summary>Every entry by position: index 0 is position 1. Voided ones stay in.</summary>
    public ImmutableList<Entry> Entries { get; private init; } = [];

    /// <summary>Positions that an entry voids.</summary>
    public ImmutableHashSet<long> Voided { get; private init; } = [];

    /// <summary>
    /// By fact, the position of the entry that holds it now: the first one, or its newest correction. A fact that was
    /// voided without replacement is held by the voiding entry.
    /// </summary>
    public ImmutableDictionary<FactId, long> Facts { get; private init; } = ImmutableDictionary<FactId, long>.Empty;

    /// <summary>A journal without entries.</summary>
    public static TreasuryState Empty(JournalKind kind) => new() { Kind = kind };

    /// <summary>
    /// The entry that holds a fact now, or <c>null</c>; its event is <see cref="EntryVoided"/> if it is gone.
    /// </summary>
    public Entry? HolderOf(FactId fact) => Facts.TryGetValue(fact, out var position) ? EntryAt(position) : null;

    /// <summary>The entry with a position, or <c>null</c>.</summary>
    public Entry? EntryAt(long position) =>
        position >= 1 && position <= Position ? Entries[checked((int)(position - 1))] : null;

    /// <summary>The state after the next entry.</summary>
    /// <exception cref="ArgumentException">It is not the next one.</exception>
    /// <exception cref="UnreachableEventException">Its event is not known here.</exception>
    public TreasuryState Evolve(Entry entry)
    {
        if (entry.Position != Position + 1 || entry.RecordedAt <= RecordedAt)
        {
            throw new ArgumentException($"Entry {entry.Position} does not follow {Position}.", nameof(entry));
        }

        return this with
        {
            Position = entry.Position,
            RecordedAt = entry.RecordedAt,
            ReplayedClock = entry.Event switch
            {
                TreasuryOpened opened => opened.ReplayedClock,
                BookOpened opened => opened.ReplayedClock,
                _ => ReplayedClock,
            },
            Registers = Registers.Evolve(entry.Event),
            Entries = Entries.Add(entry),
            Voided = entry.Voids is { } voided ? Voided.Add(voided) : Voided,
            Facts = Facts.SetItem(entry.Fact, entry.Position),
        };
    }
}
