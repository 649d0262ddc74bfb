using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>Files of rows under a mapping of columns.</summary>
[Collection(ApiTests.Name)]
public sealed class ImportTests(ApiHost host)
{
    private const string Source = "desk-file";

    private const string Terms = """
        {
          "kind": "mapped",
          "accounts": { "Main": "wallet", "Venue": "exchange" },
          "assets": { "Ether": "ETH" },
          "mapping": {
            "rules": [
              { "when": { "Type": "void" } },
              {
                "when": { "Type": "reward" },
                "command": {
                  "command": "receive-yield", "fact": "desk:{Id}", "sourceOrder": "{Id}",
                  "effectiveAt": "{Time|instant}", "account": "{Place|account}", "asset": "{Coin|asset}",
                  "quantity": "{Quantity|number}", "reason": "{Note?}"
                }
              },
              {
                "when": { "Type": "move" },
                "command": {
                  "command": "transfer-asset", "fact": "desk:{Id}", "effectiveAt": "{Time|instant}",
                  "from": "wallet", "to": "exchange", "asset": "{Coin|asset}", "quantity": "{Quantity|abs}",
                  "fees": [ { "account": "wallet", "asset": "ETH", "quantity": "{Fee?}" } ]
                }
              }
            ]
          }
        }
        """;

    private const string Names = "Id,Type,Time,Place,Coin,Quantity,Fee,Note";

    private static readonly string[] Rows =
    [
        "1,reward,2026-01-09 08:00:00,Main,Ether,\"1,250.5\",,\"first, of \"\"many\"\"\"",
        "2,move,2026-01-09T09:00:00Z,Main,Ether,-100,0.001,",
        "3,reward,1767945600,Venue,Ether,2.5E-1,,",
        "4,void,never,Nowhere,Nothing,x,,",
        "5,move,2026-01-09 09:00:00.5,Main,Ether,-1,,",
    ];

    private static string File => string.Join('\n', [Names, .. Rows]) + "\n";

    [Fact]
    public async Task a_file_is_recorded_once_however_often_and_in_whatever_shape_it_comes()
    {
        var client = await OpenAsync();

        (await client.ImportAsync(Source, File)).ShouldBe("rows 5, recorded 4, passedOver 1");
        var balances = await client.BalancesAsync();
        balances.ShouldContain("1149.499"); // 1,250.5 - 100 - 1 - 0.001
        foreach (var same in new[]
        {
            File,
            File.Replace("\n", "\r\n", StringComparison.Ordinal),
            string.Join('\n', [Names, .. Rows.Reverse()]), // re-sorted, and the last line does not end
            File + string.Join('\n', Rows) + "\n\n", // doubled, with an empty line behind
        })
        {
            var again = await client.ImportAsync(Source, same);
            again.ShouldBe(same.Length > File.Length + 20
                ? "rows 10, found 8, passedOver 2"
                : "rows 5, found 4, passedOver 1");
        }

        foreach (var encoding in new Encoding[] { new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(File)];
            FactClient.Short(await client.SendFileAsync(Source, bytes)).ShouldBe("rows 5, found 4, passedOver 1");
        }

        (await client.BalancesAsync()).ShouldBe(balances);
    }

    [Fact]
    public async Task a_file_cut_or_stopped_anywhere_is_completed_by_the_whole_one()
    {
        var clean = await OpenAsync();
        await clean.ImportAsync(Source, File);
        var client = await OpenAsync();
        for (var length = Names.Length; length < File.Length; length += 23)
        {
            // A row that is cut in its last column is another telling: it would be a break, and no doubled fact.
            FactClient.Short(await client.SendFileAsync(Source, Encoding.UTF8.GetBytes(File[..length])));
        }

        (await client.ImportAsync(Source, File)).ShouldStartWith("rows 5");
        (await client.ImportAsync(Source, File)).ShouldContain("found 4");
        (await client.BalancesAsync()).ShouldBe(await clean.BalancesAsync());
    }

