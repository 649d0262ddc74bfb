using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using Shouldly;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Exports;

/// <summary>What people open or print: the workbook and the statement.</summary>
[Collection(ProgramTests.Name)]
public sealed class PaperTests(ApiHost host) : IDisposable
{
    private const string PdfToText = "/usr/bin/pdftotext";

    private static ApiClient? _told;

    private readonly string _folder = Directory.CreateTempSubdirectory("paper").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("workbook")]
    [InlineData("statement")]
    public async Task a_file_of_one_viewpoint_has_the_same_bytes_whenever_it_is_made(string name)
    {
        var (client, at) = await AtAsync();

        var first = await client.GetFileAsync($"{ApiClient.Treasury}/exports/{name}?{at}");
        await Task.Delay(1_100, Cancellation); // archives and documents count in seconds
        var second = await client.GetFileAsync($"{ApiClient.Treasury}/exports/{name}?{at}");

        second.AsSpan().SequenceEqual(first).ShouldBeTrue();
        var other = await client.GetFileAsync($"{ApiClient.Treasury}/exports/{name}?{at}&method=lifo");
        other.AsSpan().SequenceEqual(first).ShouldBeFalse();
    }

    [Fact]
    public async Task the_workbook_is_valid_and_its_formulas_come_to_what_stands_in_their_cells()
    {
        var (client, at) = await AtAsync();
        var file = await client.GetFileAsync($"{ApiClient.Treasury}/exports/workbook?{at}");

        using var document = SpreadsheetDocument.Open(new MemoryStream(file), isEditable: false);
        new OpenXmlValidator().Validate(document, Cancellation).ShouldBeEmpty();
        var sheets = document.WorkbookPart!.Workbook!.Descendants<Sheet>().ToDictionary(
            sheet => sheet.Name!.Value!,
            sheet => new Cells((WorksheetPart)document.WorkbookPart.GetPartById(sheet.Id!)));
        sheets.Keys.ShouldBe(
        [
            "About", "Realized gains", "Disposals", "Open lots", "Income and expenses", "Trial balance",
            "Roll-forward", "General ledger", "Price evidence", "Positions",
        ]);
        sheets.Values.Sum(cells => cells.Check()).ShouldBeGreaterThan(15);

        var gains = (await client.GetAsync($"{ApiClient.Treasury}/realized-gains?{at}&period=month")).Json;
        var total = gains.GetProperty("total");
        sheets["Realized gains"].Last("Total").ShouldBe(
            [Text(total, "proceeds"), Text(total, "costBasis"), Text(total, "realizedGain")], ignoreOrder: false);
        sheets["Disposals"].Rows("A").Count(name => name.Contains(':', StringComparison.Ordinal)).ShouldBe(
            await TakesAsync(client, at));
    }

    [Fact]
    public async Task every_disposal_is_a_line_of_the_statement_under_its_name_and_the_total_is_that_of_the_answer()
    {
        Assert.SkipUnless(File.Exists(PdfToText), "pdftotext is not installed: apt-get install poppler-utils");
        var (client, at) = await AtAsync();
        var file = Path.Combine(_folder, "statement.pdf");
        await File.WriteAllBytesAsync(
            file, await client.GetFileAsync($"{ApiClient.Treasury}/exports/statement?{at}"), Cancellation);

        using var process = Process.Start(new ProcessStartInfo(PdfToText, ["-layout", file, "-"])
        {
            RedirectStandardOutput = true,
        })!;
        var text = await process.StandardOutput.ReadToEndAsync(Cancellation);

        var disposals = (await client.GetAsync($"{ApiClient.Treasury}/disposals?{at}")).Json.GetProperty("disposals");
        disposals.GetArrayLength().ShouldBeGreaterThan(2);
        foreach (var disposal in disposals.EnumerateArray())
        {
            text.ShouldContain($"{Text(disposal, "fact")}:{disposal.GetProperty("leg").GetInt32()}");
        }

        var total = (await client.GetAsync($"{ApiClient.Treasury}/realized-gains?{at}")).Json.GetProperty("total");
        var line = text.Split('\n').Single(one => one.TrimStart().StartsWith("Total", StringComparison.Ordinal));
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].ShouldBe(
            [Printed(total, "proceeds"), Printed(total, "costBasis"), Printed(total, "realizedGain")]);
        text.ShouldContain("known at");
        text.ShouldContain("page 1");
    }

    [Fact]
    public async Task pages_carry_their_sums_and_every_line_and_lot_is_there_in_full()
    {
        Assert.SkipUnless(File.Exists(PdfToText), "pdftotext is not installed: apt-get install poppler-utils");
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var fact = "kraken:" + new string('w', 60);
        await PostAsync("acquisitions", fact, "5", "10000", "paid");
        for (var i = 0; i < 45; i++)
        {
            await PostAsync("sales", $"{fact}-{i}", "0.1", "250.25", "proceeds");
        }

        var file = Path.Combine(_folder, "pages.pdf");
        await File.WriteAllBytesAsync(
            file, await client.GetFileAsync($"{ApiClient.Treasury}/exports/statement?asOf=2026-01-31"), Cancellation);
        using var process = Process.Start(new ProcessStartInfo(PdfToText, ["-raw", file, "-"])
        {
            RedirectStandardOutput = true,
        })!;
        var text = await process.StandardOutput.ReadToEndAsync(Cancellation);

        for (var i = 0; i < 45; i++)
        {
            // A long name goes on in the next line of its column.
            text.Split('\n').ShouldContain(line => line.Trim().EndsWith($"w-{i}:0", StringComparison.Ordinal));
        }

        text.Split('\n').Count(line => line.Contains($"lot {fact}:0", StringComparison.Ordinal)).ShouldBe(45);
        text.ShouldNotContain("…");
        var carried = Sums("carried forward");
        carried.Count.ShouldBeGreaterThan(1);
        Sums("brought forward").ShouldBe(carried);
        carried.ShouldBeUnique();

        List<string> Sums(string name) =>
        [
            .. text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))
                .Select(line => line[name.Length..]),
        ];

        async Task PostAsync(string path, string name, string units, string money, string side)
        {
            var other = side == "paid" ? "\"paidAccount\":\"exchange\"," : "";
            (await client.PostAsync(
                $"{ApiClient.Treasury}/{path}",
                $$"""
                {"effectiveAt":"2026-01-05T08:00:00Z","fact":"{{name}}","account":"exchange","asset":"ETH",
                "quantity":"{{units}}",{{other}}"{{side}}Asset":"USD","{{side}}Quantity":"{{money}}"}
                """)).ShouldBe(System.Net.HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task the_statement_of_a_span_begins_where_it_is_told()
    {
        var (client, at) = await AtAsync();

        var refused = await client.GetAsync($"{ApiClient.Treasury}/exports/statement?{at}&from=2026-12-31");

        refused.Code.ShouldBe("query_invalid");
    }

    [Fact]
    public async Task form_8949_has_a_row_for_each_lot_by_term_and_by_what_the_broker_reports()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        // Singapore: the day of the purchase is the 29th of February.
        await PostAsync("acquisitions", "2024-02-28T20:00:00Z", "2", "2000.01");
        await PostAsync("acquisitions", "2025-06-01T00:00:00Z", "1", "3000");
        await PostAsync("sales", "2025-02-28T15:59:59Z", "1", "1500");
        await PostAsync("sales", "2025-02-28T16:00:00Z", "0.5", "800");
        await PostAsync("sales", "2025-07-01T00:00:00Z", "2", "4000");

        var plain = await RowsAsync("");
        var reported = await RowsAsync("&withBasis=exchange");

        plain.ShouldBe(
        [
            "I,I,1 ETH,2024-02-29,2025-02-28,1500,1000,500",
            "II,L,0.5 ETH,2024-02-29,2025-03-01,800,500,300",
            "II,L,0.5 ETH,2024-02-29,2025-07-01,1000,500,500",
            "I,I,1 ETH,2025-06-01,2025-07-01,2000,3000,-1000",
            "I,I,0.5 ETH,,2025-07-01,1000,,",
        ]);
        reported.Select(row => row.Split(',')[1]).ShouldBe(["G", "J", "J", "G", "G"]);
        foreach (var wrong in new[]
        {
            "withBasis=nowhere", "withBasis=exchange&withoutBasis=exchange", "withBasis=%20",
        })
        {
            (await client.GetAsync($"{ApiClient.Treasury}/exports/form-8949?{wrong}")).Code.ShouldBe("query_invalid");
        }

        async Task PostAsync(string path, string at, string units, string money)
        {
            var other = path == "sales"
                ? $"\"proceedsAsset\":\"USD\",\"proceedsQuantity\":\"{money}\""
                : $"\"paidAccount\":\"exchange\",\"paidAsset\":\"USD\",\"paidQuantity\":\"{money}\"";
            (await client.PostAsync(
                $"{ApiClient.Treasury}/{path}",
                $$"""{"effectiveAt":"{{at}}","account":"exchange","asset":"ETH","quantity":"{{units}}",{{other}}}"""))
                .ShouldBe(System.Net.HttpStatusCode.Created);
        }

        async Task<List<string>> RowsAsync(string query)
        {
            var text = (await client.GetAsync($"{ApiClient.Treasury}/exports/form-8949?asOf=2025-12-31{query}")).Text;
            return
            [
                .. text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..].Select(line =>
                {
                    var cells = line.Split(',');
                    return string.Join(',', cells[..7].Append(cells[9]));
                }),
            ];
        }
    }

    private static string Text(JsonElement row, string member) => row.GetProperty(member).GetString()!;

    private static string Printed(JsonElement row, string member) =>
        decimal.Parse(Text(row, member), CultureInfo.InvariantCulture).ToString("N2", CultureInfo.InvariantCulture);

    private static async Task<int> TakesAsync(ApiClient client, string at) =>
        (await client.GetAsync($"{ApiClient.Treasury}/disposals?{at}")).Json.GetProperty("disposals").EnumerateArray()
            .Sum(disposal => disposal.GetProperty("takes").GetArrayLength()
                + (Text(disposal, "basisMissing") == "0" ? 0 : 1));

    private async Task<(ApiClient Client, string At)> AtAsync()
    {
        if (_told is null)
        {
            _told = await host.NewTenantAsync();
            foreach (var request in Story.Requests)
            {
                await _told.PostAsync(request.Address, request.Example.Json);
            }
        }

        var head = (await _told.GetAsync(ApiClient.Treasury + "/head")).Json.GetProperty("head");
        return (_told, $"asOf=2026-01-31&knownAt={Text(head, "recordedAt")}");
    }

    /// <summary>A sheet as its cells say, and a spreadsheet's arithmetic for the formulas that we write.</summary>
    private sealed class Cells(WorksheetPart part)
    {
        private readonly Dictionary<string, Cell> _cells = part.Worksheet!.Descendants<Cell>()
            .ToDictionary(cell => cell.CellReference!.Value!);

        public IEnumerable<string> Rows(string column) => _cells
            .Where(cell => cell.Key.StartsWith(column, StringComparison.Ordinal))
            .Select(cell => cell.Value.InnerText);

        /// <summary>The amounts of the row that begins with a word.</summary>
        public List<string> Last(string word)
        {
            var row = _cells.Single(cell => cell.Key[0] == 'A' && cell.Value.InnerText == word).Key[1..];
            return [.. "EFG".Select(column => _cells[column + row].CellValue!.Text)];
        }

        /// <summary>How many formulas come to what stands in their cells.</summary>
        public int Check()
        {
            var formulas = _cells.Values.Where(cell => cell.CellFormula is not null).ToList();
            foreach (var cell in formulas)
            {
                var formula = cell.CellFormula!.Text;
                var stands = cell.CellValue!.Text;
                if (cell.DataType!.Value == CellValues.Boolean)
                {
                    stands.ShouldBe("1", formula);
                }
                else
                {
                    ValueOf(formula).ShouldBe(Number(stands), 0.000_001m, $"{cell.CellReference}: {formula}");
                }
            }

            return formulas.Count;
        }

        private decimal ValueOf(string formula)
        {
            if (formula == "0")
            {
                return 0;
            }

            var parts = formula.Split('(', ')', ',', ':');
            return parts switch
            {
                ["SUM", var from, var to, ""] => Range(from, to).Sum(At),
                ["SUMIF", var gains, var end, "\"<>\"", var from, var to, ""] => Range(gains, end)
                    .Zip(Range(from, to)).Where(pair => _cells.ContainsKey(pair.First)).Sum(pair => At(pair.Second)),
                [var one] when one.Split('*') is [var left, var right] => At(left) * At(right),
                [var one] when one.Split('-') is [var left, var right] => At(left) - At(right),
                _ => throw new FormatException(formula),
            };
        }

        private static IEnumerable<string> Range(string from, string to)
        {
            for (var row = Row(from); row <= Row(to); row++)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{from[0]}{row}");
            }

            static int Row(string address) => int.Parse(address[1..], CultureInfo.InvariantCulture);
        }

        private decimal At(string address) =>
            _cells.TryGetValue(address, out var cell) ? Number(cell.CellValue!.Text) : 0;

        private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
    }
}
