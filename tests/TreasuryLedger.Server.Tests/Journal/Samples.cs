using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>
/// One entry for every event, with every member filled, for goldens and round trips. Fixed for ever like the goldens:
/// a changed event gets a new version and a new sample beside the old golden.
/// </summary>
internal static class Samples
{
    private static readonly AssetId Eth = AssetId.Parse("ETH");
    private static readonly AssetId Usd = AssetId.Parse("USD");
    private static readonly AccountId Wallet = AccountId.Parse("cold.wallet-1");
    private static readonly AccountId Exchange = AccountId.Parse("binance");
    private static readonly AccountId Position = AccountId.Parse("aave-1");
    private static readonly CurrencyAmount Worth = new("USD", Amount("3150.000000000000000001"));
    private static readonly Leg Units = new(Wallet, Eth, Units256("1500000000000000000"));
    private static readonly Leg Money = new(Exchange, Usd, Units256("300000"));
    private static readonly Leg Largest = new(
        Position, Eth, Units256("115792089237316195423570985008687907853269984665640564039457584007913129639935"));

    /// <summary>One of each kind, in the order of <c>EventNames</c>.</summary>
    public static IReadOnlyList<LedgerEvent> Events { get; } =
    [
        new TreasuryOpened(
            "Trend Research «Ä»", "Asia/Singapore", "04-01", Usd, "main", "aave",
            new PolicyTerms(
                LotMethod.Hifo, BasisScope.PerAccount, StablecoinTreatment.Lots, IncomeBasis.Zero, 86_400),
            new InstructionLimits(Exact("0.7"), Exact("1.25")), ReplayedClock: true, Illustrative: true),
        new BookOpened("Daily closes", ReplayedClock: false),
        new AccountRegistered(Position, AccountKind.LendingPosition, "aave", "aave-v3-ethereum"),
        new AssetRegistered(
            AssetId.Parse("aEthWETH"), AssetKind.Token, 18, "ethereum", "0x4d5f47fa6a74757f35c14fd3a6ef8e3c9bc514e8",
            Usd, new StandIn(Eth, StandInKind.Receipt)),
        new BalancesOpened(
            [new OpeningLot(Units, Instant.Parse("2025-11-30T23:59:59.999999Z"), Worth), new(Units, Day, null)],
            [Largest]),
        new CapitalContributed(Money, Worth),
        new AssetAcquired(Units, Money, [Money, Units]),
        new AssetSold(Units, Money, []),
        new AssetTransferred(Units, Exchange, [Money]),
        new TransferDispatched(Units, Exchange, Instant.Parse("2026-02-02T00:00:00Z"), [Money]),
        new TransferArrived(FactId.Parse("binance:deposit/77#1"), Units),
        new YieldReceived(Units, Worth),
        new FeePaid(Units),
        new AssetWrapped(Units, Largest),
        new CollateralDeposited(Units, Position, [Money]),
        new CollateralWithdrawn(Largest, Wallet, [Money]),
        new DebtBorrowed(Largest, Wallet, [Money]),
        new DebtRepaid(Largest, Wallet, [Money]),
        new InterestAccrued(Largest, InterestSide.Supply),
        new LiquidationRecorded(Largest, Units, Units256("50000000000000000"), Quantity.Zero),
        new PriceRecorded(
            Eth, Usd, Exact("1861.66"), new SessionPrices(Exact("2384.2"), Exact("2410"), Exact("1823.55"))),
        new MarketStateRecorded(
            "aave-v3-ethereum", Eth, Exact("0.805"), Exact("0.83"), Exact("0.05"), Exact("0.0409"), Exact("0.01")),
        new EntryVoided(),
        new EntryAnnotated(12),
        new EvidenceAdded(12),
        new BreakOpened(12, Instant.Parse("2026-02-01T12:30:00.5Z"), new AssetSold(Units, Money, [])),
        new InstructionGiven(
            new AssetSold(Units, Money, [Money]), Reserves: true, Instant.Parse("2026-02-03T00:00:00Z")),
        new InstructionCancelled(FactId.Parse("desk:order-9")),
        new TermsAdopted("us-tax", new PolicyTerms(
            LotMethod.Average, BasisScope.PerAccount, StablecoinTreatment.Lots, IncomeBasis.Zero, 3_600)),
        new PeriodClosed("us-gaap", Instant.Parse("2026-01-01T05:00:00Z"), Instant.Parse("2026-02-01T05:00:00Z")),
        new PeriodSealed(
            "us-gaap", Instant.Parse("2026-01-01T05:00:00Z"), Instant.Parse("2026-02-01T05:00:00Z"), 29,
            Instant.Parse("2026-02-03T00:00:00.5Z"), 17, "1", new string('d', 64), "accountant@example.org"),
        new ReopeningRequested(
            "us-gaap", Instant.Parse("2026-01-01T05:00:00Z"), Instant.Parse("2026-02-01T05:00:00Z"), 30,
            "accountant@example.org"),
        new PeriodReopened(
            "us-gaap", Instant.Parse("2026-01-01T05:00:00Z"), Instant.Parse("2026-02-01T05:00:00Z"), 29, 31),
        new UnitsHandedOver(Units, "Trend Research II", [Money]),
        new LotsIdentified(
            FactId.Parse("binance:sell/12"),
            0,
            [new LotUnits(FactId.Parse("ethereum:0xabc/3"), 0, Units256("50000000000000000"))],
            new LotFilter(FactId.Parse("ethereum:0xabc/3"), 1, Day, Day.Plus(1), Exact("1861.66")),
            LotMethod.Hifo),
        new StandingOrderGiven("us-tax", Exchange, LotMethod.UkS104),
        new BasisAllocated(
            "us-tax",
            [new AllocatedUnits(Exchange, new LotUnits(FactId.Parse("ethereum:0xabc/3"), 0, Units256("7")))],
            LotMethod.Lofo,
            [Exchange, Wallet]),
        new LimitsSet(new RiskLimits(
            Exact("0.7"), Exact("1.3"), Exact("0.2"),
            [
                new ConcentrationLimit(ConcentrationOf.Counterparty, null, Exact("0.8")),
                new ConcentrationLimit(ConcentrationOf.Asset, "ETH", Exact("1")),
            ],
            ["ethereum", "binance"], 172_800)),
        new PlaybookAdopted(
        [
            new PlaybookBand(Exact("1.5"), PlaybookAction.Review, null, 86_400, "treasurer"),
            new PlaybookBand(Exact("1.3"), PlaybookAction.SellAndRepay, Exact("1.5"), 3_600, "cfo"),
        ]),
        new AlertRaised(LimitKind.HealthFactorMin, "aave-1", Exact("1.3"), Exact("1.27"), 17, 4),
        new AlertAcknowledged(FactId.Parse("desk:alert-1")),
        new AlertResolved(FactId.Parse("desk:alert-1")),
        new PositionTouched(
            [new DebtBorrowed(Units with { Account = Position }, Wallet, [Money])],
            [
                new IndexTouch(
                    Position, Eth, InterestSide.Debt, Units256("1400000000000000000"),
                    Exact("1.050000000000000000000000001"), Units256("2900000000000000000"), Exact("1.06"),
                    Units256("14000000000000000"), Units256("1")),
            ]),
        new DebtForgiven(Largest),
        new EModeChosen(Position, 255),
        new CollateralSwitched(Position, Eth, false),
        new LoanTermsAgreed(
            Position, Exact("0.09"), "aave-v3-ethereum", DayCount.Thirty360, Exact("0.7"), Exact("0.8"),
            Instant.Parse("2026-07-01T00:00:00Z"), 30),
        new UnitsLocked(Units, Instant.Parse("2026-07-01T00:00:00Z")),
        new MarketVersionSet("aave-v3-ethereum", "3.6"),
        new ReserveUpdated(
            "aave-v3-ethereum", Eth, Exact("1.050000000000000000000000001"), Exact("1.06"), Exact("0.0184"),
            Exact("0.0261")),
        new ReserveConfigured(
            "aave-v3-ethereum", Eth, Exact("0.1"), Exact("0.15"), Exact("3800000"), Exact("3600000"), Exact("0.01"),
            false, true, false, true),
        new EModeConfigured(
            "aave-v3-ethereum", 1, Exact("0.93"), Exact("0.95"), Exact("0.01"), [Eth], [Eth, Usd], [Eth], true),
        new UnitsTakenOver(
            Units, "second",
            [
                new TakenOverLot(
                    Units256("500000000000000001"), Instant.Parse("2025-03-01T09:00:00Z"), Worth, "us-tax"),
                new TakenOverLot(new Quantity(1), Day, null, null),
            ]),
        new TermsProposed("official", PolicyTerms.Starter with { LotMethod = LotMethod.Hifo }, "ann@example.org"),
        new DecisionProposed(new StandingOrderGiven("official", Exchange, LotMethod.Hifo), "ann@example.org"),
        new FourEyesSet(Exact("1000000")),
        new ChangeProposed(
            new InstructionGiven(
                new AssetSold(Units, Money, [Money]), Reserves: true, Instant.Parse("2026-02-03T00:00:00Z")),
            "tester@example.org"),
        new ProposalDeclined(12, "tester@example.org"),
        new ReserveUseRecorded(
            "aave-v3-ethereum", Eth, Exact("2900000.5"), Exact("2600000"), Exact("300000"), Exact("0.01"),
            Instant.Parse("2026-01-06T12:00:00Z")),
    ];

