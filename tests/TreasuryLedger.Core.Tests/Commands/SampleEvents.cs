using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>One event of every kind, made anew at each call, so that two calls share no object.</summary>
internal static class SampleEvents
{
    private static readonly AccountId Wallet = AccountId.Parse("w1");
    private static readonly AccountId Other = AccountId.Parse("w2");
    private static readonly AccountId Position = AccountId.Parse("aave");
    private static readonly AssetId Eth = AssetId.Parse("ETH");
    private static readonly AssetId Usdt = AssetId.Parse("USDT");
    private static readonly AssetId Usd = AssetId.Parse("USD");
    private static readonly Instant At = Instant.Parse("2026-01-02T00:00:00Z");

    /// <summary>Events of every kind.</summary>
    /// <param name="units">Units of each fee and lot; another number is another content.</param>
    public static ImmutableArray<LedgerEvent> All(int units = 1) =>
    [
        new TreasuryOpened(
            "A", "UTC", "01-01", Usd, "p", "m", PolicyTerms.Starter, new InstructionLimits(null, null), true, true),
        new BookOpened("p", false),
        new AccountRegistered(Wallet, AccountKind.Wallet, "v", null),
        new AssetRegistered(Eth, AssetKind.Token, 18, null, null, null, new StandIn(Usdt, StandInKind.Wrapped)),
        new BalancesOpened([new OpeningLot(Leg(Wallet, Eth, units), At, null)], [Leg(Position, Usdt, 5)]),
        new CapitalContributed(Leg(Wallet, Eth, 5), new CurrencyAmount("USD", Amount.Zero)),
        new AssetAcquired(Leg(Wallet, Eth, 5), Leg(Wallet, Usdt, 5), Fees(units)),
        new AssetSold(Leg(Wallet, Eth, 5), Leg(Wallet, Usdt, 5), Fees(units)),
        new AssetTransferred(Leg(Wallet, Eth, 5), Other, Fees(units)),
        new TransferDispatched(Leg(Wallet, Eth, 5), Other, At, Fees(units)),
        new TransferArrived(FactId.Parse("t"), Leg(Other, Eth, 5)),
        new YieldReceived(Leg(Wallet, Eth, 5), null),
        new FeePaid(Leg(Wallet, Eth, 5)),
        new AssetWrapped(Leg(Wallet, Eth, 5), Leg(Wallet, Usdt, 5)),
        new CollateralDeposited(Leg(Wallet, Eth, 5), Position, Fees(units)),
        new CollateralWithdrawn(Leg(Position, Eth, 5), Wallet, Fees(units)),
        new DebtBorrowed(Leg(Position, Usdt, 5), Wallet, Fees(units)),
        new DebtRepaid(Leg(Position, Usdt, 5), Wallet, Fees(units)),
        new InterestAccrued(Leg(Position, Usdt, 5), InterestSide.Debt),
        new LiquidationRecorded(Leg(Position, Eth, 5), Leg(Position, Usdt, 5), Quantity.Zero, Quantity.Zero),
        new PriceRecorded(Eth, Usd, ExactDecimal.One, null),
        new MarketStateRecorded("m", Eth, ExactDecimal.One, null, null, null, null),
        new EntryVoided(),
        new EntryAnnotated(1),
        new EvidenceAdded(1),
        new BreakOpened(1, At, new AssetSold(Leg(Wallet, Eth, 5), Leg(Wallet, Usdt, 5), Fees(units))),
        new InstructionGiven(new DebtRepaid(Leg(Position, Usdt, 5), Wallet, Fees(units)), true, At.Plus(1)),
        new InstructionCancelled(FactId.Parse("i")),
        new TermsAdopted("b", PolicyTerms.Starter),
        new TermsProposed("b", PolicyTerms.Starter, "a"),
        new PeriodClosed("b", At, At.Plus(1)),
        new PeriodSealed("b", At, At.Plus(1), 30, At.Plus(2), 1, "1", new string('a', 64), "a"),
        new ReopeningRequested("b", At, At.Plus(1), 31, "a"),
        new PeriodReopened("b", At, At.Plus(1), 30, 32),
        new UnitsHandedOver(Leg(Wallet, Eth, 5), "t", Fees(units)),
        new UnitsTakenOver(
            Leg(Wallet, Eth, 5), "t",
            [new TakenOverLot(new Quantity(units), At, new CurrencyAmount("USD", Amount.Zero), "b")]),
        new LotsIdentified(FactId.Parse("s"), 0, [new LotUnits(FactId.Parse("l"), 0, new Quantity(units))], null, null),
        new StandingOrderGiven("b", Wallet, LotMethod.Lifo),
        new BasisAllocated(
            "b", [new AllocatedUnits(Wallet, new LotUnits(FactId.Parse("l"), 0, new Quantity(units)))],
            LotMethod.Hifo, [Wallet, Other]),
        new DecisionProposed(
            new BasisAllocated(
                "b", [new AllocatedUnits(Wallet, new LotUnits(FactId.Parse("l"), 0, new Quantity(units)))],
                LotMethod.Lofo, [Other]),
            "a"),
        new LimitsSet(new RiskLimits(
            null, ExactDecimal.One, null,
            [new ConcentrationLimit(ConcentrationOf.Asset, "ETH", new ExactDecimal(units, 1))],
            ["v"], null)),
        new PlaybookAdopted([new PlaybookBand(ExactDecimal.One, PlaybookAction.Review, null, units, "a")]),
        new AlertRaised(LimitKind.HealthFactorMin, "p", ExactDecimal.One, null, 1, 1),
        new AlertAcknowledged(FactId.Parse("a")),
        new AlertResolved(FactId.Parse("a")),
        new FourEyesSet(ExactDecimal.One),
        new ChangeProposed(new InstructionGiven(new FeePaid(Leg(Wallet, Eth, units)), false, null), "a"),
        new ProposalDeclined(1, "a"),
        new PositionTouched(
            [new DebtBorrowed(Leg(Position, Usdt, 5), Wallet, Fees(units))],
            [
                new IndexTouch(
                    Position, Usdt, InterestSide.Debt, new Quantity(3), ExactDecimal.One, new Quantity(8),
                    ExactDecimal.Parse("1.5"), new Quantity(1), Quantity.Zero),
            ]),
        new DebtForgiven(Leg(Position, Usdt, 5)),
        new EModeChosen(Position, 1),
        new CollateralSwitched(Position, Eth, true),
        new LoanTermsAgreed(Position, ExactDecimal.One, null, DayCount.Actual360, null, null, At, 0),
        new UnitsLocked(Leg(Wallet, Eth, 5), At),
        new MarketVersionSet("m", "3.6"),
        new ReserveUpdated("m", Eth, ExactDecimal.One, ExactDecimal.One, ExactDecimal.Zero, ExactDecimal.Zero),
        new ReserveConfigured("m", Eth, ExactDecimal.One, null, null, null, null, null, null, null, true),
        new ReserveUseRecorded("m", Eth, ExactDecimal.One, null, null, null, At),
        new EModeConfigured(
            "m", 1, ExactDecimal.Zero, ExactDecimal.Zero, ExactDecimal.Zero, [Eth, AssetId.Parse($"A{units}")], [Usdt],
            [], false),
    ];

    public static Entry Entry(long position, LedgerEvent happened) => new()
    {
        Position = position,
        EffectiveAt = At,
        RecordedAt = new Instant(position),
        Fact = FactId.Parse($"f{position}"),
        FactIsGiven = true,
        Actor = "tester",
        IdempotencyKey = $"k{position}",
        PayloadHash = "",
        Mode = happened is InstructionGiven ? EntryMode.Instruction : EntryMode.Observation,
        Evidence = new Evidence("tester", null, EvidenceQuality.Fact, null),
        Event = happened,
    };

    private static ImmutableArray<Leg> Fees(int units) => [Leg(Other, Eth, units), Leg(Other, Usdt, 2)];

    private static Leg Leg(AccountId account, AssetId asset, int units) => new(account, asset, new Quantity(units));
}
