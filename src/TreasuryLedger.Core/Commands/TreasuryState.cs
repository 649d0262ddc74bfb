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
/// successive states and drops them if it fails.
/// </summary>
public sealed class TreasuryState
{
    private TreasuryState(JournalKind kind) => Kind = kind;

    private TreasuryState(TreasuryState other)
    {
        (Kind, Position, RecordedAt, ReplayedClock) =
            (other.Kind, other.Position, other.RecordedAt, other.ReplayedClock);
        (Registers, Entries, Voided, Facts) = (other.Registers, other.Entries, other.Voided, other.Facts);
        (Free, Owed, Instructions) = (other.Free, other.Owed, other.Instructions);
    }

    /// <summary>What kind of journal.</summary>
    public JournalKind Kind { get; }

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

    /// <summary>Voided positions, each with the position of the entry that voids it.</summary>
    public ImmutableDictionary<long, long> Voided { get; private init; } = ImmutableDictionary<long, long>.Empty;

    /// <summary>
    /// By fact, the position of the entry that holds it now: the first one, or its newest correction. A fact that was
    /// voided without replacement is held by the voiding entry.
    /// </summary>
    public ImmutableDictionary<FactId, long> Facts { get; private init; } = ImmutableDictionary<FactId, long>.Empty;

    /// <summary>Units at accounts over effective time, less what open instructions reserve.</summary>
    internal ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Free { get; private init; } =
        ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>>.Empty;

    /// <summary>Units owed by lending positions over effective time, with what open instructions will borrow.</summary>
    internal ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Owed { get; private init; } =
        ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>>.Empty;

    /// <summary>Instructions, and what names them, by fact.</summary>
    internal ImmutableDictionary<FactId, InstructionStanding> Instructions { get; private init; } =
        ImmutableDictionary<FactId, InstructionStanding>.Empty;

    /// <summary>A journal without entries.</summary>
    public static TreasuryState Empty(JournalKind kind) => new(kind);

    /// <summary>The entry that holds a fact now; its event is <see cref="EntryVoided"/> if the fact is gone.</summary>
    public Entry? HolderOf(FactId fact) => Facts.TryGetValue(fact, out var position) ? EntryAt(position) : null;

    /// <summary>The entry with a position, or <c>null</c>.</summary>
    public Entry? EntryAt(long position) =>
        position >= 1 && position <= Position ? Entries[checked((int)(position - 1))] : null;

    /// <summary>The state after the next entry.</summary>
    /// <exception cref="ArgumentException">It is not the next one.</exception>
    /// <exception cref="UnreachableEventException">Its event is not known here.</exception>
    public TreasuryState Evolve(Entry entry)
    {
        if (entry.Position != Position + 1 || (Position > 0 && entry.RecordedAt <= RecordedAt))
        {
            throw new ArgumentException($"Entry {entry.Position} does not follow entry {Position}.", nameof(entry));
        }

        var before = entry.Voids is { } voided ? WithoutEffect(EntryAt(voided)!) : this;
        return new TreasuryState(before.WithEffect(entry, 1))
        {
            Position = entry.Position,
            RecordedAt = entry.RecordedAt,
            ReplayedClock = ReplayedClock
                || entry.Event is TreasuryOpened { ReplayedClock: true } or BookOpened { ReplayedClock: true },
            Registers = before.Registers.Evolve(entry.Event),
            Entries = Entries.Add(entry),
            Voided = entry.Voids is { } target ? Voided.Add(target, entry.Position) : Voided,
            Facts = Facts.SetItem(entry.Fact, entry.Position),
        };
    }

    /// <summary>The state as if an entry that stands had never been recorded. Only good for deciding.</summary>
    internal TreasuryState Without(Entry entry) =>
        new(WithoutEffect(entry)) { Facts = Facts.Remove(entry.Fact) };

    /// <summary>The entry that registered what is registered.</summary>
    internal Entry RegistrationOf(AccountId account) => Entries.Last(entry =>
        entry.Event is AccountRegistered registered && registered.Account == account && Stands(entry));

