using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <content>How a view grows.</content>
public sealed partial class NarrowLogView
{
    /// <summary>
    /// Makes the next view. It writes behind what earlier views read, in the same columns where there is room; only who
    /// voids an entry is written among it, with a position that those views do not reach.
    /// </summary>
    internal sealed class Builder(NarrowLogView from, IStoredEntries entries) : IComparer<int>
    {
        private const int AskedMax = 1_024;

        private readonly object _owner = new();
        private SortedTree<int> _inOrder = from._inOrder;
        private NarrowEntry?[]? _asked;

        public IStoredEntries Entries => entries;

        public LogColumns Columns { get; private set; } = from._columns;

        public int Count { get; private set; } = from._count;

        public SortedTree<int> InOrder => _inOrder;

        public ImmutableList<(long From, Registers Registers)> Registers { get; private set; } = from._registers;

        public ImmutableList<int> Registering { get; private set; } = from._registering;

        public ImmutableHashSet<AssetId> UnregisteredCurrencies { get; private set; } = from._unregisteredCurrencies;

        public ImmutableList<NarrowEntry> AdoptionsSoFar { get; private set; } = from._adoptions;

        public ImmutableList<NarrowEntry> PeriodsSoFar { get; private set; } = from._periods;

        public ImmutableList<NarrowEntry> RisksSoFar { get; private set; } = from._risks;

        public NarrowLogView View() => new(this);

        /// <summary>Makes room for entries that will come.</summary>
        /// <param name="count">How many there will be.</param>
        public void Expect(int count)
        {
            if (count > Columns.Capacity)
            {
                Columns = Columns.Grown(count);
            }
        }

        /// <summary>Adds an entry and keeps it.</summary>
        public void Add(NarrowEntry entry, KeptEntries kept)
        {
            ArgumentNullException.ThrowIfNull(entry);
            if (Count > 0 && entry.Position <= Columns.Position[Count - 1])
            {
                throw new ArgumentException($"Entry {entry.Position} comes too late.", nameof(entry));
            }

            kept.Put(Count, entry);
            Add(entry);
        }

        public void Add(NarrowEntry entry)
        {
            var touched = Math.Min(Void(entry), TouchedBy(entry));
            Put(entry.Position, entry.RecordedAt, entry.EffectiveAt, MakesBooks(entry.Event), touched);
            if (entry.Event is IOfBook)
            {
                AdoptionsSoFar = AdoptionsSoFar.Add(entry);
            }

            if (entry.Event is PeriodClosed or PeriodSealed or ReopeningRequested or PeriodReopened)
            {
                PeriodsSoFar = PeriodsSoFar.Add(entry);
            }

            if (entry.Event is IOfRisk)
            {
                RisksSoFar = RisksSoFar.Add(entry);
            }

            if (IsRegistration(entry.Event))
            {
                var before = Registers.IsEmpty ? Journal.Registers.Empty : Registers[^1].Registers;
                Registers = Registers.Add((entry.Position, before.Evolve(entry.Event)));
                Registering = Registering.Add(Count - 1);
            }
        }

        /// <summary>Adds an entry of which these two instants are all that a log remembers.</summary>
        public void AddPlain(long position, Instant recordedAt, Instant effectiveAt) =>
            Put(position, recordedAt, effectiveAt, makesBooks: true, effectiveAt.Microseconds);

        /// <summary>The order of the fold; entries are asked for only where instants do not decide.</summary>
        public int Compare(int x, int y)
        {
            var order = Columns.EffectiveAt[x].CompareTo(Columns.EffectiveAt[y]);
            return order != 0 ? order : EntryOrder.Comparer.Compare(Asked(x), Asked(y));
        }

        private static bool IsRegistration(LedgerEvent happened) =>
            happened is TreasuryOpened or AccountRegistered or AssetRegistered;

        private void Put(long position, Instant recordedAt, Instant effectiveAt, bool makesBooks, long touched)
        {
            Expect(Count + 1);
            var place = Count++;
            Columns.Position[place] = position;
            Columns.RecordedAt[place] = recordedAt.Microseconds;
            Columns.EffectiveAt[place] = effectiveAt.Microseconds;
            Columns.VoidedBy[place] = 0;
            var latest = place == 0 ? 0 : Columns.Latest[place - 1];
            Columns.Latest[place] = makesBooks ? Math.Max(latest, effectiveAt.Microseconds) : latest;
            Columns.Touched.Set(place, touched);
            if (makesBooks)
            {
                _inOrder.Insert(place, this, _owner);
            }
        }

        /// <summary>An entry; of those of one instant the same few are asked for again and again.</summary>
        private NarrowEntry Asked(int place)
        {
            _asked ??= new NarrowEntry?[AskedMax];
            ref var asked = ref _asked[place % AskedMax];
            return asked?.Position == Columns.Position[place] ? asked : asked = entries[place];
        }

        /// <summary>Takes effect from what an entry voids, and tells the earliest instant that this changes.</summary>
        private long Void(NarrowEntry entry)
        {
            if (entry.Voids is not { } voids || View().PlaceOf(voids) is not (>= 0 and var place))
            {
                return long.MaxValue;
            }

            var voided = entries[place];
            Columns.VoidedBy[place] = Columns.VoidedBy[place] == 0 ? entry.Position : Columns.VoidedBy[place];
            if (IsRegistration(voided.Event))
            {
                Registers = Registers.Add((entry.Position, StandingRegisters(entry.Position)));
                return 0;
            }

            return Touches(voided.Event) ? voided.EffectiveAt.Microseconds : long.MaxValue;
        }

        private Registers StandingRegisters(long known) => Journal.Registers.Of(Registering
            .Where(place => Columns.VoidedBy[place] == 0 || Columns.VoidedBy[place] > known)
            .Select(place => entries[place]));

        private long TouchedBy(NarrowEntry entry)
        {
            Note(entry.Event);
            return entry.Event switch
            {
                // Units and values of the past rest on what is registered. A new asset changes none of them, unless
                // an entry before it states a value in it.
                AssetRegistered asset when IsKnown(asset.Asset) => 0,
                TreasuryOpened => 0,
                _ => Touches(entry.Event) ? entry.EffectiveAt.Microseconds : long.MaxValue,
            };
        }

        private bool IsKnown(AssetId asset) => UnregisteredCurrencies.Contains(asset)
            || Registers.Any(one => one.Registers.Assets.ContainsKey(asset));

        /// <summary>Remembers currencies of stated values that are not registered yet.</summary>
        private void Note(LedgerEvent happened)
        {
            switch (happened)
            {
                case BalancesOpened opened:
                    foreach (var lot in opened.Lots)
                    {
                        Note(lot.Cost);
                    }

                    break;
                case CapitalContributed { Value: var value }:
                    Note(value);
                    break;
                case YieldReceived { Value: var value }:
                    Note(value);
                    break;
                default:
                    break;
            }
        }

        private void Note(CurrencyAmount? stated)
        {
            if (stated is not null
                && AssetId.TryParse(stated.Currency, out var currency)
                && (Registers.IsEmpty || !Registers[^1].Registers.Assets.ContainsKey(currency)))
            {
                UnregisteredCurrencies = UnregisteredCurrencies.Add(currency);
            }
        }
    }
}
