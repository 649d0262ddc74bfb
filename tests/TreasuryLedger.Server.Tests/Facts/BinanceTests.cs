using System.Net;
using Shouldly;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>Binance, as its API answers and as its files write: together one fact each.</summary>
[Collection(ApiTests.Name)]
public sealed class BinanceTests(ApiHost host)
{
    private const string Terms = """
        {
          "kind": "binance",
          "accounts": {
            "spot": "exchange", "main@acme.example": "exchange", "sub@acme.example": "desk",
            "0xAbC0000000000000000000000000000000000001": "exchange",
            "0xFeD0000000000000000000000000000000000002": "wallet"
          },
          "assets": { "ETH": "ETH", "USDT": "USDT", "BNB": "BNB", "1INCH": "1INCH" }
        }
        """;

    private const string Trades = """
        [
          { "symbol": "ETHUSDT", "id": 28457, "orderId": 100234, "orderListId": -1, "price": "2000.50000000",
            "qty": "1.50000000", "quoteQty": "3000.75000000", "commission": "0.00500000", "commissionAsset": "BNB",
            "time": 1767945600123, "isBuyer": true, "isMaker": false, "isBestMatch": true },
          { "symbol": "ETHUSDT", "id": 28458, "orderId": 100234, "orderListId": -1, "price": "2000.50000000",
            "qty": "1.50000000", "quoteQty": "3000.75000000", "commission": "0.00500000", "commissionAsset": "BNB",
            "time": 1767945600456, "isBuyer": true, "isMaker": false, "isBestMatch": true },
          { "symbol": "ETHUSDT", "id": 28459, "orderId": 100235, "orderListId": -1, "price": "2100.00000000",
            "qty": "1.00000000", "quoteQty": "2100.00000000", "commission": "2.10000000", "commissionAsset": "USDT",
            "time": 1767949200000, "isBuyer": false, "isMaker": true, "isBestMatch": true },
          { "symbol": "1INCHUSDT", "id": 7, "orderId": 100236, "orderListId": -1, "price": "0.30000000",
            "qty": "12.00000000", "quoteQty": "3.60000000", "commission": "0.01200000", "commissionAsset": "1INCH",
            "time": 1767949300000, "isBuyer": true, "isMaker": true, "isBestMatch": true }
        ]
        """;

    private const string TradeNames = "\"Date(UTC)\",\"Pair\",\"Side\",\"Price\",\"Executed\",\"Amount\",\"Fee\"\n";

    // Newest first, as the exchange writes it.
    private const string TradeFile = TradeNames + """
        "2026-01-09 09:01:40","1INCHUSDT","BUY","0.3000000000","12.00000000001INCH","3.60000000USDT","0.01200000001INCH"
        "2026-01-09 09:00:00","ETHUSDT","SELL","2100.00000000","1.00000000ETH","2,100.00000000USDT","2.10000000USDT"
        "2026-01-09 08:00:00","ETHUSDT","BUY","2000.50000000","1.50000000ETH","3,000.75000000USDT","0.00500000BNB"
        "2026-01-09 08:00:00","ETHUSDT","BUY","2000.50000000","1.50000000ETH","3,000.75000000USDT","0.00500000BNB"

        """;

    private const string Deposits = """
        [
          { "id": "769800519366885376", "amount": "5.001", "coin": "ETH", "network": "ETH", "status": 1,
            "address": "0xAbC0000000000000000000000000000000000001", "addressTag": "", "transferType": 0,
            "txId": "0x98A3000000000000000000000000000000000000000000000000000000000001",
            "insertTime": 1767952800321, "confirmTimes": "64/64", "unlockConfirm": 64, "walletType": 0 },
          { "id": "769754833590042625", "amount": "1", "coin": "ETH", "network": "ETH", "status": 0,
            "address": "0xAbC0000000000000000000000000000000000001", "txId": "0x98a3", "insertTime": 1767952900000 }
        ]
        """;

    private const string Withdrawals = """
        [
          { "id": "b6ae22b3aa844210a7041aee7589627c", "amount": "0.75", "transactionFee": "0.004", "coin": "ETH",
            "status": 6, "address": "0xfed0000000000000000000000000000000000002", "network": "ETH", "transferType": 0,
            "txId": "0xb5ef8c13b968a406cc62a93a8bd80f9e9a906ef1b3fcf20a2e48573c17659268",
            "applyTime": "2026-01-09 11:00:00", "info": "", "confirmNo": 3, "walletType": 1, "txKey": "" },
          { "id": "156ec387f49b41df8724fa744fa82719", "amount": "1", "transactionFee": "0.004", "coin": "ETH",
            "status": 3, "address": "0xfed0000000000000000000000000000000000002", "txId": "",
            "applyTime": "2026-01-09 11:00:00" }
        ]
        """;

    private const string Sent = "0xB5EF8C13B968A406CC62A93A8BD80F9E9A906EF1B3FCF20A2E48573C17659268";
    private const string Got = "0x98a3000000000000000000000000000000000000000000000000000000000001";

