using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What a command names of its journal: what must be recalled before it is decided.</summary>
/// <param name="Facts">The facts that it is told of, fulfils, confirms or cancels.</param>
/// <param name="Entries">The positions that it corrects.</param>
public readonly record struct Named(ImmutableArray<FactId> Facts, ImmutableArray<long> Entries)
{
    /// <summary>What a command names.</summary>
    public static Named By(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new Named([.. command.NamedFacts], [.. command.NamedEntries]);
    }
}

/// <summary>
/// The entries that deciding needs beside the state: those that commands name, looked up before. Immutable, and kept
/// up to date by the entries that are added to the state. Whoever asks for what was not looked up is stopped: "there is
/// none" and "nobody looked" are different answers.
/// </summary>
public sealed class Recalled
{
    private readonly ImmutableDictionary<FactId, Holder?> _holders;
    private readonly ImmutableDictionary<long, Standing?> _entries;

    private Recalled(
        ImmutableDictionary<FactId, Holder?> holders, ImmutableDictionary<long, Standing?> entries) =>
        (_holders, _entries) = (holders, entries);

    /// <summary>Nothing was looked up.</summary>
    public static Recalled Nothing { get; } =
        new(ImmutableDictionary<FactId, Holder?>.Empty, ImmutableDictionary<long, Standing?>.Empty);

    /// <summary>What was looked up.</summary>
    /// <param name="named">What was asked for.</param>
    /// <param name="found">
    /// Of the journal up to the state: the entries that hold or held these facts, those with these positions, and those
    /// that void any of them; any others do no harm. In any order.
    /// </param>
    public static Recalled Of(IEnumerable<Named> named, IEnumerable<NarrowEntry> found)
    {
        ArgumentNullException.ThrowIfNull(named);
        var holders = Nothing._holders.ToBuilder();
        var entries = Nothing._entries.ToBuilder();
        foreach (var (facts, positions) in named)
        {
            foreach (var fact in facts)
            {
                holders[fact] = null;
            }

            foreach (var position in positions)
            {
                entries[position] = null;
            }
        }

        var recalled = new Recalled(holders.ToImmutable(), entries.ToImmutable());
        return found.OrderBy(entry => entry.Position).Aggregate(recalled, (known, entry) => known.With(entry));
    }

    /// <summary>The entry that holds a fact; its event is <see cref="EntryVoided"/> if the fact is gone.</summary>
    /// <exception cref="InvalidOperationException">Nobody looked it up.</exception>
    internal NarrowEntry? HolderOf(FactId fact) => HeldBy(fact)?.Entry;

    /// <summary>The instant that was proposed, if the entry that holds a fact ended a proposal.</summary>
    /// <inheritdoc cref="HolderOf"/>
    internal Instant? ProposedAt(FactId fact) => HeldBy(fact)?.ProposedAt;

    /// <summary>The entry with a position that the journal has.</summary>
    /// <exception cref="InvalidOperationException">Nobody looked it up.</exception>
    internal NarrowEntry EntryAt(long position) => StandingAt(position).Entry;

    /// <summary>The position of the entry that voids another one, if any does.</summary>
    /// <inheritdoc cref="EntryAt"/>
    internal long? VoidedBy(long position) => StandingAt(position).VoidedBy;

    /// <summary>With the next entry, as far as anybody asked for what it changes.</summary>
    internal Recalled With(NarrowEntry entry)
    {
        var (holders, entries) = (_holders, _entries);
        if (holders.TryGetValue(entry.Fact, out var held))
        {
            var before = held?.Entry;
            holders = holders.SetItem(
                entry.Fact, new Holder(entry, before?.Event is ChangeProposed ? before.EffectiveAt : null));
        }

        if (entries.ContainsKey(entry.Position))
        {
            entries = entries.SetItem(entry.Position, new Standing(entry, null));
        }

        if (entry.Voids is { } target && entries.TryGetValue(target, out var voided))
        {
            entries = entries.SetItem(target, voided! with { VoidedBy = entry.Position });
        }

        return holders == _holders && entries == _entries ? this : new Recalled(holders, entries);
    }

    /// <summary>As if nobody had ever told a fact.</summary>
    internal Recalled Without(FactId fact) => new(_holders.SetItem(fact, null), _entries);

    private Holder? HeldBy(FactId fact) => _holders.TryGetValue(fact, out var holder)
        ? holder
        : throw new InvalidOperationException($"Fact {fact} was not looked up before deciding.");

    private Standing StandingAt(long position) => _entries.GetValueOrDefault(position)
        ?? throw new InvalidOperationException($"Entry {position} was not looked up before deciding.");

    private sealed record Holder(NarrowEntry Entry, Instant? ProposedAt);

    private sealed record Standing(NarrowEntry Entry, long? VoidedBy);
}
