using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>
/// Histories by chance: entries that come late, at equal instants, with and without an order of their source, corrected
/// once and twice, transferred and arrived in part or never, sold before they were bought, told twice; fees in money,
/// in kind and in a third asset; prices that are missing, old, or corrected later.
/// </summary>
public sealed class HistoryGenerator
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;
    private const int Days = 7;

    /// <summary>The books for which terms are adopted.</summary>
    public static IReadOnlyList<string> Books { get; } = ["board", "tax"];

    private static readonly string[] Orders = ["1", "2", "10", "1.1", "1.2", "1.10", "2.0.1", "9.9.9.9"];

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
        EntryKind.Adopt, EntryKind.Adopt, EntryKind.Adopt, EntryKind.Adopt,
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

    private HistoryGenerator(ulong seed)
    {
        _dice = new Dice(seed);
        _world = new World(_dice);
        _universalFrom = _dice.Chance(30) ? -1 : _dice.Below(Days);
        _lotsFrom = _dice.Chance(20) ? -1 : _dice.Below(Days);
    }

    private enum EntryKind
    {
        Buy, Sell, Transfer, Dispatch, Arrive, Yield, Fee, Contribute, Open, Wrap, Deposit, Withdraw, Borrow, Repay,
        Interest, Liquidate, Correct, Again, Instruct, Price, Adopt,
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

        Add(_prices, new BookOpened("Model", true), Start, given: false);
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
                    _treasury, new TermsAdopted(_dice.Pick(Books), TermsFrom(day)), Start.Plus(day * Day),
                    _dice.Chance(60), _dice.Chance(30) ? _dice.Pick(Orders) : null);
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
            : kind == EntryKind.Adopt ? new TermsAdopted(_dice.Pick(Books), TermsFrom(day))
            : Happening(kind);
        if (replaced is null && corrected.Event is EntryVoided)
        {
            return;
        }

        var at = replaced is TermsAdopted ? Start.Plus(day * Day)
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

    private LedgerEvent? Happening(EntryKind kind) => kind switch
    {
        EntryKind.Buy => Buy(),
        EntryKind.Sell => Sell(),
        EntryKind.Transfer => Moved((sent, to) => new AssetTransferred(sent, to, Fees())),
        EntryKind.Dispatch => Moved((sent, to) => new TransferDispatched(
            sent, to, _dice.Chance(40) ? Start.Plus((Days - 1 + _dice.Below(3)) * Day / 2) : null, Fees())),
        EntryKind.Arrive => Arrive(),
        EntryKind.Yield => new YieldReceived(Any(_world.AnyAccount()), _dice.Chance(30) ? _world.SomeValue() : null),
        EntryKind.Fee => new FeePaid(AnyOrMoney(_world.AnyHolding())),
        EntryKind.Contribute => Contribute(),
        EntryKind.Open => Open(),
        EntryKind.Wrap => Wrap(),
        EntryKind.Deposit => new CollateralDeposited(Any(MostlyAt(World.Wallet)), World.Position, Fees()),
        EntryKind.Withdraw => new CollateralWithdrawn(Any(World.Position), MostlyAt(World.Wallet), Fees()),
        EntryKind.Borrow => new DebtBorrowed(AnyOrMoney(World.Position), MostlyAt(World.Wallet), Fees()),
        EntryKind.Repay => new DebtRepaid(AnyOrMoney(World.Position), MostlyAt(World.Wallet), Fees()),
        EntryKind.Interest => new InterestAccrued(
            AnyOrMoney(World.Position), _dice.Chance(50) ? InterestSide.Debt : InterestSide.Supply),
        EntryKind.Liquidate => Liquidate(),
        EntryKind.Price => new PriceRecorded(
            _dice.Chance(50) ? AssetId.Parse("ETH") : _world.AnyAsset(),
            _dice.Chance(95) ? World.Reporting : _world.AnyMoney(),
            _world.SomePrice(),
            null),
        _ => null,
    };

    /// <summary>Terms by chance that may hold from a day on; before the first day the official ones.</summary>
    private PolicyTerms TermsFrom(int day) => Proof.SomePolicy(_dice) with
    {
        BasisScope = day < _universalFrom ? BasisScope.PerAccount : BasisScope.Universal,
        Stablecoins = day < _lotsFrom ? StablecoinTreatment.CashAtPar : StablecoinTreatment.Lots,
    };

    private AssetAcquired Buy()
    {
        var account = _dice.Pick([World.Exchange, World.Exchange, World.Wallet, World.Bank]);
        var received = Any(account);
        var paid = Other(received, _dice.Chance(80));
        return new AssetAcquired(received, paid, Fees());
    }

    private AssetSold Sell()
    {
        var sold = Any(World.Exchange);
        return new AssetSold(sold, Other(sold, _dice.Chance(80)), Fees());
    }

    /// <summary>The other side of a trade: never the same asset.</summary>
    private Leg Other(Leg side, bool isMoney)
    {
        var account = MostlyAt(side.Account);
        var other = isMoney ? _world.AnyMoney() : _world.AnyAsset();
        if (other == side.Asset)
        {
            other = side.Asset == World.Reporting ? AssetId.Parse("ETH") : World.Reporting;
        }

        return _world.Leg(account, other);
    }

    private LedgerEvent? Moved(Func<Leg, AccountId, LedgerEvent> happened)
    {
        var from = _world.AnyHolding();
        var to = _world.AnyHolding();
        return from == to ? null : happened(Any(from), to);
    }

    private TransferArrived? Arrive()
    {
        var dispatched = _treasury.Where(entry => entry.Event is TransferDispatched).ToList();
        if (dispatched.Count == 0)
        {
            return null;
        }

        var transfer = _dice.Pick(dispatched);
        var sent = ((TransferDispatched)transfer.Event).Sent;
        var to = _dice.Chance(85) ? ((TransferDispatched)transfer.Event).To : _world.AnyHolding();
        var all = _dice.Chance(40) ? sent.Quantity : _world.Some(sent.Asset);
        return new TransferArrived(transfer.Fact, new Leg(to, sent.Asset, all));
    }

    private CapitalContributed Contribute()
    {
        var received = AnyOrMoney(_world.AnyHolding());
        return new CapitalContributed(received, _dice.Chance(60) ? _world.SomeValue() : null);
    }

    private BalancesOpened Open()
    {
        var lots = ImmutableArray.CreateBuilder<OpeningLot>();
        for (var i = 1 + _dice.Below(3); i > 0; i--)
        {
            var cost = _dice.Chance(75) ? _world.SomeValue() : null;
            lots.Add(new OpeningLot(Any(_world.AnyAccount()), Start.Plus(-_dice.Below(4) * Day), cost));
        }

        return new BalancesOpened(lots.ToImmutable(), _dice.Chance(30) ? [AnyOrMoney(World.Position)] : []);
    }

    private AssetWrapped Wrap()
    {
        var (under, over) = _dice.Pick([.. _world.Wraps]);
        var (from, to) = _dice.Chance(60) ? (under, over) : (over, under);
        var account = _world.AnyHolding();
        var put = _world.Leg(account, from);
        var got = _dice.Chance(85) ? put.Quantity : _world.Some(to);
        return new AssetWrapped(put, new Leg(account, to, got));
    }

    private LiquidationRecorded Liquidate()
    {
        var seized = Any(World.Position);
        var bonus = _dice.Chance(50) ? Quantity.Min(_world.Some(seized.Asset), seized.Quantity) : Quantity.Zero;
        var protocolFee = new Quantity(_dice.Below(2));
        return new LiquidationRecorded(
            seized, AnyOrMoney(World.Position), bonus, Quantity.Min(protocolFee, seized.Quantity - bonus));
    }

    private ImmutableArray<Leg> Fees()
    {
        var fees = ImmutableArray.CreateBuilder<Leg>();
        while (_dice.Chance(25) && fees.Count < 3)
        {
            fees.Add(AnyOrMoney(_world.AnyHolding()));
        }

        return fees.ToImmutable();
    }

    private Leg Any(AccountId account) => _world.Leg(account, _world.AnyAsset());

    private Leg AnyOrMoney(AccountId account) =>
        _dice.Chance(50) ? Any(account) : _world.Leg(account, _world.AnyMoney());

    private AccountId MostlyAt(AccountId account) => _dice.Chance(75) ? account : _world.AnyHolding();

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

    private Instant SomeInstant() => Start.Plus((_dice.Below(Days) * Day) + (_dice.Chance(10) ? 1 : 0));

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
