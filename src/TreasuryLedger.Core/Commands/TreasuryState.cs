using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;
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
/// What deciding needs to know of a journal after its newest entry, but for the entries that a command names: those are
/// recalled for it (<see cref="Recalling"/>). Immutable: a batch decides on successive states and drops them if it
/// fails.
/// </summary>
public sealed partial class TreasuryState
{
    private TreasuryState(JournalKind kind) => Kind = kind;

    private TreasuryState(TreasuryState other)
    {
        (Kind, Position, RecordedAt, ReplayedClock) =
            (other.Kind, other.Position, other.RecordedAt, other.ReplayedClock);
        (Registers, Effects, Recalled) = (other.Registers, other.Effects, other.Recalled);
        (Instructions, Adoptions, Periods, Positions) =
            (other.Instructions, other.Adoptions, other.Periods, other.Positions);
        (Risks, Booked) = (other.Risks, other.Booked);
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

    /// <inheritdoc cref="Effects.Accounts"/>
    internal ImmutableDictionary<AccountId, RegisteredUse> Accounts => Effects.Value.Accounts;

    /// <inheritdoc cref="Effects.Assets"/>
    internal ImmutableDictionary<AssetId, RegisteredUse> Assets => Effects.Value.Assets;

    /// <inheritdoc cref="Effects.Free"/>
    internal ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Free => Effects.Value.Free;

    /// <inheritdoc cref="Effects.Owed"/>
    internal ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Owed => Effects.Value.Owed;

    /// <summary>Instructions, and what names them, by fact.</summary>
    internal ImmutableDictionary<FactId, InstructionStanding> Instructions { get; private init; } =
        ImmutableDictionary<FactId, InstructionStanding>.Empty;

    /// <summary>The standing entries that adopt terms or allocate lots, by book and instant.</summary>
    internal ImmutableArray<AdoptionSnapshot> Adoptions { get; private init; } = [];

    /// <summary>The entries about periods of books, in recorded order.</summary>
    public ImmutableArray<PeriodEntry> Periods { get; private init; } = [];

    /// <summary>
    /// The standing entries about limits, the playbook, alerts, what two persons decide and what waits for a second
    /// one, in recorded order.
    /// </summary>
    internal ImmutableArray<RiskEntry> Risks { get; private init; } = [];

    /// <summary>How lending positions are kept, by standing entries.</summary>
    internal ImmutableSortedDictionary<AccountId, PositionUse> Positions { get; private init; } =
        ImmutableSortedDictionary<AccountId, PositionUse>.Empty;

    /// <summary>Which interest of sides of indexed positions standing touches book.</summary>
    internal ImmutableDictionary<PositionSide, BookedIndices> Booked { get; private init; } =
        ImmutableDictionary<PositionSide, BookedIndices>.Empty;

    /// <summary>
    /// Whether instructions may be asked for limits or what they are worth, so that deciding needs prices and markets.
    /// </summary>
    public bool HasLimits => Registers.Treasury is { } treasury
        && (!RiskLimits.Of(treasury.Limits).IsNone()
            || Risks.Any(one => one.Event is LimitsSet or FourEyesSet { InstructionsAbove: not null }));

    private LateEffects Effects { get; init; } = LateEffects.Of(Commands.Effects.None);

    private Recalled Recalled { get; init; } = Recalled.Nothing;

    /// <summary>A journal without entries.</summary>
    public static TreasuryState Empty(JournalKind kind) => new(kind);

    /// <summary>The state with what the next commands name; what was recalled before is forgotten.</summary>
    /// <param name="recalled">Looked up in the journal up to <see cref="Position"/>.</param>
    public TreasuryState Recalling(Recalled recalled) => new(this) { Recalled = recalled };

    /// <summary>
    /// From which position on to look for the first standing entry that uses what a command would void; <c>null</c> if
    /// that is known (see <see cref="WithFirstUse"/>).
    /// </summary>
    /// <param name="command">What it names is recalled.</param>
    public long? FirstUseToFind(Command command) =>
        command is CorrectEntry { Entry: >= 1 and var target } && target <= Position
            && UseOf(Recalled.EntryAt(target).Event) is { Count: > 0, IsExact: false, First: var first }
            ? first
            : null;

    /// <summary>Whether an entry uses what a command would void, a registration.</summary>
    /// <param name="command">What it names is recalled.</param>
    /// <param name="entry">Any entry.</param>
    public bool Uses(CorrectEntry command, NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(entry);
        return Recalled.EntryAt(command.Entry).Event switch
        {
            AccountRegistered registered => EventContent.Names(entry.Event).Accounts.Contains(registered.Account),
            AssetRegistered registered => EventContent.Names(entry.Event).Assets.Contains(registered.Asset),
            _ => false,
        };
    }

    /// <summary>The state that knows the first standing entry that uses what a command would void.</summary>
    /// <param name="command">What it names is recalled.</param>
    /// <param name="position">
    /// The first at or after <see cref="FirstUseToFind"/> for which <see cref="Uses"/> holds and that is not voided.
    /// </param>
    public TreasuryState WithFirstUse(CorrectEntry command, long position)
    {
        ArgumentNullException.ThrowIfNull(command);
        var known = Effects.Value;
        var exact = Recalled.EntryAt(command.Entry).Event switch
        {
            AccountRegistered { Account: var account } => known with
            {
                Accounts = known.Accounts.SetItem(account, Exactly(known.Accounts[account])),
            },
            AssetRegistered { Asset: var asset } => known with
            {
                Assets = known.Assets.SetItem(asset, Exactly(known.Assets[asset])),
            },
            _ => known,
        };
        return new TreasuryState(this) { Effects = LateEffects.Of(exact) };

        RegisteredUse Exactly(RegisteredUse use) => use with { First = position, IsExact = true };
    }

    /// <summary>The state after the next entry. The entry that it voids must be recalled.</summary>
    /// <exception cref="ArgumentException">It is not the next one.</exception>
    /// <exception cref="InvalidOperationException">Nobody looked up what it voids.</exception>
    /// <exception cref="UnreachableEventException">Its event is not known here.</exception>
    public TreasuryState Evolve(NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Position != Position + 1 || (Position > 0 && entry.RecordedAt <= RecordedAt))
        {
            throw new ArgumentException($"Entry {entry.Position} does not follow entry {Position}.", nameof(entry));
        }

        var before = entry.Voids is { } voided ? WithoutEffect(Recalled.EntryAt(voided)) : this;
        return new TreasuryState(before.WithEffect(entry, 1))
        {
            Position = entry.Position,
            RecordedAt = entry.RecordedAt,
            ReplayedClock = ReplayedClock
                || entry.Event is TreasuryOpened { ReplayedClock: true } or BookOpened { ReplayedClock: true },
            Registers = before.Registers.Evolve(entry.Event),
            Recalled = Recalled.With(entry),
        };
    }

