using System.Globalization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// Made-up commands, the same for the same seed: four assets bought and sold through a year at one exchange, moved to a
/// vault and back, some yield. About one acquisition in six stays open, so lots grow with the history.
/// </summary>
public static class History
{
    /// <summary>Of all random choices.</summary>
    public const int Seed = 20260201;

    /// <summary>The first instant.</summary>
    public static readonly Instant Start = Instant.Parse("2025-01-01T00:00:00Z");

    /// <summary>How long a history lasts, however many entries it has.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromDays(365);

    /// <summary>The asset whose figures are asked for.</summary>
    public static readonly AssetId Asked = AssetId.Parse("ETH");

    private static readonly AssetId Dollar = AssetId.Parse("USD");
    private static readonly AccountId Bank = AccountId.Parse("bank");
    private static readonly AccountId Exchange = AccountId.Parse("exchange");
    private static readonly AccountId Vault = AccountId.Parse("vault");

    private static readonly (AssetId Asset, int Price)[] Assets =
        [(Asked, 2_500), (AssetId.Parse("BTC"), 90_000), (AssetId.Parse("SOL"), 180), (AssetId.Parse("LINK"), 15)];

    /// <summary>Entries of a treasury before its history.</summary>
    public static int OpeningEntries => Opening().Count;

    /// <summary>The opening and the registrations.</summary>
    public static List<Command> Opening() =>
    [
        new OpenTreasury
        {
            EffectiveAt = Start,
            Name = "Measured Treasury",
            TimeZone = "UTC",
            FiscalYearStart = "01-01",
            ReportingCurrency = Dollar,
            PriceBook = "main",
            MarketBook = "main",
        },
        new RegisterAsset { EffectiveAt = Start, Asset = Dollar, Kind = AssetKind.Currency, Decimals = 2 },
        .. Assets.Select(asset => new RegisterAsset
        {
            EffectiveAt = Start,
            Asset = asset.Asset,
            Kind = AssetKind.Token,
            Decimals = 18,
        }),
        Account(Bank, AccountKind.Bank),
        Account(Exchange, AccountKind.Exchange),
        Account(Vault, AccountKind.Wallet),
        new ContributeCapital
        {
            EffectiveAt = Start,
            Account = Bank,
            Asset = Dollar,
            Quantity = Tokens("1000000000000"),
        },
    ];

    /// <summary>A price book: one price a day for each asset.</summary>
    public static IEnumerable<Command> Prices()
    {
        yield return new OpenBook { EffectiveAt = Start, Name = "Measured prices" };
        for (var day = 0; day <= Length.TotalDays; day++)
        {
            foreach (var (asset, price) in Assets)
            {
                yield return new RecordPrice
                {
                    EffectiveAt = Start.Plus(day * 86_400_000_000L),
                    Asset = asset,
                    Currency = Dollar,
                    Price = new ExactDecimal((price * 100) + (day * price / 4), 2),
                };
            }
        }
    }

    /// <summary>The commands of a history after the opening, in effective order.</summary>
    public static IEnumerable<Command> Commands(int count)
    {
        var random = new Random(Seed);
        var step = (long)(Length.TotalMicroseconds / (count + 1));
        for (var number = 0; number < count; number++)
        {
            yield return At(random, number, Start.Plus((number + 1) * step), "history");
        }
    }

    /// <summary>As many acquisitions and nothing else: each leaves a lot open.</summary>
    public static IEnumerable<Command> Acquisitions(int count)
    {
        var random = new Random(Seed);
        var step = (long)(Length.TotalMicroseconds / (count + 1));
        for (var number = 0; number < count; number++)
        {
            var (asset, price) = Assets[random.Next(Assets.Length)];
            var milli = random.Next(1, 20_000);
            var paid = new ExactDecimal((long)milli * price * random.Next(80, 125) / 1000, 2);
            yield return Buy(asset, milli, paid, Start.Plus((number + 1) * step), Fact("lots", number));
        }
    }

    /// <summary>One command, as one of those that arrive all the time.</summary>
    /// <param name="random">Decides its kind and size.</param>
    /// <param name="number">Its number, which makes its fact unique among those of the source.</param>
    /// <param name="at">When it happened.</param>
    /// <param name="source">Who says so.</param>
    public static Command At(Random random, int number, Instant at, string source)
    {
        var (asset, price) = Assets[random.Next(Assets.Length)];
        var (milli, fact) = (random.Next(1, 20_000), Fact(source, number));
        var paid = new ExactDecimal((long)milli * price * random.Next(80, 125) / 1000, 2);
        return number < 8 ? Buy(asset, 500_000, new ExactDecimal(500L * price, 0), at, fact) : random.Next(100) switch
        {
            < 47 => Buy(asset, milli, paid, at, fact),
            < 87 => new SellToExchange
            {
                EffectiveAt = at,
                Fact = fact,
                Account = Exchange,
                Asset = asset,
                Quantity = Milli(milli),
                ProceedsAccount = Bank,
                ProceedsAsset = Dollar,
                ProceedsQuantity = paid,
                Fees = [new FeeTerms(Bank, Dollar, Tokens("1.25"))],
            },
            < 92 => Move(Exchange, Vault, asset, milli, at, fact),
            < 96 => Move(Vault, Exchange, asset, milli, at, fact),
            _ => new ReceiveYield
            {
                EffectiveAt = at,
                Fact = fact,
                Account = Exchange,
                Asset = asset,
                Quantity = Milli(milli),
            },
        };
    }

    private static FactId Fact(string source, int number) =>
        FactId.Parse(string.Create(CultureInfo.InvariantCulture, $"{source}:trade-{number}"));

    private static AcquireAsset Buy(AssetId asset, int milli, ExactDecimal paid, Instant at, FactId fact) => new()
    {
        EffectiveAt = at,
        Fact = fact,
        Account = Exchange,
        Asset = asset,
        Quantity = Milli(milli),
        PaidAccount = Bank,
        PaidAsset = Dollar,
        PaidQuantity = paid,
        Fees = [new FeeTerms(Bank, Dollar, Tokens("1.25"))],
    };

    private static TransferAsset Move(
        AccountId from, AccountId to, AssetId asset, int milli, Instant at, FactId fact) => new()
        {
            EffectiveAt = at,
            Fact = fact,
            From = from,
            To = to,
            Asset = asset,
            Quantity = Milli(milli),
        };

    private static RegisterAccount Account(AccountId id, AccountKind kind) =>
        new() { EffectiveAt = Start, Account = id, Kind = kind, Venue = "venue" };

    private static ExactDecimal Milli(int milli) => new(milli, 3);

    private static ExactDecimal Tokens(string text) => ExactDecimal.Parse(text);
}