    private const string MovedFile = $"""
        Date(UTC),Coin,Network,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status
        2026-01-09 11:00:00,ETH,ETH,0.75,0.004,0xfed0000000000000000000000000000000000002,{Sent},,,Completed
        2026-01-09 10:00:00,ETH,ETH,5.001,0,0xabc0000000000000000000000000000000000001,{Got},,,Completed
        2026-01-09 10:00:00,ETH,ETH,9,0,0xbad0000000000000000000000000000000000009,{Got}f,,,Completed

        """;

    private const string Transfers = """
        { "result": [
          { "tranId": 92275823339, "fromEmail": "main@acme.example", "toEmail": "sub@acme.example", "asset": "ETH",
            "amount": "0.2", "createTimeStamp": 1767960000999, "fromAccountType": "SPOT", "toAccountType": "SPOT",
            "status": "SUCCESS", "clientTranId": "x" },
          { "tranId": 92275823340, "fromEmail": "main@acme.example", "toEmail": "sub@acme.example", "asset": "ETH",
            "amount": "0.2", "createTimeStamp": 1767960000999, "fromAccountType": "SPOT",
            "toAccountType": "USDT_FUTURE", "status": "SUCCESS", "clientTranId": "y" }
        ], "totalCount": 2 }
        """;

    private const string TransferLines = """
        [ { "from": "main@acme.example", "to": "sub@acme.example", "asset": "ETH", "qty": "0.20000000",
            "status": "SUCCESS", "tranId": 92275823339, "time": 1767960000000 } ]
        """;

    private static string Costlier =>
        TradeFile.Replace("2.10000000USDT", "2.20000000USDT", StringComparison.Ordinal);

    [Fact]
    public async Task what_the_API_tells_and_what_files_tell_is_one_fact_in_any_order()
    {
        (string Content, string Type)[] tellings =
        [
            (Trades, "application/json"), (TradeFile, "text/csv"), (Deposits, "application/json"),
            (Withdrawals, "application/json"), (MovedFile, "text/csv"), (Transfers, "application/json"),
            (TransferLines, "application/json"),
        ];
        var first = await OpenAsync();
        string[] expected =
        [
            "rows 4, recorded 4", "rows 4, evidence 4", "rows 2, recorded 1, passedOver 1",
            "rows 2, recorded 1, passedOver 1", "rows 3, evidence 2, parked 1, row 3 Address account_unmapped",
            "rows 2, recorded 1, parked 1, row 2 toEmail account_unmapped", "rows 1, evidence 1",
        ];
        foreach (var (telling, report) in tellings.Zip(expected))
        {
            (await first.ImportAsync("binance", telling.Content, telling.Type)).ShouldBe(report);
        }

        var second = await OpenAsync();
        foreach (var (content, type) in tellings.Reverse().Concat(tellings))
        {
            await second.ImportAsync("binance", content, type);
        }

        (await second.BalancesAsync()).ShouldBe(await first.BalancesAsync());
        (await second.GainsAsync()).ShouldBe(await first.GainsAsync());
        // 3 bought for USDT and BNB, 1 sold, 5.001 arrived, 0.754 left, 0.2 to the sub-account.
        (await first.BalancesAsync()).ShouldContain("\"6.047\"");
        (await first.BalancesAsync()).ShouldContain("\"11.988\"");
    }

    [Fact]
    public async Task a_file_put_together_of_two_counts_no_fill_twice_and_says_so()
    {
        var client = await OpenAsync();

        (await client.ImportAsync("binance", TradeFile + TradeFile[TradeNames.Length..])).ShouldBe(
            "rows 8, recorded 4, passedOver 4, row 5 row_repeated, row 6 row_repeated, row 7 row_repeated, "
            + "row 8 row_repeated");
        (await client.ImportAsync("binance", Trades, "application/json")).ShouldBe("rows 4, evidence 4");
    }

    [Fact]
    public async Task another_fee_for_the_same_fill_opens_a_break_and_nothing_is_lost()
    {
        var client = await OpenAsync();
        await client.ImportAsync("binance", Trades, "application/json");
        var balances = await client.BalancesAsync();

        (await client.ImportAsync("binance", Costlier))
            .ShouldBe("rows 4, evidence 3, breaks 1, row 2 break_opened");

        (await client.BalancesAsync()).ShouldBe(balances);
        (await client.GetAsync(ApiClient.Treasury + "/entries?type=break_opened")).ShouldBe(HttpStatusCode.OK)
            .Text.ShouldContain("2200000"); // in smallest units of the stablecoin
    }

