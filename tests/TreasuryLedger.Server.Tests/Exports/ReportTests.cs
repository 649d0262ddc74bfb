using System.Globalization;
using System.Net;
using System.Text.Json;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using Shouldly;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Exports;

/// <summary>Every question as rows: JSON lines, comma-separated values, a workbook.</summary>
[Collection(ApiTests.Name)]
public sealed class ReportTests(ApiHost host) : IDisposable
{
    private const string Treasury = ApiClient.Treasury;
    private const string At = "asOf=2026-01-31";

    private static ApiClient? _told;

    private readonly string _folder = Directory.CreateTempSubdirectory("report").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Questions => ReadTests.Questions;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task every_question_is_answered_in_rows_as_well(string path)
    {
        var client = await TellAsync();
        var head = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        var address = $"{Treasury}/{path}".TrimEnd('/') + (path.EndsWith('=') ? $"{head}&knownAt2={head}&{At}"
            : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"{At}&knownAt={head}");

        var lines = (await client.GetAsync(address + "&format=ndjson")).ShouldBe(HttpStatusCode.OK);
        var csv = (await client.GetAsync(address + "&format=csv")).ShouldBe(HttpStatusCode.OK);
        var book = await client.GetFileAsync(address + "&format=xlsx");

        lines.MediaType.ShouldBe("application/x-ndjson");
        var told = lines.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement.Parse(told[0]).TryGetProperty("viewpoint", out _).ShouldBeTrue();
        JsonElement.Parse(told[^1]).GetProperty("rows").GetInt64().ShouldBe(told.Length - 2);
        csv.MediaType.ShouldBe("text/csv");
        csv.Headers.Contains("Ledger-Known-At").ShouldBeTrue();
        csv.Text.Split("\r\n")[0].ShouldNotBeEmpty();
        using var document = SpreadsheetDocument.Open(new MemoryStream(book), isEditable: false);
        new OpenXmlValidator().Validate(document, Cancellation).ShouldBeEmpty();
        document.WorkbookPart!.Workbook!.Descendants<Sheet>().Count().ShouldBeGreaterThan(1);
        (await client.GetFileAsync(address + "&format=xlsx")).AsSpan().SequenceEqual(book).ShouldBeTrue();
    }

    [Fact]
    public async Task rows_are_those_of_the_answer_and_a_table_is_asked_for_by_name()
    {
        var client = await TellAsync();
        var balance = (await client.GetAsync($"{Treasury}/trial-balance?{At}")).Json;

        var rows = await CsvAsync(client, $"trial-balance?{At}");
        var ties = await CsvAsync(client, $"trial-balance?{At}", "&table=ties");
        var once = await CsvAsync(client, $"trial-balance?{At}", "&table=summary");

        rows.Select(row => (row["account"], row["asset"], row["debit"], row["credit"])).ShouldBe(
            balance.GetProperty("rows").EnumerateArray().Select(row => (
                Text(row, "account"), Text(row, "asset"), Text(row, "debit"), Text(row, "credit"))));
        ties.Select(row => row["difference"]).ShouldBe(["0", "0"]);
        once.Single(row => row["name"] == "debit")["value"].ShouldBe(Text(balance, "debit"));
        var accept = new HttpRequestMessage(HttpMethod.Get, $"{Treasury}/trial-balance?{At}");
        accept.Headers.Add("Accept", "text/csv");
        (await client.SendAsync(accept)).MediaType.ShouldBe("text/csv");
        foreach (var wrong in new[] { "format=csv&table=lines", "table=rows", "format=pdf" })
        {
            (await client.GetAsync($"{Treasury}/trial-balance?{At}&{wrong}")).Code.ShouldBe("query_invalid");
        }

        // Rows within rows have those that they are in before them.
        var moves = await CsvAsync(client, $"roll-forward?{At}", "&table=assets.movements");
        moves.ShouldAllBe(row => row["assets.asset"].Length > 0 && row["kind"].Length > 0);
    }

