using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Money;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Why whole reports changed, and how the knowledge of one day grew, entry by entry.</summary>
[Collection(ApiTests.Name)]
public sealed class RestatementTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    [Theory]
    [InlineData("realizedGains&period=month", "2026-01 ETH", "realizedGain")]
    [InlineData("openLots", "late:2:0 ETH", "cost")]
    [InlineData("trialBalance", "realizedGains ETH", "balance")]
    public async Task each_number_of_a_report_that_changed_is_explained_by_entries_that_add_up(
        string report, string row, string column)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var before = await KnownAtAsync(client);
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-01T12:00:00Z", "900", "late:1"));
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-01T13:00:00Z", "950", "late:2"));
        var after = await KnownAtAsync(client);

        var json = await ReportAsync(client, report, before, after);

        var cells = json.GetProperty("cells").EnumerateArray().ToList();
        cells.ShouldNotBeEmpty();
        cells.ShouldContain(cell => Text(cell, "row") == row && Text(cell, "column") == column);
        foreach (var cell in cells)
        {
            Number(cell, "after").ShouldBe(Number(cell, "before") + Number(cell, "difference"));
            var effects = cell.GetProperty("effects").EnumerateArray().ToList();
            effects.Aggregate(Amount.Zero, (sum, effect) => sum + Number(effect, "effect"))
                .ShouldBe(Number(cell, "difference"));
            effects.Select(effect => effect.GetProperty("position").GetInt64()).ShouldBeInOrder();
        }

        // Two steps explain what one does, and nothing is explained between an instant and itself.
        var middle = (await client.GetAsync($"{Treasury}/entries?limit=1000")).Json.GetProperty("entries")
            .EnumerateArray().Select(entry => entry.GetProperty("entry"))
            .Single(entry => Text(entry, "fact") == "late:1").GetProperty("recordedAt").GetString()!;
        var (first, second) = (
            await ReportAsync(client, report, before, middle), await ReportAsync(client, report, middle, after));
        (Of(first, row, column) + Of(second, row, column)).ShouldBe(Of(json, row, column));
        (await ReportAsync(client, report, after, after)).GetProperty("cells").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task a_restated_report_says_what_the_report_itself_says()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var before = await KnownAtAsync(client);
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-01T12:00:00Z", "900", "late:1"));
        var after = await KnownAtAsync(client);

        var cells = (await ReportAsync(client, "realizedGains", before, after)).GetProperty("cells").EnumerateArray()
            .Where(cell => Text(cell, "column") == "realizedGain").ShouldHaveSingleItem();

        foreach (var (knownAt, member) in new[] { (before, "before"), (after, "after") })
        {
            var gains = await client.GetAsync($"{Treasury}/realized-gains?asOf=2026-01-31&knownAt={knownAt}");
            Number(gains.Json.GetProperty("total"), "realizedGain").ShouldBe(Number(cells, member));
        }
    }

    [Theory]
    [InlineData("restatement?knownAt1=2026-01-01T00:00:00Z&report=payroll")]
    [InlineData("restatement?knownAt1=2026-01-01T00:00:00Z&period=month")]
    [InlineData("restatement?knownAt1=2026-01-01T00:00:00Z&report=openLots&period=month")]
    [InlineData("series?step=entry")]
    public async Task what_no_report_and_no_series_has_is_refused(string question)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);

        (await client.GetAsync($"{Treasury}/{question}")).Code.ShouldBe("query_invalid");
    }

    [Theory]
    [InlineData("realizedGain")]
    [InlineData("costBasis")]
    [InlineData("marketValue")]
    public async Task knowledge_of_a_day_grows_by_the_entries_that_changed_it(string figure)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-01T12:00:00Z", "900", "late:1"));
        await client.PostAsync(
            ApiClient.Prices + "/prices",
            """{"effectiveAt":"2026-01-06T15:00:00Z","asset":"ETH","currency":"USD","price":"2600"}""");
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-02-01T12:00:00Z", "900", "later:1"));
        var question = $"{Treasury}/series?asOf=2026-01-06&figure={figure}&over=knownAt&step=";

        var points = Points(await client.GetAsync(question + "entry"));

        points[0].TryGetProperty("entry", out _).ShouldBeFalse();
        points.Count.ShouldBeGreaterThan(1);
        foreach (var (before, point) in points.Zip(points.Skip(1)))
        {
            var entry = point.GetProperty("entry");
            Number(entry, "effect").ShouldBe(Number(point, "value") - Number(before, "value"));
            Number(entry, "effect").ShouldNotBe(Amount.Zero);
            Text(entry, "recordedAt").ShouldBe(Text(point, "knownAt"));
            Text(entry, "fact").ShouldNotBe("later:1"); // happened after the day
            var alone = await client.GetAsync($"{question}day&knownAt={Text(point, "knownAt")}");
            Points(alone)[^1].GetRawText().ShouldBe(WithoutEntry(point));
        }

        Number(points[^1], "value").ShouldBe(Number(Points(await client.GetAsync(question + "day"))[^1], "value"));
    }

    private static async Task<JsonElement> ReportAsync(
        ApiClient client, string report, string knownAt1, string knownAt2) =>
        (await client.GetAsync(
            $"{Treasury}/restatement?asOf=2026-01-31&knownAt1={knownAt1}&knownAt2={knownAt2}&report={report}"))
        .ShouldBe(HttpStatusCode.OK).Json;

    private static Amount Of(JsonElement answer, string row, string column) => answer.GetProperty("cells")
        .EnumerateArray()
        .Where(cell => Text(cell, "row") == row && Text(cell, "column") == column)
        .Aggregate(Amount.Zero, (sum, cell) => sum + Number(cell, "difference"));

    private static string WithoutEntry(JsonElement point) => JsonSerializer.Serialize(
        point.EnumerateObject().Where(member => member.Name != "entry")
            .ToDictionary(member => member.Name, member => member.Value));

    private static async Task<string> KnownAtAsync(ApiClient client) =>
        (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt").GetString()!;

    private static async Task RecordAsync(ApiClient client)
    {
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-02T00:00:00Z", "2000", "first:1"));
        (await client.PostAsync(
            Treasury + "/sales",
            """
            {
              "effectiveAt": "2026-01-05T00:00:00Z", "account": "exchange", "asset": "ETH", "quantity": "1",
              "proceedsAsset": "USD", "proceedsQuantity": "2500"
            }
            """)).ShouldBe(HttpStatusCode.Created);
    }

    private static string Buy(string at, string paid, string fact) =>
        $$"""
        {
          "effectiveAt": "{{at}}", "fact": "{{fact}}", "account": "exchange", "asset": "ETH", "quantity": "1",
          "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "{{paid}}"
        }
        """;

    private static List<JsonElement> Points(ApiAnswer answer) =>
        [.. answer.ShouldBe(HttpStatusCode.OK).Json.GetProperty("points").EnumerateArray()];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static Amount Number(JsonElement of, string name) =>
        Amount.TryParse(of.GetProperty(name).GetString(), out var amount)
            ? amount
            : throw new FormatException($"{name} is no amount.");
}