    private static Instant Day => TestLedger.Day;

    /// <summary>An entry with every member of the header.</summary>
    public static Entry FullEntry(LedgerEvent happened, long position = 31) => new()
    {
        Position = position,
        EffectiveAt = Instant.Parse("2026-02-01T08:00:00.123456Z"),
        RecordedAt = Instant.Parse("2026-02-04T10:00:00.000001Z"),
        Fact = FactId.Parse("ethereum:0xabc/3"),
        FactIsGiven = true,
        SourceOrder = SourceOrder.Of(18_234_567, 12),
        SourceTimestamp = Instant.Parse("2026-02-01T08:00:03Z"),
        SourceRecordedAt = Instant.Parse("2026-02-01T09:00:00Z"),
        Actor = "tester@example.org",
        IdempotencyKey = "import-7#31",
        PayloadHash = new string('a', 64),
        Mode = EntryMode.Instruction,
        Voids = position - 1,
        Fulfils = FactId.Parse("desk:order-8"),
        Evidence = new Evidence(
            "etherscan", "https://etherscan.io/tx/0xabc", EvidenceQuality.Derived, new string('b', 64)),
        Reason = new TextDigest(new string('c', 64)),
        Event = happened,
    };

    /// <summary>An entry without anything that may be absent.</summary>
    public static Entry BareEntry(LedgerEvent happened) => new()
    {
        Position = 1,
        EffectiveAt = Day,
        RecordedAt = Day.Plus(1),
        Fact = FactId.Parse("request:open-1"),
        FactIsGiven = false,
        Actor = "tester",
        IdempotencyKey = "open-1",
        PayloadHash = new string('d', 64),
        Mode = EntryMode.Observation,
        Evidence = new Evidence("tester", null, EvidenceQuality.Fact, null),
        Event = happened,
    };

    private static Quantity Units256(string text) =>
        Quantity.TryParse(text, out var value) ? value : throw new FormatException(text);

    private static Amount Amount(string text) =>
        Core.Money.Amount.TryParse(text, out var value) ? value : throw new FormatException(text);

    private static ExactDecimal Exact(string text) => ExactDecimal.Parse(text);
}