    [Fact]
    public async Task gains_by_lot_add_up_to_the_statement_and_each_has_its_evidence()
    {
        var client = await TellAsync();
        var total = (await client.GetAsync($"{Treasury}/realized-gains?{At}")).Json.GetProperty("total");
        var disposals = (await client.GetAsync($"{Treasury}/disposals?{At}")).Json.GetProperty("disposals");

        var rows = await CsvAsync(client, $"realized-gains/lots?{At}");

        Sum(rows, "realizedGain").ShouldBe(Number(Text(total, "realizedGain")), 0.02m);
        rows.Count.ShouldBe(disposals.EnumerateArray().Sum(row =>
            row.GetProperty("takes").GetArrayLength() + (Text(row, "basisMissing") == "0" ? 0 : 1)));
        rows.ShouldAllBe(row => row["source"].Length > 0 && row["term"] == "short");
        foreach (var row in rows.Where(row => row["realizedGain"].Length > 0))
        {
            Number(row["realizedGain"]).ShouldBe(Number(row["proceeds"]) - Number(row["costBasis"]));
        }

        var sums = (await client.GetAsync($"{Treasury}/realized-gains/lots/sums?{At}")).Json;
        sums.GetProperty("sums").EnumerateArray()
            .Sum(sum => Number(Text(sum.GetProperty("exact"), "realizedGain"))).ShouldBe(Sum(rows, "realizedGain"));
        var page = (await client.GetAsync($"{Treasury}/realized-gains/lots?{At}&limit=1")).Json;
        page.GetProperty("gains")[0].GetProperty("disposal").GetString().ShouldBe(rows[0]["disposal"]);
        page.GetProperty("next").GetString().ShouldNotBeNull();
        (await client.GetAsync(page.GetProperty("gains")[0].GetProperty("path").GetString()!))
            .ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task open_lots_flows_prices_and_postings_add_up_to_what_is_answered()
    {
        var client = await TellAsync();
        var unrealized = (await client.GetAsync($"{Treasury}/unrealized-gains?{At}")).Json;
        var trial = (await client.GetAsync($"{Treasury}/trial-balance?{At}")).Json.GetProperty("headings")
            .EnumerateArray().ToDictionary(row => Text(row, "heading"), row => Number(Text(row, "balance")));

        var lots = await CsvAsync(client, $"unrealized-gains/lots?{At}");
        var flows = await CsvAsync(client, $"income-and-expenses?{At}");
        var prices = await CsvAsync(client, $"price-evidence?{At}");
        var postings = await CsvAsync(client, $"general-ledger?{At}");

        Sum(lots, "costBasis").ShouldBe(trial["digitalAssets"], 0.02m);
        Sum(lots, "unrealizedGain").ShouldBe(Number(Text(unrealized, "unrealizedGain")), 0.05m);
        Sum(flows, "income").ShouldBe(-trial["income"], 0.02m);
        Sum(flows, "expense").ShouldBe(trial["expenses"], 0.02m);
        prices.ShouldNotBeEmpty();
        prices.ShouldAllBe(row => row["price.price"].Length > 0 && row["price.source"].Length > 0);
        Sum(postings, "line.amount").ShouldBe(0);
        postings.GroupBy(row => row["heading"]).ShouldAllBe(rows =>
            Math.Abs(rows.Sum(row => Number(row["line.amount"])) - trial[rows.Key]) < 0.05m);
        // Nothing is closed: by accounting date it is the same ledger.
        var official = await CsvAsync(client, $"periods/general-ledger?{At}");
        Sum(official, "line.amount").ShouldBe(0);
        official.ShouldAllBe(row => row["line.accountingDate"].Length == 10);
    }

    [Fact]
    public async Task form_8949_has_totals_by_box_that_are_the_sums_of_its_rows()
    {
        var client = await TellAsync();
        var rows = await CsvAsync(client, $"exports/form-8949?{At}", "");

        var totals = await CsvAsync(client, $"exports/form-8949?{At}&totals=true", "");

        totals.Select(box => (box["box"], box["schedule_d_line"])).ShouldBe([("I", "3")]);
        Sum(totals, "h_gain").ShouldBe(Sum([.. rows.Where(row => row["e_cost"].Length > 0)], "h_gain"));
        totals.Sum(box => Number(box["rows"])).ShouldBe(rows.Count);
    }

    [Fact]
    public async Task a_report_is_written_to_a_file_by_the_command_line_too()
    {
        var client = await TellAsync();
        foreach (var format in new[] { "csv", "ndjson", "xlsx" })
        {
            var file = Path.Combine(_folder, "rows." + format);
            string[] question =
            [
                "gains-by-lot", "--treasury", "acme", "--tenant", client.Tenant, "--as-of", "2026-01-31", "--format",
                format,
            ];
            var run = await ProgramRun.OverAsync(host.Login, [.. question, "--out", file]);

            run.ExitCode.ShouldBe(0, run.Error);
            run.Output.ShouldBeEmpty();
            var head = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
            (await File.ReadAllBytesAsync(file, Cancellation)).ShouldBe(await client.GetFileAsync(
                $"{Treasury}/realized-gains/lots?{At}&knownAt={head}&format={format}"));
            var printed = await ProgramRun.OverAsync(host.Login, question);
            printed.ExitCode.ShouldBe(format == "xlsx" ? 1 : 0);
            printed.Error.Contains("--out", StringComparison.Ordinal).ShouldBe(format == "xlsx");
        }
    }

    [Fact]
    public async Task nothing_is_running_when_nobody_waits()
    {
        var client = await TellAsync();
        await client.GetFileAsync($"{Treasury}/exports/workbook?{At}");

        (await client.GetAsync("/v1/progress")).ShouldBe(HttpStatusCode.OK).Json.GetProperty("running")
            .GetArrayLength().ShouldBe(0);
    }

    private static decimal Sum(IReadOnlyList<Dictionary<string, string>> rows, string column) =>
        rows.Where(row => row[column].Length > 0).Sum(row => Number(row[column]));

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(JsonElement row, string member) => row.GetProperty(member).GetString()!;

    private static async Task<List<Dictionary<string, string>>> CsvAsync(
        ApiClient client, string path, string more = "&format=csv")
    {
        var form = more.Contains("format", StringComparison.Ordinal) || more.Length == 0 ? more : "&format=csv" + more;
        var lines = (await client.GetAsync($"{Treasury}/{path}{form}")).ShouldBe(HttpStatusCode.OK).Text
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(',');
        return
        [
            .. lines[1..].Select(line => names.Zip(line.Split(','))
                .ToDictionary(pair => pair.First, pair => pair.Second)),
        ];
    }

    private async Task<ApiClient> TellAsync()
    {
        if (_told is null)
        {
            var client = await host.NewTenantAsync();
            foreach (var request in Story.Requests.Where(request =>
                !request.Address.EndsWith("periods", StringComparison.Ordinal)))
            {
                await client.PostAsync(request.Address, request.Example.Json);
            }

            _told = client;
        }

        return _told;
    }
}
