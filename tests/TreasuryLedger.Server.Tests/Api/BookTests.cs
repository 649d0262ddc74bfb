using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Answers;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Books by name: adopted, asked, listed, compared, and what an answer cost.</summary>
[Collection(ApiTests.Name)]
public sealed class BookTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;
    private const string Books = Treasury + "/books";

    public static TheoryData<string> Questions => new(AnswerRoute.All
        .Where(question => question.Subject is null && question.Parameters.Any(parameter => parameter.Name == "book"))
        .Select(question => question.Path));

    [Fact]
    public async Task a_book_follows_the_terms_that_it_adopts_from_their_day_on()
    {
        var client = await RecordAsync();
        await AdoptAsync(client, "board", "2026-01-04T16:00:00Z", "lifo");

        Gain(await client.GetAsync(Treasury + "/realized-gains?asOf=2026-01-31")).ShouldBe("1500");
        var answer = await client.GetAsync(Treasury + "/realized-gains?asOf=2026-01-31&book=board");

        Gain(answer).ShouldBe("500"); // the second lot, because the sale is on 5 January in Singapore
        var viewpoint = answer.Json.GetProperty("viewpoint");
        viewpoint.GetProperty("book").GetString().ShouldBe("board");
        viewpoint.GetProperty("isWhatIf").GetBoolean().ShouldBeFalse();
        viewpoint.GetProperty("isOfficial").GetBoolean().ShouldBeFalse();
        viewpoint.GetProperty("policy").GetProperty("lotMethod").GetString().ShouldBe("lifo");
        var whatIf = await client.GetAsync(Treasury + "/realized-gains?asOf=2026-01-31&book=board&method=fifo");
        Gain(whatIf).ShouldBe("1500");
        whatIf.Json.GetProperty("viewpoint").GetProperty("isWhatIf").GetBoolean().ShouldBeTrue();
        whatIf.Json.GetProperty("viewpoint").GetProperty("isOfficial").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task every_method_and_scope_stands_in_one_table_as_it_is_answered_alone()
    {
        var client = await RecordAsync();

        var table = (await client.GetAsync(Books + "/methods?asOf=2026-01-31")).ShouldBe(HttpStatusCode.OK).Json;

        var rows = table.GetProperty("methods").EnumerateArray().ToList();
        rows.Count.ShouldBe(2 * Enum.GetValues<LotMethod>().Length);
        rows.Select(row => row.GetProperty("isOwn").GetBoolean()).ShouldBe(rows.Select((_, i) => i == 0));
        foreach (var row in rows)
        {
            var (method, scope) = (row.GetProperty("method").GetString(), row.GetProperty("scope").GetString());
            var alone = await client.GetAsync(
                $"{Treasury}/realized-gains?asOf=2026-01-31&method={method}&scope={scope}");
            row.GetProperty("figures").GetRawText().ShouldBe(alone.Json.GetProperty("total").GetRawText());
            var difference = decimal.Parse(row.GetProperty("difference").GetString()!, CultureInfo.InvariantCulture);
            difference.ShouldBe(
                decimal.Parse(Gain(alone)!, CultureInfo.InvariantCulture) - 1_500m, $"{method} {scope}");
        }

        rows.Select(row => row.GetProperty("difference").GetString()).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task an_answer_to_a_question_without_a_book_says_nothing_of_books()
    {
        var client = await RecordAsync();

        var asked = await client.GetAsync(Treasury + "/lots?asOf=2026-01-31");
        var named = await client.GetAsync(Treasury + "/lots?asOf=2026-01-31&book=official&knownAt="
            + asked.Json.GetProperty("viewpoint").GetProperty("knownAt").GetString());

        asked.Text.ShouldNotContain("\"book\"");
        asked.Text.ShouldNotContain("isWhatIf");
        named.Text.ShouldBe(asked.Text.Replace(
            "\"illustrative\":false", "\"illustrative\":false,\"book\":\"official\",\"isWhatIf\":false",
            StringComparison.Ordinal));
        named.Json.GetProperty("viewpoint").GetProperty("isOfficial").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task a_book_that_is_not_known_is_refused_with_those_that_are(string path)
    {
        var client = await RecordAsync();
        await AdoptAsync(client, "board", "2026-01-04T16:00:00Z", "lifo");
        var restated = path switch
        {
            "restatement" => "&knownAt1=2026-01-01T00:00:00Z",
            "plans/disposal" => "&account=bank&asset=ETH&quantity=1&proceeds=2500",
            _ => "",
        };
        var address = $"{Treasury}/{path}".TrimEnd('/');

        var never = await client.GetAsync($"{address}?asOf=2026-01-31&book=nobodys{restated}");
        var notYet = await client.GetAsync($"{address}?asOf=2026-01-04&book=board{restated}");

        (never.Code, notYet.Code).ShouldBe(("book_unknown", "book_unknown"));
        never.Json.GetProperty("numbers").GetProperty("known").GetString().ShouldBe(
            string.Join(", ", [StarterBooks.Official, .. StarterBooks.All.Select(starter => starter.Name), "board"]));
        notYet.Json.GetProperty("numbers").GetProperty("known").GetString()!.ShouldNotContain("board");
    }

    [Fact]
    public async Task books_are_listed_with_their_dated_terms_at_both_times()
    {
        var client = await RecordAsync();
        var before = await KnownAtAsync(client);
        await AdoptAsync(client, "board", "2026-01-04T16:00:00Z", "lifo");
        await AdoptAsync(client, "board", "2026-01-09T16:00:00Z", "hifo");
        await AdoptAsync(client, "us-gaap", "2026-01-09T16:00:00Z", "average");

        var all = await BooksAsync($"?asOf=2026-01-31");
        var early = await BooksAsync($"?asOf=2026-01-05");
        var unknown = await BooksAsync($"?asOf=2026-01-31&knownAt={before}");

        all["board"].GetProperty("origin").GetString().ShouldBe("adopted");
        Methods(all["board"]).ShouldBe(["fifo", "lifo", "hifo"]);
        all["board"].GetProperty("terms")[0].TryGetProperty("from", out _).ShouldBeFalse();
        all["board"].GetProperty("terms")[2].GetProperty("from").GetString().ShouldBe("2026-01-09T16:00:00Z");
        all["board"].GetProperty("policy").GetProperty("lotMethod").GetString().ShouldBe("hifo");
        Methods(all["us-gaap"]).ShouldBe(["fifo", "average"]);
        all["us-gaap"].GetProperty("origin").GetString().ShouldBe("starter");
        all["official"].GetProperty("origin").GetString().ShouldBe("opening");
        Methods(early["board"]).ShouldBe(["fifo", "lifo"]);
        Methods(early["us-gaap"]).ShouldBe(["fifo"]);
        unknown.Keys.ShouldNotContain("board");
        (await client.GetAsync(Books + "?method=hifo")).Code.ShouldBe("query_invalid");

        async Task<Dictionary<string, JsonElement>> BooksAsync(string query) =>
            (await client.GetAsync(Books + query)).ShouldBe(HttpStatusCode.OK).Json.GetProperty("books")
                .EnumerateArray().ToDictionary(book => book.GetProperty("book").GetString()!);

        static IEnumerable<string?> Methods(JsonElement book) => book.GetProperty("terms").EnumerateArray()
            .Select(terms => terms.GetProperty("policy").GetProperty("lotMethod").GetString());
    }

    [Fact]
    public async Task a_restatement_of_a_book_names_the_entry_that_adopts_terms_late_and_its_correction()
    {
        var client = await RecordAsync();
        var before = await KnownAtAsync(client);
        var adopted = await AdoptAsync(client, "board", "2026-01-04T16:00:00Z", "lifo");
        var between = await KnownAtAsync(client);
        var correction = (await client.PostAsync(
            Treasury + "/corrections", $$"""{"effectiveAt":"2026-02-01T00:00:00Z","entry":{{adopted}}}"""))
            .ShouldBe(HttpStatusCode.Created).Position;
        await AdoptAsync(client, "board", "2026-01-09T16:00:00Z", "hifo"); // so that the book is still known

        var late = await RestatedAsync($"knownAt1={before}&knownAt2={between}");
        var back = await RestatedAsync($"knownAt1={between}");

        late.ShouldBe([(adopted, "terms_adopted_v1", "-1000")]);
        back.ShouldBe([(correction, "entry_voided_v1", "1000")]);
        (await client.GetAsync($"{Treasury}/restatement?asOf=2026-01-31&knownAt1={before}"))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("entries").GetArrayLength().ShouldBe(0);

        async Task<(long, string?, string?)[]> RestatedAsync(string times) =>
        [
            .. (await client.GetAsync($"{Treasury}/restatement?asOf=2026-01-31&book=board&{times}"))
                .ShouldBe(HttpStatusCode.OK).Json.GetProperty("entries").EnumerateArray().Select(entry => (
                    entry.GetProperty("position").GetInt64(),
                    entry.GetProperty("type").GetString(),
                    entry.GetProperty("effect").GetString())),
        ];
    }

    [Fact]
    public async Task two_books_are_compared_and_the_disposals_add_up_to_the_difference()
    {
        var client = await RecordAsync();
        await AdoptAsync(client, "board", "2026-01-04T16:00:00Z", "lifo");

        var answer = (await client.GetAsync(
            Books + "/comparison?asOf=2026-01-31&book=official&with=board&period=month"))
            .ShouldBe(HttpStatusCode.OK).Json;
        var itself = (await client.GetAsync(Books + "/comparison?asOf=2026-01-31&with=official"))
            .ShouldBe(HttpStatusCode.OK).Json;
        var whatIf = (await client.GetAsync(Books + "/comparison?asOf=2026-01-31&method=lifo"))
            .ShouldBe(HttpStatusCode.OK).Json;

        Amounts(answer, "realizedGain").ShouldBe(("1500", "500", "1000"));
        Amounts(answer, "costOpen").ShouldBe(("2000", "1000", "1000"));
        Amounts(answer, "costAcquired").ShouldBe(("3000", "3000", "0"));
        answer.GetProperty("gains").GetArrayLength().ShouldBe(1);
        answer.GetProperty("gains")[0].GetProperty("period").GetString().ShouldBe("2026-01");
        answer.GetProperty("disposals").GetArrayLength().ShouldBe(1);
        Amounts(answer.GetProperty("disposals")[0], "gain").ShouldBe(("1500", "500", "1000"));
        answer.GetProperty("with").GetProperty("policy").GetProperty("lotMethod").GetString().ShouldBe("lifo");
        itself.GetProperty("disposals").GetArrayLength().ShouldBe(0);
        whatIf.GetProperty("with").GetProperty("isWhatIf").GetBoolean().ShouldBeTrue();
        whatIf.GetProperty("viewpoint").GetProperty("isOfficial").GetBoolean().ShouldBeTrue();
        Amounts(whatIf, "realizedGain").ShouldBe(("1500", "500", "1000"));

        static (string?, string?, string?) Amounts(JsonElement json, string name)
        {
            var amount = json.GetProperty(name);
            return (amount.GetProperty("book").GetString(), amount.GetProperty("with").GetString(),
                amount.GetProperty("difference").GetString());
        }
    }

    [Fact]
    public async Task what_a_broker_sees_stands_beside_with_the_rule_that_makes_the_difference()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var (path, at, members) in new[]
        {
            ("acquisitions", "2026-01-02T08:00:00Z",
                Trade("paid", "1000").Replace("exchange", "wallet", StringComparison.Ordinal)),
            ("acquisitions", "2026-01-03T08:00:00Z", Trade("paid", "2000")),
            ("transfers", "2026-01-04T08:00:00Z",
                "\"from\":\"wallet\",\"to\":\"exchange\",\"asset\":\"ETH\",\"quantity\":\"1\""),
            ("sales", "2026-01-05T08:00:00Z", Trade("proceeds", "2500")),
        })
        {
            (await client.PostAsync($"{Treasury}/{path}", $$"""{"effectiveAt":"{{at}}",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        var answer = (await client.GetAsync(
            Books + "/comparison?asOf=2026-01-31&book=us-tax&sequence=arrival")).ShouldBe(HttpStatusCode.OK).Json;
        var lots = (await client.GetAsync(
            Books + "/comparison/lots?asOf=2026-01-31&book=us-tax&sequence=arrival")).ShouldBe(HttpStatusCode.OK).Json;

        var sale = answer.GetProperty("disposals").EnumerateArray().ShouldHaveSingleItem();
        sale.GetProperty("gain").GetProperty("difference").GetString().ShouldBe("1000");
        sale.GetProperty("reasons").GetRawText().ShouldBe("""["lots"]""");
        sale.GetProperty("rules").GetRawText().ShouldBe("""["sequence"]""");
        Take("book").ShouldBe(("2026-01-02T08:00:00Z", "2026-01-04T08:00:00Z"));
        Take("with").ShouldBe(("2026-01-03T08:00:00Z", "2026-01-03T08:00:00Z"));
        lots.GetProperty("lots").EnumerateArray().Select(lot => lot.GetProperty("rules").GetRawText())
            .ShouldBe(["""["sequence"]""", """["sequence"]"""]);

        (string?, string?) Take(string side)
        {
            var take = sale.GetProperty(side).EnumerateArray().ShouldHaveSingleItem();
            return (take.GetProperty("acquiredAt").GetString(), take.GetProperty("cameAt").GetString());
        }
    }

    [Fact]
    public async Task two_persons_take_the_official_book_from_one_pool_to_one_an_account()
    {
        var client = await RecordAsync();
        var bob = await host.NewCallerAsync(client.Tenant, "bob");
        const string day = "\"effectiveAt\":\"2099-12-31T16:00:00Z\",\"reason\":\"Rev. Proc. 2024-28\","
            + "\"book\":\"official\",";
        const string allocation = day + "\"method\":\"lifo\",\"accounts\":[\"exchange\"]";
        var terms = day + "\"terms\":" + (await client.GetAsync(Books)).Json.GetProperty("books")[0]
            .GetProperty("policy").GetRawText().Replace("universal", "perAccount", StringComparison.Ordinal);

        var proposed = (await client.PostAsync(Treasury + "/basis-allocations", $"{{{allocation}}}"))
            .ShouldBe(HttpStatusCode.Created).Position;
        var alone = await client.PostAsync(
            Treasury + "/basis-allocations", $"{{{allocation},\"proposal\":{proposed}}}", "alone");
        var allocated = (await bob.PostAsync(
            Treasury + "/basis-allocations", $"{{{allocation},\"proposal\":{proposed}}}", "allocated"))
            .ShouldBe(HttpStatusCode.Created).Position;
        proposed = (await bob.PostAsync(Books, $"{{{terms}}}", "proposed")).ShouldBe(HttpStatusCode.Created).Position;
        (await client.PostAsync(Books, $"{{{terms},\"proposal\":{proposed}}}")).ShouldBe(HttpStatusCode.Created);

        alone.Code.ShouldBe("second_person_needed");
        var official = (await client.GetAsync(Books + "?asOf=2100-01-01")).Json.GetProperty("books")[0];
        var decision = official.GetProperty("decisions")[0];
        decision.GetProperty("entry").GetInt64().ShouldBe(allocated);
        decision.GetProperty("method").GetString().ShouldBe("lifo");
        decision.GetProperty("hash").GetString().ShouldBe(
            (await client.GetAsync($"{Treasury}/entries/{allocated}")).Json.GetProperty("hash").GetString());
        official.GetProperty("policy").GetProperty("basisScope").GetString().ShouldBe("perAccount");
        (await client.GetAsync(Books + "?asOf=2099-12-31")).Json.GetProperty("books")[0]
            .TryGetProperty("decisions", out _).ShouldBeFalse();
        (await LotsAsync("2099-12-31T15:59:59Z")).ShouldBe([null]);
        (await LotsAsync("2099-12-31T16:00:00Z")).ShouldBe(["exchange"]);
        (await client.GetAsync(Treasury + "/realized-gains?asOf=2100-01-01")).Text.ShouldContain("\"1500\"");

        async Task<string?[]> LotsAsync(string asOf) =>
        [
            .. (await client.GetAsync($"{Treasury}/lots?asOf={asOf}")).ShouldBe(HttpStatusCode.OK).Json
                .GetProperty("lots").EnumerateArray().Select(lot =>
                    lot.TryGetProperty("account", out var account) ? account.GetString() : null),
        ];
    }

    [Theory]
    [InlineData("trial-balance")]
    [InlineData("general-ledger")]
    [InlineData("roll-forward")]
    public async Task postings_follow_a_change_of_terms(string path)
    {
        var client = await RecordAsync();
        await AdoptAsync(client, "board", "2026-01-04T16:00:00Z", "lifo");

        var official = (await client.GetAsync($"{Treasury}/{path}?asOf=2026-01-31")).ShouldBe(HttpStatusCode.OK);
        var book = (await client.GetAsync($"{Treasury}/{path}?asOf=2026-01-31&book=board"))
            .ShouldBe(HttpStatusCode.OK);

        official.Text.ShouldContain("1500\"");
        book.Text.ShouldNotContain("1500\"");
    }

    [Theory]
    [InlineData("asset=DOGE", "asset")]
    [InlineData("place=nowhere", "place")]
    [InlineData("asset=ETH&knownAt=2026-01-01T00:00:00Z", null)]
    public async Task a_general_ledger_of_what_nobody_registered_is_refused(string query, string? parameter)
    {
        var client = await RecordAsync();

        var answer = await client.GetAsync($"{Treasury}/general-ledger?{query}");

        answer.Code.ShouldBe(parameter is null ? "journal_not_opened" : "query_invalid");
        if (parameter is not null)
        {
            answer.ShouldBe(HttpStatusCode.BadRequest).Json.GetProperty("numbers").GetProperty("parameter")
                .GetString().ShouldBe(parameter);
        }

        (await client.GetAsync($"{Treasury}/general-ledger?asset=ETH&place=bank")).ShouldBe(HttpStatusCode.OK)
            .Json.GetProperty("accounts").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task an_answer_tells_what_it_cost_beside_its_bytes()
    {
        var client = await RecordAsync();
        var address = $"{Treasury}/lots?asOf=2026-01-31&knownAt={await KnownAtAsync(client)}&method=average";

        var first = await client.GetAsync(address);
        var second = await client.GetAsync(address);

        Cost(first).ShouldBe((3, 0));
        Cost(second).ShouldBe((0, 3));
        second.Text.ShouldBe(first.Text);

        static (long, long) Cost(ApiAnswer answer) => (
            long.Parse(answer.Headers.GetValues("Entries-Folded").Single(), CultureInfo.InvariantCulture),
            long.Parse(answer.Headers.GetValues("Entries-Saved").Single(), CultureInfo.InvariantCulture));
    }

    /// <summary>Two lots of one ETH, 1000 and 2000 USD, and a sale of one for 2500 USD on 5 January.</summary>
    private async Task<ApiClient> RecordAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var (path, at, members) in new[]
        {
            ("acquisitions", "2026-01-02T08:00:00Z", Trade("paid", "1000")),
            ("acquisitions", "2026-01-03T08:00:00Z", Trade("paid", "2000")),
            ("sales", "2026-01-05T08:00:00Z", Trade("proceeds", "2500")),
        })
        {
            (await client.PostAsync($"{Treasury}/{path}", $$"""{"effectiveAt":"{{at}}",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }

    private static string Trade(string side, string dollars) =>
        $"\"account\":\"exchange\",\"asset\":\"ETH\",\"quantity\":\"1\",\"{side}Account\":\"exchange\","
        + $"\"{side}Asset\":\"USD\",\"{side}Quantity\":\"{dollars}\"";

    private static async Task<long> AdoptAsync(ApiClient client, string book, string at, string method) =>
        (await client.PostAsync(
            Books,
            $$"""
            {"effectiveAt":"{{at}}","book":"{{book}}","terms":{"lotMethod":"{{method}}","basisScope":"universal",
            "stablecoins":"cashAtPar","incomeBasis":"fairValue","priceAgeMaxSeconds":172800} }
            """)).ShouldBe(HttpStatusCode.Created).Position;

    private static async Task<string?> KnownAtAsync(ApiClient client) =>
        (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt").GetString();

    private static string? Gain(ApiAnswer answer) => answer.ShouldBe(HttpStatusCode.OK).Json.GetProperty("total")
        .GetProperty("realizedGain").GetString();
}
