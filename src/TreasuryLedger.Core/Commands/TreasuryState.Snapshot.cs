using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <content>A state as plain values, and back.</content>
public sealed partial class TreasuryState
{
    /// <summary>The state of a snapshot. Nothing is recalled.</summary>
    /// <exception cref="ArgumentException">Its changes are not in order.</exception>
    public static TreasuryState Of(TreasurySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new TreasuryState(snapshot.Kind)
        {
            Position = snapshot.Position,
            RecordedAt = snapshot.RecordedAt,
            ReplayedClock = snapshot.ReplayedClock,
            Registers = new Registers(
                snapshot.Opened,
                snapshot.Accounts.Where(name => name.Registered is not null)
                    .ToImmutableDictionary(name => name.Id, name => name.Registered!),
                snapshot.Assets.Where(name => name.Registered is not null)
                    .ToImmutableDictionary(name => name.Id, name => name.Registered!)),
            Effects = LateEffects.Of(new Effects
            {
                Accounts = snapshot.Accounts.ToImmutableDictionary(name => name.Id, UseOf),
                Assets = snapshot.Assets.ToImmutableDictionary(name => name.Id, UseOf),
                Free = UnitsOf(snapshot.Units.Where(units => !units.AreOwed)),
                Owed = UnitsOf(snapshot.Units.Where(units => units.AreOwed)),
            }),
            Instructions = snapshot.Instructions.ToImmutableDictionary(one => one.Fact, InstructionStanding.Of),
            Adoptions = snapshot.Adoptions,
            Periods = snapshot.Periods,
            Risks = snapshot.Risks,
            Positions = snapshot.Positions.ToImmutableSortedDictionary(one => one.Position, one => one.Use),
            Booked = snapshot.Booked.ToImmutableDictionary(one => one.Side, one => new BookedIndices(one.Steps)),
        };
    }

    /// <summary>The state as plain values.</summary>
    public TreasurySnapshot Snapshot() => new()
    {
        Kind = Kind,
        Position = Position,
        RecordedAt = RecordedAt,
        ReplayedClock = ReplayedClock,
        Opened = Registers.Treasury,
        Accounts = NamesOf(Accounts, Registers.Accounts),
        Assets = NamesOf(Assets, Registers.Assets),
        Instructions =
        [
            .. Instructions.OrderBy(one => one.Key).Where(one => !one.Value.IsNone)
                .Select(one => one.Value.Snapshot(one.Key)),
        ],
        Units = [.. SnapshotOf(Free, areOwed: false), .. SnapshotOf(Owed, areOwed: true)],
        Adoptions = Adoptions,
        Periods = Periods,
        Risks = Risks,
        Positions = [.. Positions.Select(one => new PositionSnapshot(one.Key, one.Value))],
        Booked =
        [
            .. Booked.OrderBy(one => one.Key.Position).ThenBy(one => one.Key.Asset).ThenBy(one => one.Key.Side)
                .Select(one => new BookedSnapshot(one.Key, one.Value.Steps)),
        ],
    };

    private static RegisteredUse UseOf<TId, TEvent>(NameSnapshot<TId, TEvent> name) =>
        new(name.By, name.Uses, name.FirstUse, name.IsExact);

    private static ImmutableArray<NameSnapshot<TId, TEvent>> NamesOf<TId, TEvent>(
        ImmutableDictionary<TId, RegisteredUse> uses, ImmutableDictionary<TId, TEvent> registered)
        where TId : notnull
        where TEvent : class =>
    [
        .. from use in uses
           orderby use.Key
           select new NameSnapshot<TId, TEvent>(
               use.Key, registered.GetValueOrDefault(use.Key), use.Value.By, use.Value.Count, use.Value.First,
               use.Value.IsExact),
    ];

    private static IEnumerable<UnitsSnapshot> SnapshotOf(
        ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> units, bool areOwed) =>
        from account in units
        orderby account.Key
        from asset in account.Value
        orderby account.Key, asset.Key
        let changes = asset.Value.Changes()
        where changes.Instants.Length > 0
        select new UnitsSnapshot(
            areOwed, account.Key, asset.Key, changes.Instants, changes.Narrow, changes.Wide);

    private static ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> UnitsOf(
        IEnumerable<UnitsSnapshot> units) => units
        .GroupBy(one => one.Account)
        .ToImmutableDictionary(
            account => account.Key,
            account => account.ToImmutableDictionary(
                one => one.Asset, one => Timeline.Of(one.Instants, one.Changes, one.Wide)));
}
