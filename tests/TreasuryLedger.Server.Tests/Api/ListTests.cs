using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

[Collection(ApiTests.Name)]
public sealed class ListTests(ApiHost host)
{
    private const string Entries = ApiClient.Treasury + "/entries";
    private const string Movements = ApiClient.Treasury + "/movements";

    [Fact]
    public async Task pages_have_no_gaps_and_no_doubles_while_others_append()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await BuyAsync(client, 5);
        var before = (await client.HeadAsync(), await PositionsAsync(client, Entries + "?limit=3&order=newest"));

        var positions = new List<long>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = (await client.GetAsync($"{Entries}?limit=3{cursor}")).ShouldBe(HttpStatusCode.OK).Json;
            positions.AddRange(page.GetProperty("entries").EnumerateArray().Select(Position));
            cursor = page.TryGetProperty("next", out var next) ? $"&cursor={next}" : null;
            await BuyAsync(client, 1);
        }

        var all = Enumerable.Range(1, 17).Select(position => (long)position).ToList();
        positions.ShouldBe(all);
        before.Item2.ShouldBe(all.AsEnumerable().Reverse());
    }

    [Fact]
    public async Task a_cursor_serves_one_question_and_no_other_and_nobody_can_make_one()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var stranger = await (await host.NewTenantAsync()).OpenAsync();
        var first = (await client.GetAsync(Entries + "?limit=2&type=asset_registered")).Json;
        var cursor = first.GetProperty("next").GetString()!;
        var knownAt = first.GetProperty("viewpoint").GetProperty("knownAt").GetString();

        (await client.GetAsync($"{Entries}?limit=5&type=asset_registered&cursor={cursor}&knownAt={knownAt}"))
            .ShouldBe(HttpStatusCode.OK);
        foreach (var wrong in new[]
            {
                $"{Entries}?cursor={cursor}",
                $"{Entries}?type=asset_sold&cursor={cursor}",
                $"{Entries}?type=asset_registered&order=newest&cursor={cursor}",
                $"{Entries}?type=asset_registered&asOf=2026-01-01&cursor={cursor}",
                $"{Entries}?type=asset_registered&knownAt=2026-01-01T00:00:00Z&cursor={cursor}",
                $"{Movements}?type=asset_registered&cursor={cursor}",
                $"{Entries}?type=asset_registered&cursor={cursor[..^1]}",
                $"{Entries}?type=asset_registered&cursor={cursor}A",
                $"{Entries}?type=asset_registered&cursor=",
            })
        {
            (await client.GetAsync(wrong)).ShouldBe(HttpStatusCode.BadRequest).Code
                .ShouldBe(ErrorRegistry.CursorInvalid, wrong);
        }

        (await stranger.GetAsync($"{Entries}?type=asset_registered&cursor={cursor}")).Code
            .ShouldBe(ErrorRegistry.CursorInvalid);
        for (var at = 0; at < cursor.Length; at++)
        {
            var changed = cursor[..at] + (cursor[at] == 'x' ? 'y' : 'x') + cursor[(at + 1)..];
            (await client.GetAsync($"{Entries}?type=asset_registered&cursor={changed}")).Code
                .ShouldBe(ErrorRegistry.CursorInvalid, changed);
        }
    }

    [Fact]
    public async Task a_list_that_stopped_says_so_and_gives_what_came_before()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var knownAt = (await client.GetAsync(Entries)).Json.GetProperty("viewpoint").GetProperty("knownAt");
        // A row that is in the way: the database refuses the next entry's own.
        await Database.AskAsync(
            host.Owner, $"insert into lists.movements values ('{client.Tenant}', 'treasury/acme', 14, 0, 'held')");
        await BuyAsync(client, 3);

        var stopped = await client.GetAsync(Entries);

        stopped.ShouldBe(HttpStatusCode.ServiceUnavailable).Code.ShouldBe(ErrorRegistry.ReadModelStopped);
        stopped.Json.GetProperty("numbers").GetProperty("position").GetString().ShouldBe("13");
        (await client.GetAsync($"{Entries}?knownAt={knownAt}")).ShouldBe(HttpStatusCode.OK);
        // Other journals of the tenant may be behind as well, and have not stopped.
        var status = (await client.GetAsync("/v1/lists")).ShouldBe(HttpStatusCode.OK).Json.GetProperty("behind")
            .EnumerateArray().Single(row => row.GetProperty("journal").GetString() == "treasury/acme");
        status.GetProperty("stoppedAt").GetInt64().ShouldBe(14);
        status.GetProperty("reason").GetString().ShouldNotBeNullOrEmpty();
        var health = (await client.GetAsync("/health/lists")).ShouldBe(HttpStatusCode.OK);
        health.Json.GetProperty("status").GetString().ShouldBe("stopped");
        health.Text.ShouldNotContain(client.Tenant);
        (await (await host.NewTenantAsync()).GetAsync("/v1/lists")).Text.ShouldNotContain("acme");
        // All at once, and first how far the rows reach: the worker behind the list tries again meanwhile.
        await Database.AskAsync(
            host.Owner,
            $"""
            delete from lists.progress where tenant = '{client.Tenant}';
            delete from lists.movements where tenant = '{client.Tenant}';
            delete from lists.entries where tenant = '{client.Tenant}';
            """);
        (await PositionsAsync(client, Entries + "?limit=5")).Count.ShouldBe(15);
    }

    [Fact]
    public async Task what_was_just_recorded_is_in_the_list()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        for (var number = 0; number < 20; number++)
        {
            var position = await BuyAsync(client, 1);
            var newest = (await client.GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"{Entries}?order=newest&limit=1&minPosition={position}")))
                .ShouldBe(HttpStatusCode.OK).Json;
            Position(newest.GetProperty("entries")[0]).ShouldBe(position);
        }

        (await client.GetAsync(Entries + "?minPosition=1000")).Code.ShouldBe(ErrorRegistry.PositionNotReached);
    }

    [Fact]
    public async Task an_answer_that_the_caller_has_is_not_given_again()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await BuyAsync(client, 2);
        foreach (var address in new[]
            { Entries, Movements + "?asset=ETH", Entries + "/sums", Entries + "?format=csv", Entries + "?limit=1" })
        {
            var first = await client.GetAsync(address);
            var tag = first.Headers.ETag!;
            tag.IsWeak.ShouldBeFalse();
            (await AskAsync(client, address, tag.Tag)).ShouldBe(HttpStatusCode.NotModified).Text.ShouldBeEmpty();
            (await AskAsync(client, address, $"\"other\", {tag.Tag}")).ShouldBe(HttpStatusCode.NotModified);
            (await AskAsync(client, address, "\"other\"")).Text.ShouldBe(first.Text);
            (await client.GetAsync(address + (address.Contains('?', StringComparison.Ordinal) ? "&" : "?")
                + "actor=nobody")).Headers.ETag!.Tag.ShouldNotBe(tag.Tag);
        }

        var old = (await client.GetAsync(Entries)).Headers.ETag!.Tag;
        await BuyAsync(client, 1);
        (await AskAsync(client, Entries, old)).ShouldBe(HttpStatusCode.OK).Headers.ETag!.Tag.ShouldNotBe(old);
    }

    [Fact]
    public async Task a_text_that_was_erased_is_another_answer()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await client.PostAsync(
            ApiClient.Treasury + "/annotations",
            """{"effectiveAt":"2026-01-02T00:00:00Z","entry":1,"reason":"Zebra"}""");
        var knownAt = (await client.GetAsync(Entries)).Json.GetProperty("viewpoint").GetProperty("knownAt");
        var before = await client.GetAsync($"{Entries}?knownAt={knownAt}");
        await Database.AskAsync(host.Owner, $"select ledger.erase_text('{client.Tenant}', 'treasury/acme', 13)");

        var after = await AskAsync(client, $"{Entries}?knownAt={knownAt}", before.Headers.ETag!.Tag);

        before.Text.ShouldContain("Zebra");
        after.ShouldBe(HttpStatusCode.OK).Text.ShouldNotContain("Zebra");
    }

    [Theory]
    [InlineData("?format=ndjson", null)]
    [InlineData("", "application/x-ndjson")]
    public async Task a_stream_has_all_rows_between_its_viewpoint_and_its_end(string query, string? accept)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await BuyAsync(client, 1_200);
        var request = new HttpRequestMessage(HttpMethod.Get, Entries + query);
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        var answer = (await client.SendAsync(request)).ShouldBe(HttpStatusCode.OK);

        answer.MediaType.ShouldBe("application/x-ndjson");
        var lines = answer.Text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines[0].GetProperty("viewpoint").GetProperty("position").GetInt64().ShouldBe(1_212);
        lines[1..^1].Select(Position).ShouldBe(Enumerable.Range(1, 1_212).Select(position => (long)position));
        lines[^1].GetProperty("rows").GetInt64().ShouldBe(1_212);
        var page = (await client.GetAsync(Entries + "?limit=1")).Json;
        lines[1].GetRawText().ShouldBe(page.GetProperty("entries")[0].GetRawText());
        (await client.GetAsync(Entries + "?format=ndjson&limit=1100")).Text.Split('\n').Length.ShouldBe(1_103);
    }

    [Fact]
    public async Task comma_separated_values_say_where_they_stand_in_headers()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await BuyAsync(client, 2);
        var request = new HttpRequestMessage(HttpMethod.Get, Movements + "?asset=ETH&quantityMin=1");
        request.Headers.Add("Accept", "text/csv");

        var answer = (await client.SendAsync(request)).ShouldBe(HttpStatusCode.OK);

        answer.MediaType.ShouldBe("text/csv");
        answer.Headers.GetValues("Ledger-Position").ShouldBe(["14"]);
        var lines = answer.Text.Split("\r\n");
        lines[0].ShouldBe(
            "entry,leg,side,account,asset,quantity,effectiveAt,recordedAt,type,fact,source,quality,voidedBy");
        lines[1].ShouldStartWith("13,0,held,exchange,ETH,1,2026-01-02T00:00:00Z,");
        lines[2].ShouldStartWith("14,0,held,exchange,ETH,1,2026-01-02T00:00:00Z,");
        lines.Length.ShouldBe(4);
        (await client.GetAsync(Entries + "?format=csv&type=asset_acquired")).Text.ShouldContain("\"{\"\"received\"\"");
    }

    [Theory]
    [InlineData("entries?type=nonsense")]
    [InlineData("entries?type=")]
    [InlineData("entries?type=nonsense,nonsense")]
    [InlineData("entries?mode=both")]
    [InlineData("entries?voided=maybe")]
    [InlineData("entries?actor=")]
    [InlineData("entries?actor=%00")]
    [InlineData("entries?source=a%0Ab")]
    [InlineData("entries?fact=%25")]
    [InlineData("entries?fact='")]
    [InlineData("entries?effectiveFrom=2026-01-01")]
    [InlineData("entries?quantityMin=1")]
    [InlineData("entries?quantityMin=NaN&asset=ETH")]
    [InlineData("entries?limit=0")]
    [InlineData("entries?limit=1001")]
    [InlineData("entries?format=xml")]
    [InlineData("entries?price=1")]
    [InlineData("movements?side=left")]
    [InlineData("entries/sums?limit=1")]
    public async Task a_filter_that_is_not_of_its_form_is_refused(string address) =>
        (await (await host.SharedAsync()).GetAsync($"{ApiClient.Treasury}/{address}")).Code
            .ShouldBe(ErrorRegistry.QueryInvalid);

    [Fact]
    public async Task numbers_of_tokens_need_an_asset_that_is_registered()
    {
        var client = await host.SharedAsync();

        (await client.GetAsync(Movements + "?asset=NONE&quantityMin=1")).Code.ShouldBe("asset_unknown");
        (await client.GetAsync(Movements + "?asset=NONE")).Json.GetProperty("movements").GetArrayLength().ShouldBe(0);
        (await client.GetAsync(Movements + "?asset=ETH&quantityMax=1" + new string('0', 60)))
            .ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync(Entries + "?asOf=9998-12-31T23:59:59.999999Z&limit=1")).ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync(Entries + "?recordedFrom=1970-01-01T00:00:00Z&recordedUntil=1970-01-01T00:00:00Z"))
            .Json.GetProperty("entries").GetArrayLength().ShouldBe(0);
    }

    private static async Task<List<long>> PositionsAsync(ApiClient client, string address)
    {
        var positions = new List<long>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = (await client.GetAsync(address + cursor)).ShouldBe(HttpStatusCode.OK).Json;
            positions.AddRange(page.GetProperty("entries").EnumerateArray().Select(Position));
            cursor = page.TryGetProperty("next", out var next) ? $"&cursor={next}" : null;
        }

        return positions;
    }

    private static long Position(JsonElement row) => row.GetProperty("entry").GetProperty("position").GetInt64();

    private static Task<ApiAnswer> AskAsync(ApiClient client, string address, string tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("If-None-Match", tag);
        return client.SendAsync(request);
    }

    /// <summary>Buys one token, so many times in one batch.</summary>
    private static async Task<long> BuyAsync(ApiClient client, int count)
    {
        var commands = string.Join(',', Enumerable.Repeat(
            """
            {
              "command": "acquire-asset", "effectiveAt": "2026-01-02T00:00:00Z", "account": "exchange", "asset": "ETH",
              "quantity": "1", "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "2000"
            }
            """,
            count));
        var answer = await client.PostAsync(ApiClient.Treasury + "/batches", $$"""{"commands":[{{commands}}]}""");
        return answer.ShouldBe(HttpStatusCode.Created).Json.GetProperty("head").GetProperty("position").GetInt64();
    }
}