    /// <summary>The standing entries that adopt terms for a book, by instant.</summary>
    internal ImmutableArray<AdoptionSnapshot> AdoptionsOf(string book) =>
        [.. Adoptions.Where(one => one.Book == book && one.Terms is not null)];

    /// <summary>The entry at a position, if it proposes something for a book.</summary>
    internal AdoptionSnapshot? ProposalAt(long position) =>
        Adoptions.FirstOrDefault(one => one.By == position && one.Adopted is TermsProposed or DecisionProposed);

    /// <summary>The entry that allocates the lots of a book, if there is one.</summary>
    internal AdoptionSnapshot? AllocationOf(string book) =>
        Adoptions.FirstOrDefault(one => one.Book == book && one.Adopted is BasisAllocated);

    /// <summary>The entry that resolves an alert, if there is one.</summary>
    internal RiskEntry? ResolutionOf(FactId alert) =>
        Risks.FirstOrDefault(one => (one.Event as AlertResolved)?.Alert == alert);

    /// <summary>The alert about a limit of a subject that is not resolved, if there is one.</summary>
    internal RiskEntry? OpenAlert(LimitKind limit, string subject) => Risks.LastOrDefault(one =>
        one.Event is AlertRaised raised && raised.Limit == limit && raised.Subject == subject
        && ResolutionOf(one.Fact) is null);

    /// <inheritdoc cref="Recalled.HolderOf"/>
    internal NarrowEntry? HolderOf(FactId fact) => Recalled.HolderOf(fact);

    /// <inheritdoc cref="Recalled.ProposedAt"/>
    internal Instant? ProposedAt(FactId fact) => Recalled.ProposedAt(fact);

    /// <summary>The entry with a position, or <c>null</c> if the journal has none.</summary>
    /// <exception cref="InvalidOperationException">Nobody looked it up.</exception>
    internal NarrowEntry? EntryAt(long position) => Has(position) ? Recalled.EntryAt(position) : null;

    /// <summary>Whether the journal has an entry with a position.</summary>
    internal bool Has(long position) => position >= 1 && position <= Position;

    /// <inheritdoc cref="Recalled.VoidedBy"/>
    internal long? VoidedBy(long position) => Recalled.VoidedBy(position);

    /// <summary>The state as if an entry that stands had never been recorded. Only good for deciding.</summary>
    internal TreasuryState Without(NarrowEntry entry) =>
        new(WithoutEffect(entry)) { Recalled = Recalled.Without(entry.Fact) };

