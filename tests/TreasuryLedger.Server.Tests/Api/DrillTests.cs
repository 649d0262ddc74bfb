using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Money;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>From a figure down to its evidence, and from there back up to every figure that rests on it.</summary>
[Collection(ApiTests.Name)]
public sealed class DrillTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    [Fact]
    public async Task a_disposal_opens_to_lots_entries_prices_and_evidence_and_each_leads_back_to_it()
    {
        var client = await TellAsync();
        var sold = (await client.GetAsync(Treasury + "/disposals/kraken:trade-1002:0?asOf=2026-01-06"))
            .ShouldBe(HttpStatusCode.OK).Json;

        sold.GetProperty("disposal").GetProperty("kind").GetString().ShouldBe("sale");
        var evidence = sold.GetProperty("evidence");
        evidence.GetProperty("source").GetString().ShouldNotBeNull();
        evidence.GetProperty("actor").GetString().ShouldBe("tester");
        evidence.GetProperty("recordedAt").GetString().ShouldNotBeNull();
        (Sum(sold.GetProperty("disposal"), "takes", "gain"))
            .ShouldBe(AmountOf(sold.GetProperty("disposal"), "realizedGain"));
        var entry = await client.GetAsync(evidence.GetProperty("path").GetString()!);
        entry.ShouldBe(HttpStatusCode.OK).Json.GetProperty("entry").GetProperty("evidence").GetProperty("source")
            .GetString().ShouldBe(evidence.GetProperty("source").GetString());
        (await client.GetAsync(sold.GetProperty("figures").GetString()!)).Text.ShouldContain("kraken:trade-1002:0");
        foreach (var taken in sold.GetProperty("lots").EnumerateArray())
        {
            var lot = (await client.GetAsync(taken.GetProperty("path").GetString()!)).ShouldBe(HttpStatusCode.OK).Json;
            lot.GetProperty("lot").GetRawText().ShouldBe(taken.GetRawText());
            lot.GetProperty("disposals").EnumerateArray()
                .ShouldContain(use => use.GetProperty("disposal").GetString() == "kraken:trade-1002:0");
            foreach (var sum in lot.GetProperty("sums").EnumerateArray())
            {
                (AmountOf(sum, "came") - AmountOf(sum, "taken") - AmountOf(sum, "converted"))
                    .ShouldBe(AmountOf(sum, "remaining"));
                (AmountOf(sum, "costCame") - AmountOf(sum, "costTaken") - AmountOf(sum, "costConverted"))
                    .ShouldBe(AmountOf(sum, "costRemaining"));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("&method=average&scope=perAccount&stablecoins=lots")]
    [InlineData("&method=hifo&scope=perAccount&income=zero")]
    public async Task every_path_that_an_answer_gives_leads_somewhere_and_keeps_the_viewpoint(string policy)
    {
        var client = await TellAsync();
        var disposals = (await client.GetAsync($"{Treasury}/disposals?asOf=2026-01-06{policy}")).Json;
        var viewpoint = disposals.GetProperty("viewpoint").GetRawText();
        var open = new Queue<string>(disposals.GetProperty("disposals").EnumerateArray().Select(row =>
            $"{Treasury}/disposals/{row.GetProperty("fact").GetString()}:{row.GetProperty("leg")}"
            + $"?asOf=2026-01-06{policy}"));
        var seen = open.ToHashSet();

        while (open.TryDequeue(out var address))
        {
            var answer = (await client.GetAsync(address)).ShouldBe(HttpStatusCode.OK).Json;
            if (!address.Contains("/entries/", StringComparison.Ordinal)
                || address.Contains("/figures", StringComparison.Ordinal))
            {
                answer.GetProperty("viewpoint").GetRawText().ShouldBe(viewpoint, address);
            }

            foreach (var link in Links(answer).Where(seen.Add))
            {
                open.Enqueue(link);
            }
        }

        seen.Count.ShouldBeGreaterThan(20);
        foreach (var step in new[]
        {
            "/lots/", "/disposals/", "/price-books/", "/uses?", "/figures?", "/realized-gains?",
        })
        {
            seen.ShouldContain(address => address.Contains(step, StringComparison.Ordinal), step);
        }
    }

    [Fact]
    public async Task what_a_price_made_is_what_names_it()
    {
        var client = await TellAsync();
        var named = new HashSet<string>();
        foreach (var row in (await client.GetAsync(Treasury + "/disposals?asOf=2026-01-06")).Json
            .GetProperty("disposals").EnumerateArray())
        {
            if (row.TryGetProperty("price", out var price) && price.GetProperty("position").GetInt64() == 2)
            {
                named.Add($"{row.GetProperty("fact").GetString()}:{row.GetProperty("leg")}");
            }
        }

        var uses = (await client.GetAsync(Treasury + "/prices/2/uses?asOf=2026-01-06"))
            .ShouldBe(HttpStatusCode.OK).Json;

        named.ShouldNotBeEmpty();
        uses.GetProperty("figures").EnumerateArray()
            .Where(figure => figure.GetProperty("kind").GetString() == "disposal")
            .Select(figure => figure.GetProperty("name").GetString()).ShouldBe(named, ignoreOrder: true);
        uses.GetProperty("values").GetArrayLength().ShouldBe(0);
        var newest = (await client.GetAsync(Treasury + "/prices/3/uses?asOf=2026-01-06")).Json;
        newest.GetProperty("values")[0].GetProperty("asset").GetString().ShouldBe("ETH");
        (await client.GetAsync(Treasury + "/prices/1/uses")).Code.ShouldBe("entry_unknown");
        (await client.GetAsync(Treasury + "/prices/99/uses")).Code.ShouldBe("entry_unknown");
    }

    [Theory]
    [InlineData("disposals/kraken:trade-1002:1")]
    [InlineData("disposals/kraken:trade-9:0")]
    [InlineData("disposals/kraken:trade-1002:00")]
    [InlineData("disposals/kraken:trade-1002:0?asOf=2026-01-05")]
    [InlineData("lots/kraken:trade-1002:0")]
    [InlineData("lots/x")]
    [InlineData("lots/a%2Fb%23c:0")]
    public async Task a_figure_that_is_not_there_is_refused(string path)
    {
        var client = await TellAsync();

        (await client.GetAsync($"{Treasury}/{path}")).Code.ShouldBe("figure_unknown");
    }

    [Fact]
    public async Task a_figure_stays_what_it_was_known_as_and_ends_with_the_entry_that_said_it()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var fact = "desk:a/b#c@1+2";
        var bought = await client.PostAsync(Treasury + "/acquisitions", Buy(fact, "2000"));
        bought.ShouldBe(HttpStatusCode.Created);
        var knownAt = bought.Json.GetProperty("head").GetProperty("recordedAt").GetString();
        var address = $"{Treasury}/lots/{fact.Replace("#", "%23", StringComparison.Ordinal)}:0?asOf=2026-01-31";
        var before = (await client.GetAsync($"{address}&knownAt={knownAt}")).ShouldBe(HttpStatusCode.OK);
        before.Json.GetProperty("lot").GetProperty("cost").GetString().ShouldBe("2000");

        var command = Buy(fact, "2500").Replace("{", """{ "command": "acquire-asset",""", StringComparison.Ordinal);
        var corrected = await client.PostAsync(
            Treasury + "/corrections",
            $$"""{"effectiveAt":"2026-01-31T00:00:00Z","entry":{{bought.Position}},"replacement":{{command}}}""");
        corrected.ShouldBe(HttpStatusCode.Created);
        var now = (await client.GetAsync(address)).ShouldBe(HttpStatusCode.OK).Json.GetProperty("lot");
        now.GetProperty("cost").GetString().ShouldBe("2500");
        now.GetProperty("evidence").GetProperty("entry").GetInt64().ShouldBe(corrected.Position);
        (await client.GetAsync($"{address}&knownAt={knownAt}")).Text.ShouldBe(before.Text);

        (await client.PostAsync(
            Treasury + "/corrections",
            $$"""{"effectiveAt":"2026-01-31T00:00:00Z","entry":{{corrected.Position}}}"""))
            .ShouldBe(HttpStatusCode.Created);
        (await client.GetAsync(address)).Code.ShouldBe("figure_unknown");
        (await client.GetAsync($"{address}&knownAt={knownAt}")).Text.ShouldBe(before.Text);
        var gone = await client.GetAsync($"{Treasury}/entries/{corrected.Position}/figures?asOf=2026-01-31");
        gone.Json.GetProperty("counts").GetBoolean().ShouldBeFalse();
        gone.Json.GetProperty("figures").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task the_command_line_tells_it_from_the_top_down()
    {
        var client = await TellAsync();

        var (exit, output, error) = await ProgramRun.OverAsync(
            host.Login, "disposal", "kraken:trade-1002:0", "--treasury", "acme", "--tenant", client.Tenant,
            "--as-of", "2026-01-06");

        exit.ShouldBe(0, error);
        var lines = output.Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        lines[0].ShouldStartWith("disposal kraken:trade-1002:0: ");
        lines[1].ShouldStartWith("  proceeds ");
        lines.ShouldContain(line => line.StartsWith("    says ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("  took ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("    lot ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("        recorded ", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Links(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Links(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Links),
        JsonValueKind.String when element.GetString()!.StartsWith("/v1/", StringComparison.Ordinal) =>
            [element.GetString()!],
        _ => [],
    };

    private static Amount Sum(JsonElement row, string list, string member) =>
        row.GetProperty(list).EnumerateArray().Aggregate(Amount.Zero, (sum, one) => sum + AmountOf(one, member));

    private static Amount AmountOf(JsonElement json, string member) =>
        Amount.TryParse(json.GetProperty(member).GetString(), out var amount)
            ? amount
            : throw new FormatException(json.GetRawText());

    private static string Buy(string fact, string price) => $$"""
        {
          "effectiveAt": "2026-01-02T00:00:00Z", "fact": "{{fact}}", "account": "exchange", "asset": "ETH",
          "quantity": "1", "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "{{price}}"
        }
        """;

    /// <summary>A tenant of whom the documentation's story was told.</summary>
    private async Task<ApiClient> TellAsync()
    {
        var client = await host.NewTenantAsync();
        foreach (var request in Story.Requests)
        {
            (await client.PostAsync(request.Address, request.Example.Json)).ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }
}
