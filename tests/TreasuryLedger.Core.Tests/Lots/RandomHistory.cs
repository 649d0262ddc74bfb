using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>
/// One step of a random history: few accounts, assets and instants, so that ties, shortfalls, missing prices and units
/// without a lot are common.
/// </summary>
/// <param name="Kind">Which event, 0 to 19; 15 is a price.</param>
/// <param name="At">Days after the start of 2026; several steps share one.</param>
/// <param name="Asset">Index of an asset.</param>
/// <param name="Other">Index of another.</param>
/// <param name="From">Index of an account.</param>
/// <param name="To">Index of another.</param>
/// <param name="Units">Smallest units of what is moved.</param>
/// <param name="OtherUnits">Smallest units of what is paid or received, and of fees.</param>
/// <param name="Extra">Chance of a fee, a source order, a quality, a price.</param>
internal sealed record Step(
    int Kind, int At, int Asset, int Other, int From, int To, long Units, long OtherUnits, int Extra);

internal static class RandomHistory
{
    private static readonly AssetId[] Assets =
    [
        TestJournal.Eth, TestJournal.Eth, TestJournal.Weth, TestJournal.Eth8, TestJournal.Btc, TestJournal.Usdt,
        TestJournal.Usd,
    ];

    private static readonly AccountId[] Accounts =
    [
        AccountId.Parse("w1"), AccountId.Parse("w2"), AccountId.Parse("x"), AccountId.Parse("loan"),
        AccountId.Parse("stake"),
    ];

    /// <summary>The book of standing orders.</summary>
    public const string Book = "board";

    private static readonly LotMethod?[] Orders =
        [null, LotMethod.Fifo, LotMethod.Lifo, LotMethod.Hifo, LotMethod.Lofo, LotMethod.Average, LotMethod.Specific];

    private static readonly Instant Start = Instant.Parse("2026-01-01T00:00:00Z");

    private static readonly Gen<Step> Steps =
        from kind in Gen.Int[0, 19]
        from at in Gen.Int[0, 12]
        from asset in Gen.Int[0, Assets.Length - 1]
        from other in Gen.Int[0, Assets.Length - 1]
        from accounts in Gen.Int[0, Accounts.Length - 1].Array[2]
        from units in Gen.OneOf(Gen.Long[1, 9], Gen.Long[1, 1_000_000_007])
        from otherUnits in Gen.OneOf(Gen.Long[1, 9], Gen.Long[1, 1_000_000_007])
        from extra in Gen.Int[0, 1023]
        select new Step(kind, at, asset, other, accounts[0], accounts[1], units, otherUnits, extra);

    public static readonly Gen<Step[]> History = Steps.Array[0, 24];

    /// <summary>Any conventions; half the books say nothing of them.</summary>
    private static readonly Gen<LotConventions?> Conventions =
        from says in Gen.Bool
        from fees in Gen.Enum<FeeBasis>()
        from side in Gen.Enum<ExchangeFee>()
        from turn in Gen.Enum<TransferFee>()
        from moving in Gen.Enum<TransferLots>()
        from sequence in Gen.Enum<LotSequence>()
        from key in Gen.Enum<CostKey>()
        from missing in Gen.Enum<MissingBasis>()
        from identification in Gen.Enum<IdentificationRule>()
        from handover in Gen.Enum<HandoverTreatment>()
        select says
            ? new LotConventions(
                fees, side, turn, moving, sequence, key, missing, identification, Handover: handover)
            : null;

    public static readonly Gen<PolicyTerms> Policy =
        from method in Gen.Enum<LotMethod>()
        from scope in Gen.Enum<BasisScope>()
        from coins in Gen.Enum<StablecoinTreatment>()
        from income in Gen.Enum<IncomeBasis>()
        from conventions in Conventions
        from treats in Gen.Bool
        from treatments in Gen.Enum<MoveTreatment>().Array[5]
        select PolicyTerms.Starter with
        {
            LotMethod = method,
            Conventions = conventions,
            Treatments = treats
                ? new Treatments(treatments[0], treatments[1], treatments[2], treatments[3], treatments[4])
                : null,
            BasisScope = scope,
            Stablecoins = coins,
            IncomeBasis = income,
        };

    /// <summary>A journal with the steps recorded in an order; fact n is step n wherever it is recorded.</summary>
    public static TestJournal Journal(IReadOnlyList<Step> steps, IEnumerable<int> order, PolicyTerms? policy = null)
    {
        var journal = new TestJournal(policy ?? PolicyTerms.Starter);
        foreach (var number in order)
        {
            Record(journal, steps[number], $"f{number:000}");
        }

        return journal;
    }

    /// <summary>A journal in which every third step is later voided or replaced by another.</summary>
    public static TestJournal WithCorrections(Step[] steps, PolicyTerms? policy = null)
    {
        var journal = Journal(steps, Enumerable.Range(0, steps.Length), policy);
        var corrected = Enumerable.Range(0, steps.Length).Where(n => steps[n].Extra % 3 == 0 && !IsPrice(steps[n]));
        foreach (var number in corrected)
        {
            var fact = $"f{number:000}";
            var voided = journal.Entries.Single(entry => entry.Fact == FactId.Parse(fact));
            var replacing = steps[(number + 1) % steps.Length];
            var happened = IsPrice(replacing) ? new EntryVoided() : EventOf(replacing);
            var name = happened is EntryVoided ? fact + "-void" : fact;
            journal.Add(name, AtOf(replacing), happened, voids: voided.Position);
        }

        return journal;
    }

