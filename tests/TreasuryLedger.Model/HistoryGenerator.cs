using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>
/// Histories by chance: entries that come late, at equal instants, with and without an order of their source, corrected
/// once and twice, transferred and arrived in part or never, sold before they were bought, told twice; fees in money,
/// in kind and in a third asset; prices that are missing, old, or corrected later; books of every method and
/// convention, one of them universal and then per account; lots that somebody identified; days that lie weeks apart.
/// </summary>
public sealed partial class HistoryGenerator
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;
    private const int Days = 7;

    /// <summary>The books for which terms are adopted.</summary>
    public static IReadOnlyList<string> Books { get; } = ["board", "tax", Apart];

    /// <summary>The book that is universal up to a day and per account from then on.</summary>
    private const string Apart = "apart";

    private static readonly string[] Orders = ["1", "2", "10", "1.1", "1.2", "1.10", "2.0.1", "9.9.9.9"];

    /// <summary>Methods that put lots into an order.</summary>
    private static readonly LotMethod[] Orderly = [LotMethod.Fifo, LotMethod.Lifo, LotMethod.Hifo, LotMethod.Lofo];

    /// <summary>Methods by which a single account can be kept.</summary>
    private static readonly LotMethod[] Alone = [.. Orderly, LotMethod.Average, LotMethod.Specific];

    private static readonly EvidenceQuality[] Qualities =
    [
        EvidenceQuality.Fact, EvidenceQuality.Fact, EvidenceQuality.Fact, EvidenceQuality.Fact, EvidenceQuality.Derived,
        EvidenceQuality.Assumed,
    ];

    private static readonly EntryKind[] Kinds =
    [
        EntryKind.Buy, EntryKind.Buy, EntryKind.Buy, EntryKind.Buy, EntryKind.Buy, EntryKind.Buy, EntryKind.Buy,
        EntryKind.Buy, EntryKind.Contribute, EntryKind.Sell, EntryKind.Sell, EntryKind.Sell,
        EntryKind.Transfer, EntryKind.Transfer, EntryKind.Dispatch, EntryKind.Dispatch, EntryKind.Arrive,
        EntryKind.Arrive, EntryKind.Arrive, EntryKind.Yield, EntryKind.Fee, EntryKind.Contribute, EntryKind.Open,
        EntryKind.Wrap, EntryKind.Wrap, EntryKind.Deposit, EntryKind.Withdraw, EntryKind.Borrow, EntryKind.Repay,
        EntryKind.Interest, EntryKind.Interest, EntryKind.Liquidate, EntryKind.Correct, EntryKind.Correct,
        EntryKind.Correct, EntryKind.Correct, EntryKind.Correct, EntryKind.Again, EntryKind.Again, EntryKind.Instruct,
        EntryKind.Adopt, EntryKind.Adopt, EntryKind.Adopt, EntryKind.Adopt, EntryKind.Identify, EntryKind.Identify,
        EntryKind.Identify, EntryKind.Order, EntryKind.Order,
    ];

    private static readonly EntryKind[] Replacements =
        [EntryKind.Buy, EntryKind.Sell, EntryKind.Transfer, EntryKind.Yield, EntryKind.Dispatch];

    private readonly Dice _dice;
    private readonly World _world;
    private readonly List<Entry> _treasury = [];
    private readonly List<Entry> _prices = [];
    private readonly Dictionary<long, EntryKind> _kinds = [];

    // Terms must be able to follow each other in whatever order they come and are voided: so the day decides.
    private readonly int _universalFrom;
    private readonly int _lotsFrom;
    private readonly int _apartFrom;

    // Most histories are a week; in some the same days lie as far apart as windows and years are long.
    private readonly long _day;

    private HistoryGenerator(ulong seed)
    {
        _dice = new Dice(seed);
        _world = new World(_dice);
        _universalFrom = _dice.Chance(30) ? -1 : _dice.Below(Days);
        _lotsFrom = _dice.Chance(20) ? -1 : _dice.Below(Days);
        _apartFrom = _dice.Below(Days);
        _day = Day * (_dice.Chance(60) ? 1 : _dice.Pick([5, 12, 73]));
    }

    private enum EntryKind
    {
        Buy, Sell, Transfer, Dispatch, Arrive, Yield, Fee, Contribute, Open, Wrap, Deposit, Withdraw, Borrow, Repay,
        Interest, Liquidate, Correct, Again, Instruct, Price, Adopt, Identify, Order,
    }

    /// <summary>The first day on which anything happens.</summary>
    public static Instant Start { get; } = Instant.Parse("2026-01-05T00:00:00Z");

    /// <summary>The history of a seed, always the same one.</summary>
    public static History Generate(ulong seed)
    {
        var generator = new HistoryGenerator(seed);
        generator.Ground();
        var length = 2 + generator._dice.Below(generator._dice.Chance(10) ? 30 : 12);
        for (var i = 0; i < length; i++)
        {
            generator.TreasuryEntry();
        }

        for (var i = generator._dice.Below(9); i > 0; i--)
        {
            generator.PriceEntry();
        }

        generator.Allocate();
        return new History(seed, [.. generator._treasury], [.. generator._prices]);
    }

    private void Ground()
    {
        var opened = new TreasuryOpened(
            "Model", "UTC", "01-01", World.Reporting, "prices", "markets", TermsFrom(-1),
            new InstructionLimits(null, null), true, true);
        LedgerEvent[] ground = [opened, .. _world.Assets, .. World.Accounts];
        foreach (var happened in ground)
        {
            Add(_treasury, happened, Start.Plus(Days * Day * _dice.Below(2)), given: false);
        }

        var allocated = new BasisAllocated(Apart, [], _dice.Pick(Orderly), [World.Exchange, World.Wallet]);
        Add(_treasury, allocated, Start, given: false);
        Add(_prices, new BookOpened("Model", true), Start, given: false);
    }

    /// <summary>Names lots in the allocation, once it is known what came.</summary>
    private void Allocate()
    {
        var at = _treasury.FindIndex(entry => entry.Event is BasisAllocated);
        var units = ImmutableArray.CreateBuilder<AllocatedUnits>();
        for (var i = _dice.Below(3); i > 0; i--)
        {
            if (SomeLot() is { } lot)
            {
                units.Add(new AllocatedUnits(_world.AnyAccount(), lot));
            }
        }

        _treasury[at] = _treasury[at] with
        {
            Event = (BasisAllocated)_treasury[at].Event with { Units = units.ToImmutable() },
        };
    }

    /// <summary>Some units of a lot that came, or of a leg that is none.</summary>
    private LotUnits? SomeLot()
    {
        var came = _treasury.Where(entry => entry.Event is AssetAcquired or AssetSold or BalancesOpened
            or CapitalContributed or YieldReceived).ToList();
        return came.Count == 0 ? null : new LotUnits(
            _dice.Pick(came).Fact, _dice.Chance(70) ? 0 : _dice.Below(3), _world.Some(AssetId.Parse("ETH")));
    }

    private LotsIdentified? Identify()
    {
        var left = _treasury.Where(entry => entry.Event is AssetAcquired or AssetSold or FeePaid or AssetTransferred
            or TransferDispatched or TransferArrived or DebtRepaid or LiquidationRecorded).ToList();
        if (left.Count == 0)
        {
            return null;
        }

        var of = _dice.Pick(left);
        var leg = of.Event is AssetAcquired ? 1 : 0;
        if (_dice.Chance(50) && SomeLot() is { } lot)
        {
            var lots = SomeLot() is { } more && _dice.Chance(40) ? ImmutableArray.Create(lot, more) : [lot];
            return new LotsIdentified(of.Fact, leg, lots, null, null);
        }

        var filter = !_dice.Chance(70) ? null : new LotFilter(
            _dice.Chance(30) ? SomeLot()?.Acquisition : null,
            _dice.Chance(20) ? 0 : null,
            _dice.Chance(50) ? SomeInstant() : null,
            _dice.Chance(50) ? SomeInstant() : null,
            null);
        return new LotsIdentified(
            of.Fact, leg, [], filter, filter is null || _dice.Chance(40) ? _dice.Pick(Orderly) : null);
    }

    private void TreasuryEntry()
    {
        var kind = _dice.Pick(Kinds);
        switch (kind)
        {
            case EntryKind.Correct:
                Correct(_treasury);
                break;
            case EntryKind.Again:
                ToldAgain();
                break;
            case EntryKind.Adopt:
                var day = _dice.Below(Days);
                Add(
                    _treasury, Adopting(day), Start.Plus(day * _day), _dice.Chance(60),
                    _dice.Chance(30) ? _dice.Pick(Orders) : null);
                Remember(_treasury, kind);
                break;
            case EntryKind.Identify when Identify() is { } identified:
                var of = _treasury.Last(entry => entry.Fact == identified.Fact);
                Add(
                    _treasury, identified, _dice.Chance(60) ? of.EffectiveAt : SomeInstant(), _dice.Chance(60),
                    _dice.Chance(30) ? _dice.Pick(Orders) : null);
                Remember(_treasury, kind);
                break;
            case EntryKind.Order:
                LotMethod? method = _dice.Chance(20) ? null : _dice.Pick(Alone);
                Add(
                    _treasury,
                    new StandingOrderGiven(_dice.Pick([.. Books, "official"]), _world.AnyHolding(), method),
                    SomeInstant(), _dice.Chance(60), _dice.Chance(30) ? _dice.Pick(Orders) : null);
                Remember(_treasury, kind);
                break;
            case EntryKind.Instruct:
                var intended = Happening(_dice.Pick([EntryKind.Buy, EntryKind.Transfer, EntryKind.Repay]));
                LedgerEvent instructed = intended is null || _dice.Chance(20)
                    ? new InstructionCancelled(FactId.Parse("s0:1"))
                    : new InstructionGiven(intended, _dice.Chance(50), null);
                Add(_treasury, instructed, SomeInstant(), _dice.Chance(50));
                break;
            default:
                AddHappening(_treasury, kind);
                break;
        }
    }

    private void PriceEntry()
    {
        if (_dice.Chance(25))
        {
            Correct(_prices);
        }
        else
        {
            AddHappening(_prices, EntryKind.Price);
        }
    }

    private void AddHappening(List<Entry> journal, EntryKind kind)
    {
        if (Happening(kind) is not { } happened)
        {
            return;
        }

        var order = _dice.Chance(45) ? _dice.Pick(Orders) : null;
        Add(journal, happened, SomeInstantOf(kind), _dice.Chance(60), order);
        Remember(journal, kind);
    }

    /// <summary>
    /// Voids an entry that stands, alone or with another in its place. What replaced one may be voided again; what only
    /// voided one may be voided by what is true instead.
    /// </summary>
    private void Correct(List<Entry> journal)
    {
        var voided = journal.Select(entry => entry.Voids).ToHashSet();
        var standing = journal
            .Where(entry => !History.IsGround(entry) && !voided.Contains(entry.Position))
            .ToList();
        if (standing.Count == 0)
        {
            return;
        }

        var corrected = _dice.Pick(standing);
        var kind = _kinds.GetValueOrDefault(Key(journal, corrected.Position), EntryKind.Buy);
        kind = _dice.Chance(85) || kind == EntryKind.Price ? kind : _dice.Pick(Replacements);
        var day = _dice.Below(Days);
        var replaced = !_dice.Chance(60) ? null
            : kind == EntryKind.Adopt ? Adopting(day)
            : Happening(kind);
        if (replaced is null && corrected.Event is EntryVoided)
        {
            return;
        }

        var at = replaced is TermsAdopted ? Start.Plus(day * _day)
            : _dice.Chance(60) ? corrected.EffectiveAt
            : SomeInstant();
        journal.Add(Next(journal, replaced ?? new EntryVoided(), at) with
        {
            Fact = corrected.Fact,
            FactIsGiven = corrected.FactIsGiven,
            SourceOrder = corrected.SourceOrder,
            Voids = corrected.Position,
        });
        Remember(journal, kind);
    }

    /// <summary>A second source told a fact, alike or otherwise; or somebody made a note. No units move.</summary>
    private void ToldAgain()
    {
        var facts = _treasury
            .Where(entry => !History.IsGround(entry) && entry.Event is not EntryVoided)
            .ToList();
        if (facts.Count == 0)
        {
            return;
        }

        var told = _dice.Pick(facts);
        LedgerEvent again = _dice.Below(3) switch
        {
            0 => new EvidenceAdded(told.Position),
            1 => new BreakOpened(told.Position, SomeInstant(), Happening(EntryKind.Buy)!),
            _ => new EntryAnnotated(told.Position),
        };
        Add(_treasury, again, told.EffectiveAt, given: false);
    }

    /// <summary>Terms by chance that may hold from a day on; before the first day the official ones.</summary>
    private PolicyTerms TermsFrom(int day) => TermsFrom(day, day < _universalFrom);

    private PolicyTerms TermsFrom(int day, bool isPerAccount)
    {
        var terms = Proof.SomePolicy(_dice) with
        {
            BasisScope = isPerAccount ? BasisScope.PerAccount : BasisScope.Universal,
            Stablecoins = day < _lotsFrom ? StablecoinTreatment.CashAtPar : StablecoinTreatment.Lots,
        };
        // Methods that look at other days are universal, whatever the scope says: what follows may not be per account.
        return isPerAccount && NaiveRules.LooksAtOtherDays(terms.LotMethod)
            ? terms with { LotMethod = _dice.Pick(Alone) }
            : terms;
    }

    private TermsAdopted Adopting(int day)
    {
        var book = _dice.Pick(Books);
        return new TermsAdopted(book, book == Apart ? TermsFrom(day, day >= _apartFrom) : TermsFrom(day));
    }

    /// <summary>In the world, what brings lots comes mostly early and what takes them late.</summary>
    private Instant SomeInstantOf(EntryKind kind)
    {
        var (first, second) = (SomeInstant(), SomeInstant());
        var (early, late) = first < second ? (first, second) : (second, first);
        return kind switch
        {
            EntryKind.Open or EntryKind.Buy or EntryKind.Contribute or EntryKind.Yield or EntryKind.Dispatch
                or EntryKind.Price => early,
            EntryKind.Sell or EntryKind.Repay or EntryKind.Liquidate or EntryKind.Arrive => late,
            _ => first,
        };
    }

    private Instant SomeInstant() => Start.Plus((_dice.Below(Days) * _day) + (_dice.Chance(10) ? 1 : 0));

    private void Add(List<Entry> journal, LedgerEvent happened, Instant at, bool given, string? order = null) =>
        journal.Add(Next(journal, happened, at) with
        {
            Fact = FactId.Parse(given
                ? Text($"s{_dice.Below(3)}:{journal.Count + 1}")
                : Text($"key:{journal.Count + 1}")),
            FactIsGiven = given,
            SourceOrder = order is not null && SourceOrder.TryParse(order, out var parsed) ? parsed : null,
            Mode = happened is InstructionGiven ? EntryMode.Instruction : EntryMode.Observation,
        });

    private Entry Next(List<Entry> journal, LedgerEvent happened, Instant at) => new()
    {
        Position = journal.Count + 1,
        EffectiveAt = at,
        RecordedAt = journal.Count == 0 ? Start.Plus(-Day) : journal[^1].RecordedAt.Plus(Pause(happened)),
        Fact = FactId.Parse(Text($"key:{journal.Count + 1}")),
        FactIsGiven = false,
        Actor = "model",
        IdempotencyKey = Text($"key:{journal.Count + 1}"),
        PayloadHash = "",
        Mode = EntryMode.Observation,
        Evidence = new Evidence("model", null, _dice.Pick(Qualities), null),
        Event = happened,
    };

    private long Pause(LedgerEvent happened) =>
        happened is TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered
            ? 1
            : _dice.Pick([1, Hour, 6 * Hour, Day]);

    private void Remember(List<Entry> journal, EntryKind kind) => _kinds[Key(journal, journal[^1].Position)] = kind;

    /// <summary>Positions of the price book below zero, so that one table remembers both journals.</summary>
    private long Key(List<Entry> journal, long position) => ReferenceEquals(journal, _prices) ? -position : position;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