    /// <summary>The position of the first entry that uses what this one registers, if any.</summary>
    /// <exception cref="InvalidOperationException">Nobody looked for it.</exception>
    internal long? FirstRestingOn(NarrowEntry registration) => UseOf(registration.Event) switch
    {
        { Count: > 0, IsExact: true, First: var first } => first,
        { Count: > 0 } => throw new InvalidOperationException(
            $"Nobody looked for what rests on entry {registration.Position}."),
        _ => null,
    };

    private RegisteredUse? UseOf(LedgerEvent registration) => registration switch
    {
        AccountRegistered registered => Accounts[registered.Account],
        AssetRegistered registered => Assets[registered.Asset],
        _ => null,
    };

    private TreasuryState WithoutEffect(NarrowEntry entry) => new(WithEffect(entry, -1))
    {
        Registers = entry.Event switch
        {
            AccountRegistered account => Registers with { Accounts = Registers.Accounts.Remove(account.Account) },
            AssetRegistered asset => Registers with { Assets = Registers.Assets.Remove(asset.Asset) },
            _ => Registers,
        },
    };

    /// <summary>With what the entry does to units and instructions, or without it again (sign -1).</summary>
    private TreasuryState WithEffect(NarrowEntry entry, int sign)
    {
        var known = default(NoSink);
        Movements.Tell(entry.Event, ref known); // an event without a rule stops here, not where effects are asked for
        var moved = new TreasuryState(this) { Effects = Effects.With(entry, sign) };
        moved = entry.Fulfils is { } fulfilled
            ? moved.WithStanding(fulfilled, standing => standing.Count(entry.Event, sign))
            : moved;
        return entry.Event switch
        {
            InstructionGiven given => moved.WithStanding(
                entry.Fact,
                standing => standing with { At = entry.EffectiveAt, Given = sign > 0 ? given : null }),
            InstructionCancelled cancelled => moved.WithStanding(
                cancelled.Instruction, standing => standing with { Cancellations = standing.Cancellations + sign }),
            TermsAdopted or TermsProposed or BasisAllocated or DecisionProposed => new(moved)
            {
                Adoptions = sign > 0
                    ? [.. Adoptions.Add(new(entry.Event, entry.EffectiveAt, entry.Position))
                        .OrderBy(one => one.Book, StringComparer.Ordinal).ThenBy(one => one.At)
                        .ThenBy(one => one.By)]
                    : Adoptions.RemoveAll(one => one.By == entry.Position),
            },
            IOfRisk => new(moved)
            {
                Risks = sign > 0
                    ? Risks.Add(new RiskEntry(entry.Event, entry.Fact, entry.EffectiveAt, entry.Position))
                    : Risks.RemoveAll(one => one.By == entry.Position),
            },
            _ when PositionUse.PositionsOf(entry.Event, Registers) is { Length: > 0 } positions => new(moved)
            {
                Booked = entry.Event is PositionTouched touched ? WithTouches(touched, sign) : Booked,
                Positions = Positions.SetItems(positions.Select(position => KeyValuePair.Create(
                    position, Positions.GetValueOrDefault(position).Counted(entry.Event, sign)))),
            },
            _ when PeriodEntry.IsOne(entry.Event) => new(moved)
            {
                Periods = sign > 0
                    ? Periods.Add(PeriodEntry.Of(entry))
                    : Periods.RemoveAll(one => one.Position == entry.Position),
            },
            _ => moved,
        };
    }

    private ImmutableDictionary<PositionSide, BookedIndices> WithTouches(PositionTouched touched, int sign)
    {
        var booked = Booked;
        foreach (var touch in touched.Touches)
        {
            var side = new PositionSide(touch.Position, touch.Asset, touch.Side);
            var after = booked.GetValueOrDefault(side, BookedIndices.None).With(touch, sign);
            booked = after.Steps.IsEmpty ? booked.Remove(side) : booked.SetItem(side, after);
        }

        return booked;
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

        var changing = new EffectsBuilder(Effects.Value);
        Reserve(areOwed: false, held);
        Reserve(areOwed: true, borrowed);
        return new TreasuryState(this) { Effects = LateEffects.Of(changing.Done()) };

        void Reserve(bool areOwed, ImmutableArray<Movement> reserved)
        {
            foreach (var (account, asset, units) in reserved)
            {
                var change = sign > 0 ? units : -units;
                changing.Add(areOwed, standing.At, account, asset, change);
                if (standing.Given!.ExpiresAt is { } end)
                {
                    changing.Add(areOwed, end, account, asset, -change);
                }
            }
        }
    }

    private readonly struct NoSink : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut)
        {
        }

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut)
        {
        }
    }
}
