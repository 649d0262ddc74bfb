using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Logs of a pool from a file, over the database of the running server.</summary>
[Collection(ProgramTests.Name)]
public sealed class AaveImportTests(ApiHost host)
{
    private const string Pool = "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2";
    private const string User = "0x00000000000000000000000000000000000000aa";
    private const string Weth = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";
    private const string Updated = "0x804c9b842b2748a22bb64b345453a3de7ca54a6ca45ce00d415894979e22897a";
    private const string Supply = "0x2b627736bca15cd5381dcf80b0bf11fd197d01a037c52b927a881a10fb73ba61";
    private const string Withdraw = "0x3115d1449a7b732c986cba18244e897a450f61e1bb8d589cd2e69e6c8924f9f7";

    private static readonly BigInteger Ether = BigInteger.Pow(10, 18);
    private static readonly BigInteger Ray = BigInteger.Pow(10, 27);

    [Fact]
    public async Task logs_become_entries_once_and_leave_again_with_their_block()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await client.PostAsync(
            ApiClient.Treasury + "/capital-contributions",
            """
            {"effectiveAt":"2026-01-06T12:30:00Z","account":"wallet","asset":"WETH","quantity":"100",
            "value":{"currency":"USD","amount":"270000"} }
            """);

        var first = await ImportAsync(client, orphaned: false);
        var units = await CollateralAsync(client);
        var again = await ImportAsync(client, orphaned: false);
        var orphaned = await ImportAsync(client, orphaned: true);

        first.ShouldBe("logs 4, recorded 4, found 0, breaks 0, voided 0");
        units.ShouldBe("9.100228400304414002"); // 10 grown by a hundredth, less 1, grown at 2 % a year since
        again.ShouldBe("logs 4, recorded 0, found 4, breaks 0, voided 0");
        orphaned.ShouldBe("logs 4, recorded 0, found 2, breaks 0, voided 2");
        (await CollateralAsync(client)).ShouldBe("10.000251065449010654"); // grown since the first block
        var entries = (await client.GetAsync(ApiClient.Treasury + "/entries?source=evm-logs")).Json
            .GetProperty("entries").EnumerateArray().ToList();
        entries[0].GetProperty("entry").GetProperty("fact").GetString().ShouldBe("evm-1:0xb1:0xt1:1");
    }

    [Fact]
    public async Task what_cannot_be_read_is_one_line_with_the_logs_name_and_records_nothing()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var logs = Logs(orphaned: false);
        var given = await RunAsync(client, JsonSerializer.Serialize(logs.Skip(2)));
        var broken = await RunAsync(client, "[{}]");

        given.ExitCode.ShouldBe(1);
        given.Error.Trim().ShouldEndWith("they must begin with the position's first.");
        broken.Error.ShouldContain("In the logs");
        (await client.GetAsync(ApiClient.Treasury + "/entries?source=evm-logs")).Json
            .GetProperty("entries").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task logs_are_taken_over_http_as_from_files()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var body = $$"""
            {"terms":{{Terms("aave-1")}},
            "logs":{{JsonSerializer.Serialize(Logs(orphaned: false))}} }
            """;
        var first = await client.PostAsync(ApiClient.Treasury + "/aave-imports", body);
        var again = await client.PostAsync(ApiClient.Treasury + "/aave-imports", body);
        var cut = await client.PostAsync(
            ApiClient.Treasury + "/aave-imports",
            body.Replace("\"chainId\":1", "\"chainId\":\"one\"", StringComparison.Ordinal));
        var accrual = await client.PostAsync(
            ApiClient.Treasury + "/interest-accruals",
            """
            {"effectiveAt":"2026-01-06T15:00:00Z","position":"aave-1","asset":"WETH","quantity":"1","side":"supply"}
            """);

        first.Text.ShouldBe("""{"logs":4,"recorded":4,"found":0,"breaks":0,"voided":0}""");
        again.Text.ShouldBe("""{"logs":4,"recorded":0,"found":4,"breaks":0,"voided":0}""");
        cut.Text.ShouldContain("value_invalid");
        accrual.Text.ShouldContain("position_indexed");
        (await client.GetAsync(ApiClient.Treasury + "/entries?source=evm-logs")).Text.ShouldContain("payloadHash");
    }

    private static async Task<string?> CollateralAsync(ApiClient client) =>
        (await client.GetAsync(ApiClient.Treasury + "/positions?asOf=2026-01-07T00:00:00Z")).Json
            .GetProperty("positions")[0].GetProperty("collateral")[0].GetProperty("quantity").GetString();

    /// <summary>
    /// 10 WETH supplied in one block of 6 January 2026, 1 withdrawn in the next at an index of 1.01.
    /// </summary>
    internal static object[] Logs(bool orphaned) =>
    [
        Log(1, 0, Updated, [Weth], [Ray / 50, 0, Ray / 25, Ray, Ray], false),
        Log(1, 1, Supply, [Weth, User, "0x0"], [Number(User), 10 * Ether], false),
        Log(2, 2, Updated, [Weth], [Ray / 50, 0, Ray / 25, Ray * 101 / 100, Ray], orphaned),
        Log(2, 3, Withdraw, [Weth, User, User], [Ether], orphaned),
    ];

    /// <summary>Whose logs they are, and which position they are of.</summary>
    internal static string Terms(string position) =>
        $$"""
        {"chainId":1,"chain":"ethereum","pool":"{{Pool}}","user":"{{User}}","position":"{{position}}",
        "market":"aave-v3-ethereum","accounts":{"{{User}}":"wallet"} }
        """;

    private static object Log(
        int block, int index, string kind, string[] topics, BigInteger[] words, bool removed) => new
        {
            address = Pool,
            topics = (string[])[kind, .. topics.Select(topic => Word(Number(topic)))],
            data = "0x" + string.Concat(words.Select(word => Word(word)[2..])),
            blockNumber = $"0x{block:x}",
            blockHash = $"0xb{block}",
            blockTimestamp = $"0x{1_767_704_400 + (12 * block):x}",
            transactionHash = $"0xt{block}",
            logIndex = $"0x{index:x}",
            removed,
        };

    private static string Word(BigInteger number) =>
        "0x" + number.ToString("x64", CultureInfo.InvariantCulture)[^64..];

    private static BigInteger Number(string hex) =>
        BigInteger.Parse("0" + hex[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private async Task<string> ImportAsync(ApiClient client, bool orphaned)
    {
        var given = await RunAsync(client, JsonSerializer.Serialize(Logs(orphaned)));
        given.ExitCode.ShouldBe(0, given.Error);
        return string.Join(", ", JsonDocument.Parse(given.Output).RootElement.EnumerateObject()
            .Select(count => $"{count.Name} {count.Value}"));
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(ApiClient client, string logs)
    {
        var (logFile, termFile) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            var stop = TestContext.Current.CancellationToken;
            await File.WriteAllTextAsync(logFile, logs, stop);
            await File.WriteAllTextAsync(
                termFile, Terms("aave-1"), stop);
            return await ProgramRun.OverAsync(
                host.Login,
                [
                    "import-aave", "--treasury", "acme", "--tenant", client.Tenant, "--logs", logFile, "--terms",
                    termFile, "--json",
                ]);
        }
        finally
        {
            File.Delete(logFile);
            File.Delete(termFile);
        }
    }
}