    [Fact]
    public async Task alike_fills_of_a_second_in_which_one_page_ends_and_the_next_begins_are_two_by_their_numbers()
    {
        var fills = Enumerable.Range(0, 4).Select(number => $$"""
            { "symbol": "ETHUSDT", "id": {{28_457 + number}}, "price": "2000", "qty": "1", "quoteQty": "2000",
              "commission": "0", "commissionAsset": "USDT", "time": {{1_767_945_599_500 + (number * 400)}},
              "isBuyer": true }
            """).ToList(); // one before the second, two in it, one behind it
        string[] pages = [$"[{fills[0]},{fills[1]}]", $"[{fills[2]},{fills[3]}]"];
        foreach (var order in new[] { pages, [.. pages.Reverse()] })
        {
            var client = await OpenAsync();
            foreach (var page in order)
            {
                (await client.ImportAsync("binance", page, "application/json")).ShouldBe("rows 2, recorded 2");
            }

            foreach (var page in order.Append($"[{fills[1]},{fills[2]}]"))
            {
                (await client.ImportAsync("binance", page, "application/json")).ShouldBe("rows 2, found 2");
            }

            (await client.ImportAsync("binance", $"[{string.Join(',', fills)}]", "application/json"))
                .ShouldBe("rows 4, found 4");
            (await client.BalancesAsync()).ShouldContain("\"-8000\"");
        }
    }

    [Fact]
    public async Task alike_fills_where_one_file_ends_and_the_next_begins_wait_until_a_file_has_the_second_inside()
    {
        var client = await OpenAsync();

        (await client.ImportAsync("binance", Files(1, 2))).ShouldBe("rows 2, recorded 2");
        (await client.ImportAsync("binance", Files(2, 3))).ShouldBe("rows 2, recorded 1, parked 1, row 1 second_cut");
        (await client.ImportAsync("binance", Files(1, 2))).ShouldBe("rows 2, found 2"); // the same bytes
        (await client.ImportAsync("binance", Files(2, 1))).ShouldBe("rows 2, found 2"); // the same seconds, re-sorted
        var hash = (await client.GetAsync(ApiClient.Treasury + "/payloads?open=true")).Json
            .GetProperty("payloads")[0].GetProperty("payload").GetProperty("hash").GetString();

        (await client.ImportAsync("binance", Files(1, 2, 2, 3))).ShouldBe("rows 4, recorded 1, found 3");
        FactClient.Short(await client.PostAsync($"{ApiClient.Treasury}/payloads/{hash}/runs", "{}"))
            .ShouldBe("rows 2, found 2");
        (await client.BalancesAsync()).ShouldContain("\"-8000\"");
        (await client.GetAsync(ApiClient.Treasury + "/payloads?open=true")).Text.ShouldBe("""{"payloads":[]}""");
    }

    [Fact]
    public async Task a_file_that_was_numbered_and_not_recorded_is_recorded_when_it_is_run_again()
    {
        var client = await OpenAsync();
        await client.RegisterAsync(
            "binance", Terms.Replace("\"ETH\": \"ETH\"", "\"ETH\": \"ETHER\"", StringComparison.Ordinal));

        (await client.ImportAsync("binance", Files(1, 2)))
            .ShouldBe("rows 2, parked 2, row 1 asset_unknown, row 2 asset_unknown");
        (await client.ImportAsync("binance", Files(2, 3)))
            .ShouldBe("rows 2, parked 2, row 1 second_cut, row 2 asset_unknown");
        (await client.PostAsync(
            ApiClient.Treasury + "/assets",
            """{"effectiveAt":"2026-01-01T00:00:00Z","asset":"ETHER","kind":"token","decimals":18}"""))
            .ShouldBe(HttpStatusCode.Created);

        (await client.ImportAsync("binance", Files(1, 2))).ShouldBe("rows 2, recorded 2");
        (await client.ImportAsync("binance", Files(2, 3))).ShouldBe("rows 2, recorded 1, parked 1, row 1 second_cut");
    }

    [Fact]
    public async Task coins_that_the_source_does_not_know_wait_for_their_names()
    {
        var client = await OpenAsync();
        await client.RegisterAsync(
            "binance", Terms.Replace("\"1INCH\": \"1INCH\"", "\"X\": \"X\"", StringComparison.Ordinal));

        (await client.ImportAsync("binance", Trades, "application/json"))
            .ShouldBe("rows 4, recorded 3, parked 1, row 4 symbol asset_unmapped");
        (await client.ImportAsync("binance", "[{\"what\":\"else\"}]", "application/json"))
            .ShouldBe("rows 1, parked 1, row 1 rule_missing");
    }

    private static string Files(params int[] seconds) => TradeNames + string.Concat(seconds.Select(second =>
        $"\"2026-01-09 08:00:0{second}\",\"ETHUSDT\",\"BUY\",\"2000\",\"1.0000ETH\",\"2000USDT\",\"0USDT\"\n"));

    private async Task<ApiClient> OpenAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var (path, body) in new[]
        {
            ("accounts", """
                {"effectiveAt":"2026-01-01T00:00:00Z","account":"desk","kind":"exchange","venue":"binance"}
                """),
            ("assets", """{"effectiveAt":"2026-01-01T00:00:00Z","asset":"BNB","kind":"token","decimals":18}"""),
            ("assets", """{"effectiveAt":"2026-01-01T00:00:00Z","asset":"1INCH","kind":"token","decimals":18}"""),
        })
        {
            (await client.PostAsync($"{ApiClient.Treasury}/{path}", body)).ShouldBe(HttpStatusCode.Created);
        }

        await client.RegisterAsync("binance", Terms);
        return client;
    }
}