    [Fact]
    public async Task how_far_a_file_is_is_shown_while_it_is_recorded()
    {
        var client = await OpenAsync();
        var shown = new List<string>();
        var rows = Enumerable.Range(1, 4_500).Select(row => $"{row},reward,{1_767_945_600 + row},Main,Ether,1,,");
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', rows.Prepend(Names))));

        // Whoever may record is asked about every command, while the rows before it are being recorded.
        await host.Host.Services.GetRequiredService<FactImporter>().ImportAsync(
            JournalKey.Treasury(client.Tenant, "acme"), Source, file, "rows", "tester",
            (_, command) =>
            {
                if (command.Fact is { } fact && fact.ToString() is "desk:1" or "desk:4500")
                {
                    shown.Add(client.GetAsync("/v1/progress").GetAwaiter().GetResult().Text);
                }
            },
            TestContext.Current.CancellationToken);

        shown.Count.ShouldBe(2);
        shown.ShouldAllBe(text => text.Contains($"\"source\":\"{Source}\"", StringComparison.Ordinal));
        shown[0].ShouldContain("\"rows\":0");
        shown[1].ShouldNotContain("\"rows\":4500");
        (await client.GetAsync("/v1/progress")).Text.ShouldContain("\"imports\":[]");
    }

    [Fact]
    public async Task what_is_wrong_is_named_by_row_column_and_code_and_everything_else_is_recorded()
    {
        var client = await OpenAsync();
        var wrong = string.Join('\n',
            Names,
            "1,reward,2026-01-09 08:00:00,Main,Ether,1,,",
            "2,reward,yesterday,Main,Ether,1,,",
            "3,reward,2026-01-09 08:00:00.1234567,Main,Ether,1,,",
            "4,reward,2026-01-09 08:00:00,Main,Ether,many,,",
            "5,reward,2026-01-09 08:00:00,Main,Ether,0.0000000000000000001,,",
            "6,reward,2026-01-09 08:00:00,Elsewhere,Ether,1,,",
            "7,reward,2026-01-09 08:00:00,Main,NEWCOIN,1,,",
            "8,gift,2026-01-09 08:00:00,Main,Ether,1,,",
            "9,move,2026-01-09 08:00:00,Main,Ether,1,1e3,",
            "10,reward,2026-01-09 08:00:00,Main,Et",
            "11,reward,2026-01-09 08:00:00,Main,Ether,1,,\"and the quotes never end",
            "12,reward,2026-01-09 08:00:00,Main,Ether,1,,");

        (await client.ImportAsync(Source, wrong)).ShouldBe(
            "rows 11, recorded 1, parked 3, rejected 7, row 2 Time value_invalid, row 3 Time value_invalid, "
            + "row 4 Quantity value_invalid, row 6 Place account_unmapped, row 8 rule_missing, "
            + "row 9 Fee value_invalid, row 10 row_malformed, row 11 row_malformed, row 5 quantity_too_fine, "
            + "row 7 asset_unknown");
    }

    [Fact]
    public async Task what_waits_for_a_name_is_recorded_when_the_payload_is_run_again()
    {
        var client = await OpenAsync();
        var content = $"{Names}\n1,reward,2026-01-09 08:00:00,New,Ether,1,,\n";
        (await client.ImportAsync(Source, content)).ShouldContain("parked 1");
        var open = await client.GetAsync(ApiClient.Treasury + "/payloads?open=true");
        var hash = open.Json.GetProperty("payloads")[0].GetProperty("payload").GetProperty("hash").GetString();

        await client.RegisterAsync(Source, Terms.Replace("\"Main\"", "\"New\"", StringComparison.Ordinal));
        var run = await client.PostAsync($"{ApiClient.Treasury}/payloads/{hash}/runs", "{}");

        FactClient.Short(run).ShouldBe("rows 1, recorded 1");
        run.Json.GetProperty("version").GetInt32().ShouldBe(2);
        (await client.GetAsync(ApiClient.Treasury + "/payloads?open=true")).Text.ShouldBe("""{"payloads":[]}""");
        (await client.GetAsync(ApiClient.Treasury + "/sources")).Text.ShouldContain("\"New\":\"wallet\"");
    }

