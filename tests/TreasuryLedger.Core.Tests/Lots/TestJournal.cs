using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>
/// A journal and a price book of a treasury with a few accounts and assets, in memory. Recorded instants count up by a
/// second from the year 2030 unless they are given, so that everything in a test happened before it was recorded.
/// </summary>
internal sealed class TestJournal
{
    public static readonly AssetId Usd = AssetId.Parse("USD");
    public static readonly AssetId Eth = AssetId.Parse("ETH");
    public static readonly AssetId Weth = AssetId.Parse("WETH");
    public static readonly AssetId Eth8 = AssetId.Parse("ETH8");
    public static readonly AssetId Btc = AssetId.Parse("BTC");
    public static readonly AssetId Usdt = AssetId.Parse("USDT");

    /// <summary>When the treasury was opened; what it registers was recorded within a millisecond.</summary>
    public static readonly Instant Opened = Instant.Parse("2000-01-01T00:00:00Z");

    private Instant _recorded = Instant.Parse("2030-01-01T00:00:00Z");
    private Instant _pricesRecorded = Instant.Parse("2030-01-01T00:00:00Z");

    public TestJournal()
        : this(PolicyTerms.Starter)
    {
    }

    public TestJournal(PolicyTerms policy)
    {
        var limits = new InstructionLimits(null, null);
        Register(new TreasuryOpened(
            "Test", "America/New_York", "01-01", Usd, "test", "test", policy, limits, true, true));
        foreach (var (account, kind) in new[]
        {
            ("w1", AccountKind.Wallet), ("w2", AccountKind.Wallet), ("w3", AccountKind.Wallet),
            ("x", AccountKind.Exchange), ("bank", AccountKind.Bank), ("loan", AccountKind.LendingPosition),
            ("stake", AccountKind.Staking),
        })
        {
            Register(new AccountRegistered(AccountId.Parse(account), kind, "test", null));
        }

        Register(Asset("USD", AssetKind.Currency, 2));
        Register(Asset("EUR", AssetKind.Currency, 2));
        Register(Asset("ETH", AssetKind.Token, 18));
        Register(Asset("BTC", AssetKind.Token, 8));
        Register(Asset("WETH", AssetKind.Token, 18, standsFor: new StandIn(Eth, StandInKind.Wrapped)));
        Register(Asset("ETH8", AssetKind.Token, 8, standsFor: new StandIn(Eth, StandInKind.Wrapped)));
        Register(Asset("stETH", AssetKind.Token, 18, standsFor: new StandIn(Eth, StandInKind.Staked)));
        Register(Asset("arbETH", AssetKind.Token, 18, standsFor: new StandIn(Eth, StandInKind.Bridged)));
        Register(Asset("USDT", AssetKind.Stablecoin, 6, Usd));
        Register(Asset("USDC", AssetKind.Stablecoin, 6, Usd));
        var usdc = AssetId.Parse("USDC");
        Register(Asset("aUSDC", AssetKind.Token, 6, standsFor: new StandIn(usdc, StandInKind.Receipt)));
        Register(Asset("USDC18", AssetKind.Token, 18, standsFor: new StandIn(usdc, StandInKind.Wrapped)));
        Registers = Registers.Of(Entries);
    }

    public List<Entry> Entries { get; } = [];

    public List<Entry> Prices { get; } = [];

    public Registers Registers { get; }

    public static Leg Leg(string account, AssetId asset, string tokens) =>
        new(AccountId.Parse(account), asset, Units(asset, tokens));

    public static Quantity Units(AssetId asset, string tokens) =>
        Quantity.TryFromTokens(ExactDecimal.Parse(tokens), DecimalsOf(asset), out var units)
            ? units
            : throw new FormatException($"{tokens} {asset} is too fine.");

    public static string Tokens(AssetId asset, Quantity units) => units.ToTokens(DecimalsOf(asset)).ToString();

    public static int DecimalsOf(AssetId asset) => asset.ToString() switch
    {
        "USD" or "EUR" => 2,
        "USDT" or "USDC" or "aUSDC" => 6,
        "BTC" or "ETH8" => 8,
        _ => 18,
    };

    public Entry Add(
        string fact,
        Instant at,
        LedgerEvent happened,
        EvidenceQuality quality = EvidenceQuality.Fact,
        Instant? recordedAt = null,
        long? voids = null,
        SourceOrder? sourceOrder = null)
    {
        _recorded = recordedAt ?? _recorded.Plus(1_000_000);
        var entry = Make(Entries.Count + 1, fact, at, _recorded, happened, quality) with
        {
            Voids = voids,
            SourceOrder = sourceOrder,
        };
        Entries.Add(entry);
        return entry;
    }

    public Entry Price(
        AssetId asset,
        Instant at,
        string price,
        EvidenceQuality quality = EvidenceQuality.Fact,
        Instant? recordedAt = null,
        string? fact = null,
        AssetId? currency = null)
    {
        _pricesRecorded = recordedAt ?? _pricesRecorded.Plus(1_000_000);
        var number = Prices.Count + 1;
        var recorded = new PriceRecorded(asset, currency ?? Usd, ExactDecimal.Parse(price), null);
        var entry = Make(number, fact ?? $"price-{number}", at, _pricesRecorded, recorded, quality);
        Prices.Add(entry);
        return entry;
    }

    public Book Book(PolicyTerms? terms = null, Viewpoint? viewpoint = null, BookChoice? choice = null)
    {
        var at = viewpoint ?? Viewpoint.End;
        return BookFold.Fold(
            VisibleEntries.At(Entries, at),
            Registers,
            new BookPolicy(terms ?? Registers.Treasury!.Policy, choice?.Currency ?? Usd),
            PriceBookView.Of(VisibleEntries.KnownAt(Prices, at.KnownAt)),
            at,
            choice);
    }

    private static Entry Make(
        long position,
        string fact,
        Instant at,
        Instant recordedAt,
        LedgerEvent happened,
        EvidenceQuality quality)
    {
        return new Entry
        {
            Position = position,
            EffectiveAt = at,
            RecordedAt = recordedAt,
            Fact = FactId.Parse(fact),
            FactIsGiven = true,
            Actor = "test",
            IdempotencyKey = fact,
            PayloadHash = "",
            Mode = EntryMode.Observation,
            Evidence = new Evidence("test", null, quality, null),
            Event = happened,
        };
    }

    private static AssetRegistered Asset(
        string asset, AssetKind kind, int decimals, AssetId? par = null, StandIn? standsFor = null) =>
        new(AssetId.Parse(asset), kind, decimals, null, null, par, standsFor);

    private void Register(LedgerEvent happened)
    {
        var position = Entries.Count + 1;
        var (fact, recordedAt) = ($"register-{position}", Opened.Plus(position));
        Entries.Add(Make(position, fact, Opened, recordedAt, happened, EvidenceQuality.Fact));
    }
}