    /// <inheritdoc cref="RegistrationOf(AccountId)"/>
    internal Entry RegistrationOf(AssetId asset) => Entries.Last(entry =>
        entry.Event is AssetRegistered registered && registered.Asset == asset && Stands(entry));

    /// <summary>The first entry that uses what this one registers, if any.</summary>
    internal Entry? FirstRestingOn(Entry registration) => registration.Event switch
    {
        AccountRegistered registered => Entries.FirstOrDefault(entry =>
            Stands(entry) && EventContent.Accounts(entry.Event).Contains(registered.Account)),
        AssetRegistered registered => Entries.FirstOrDefault(entry =>
            Stands(entry) && EventContent.Assets(entry.Event).Contains(registered.Asset)),
        _ => null,
    };

    private static ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Add(
        ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> timelines,
        Instant at,
        in Movement movement,
        int sign)
    {
        var change = sign > 0 ? movement.Change : -movement.Change;
        var assets = timelines.GetValueOrDefault(movement.Account, ImmutableDictionary<AssetId, Timeline>.Empty);
        var timeline = Timeline.Add(assets.GetValueOrDefault(movement.Asset), at, change);
        return timelines.SetItem(movement.Account, assets.SetItem(movement.Asset, timeline));
    }

    private bool Stands(Entry entry) => !Voided.ContainsKey(entry.Position);

    private TreasuryState WithoutEffect(Entry entry) => new(WithEffect(entry, -1))
    {
        Registers = entry.Event switch
        {
            AccountRegistered account => Registers with { Accounts = Registers.Accounts.Remove(account.Account) },
            AssetRegistered asset => Registers with { Assets = Registers.Assets.Remove(asset.Asset) },
            _ => Registers,
        },
    };

    /// <summary>With what the entry does to units and instructions, or without it again (sign -1).</summary>
    private TreasuryState WithEffect(Entry entry, int sign)
    {
        var (free, owed) = (Free, Owed);
        foreach (var movement in Movements.Held(entry.Event))
        {
            free = Add(free, entry.EffectiveAt, movement, sign);
        }

        foreach (var movement in Movements.Owed(entry.Event))
        {
            owed = Add(owed, entry.EffectiveAt, movement, sign);
        }

        var moved = new TreasuryState(this) { Free = free, Owed = owed };
        moved = entry.Fulfils is { } fulfilled
            ? moved.WithStanding(fulfilled, standing => standing.Count(entry.Event, sign))
            : moved;
        return entry.Event switch
        {
            InstructionGiven => moved.WithStanding(
                entry.Fact, standing => standing with { Given = sign > 0 ? entry : null }),
            InstructionCancelled cancelled => moved.WithStanding(
                cancelled.Instruction, standing => standing with { Cancellations = standing.Cancellations + sign }),
            _ => moved,
        };
    }

    /// <summary>What is known of an instruction changes: its reservation is taken out, then put in anew.</summary>
    private TreasuryState WithStanding(FactId instruction, Func<InstructionStanding, InstructionStanding> change)
    {
        var before = Instructions.GetValueOrDefault(instruction, InstructionStanding.None);
        var after = change(before);
        return new TreasuryState(WithReservation(before, -1).WithReservation(after, 1))
        {
            Instructions = Instructions.SetItem(instruction, after),
        };
    }

    /// <summary>Reserved units leave from the instruction's instant on and are free again when it expires.</summary>
    private TreasuryState WithReservation(InstructionStanding standing, int sign)
    {
        var (held, borrowed) = standing.Reserved();
        if (held.IsEmpty && borrowed.IsEmpty)
        {
            return this;
        }

        var (from, until) = (standing.Given!.EffectiveAt, ((InstructionGiven)standing.Given.Event).ExpiresAt);
        var (free, owed) = (Free, Owed);
        foreach (var movement in held)
        {
            free = Add(free, from, movement, sign);
            free = until is { } end ? Add(free, end, movement, -sign) : free;
        }

        foreach (var movement in borrowed)
        {
            owed = Add(owed, from, movement, sign);
            owed = until is { } end ? Add(owed, end, movement, -sign) : owed;
        }

        return new TreasuryState(this) { Free = free, Owed = owed };
    }
}
