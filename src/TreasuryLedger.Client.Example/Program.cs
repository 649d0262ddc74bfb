using System.Globalization;

namespace TreasuryLedger.Client.Example;

/// <summary>
/// Opens a treasury, tells it of a purchase, reads what it holds, and walks through its entries: once started, started
/// again or started five times at once, the ledger holds the same. Arguments: the server's address and a key.
/// </summary>
internal static class Program
{
    private static readonly DateTimeOffset Day = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var address, var key])
        {
            await Console.Error.WriteLineAsync("Usage: TreasuryLedger.Client.Example http://127.0.0.1:5080 tlk_...");
            return 2;
        }

        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var ledger = new LedgerClient(http, key);
        var acme = Journal.Treasury("client-example");
        try
        {
            await OpenAsync(ledger, acme);
            var bought = await ledger.RecordAsync(acme, Purchase(), "order-77");
            var position = bought.Entries[0].Position;
            Console.WriteLine($"Entry {position}, {(bought.Entries[0].Replayed ? "recorded before" : "new")}.");
            var balances = await ledger.AskAsync(acme, Questions.Balances, new Viewpoint(MinPosition: position));
            foreach (var row in balances.Balances)
            {
                Console.WriteLine($"{row.Account} holds {row.Quantity} {row.Asset}.");
            }

            await foreach (var entry in ledger.ListAsync(acme, Questions.Entries))
            {
                Console.WriteLine($"{entry.Entry.GetProperty("position")} {entry.Hash}");
            }

            return 0;
        }
        catch (LedgerException refused)
        {
            await Console.Error.WriteLineAsync($"The ledger refused: {refused.Message}");
            return 1;
        }
    }

    private static async Task OpenAsync(LedgerClient ledger, Journal acme)
    {
        await ledger.RecordAsync(
            acme,
            new OpenTreasury
            {
                EffectiveAt = Day,
                Name = "Client example",
                TimeZone = "UTC",
                FiscalYearStart = "01-01",
                ReportingCurrency = "USD",
                PriceBook = "main",
                MarketBook = "main",
            },
            "opening");
        await ledger.RecordAllAsync(
            acme,
            [
                new RegisterAsset { EffectiveAt = Day, Asset = "USD", Kind = AssetKind.Currency, Decimals = 2 },
                new RegisterAsset { EffectiveAt = Day, Asset = "ETH", Kind = AssetKind.Token, Decimals = 18 },
                new RegisterAccount { EffectiveAt = Day, Account = "bank", Kind = AccountKind.Bank, Venue = "bank" },
                new RegisterAccount
                {
                    EffectiveAt = Day,
                    Account = "exchange",
                    Kind = AccountKind.Exchange,
                    Venue = "kraken",
                },
            ],
            "registrations");
    }

    private static AcquireAsset Purchase() => new()
    {
        EffectiveAt = DateTimeOffset.Parse("2026-02-06T09:30:00Z", CultureInfo.InvariantCulture),
        Fact = "kraken:order-77",
        Account = "exchange",
        Asset = "ETH",
        Quantity = DecimalText.Parse("1.000000000000000001"),
        PaidAccount = "bank",
        PaidAsset = "USD",
        PaidQuantity = 2500.10m,
    };
}