    /// <summary>The whole book as text without recorded positions: two equal texts are two equal books.</summary>
    public static string Text(Book book)
    {
        var lines = new List<string>();
        lines.AddRange(book.Balances.Select(balance => balance.ToString()));
        lines.AddRange(book.Debts.Select(debt => debt.ToString()));
        lines.AddRange(book.OpenLots.Select(lot => (lot with { Entry = 0, Price = null }).ToString()));
        lines.AddRange(book.Disposals.Select(disposal => (disposal with { Entry = 0, Price = null }).ToString()));
        lines.AddRange(book.Disposals.SelectMany(disposal => disposal.Takes)
            .Select(take => (take with { AcquisitionEntry = 0 }).ToString()));
        lines.AddRange(book.Incomes.Select(income => (income with { Entry = 0, Price = null }).ToString()));
        lines.AddRange(book.Expenses.Select(expense => (expense with { Entry = 0, Price = null }).ToString()));
        lines.AddRange(book.Contributions.Select(one => (one with { Entry = 0, Price = null }).ToString()));
        lines.AddRange(book.Liquidations.Select(one => (one with { Entry = 0, Price = null }).ToString()));
        lines.AddRange(book.Shortfalls.Select(shortfall => shortfall.ToString()));
        lines.AddRange(book.InTransit.Select(transfer => transfer.ToString()));
        lines.AddRange(book.Pools.Select(pool => pool.ToString()));
        return string.Join('\n', lines);
    }

    private static bool IsPrice(Step step) => step.Kind == 15;

    private static Instant AtOf(Step step) => Start.Plus(step.At * 86_400_000_000L);

    private static void Record(TestJournal journal, Step step, string fact)
    {
        if (IsPrice(step))
        {
            var price = new ExactDecimal(step.Units, 3).ToString();
            journal.Price(Assets[step.Asset], AtOf(step), price, Quality(step), fact: fact);
            return;
        }

        var order = (step.Extra & 64) == 0 ? null : SourceOrder.Of(step.Extra & 3);
        journal.Add(fact, AtOf(step), EventOf(step), Quality(step), sourceOrder: order);
    }

    private static EvidenceQuality Quality(Step step) =>
        (step.Extra & 12) == 12 ? (EvidenceQuality)(1 + (step.Extra & 1)) : EvidenceQuality.Fact;

    private static LedgerEvent EventOf(Step step)
    {
        var (asset, other, from, to) = (Assets[step.Asset], Assets[step.Other], Accounts[step.From], Accounts[step.To]);
        var main = new Leg(from, asset, new Quantity(step.Units));
        var against = new Leg(from, other, new Quantity(step.OtherUnits));
        Leg[] fees = (step.Extra & 768) == 0 ? [new Leg(from, other, new Quantity(1 + (step.OtherUnits / 100)))] : [];
        var value = (step.Extra & 16) == 0 ? null : new CurrencyAmount("USD", new Amount(step.OtherUnits));
        return step.Kind switch
        {
            0 or 1 => new AssetAcquired(main, against, [.. fees]),
            2 or 3 => new AssetSold(main, against, [.. fees]),
            4 => new AssetTransferred(main, to, [.. fees]),
            5 => new TransferDispatched(main, to, null, [.. fees]),
            6 => new TransferArrived(FactId.Parse($"f{step.Extra % 8:000}"), main),
            7 => new CapitalContributed(main, value),
            8 => new YieldReceived(main, value),
            9 => new FeePaid(main),
            10 => new AssetWrapped(main, against),
            11 => new CollateralDeposited(main, to, [.. fees]),
            12 => new DebtBorrowed(main, to, [.. fees]),
            13 => new DebtRepaid(main, to, [.. fees]),
            14 when (step.Extra & 32) == 0 => new InterestAccrued(main, (InterestSide)(step.Extra & 1)),
            14 when (step.Extra & 128) == 0 => new LiquidationRecorded(
                main, against, new Quantity(step.Units / 3), new Quantity(step.Units / 5)),
            16 => new UnitsHandedOver(main, "another", [.. fees]),
            17 => Identified(step),
            19 => new UnitsTakenOver(main, "another", [
                new TakenOverLot(
                    new Quantity(1 + (step.Units / 2)), Start.Plus(-step.OtherUnits), value,
                    (step.Extra & 1) == 0 ? null : Book),
            ]),
            18 => new StandingOrderGiven(Book, from, Orders[step.Extra % Orders.Length]),
            _ => new BalancesOpened(
                [new OpeningLot(main, Start.Plus(-step.OtherUnits), value), new OpeningLot(against, Start, null)], []),
        };
    }

    /// <summary>By name, by what lots are like or by a method, of a step that may be a disposal or not.</summary>
    private static LotsIdentified Identified(Step step)
    {
        var (of, lot) = (FactId.Parse($"f{step.Extra % 24:000}"), FactId.Parse($"f{step.OtherUnits % 24:000}"));
        return (step.Units % 3) switch
        {
            0 => new LotsIdentified(of, 0, [new LotUnits(lot, 0, new Quantity(step.Units))], null, null),
            1 => new LotsIdentified(of, 0, [], new LotFilter(lot, null, null, null, null), null),
            _ => new LotsIdentified(of, 0, [], null, Orders[1 + (step.Extra % 4)]),
        };
    }
}