    [Fact]
    public async Task evidence_leads_to_the_row_and_the_bytes_that_were_received()
    {
        var client = await OpenAsync();
        await client.ImportAsync(Source, File);
        var entry = (await client.GetAsync(ApiClient.Treasury + $"/entries?source={Source}&limit=1")).Json
            .GetProperty("entries")[0].GetProperty("entry").GetProperty("evidence");

        var row = (await client.GetAsync(
            $"{ApiClient.Treasury}/payloads/{entry.GetProperty("payloadHash").GetString()}")).Json;
        var payload = row.GetProperty("payload").GetProperty("hash").GetString();
        var bytes = await client.GetFileAsync($"{ApiClient.Treasury}/payloads/{payload}/content");

        row.GetProperty("row").GetInt32().ShouldBe(1);
        bytes.ShouldBe(Encoding.UTF8.GetBytes(File));
        payload.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
        (await client.GetAsync($"{ApiClient.Treasury}/payloads/{new string('0', 64)}")).Code
            .ShouldBe(ErrorRegistry.PayloadUnknown);
    }

    [Fact]
    public async Task commands_come_as_lines_and_another_telling_of_a_fact_opens_a_break()
    {
        var client = await OpenAsync();
        await client.RegisterAsync("lines", """{"kind":"commands"}""");
        const string line =
            """{"command":"receive-yield","fact":"x:1","effectiveAt":"2026-01-09T08:00:00Z","account":"wallet","""
            + """ "asset":"ETH","quantity":"1"}""";
        var other = line.Replace("\"1\"", "\"2\"", StringComparison.Ordinal);
        var nameless = line.Replace("\"fact\":\"x:1\",", "", StringComparison.Ordinal);

        (await client.ImportAsync("lines", $"{line}\n{other}\n{nameless}\n{line[..40]}", "application/x-ndjson"))
            .ShouldBe("rows 4, recorded 1, breaks 1, rejected 2, row 3 fact_missing, row 4 row_malformed, "
                + "row 2 break_opened");
        (await client.ImportAsync("lines", $"{other}\n{line}\n", "application/x-ndjson"))
            .ShouldStartWith("rows 2, found 1, breaks 1");
        (await client.ImportAsync("lines", $"[{line}]", "application/json")).ShouldBe("rows 1, found 1");
        (await client.GetAsync(ApiClient.Treasury + "/entries?source=lines")).Json.GetProperty("entries")
            .GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData("Id,Id\n1,2\n")]
    [InlineData("Id,Type\n1,reward\n")]
    [InlineData("[{\"Id\":\"1\"},{\"Id\"")]
    [InlineData("Id,Type,Time,Place,Coin,Quantity,Fee,Note\n1,\0,,,,,,\n")]
    [InlineData("Id,Type,Time,Place,Coin,Quantity,Fee,Note\n1,\u00E9,,,,,,\n")]
    public async Task a_file_that_cannot_be_read_at_all_records_nothing(string content)
    {
        var client = await OpenAsync();
        var head = await client.HeadAsync();

        var answer = await client.SendFileAsync(Source, Encoding.Latin1.GetBytes(content));

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Code.ShouldBe(ErrorRegistry.FileUnreadable);
        (await client.HeadAsync()).ShouldBe(head);
    }

    [Theory]
    [InlineData("""{"kind":"mapped"}""")]
    [InlineData("""{"kind":"commands","accounts":{"Main":"no account"}}""")]
    [InlineData("""{"kind":"mapped","mapping":{"rules":[]}}""")]
    [InlineData("""{"kind":"mapped","mapping":{"rules":[{"command":{"command":"eat"}}]}}""")]
    [InlineData("""{"kind":"mapped","mapping":{"rules":[{"command":{"command":"pay-fee","effectiveAt":"{T}"}}]}}""")]
    public async Task terms_that_no_file_could_be_read_by_are_refused(string terms)
    {
        var client = await host.SharedAsync();

        var answer = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Put, $"{ApiClient.Treasury}/sources/{Source}")
            {
                Content = new StringContent(terms, Encoding.UTF8, "application/json"),
            });

        answer.ShouldBe(HttpStatusCode.BadRequest).Code.ShouldBe(ErrorRegistry.ValueInvalid);
    }

    [Fact]
    public async Task a_source_that_nobody_registered_and_a_body_of_another_kind_are_refused()
    {
        var client = await host.SharedAsync();

        (await client.SendFileAsync("nobody", [])).Code.ShouldBe(ErrorRegistry.SourceUnknown);
        (await client.SendFileAsync("nobody", [], "image/png")).Code.ShouldBe(ErrorRegistry.ContentTypeUnsupported);
    }

    private async Task<ApiClient> OpenAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await client.RegisterAsync(Source, Terms);
        return client;
    }
}
