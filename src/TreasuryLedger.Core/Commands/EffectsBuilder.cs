using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>Takes the effects of many entries in at once: each timeline and each id changes once.</summary>
internal sealed class EffectsBuilder(Effects before)
{
    private readonly Dictionary<(bool AreOwed, AccountId Account, AssetId Asset), List<UnitsChange>> _units = [];
    private readonly Uses<AccountId> _accounts = new(before.Accounts);
    private readonly Uses<AssetId> _assets = new(before.Assets);

    /// <summary>Takes the effects of an entry in, or those of an earlier one out (sign -1).</summary>
    public void Add(NarrowEntry entry, int sign)
    {
        var sink = new UnitsSink(this, entry.EffectiveAt, sign);
        Movements.Tell(entry.Event, ref sink);
        _accounts.Named.Clear();
        _assets.Named.Clear();
        EventContent.Collect(entry.Event, _accounts.Named, _assets.Named);
        _accounts.Count(entry.Position, sign);
        _assets.Count(entry.Position, sign);
        if (sign < 0)
        {
            return; // whose registration is taken out stays known by it
        }

        switch (entry.Event)
        {
            case AccountRegistered registered:
                _accounts.Of(registered.Account).By = entry.Position;
                break;
            case AssetRegistered registered:
                _assets.Of(registered.Asset).By = entry.Position;
                break;
        }
    }

    /// <summary>Takes a change of units in.</summary>
    public void Add(bool areOwed, Instant at, AccountId account, AssetId asset, Quantity units)
    {
        ref var changes = ref CollectionsMarshal.GetValueRefOrAddDefault(_units, (areOwed, account, asset), out _);
        (changes ??= []).Add(new UnitsChange(at.Microseconds, units.Units));
    }

    /// <summary>The effects with all that was added.</summary>
    public Effects Done()
    {
        var (free, owed) = (before.Free, before.Owed);
        foreach (var ((areOwed, account, asset), changes) in _units)
        {
            ref var timelines = ref areOwed ? ref owed : ref free;
            var assets = timelines.GetValueOrDefault(account, ImmutableDictionary<AssetId, Timeline>.Empty);
            var timeline = Timeline.Add(assets.GetValueOrDefault(asset), changes);
            timelines = timelines.SetItem(account, assets.SetItem(asset, timeline));
        }

        return new Effects { Accounts = _accounts.Done(), Assets = _assets.Done(), Free = free, Owed = owed };
    }

    private readonly struct UnitsSink(EffectsBuilder to, Instant at, int sign) : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut) =>
            to.Add(areOwed: false, at, account, asset, isOut == sign > 0 ? -units : units);

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut) =>
            to.Add(areOwed: true, at, position, asset, isOut == sign > 0 ? -units : units);
    }

    private sealed class Uses<TId>(ImmutableDictionary<TId, RegisteredUse> before)
        where TId : notnull
    {
        private readonly Dictionary<TId, RegisteredUse> _changed = [];

        /// <summary>What the entry names, each once.</summary>
        public List<TId> Named { get; } = [];

        public void Count(long position, int sign)
        {
            foreach (var id in Named)
            {
                ref var use = ref Of(id);
                use = use.Counted(position, sign);
            }
        }

        public ref RegisteredUse Of(TId id)
        {
            ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(_changed, id, out var isChanged);
            if (!isChanged)
            {
                use = before.GetValueOrDefault(id);
            }

            return ref use;
        }

        public ImmutableDictionary<TId, RegisteredUse> Done() => before.SetItems(_changed);
    }
}

/// <summary>A change of units at an instant.</summary>
/// <param name="At">When, in microseconds.</param>
/// <param name="Units">By how many smallest units, of either sign.</param>
internal readonly record struct UnitsChange(long At, BigInteger Units);
