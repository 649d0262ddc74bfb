using System.Globalization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>Made-up histories in which every filter of a list finds something, and leaves something out.</summary>
internal static class ListHistory
{
    public static readonly Instant Start = Instant.Parse("2026-02-01T00:00:00Z");

    private static readonly string[] Assets = ["ETH", "BTC", "USDT"];
    private static readonly string[] Accounts = ["exchange", "cold", "hot"];
    private static readonly string[] Sources = ["kraken", "chain", "desk"];

    /// <summary>Who asks.</summary>
    public static string[] Actors => ["ann", "bob", "import"];

    /// <summary>The opening with its registrations.</summary>
    public static IEnumerable<Command> Opening() =>
    [
        new OpenTreasury
        {
            EffectiveAt = Start,
            Name = "Listed Treasury",
            TimeZone = "Asia/Singapore",
            FiscalYearStart = "01-01",
            ReportingCurrency = AssetId.Parse("USD"),
            PriceBook = "main",
            MarketBook = "main",
        },
        new RegisterAsset
        {
            EffectiveAt = Start,
            Asset = AssetId.Parse("USD"),
            Kind = AssetKind.Currency,
            Decimals = 2,
        },
        .. Assets.Select((asset, number) => new RegisterAsset
        {
            EffectiveAt = Start,
            Asset = AssetId.Parse(asset),
            Kind = AssetKind.Token,
            Decimals = 18 - (6 * number),
        }),
        Account("bank", AccountKind.Bank),
        Account("exchange", AccountKind.Exchange),
        Account("cold", AccountKind.Wallet),
        Account("hot", AccountKind.Wallet),
        new RegisterAccount
        {
            EffectiveAt = Start,
            Account = AccountId.Parse("lender"),
            Kind = AccountKind.LendingPosition,
            Venue = "aave",
            Market = "aave",
        },
    ];

    /// <summary>A price book with some prices.</summary>
    public static IEnumerable<Command> Prices(Random random, int count)
    {
        yield return new OpenBook { EffectiveAt = Start, Name = "Listed prices" };
        for (var number = 0; number < count; number++)
        {
            yield return new RecordPrice
            {
                EffectiveAt = Start.Plus(random.NextInt64(10) * 86_400_000_000L),
                Fact = FactId.Parse(string.Create(CultureInfo.InvariantCulture, $"{Pick(random, Sources)}:p-{number}")),
                Asset = AssetId.Parse(Pick(random, Assets)),
                Currency = AssetId.Parse(random.Next(3) == 0 ? "EUR" : "USD"),
                Price = new ExactDecimal(random.Next(1, 5_000), random.Next(4)),
                Evidence = EvidenceOf(random),
            };
        }
    }

    /// <summary>One command of a history.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="number">Its number, which makes facts unique.</param>
    /// <param name="recorded">How many entries the journal has: corrections aim at one of them.</param>
    public static Command At(Random random, int number, int recorded)
    {
        var at = Start.Plus(random.NextInt64(10 * 86_400L) * 1_000_000);
        var fact = random.Next(3) == 0
            ? (FactId?)null
            : FactId.Parse(string.Create(
                CultureInfo.InvariantCulture, $"{Pick(random, Sources)}:{number % 7}-{number}"));
        var (asset, amount) = (AssetId.Parse(Pick(random, Assets)), new ExactDecimal(random.Next(1, 400), 2));
        var (from, to) = (random.Next(Accounts.Length), random.Next(1, Accounts.Length));
        var (here, there) = (Accounts[from], Accounts[(from + to) % Accounts.Length]);
        Command command = random.Next(12) switch
        {
            < 3 => Buy(at, asset, amount),
            3 => new PayFee { EffectiveAt = at, Account = Id(here), Asset = asset, Quantity = amount },
            4 => new TransferAsset
            {
                EffectiveAt = at,
                From = Id(here),
                To = Id(there),
                Asset = asset,
                Quantity = amount,
            },
            5 when here != "exchange" => new TransferToExchange
            {
                EffectiveAt = at,
                From = Id(here),
                To = Id("exchange"),
                Asset = asset,
                Quantity = amount,
                InTransit = true,
            },
            6 => new DepositCollateral
            {
                EffectiveAt = at,
                From = Id("cold"),
                Position = Id("lender"),
                Asset = asset,
                Quantity = amount,
            },
            7 => new Borrow
            {
                EffectiveAt = at,
                Position = Id("lender"),
                To = Id("cold"),
                Asset = asset,
                Quantity = amount,
            },
            8 when recorded > 12 => new CorrectEntry
            {
                EffectiveAt = at,
                Entry = random.Next(11, recorded + 1),
                Replacement = random.Next(2) == 0 ? null : Buy(at, asset, amount),
            },
            9 => Buy(at, asset, amount) with { Mode = EntryMode.Instruction },
            _ => new ReceiveYield { EffectiveAt = at, Account = Id(here), Asset = asset, Quantity = amount },
        };
        return command with
        {
            Fact = command is CorrectEntry ? null : fact,
            Evidence = EvidenceOf(random),
            Reason = random.Next(5) == 0 ? "=because" : null,
        };
    }

    private static AcquireAsset Buy(Instant at, AssetId asset, ExactDecimal amount) => new()
    {
        EffectiveAt = at,
        Account = Id("exchange"),
        Asset = asset,
        Quantity = amount,
        PaidAccount = Id("bank"),
        PaidAsset = AssetId.Parse("USD"),
        PaidQuantity = amount,
    };

    private static Evidence? EvidenceOf(Random random) => random.Next(3) == 0
        ? null
        : new Evidence(Pick(random, Sources), "a \"quoted\", reference", (EvidenceQuality)random.Next(3), null);

    private static RegisterAccount Account(string id, AccountKind kind) =>
        new() { EffectiveAt = Start, Account = Id(id), Kind = kind, Venue = "venue" };

    private static AccountId Id(string id) => AccountId.Parse(id);

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
