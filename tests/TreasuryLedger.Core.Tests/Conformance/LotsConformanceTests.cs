using System.Text.Json;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>
/// Figures of cost basis that others published: US regulations, HMRC examples, hledger, beancount, rotki, the Japanese
/// tax agency. What a case expects is never changed. A file that is put into the folder is played like the others.
/// </summary>
public sealed class LotsConformanceTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Conformance", "lots");

    public static TheoryData<string> All() => [.. Cases().Select(found => LotsCase.Text(found, "id")!)];

    [Theory]
    [MemberData(nameof(All))]
    public void the_engine_gives_the_published_figures(string id)
    {
        var found = new LotsCase(Cases().Single(one => LotsCase.Text(one, "id") == id));
        var books = found.Play();

        LotsFigures.Differences(found, books).ShouldBeEmpty();
        books.ShouldAllBe(book => book.IsConserved);
    }

    [Fact]
    public void no_case_waits()
    {
        All().Count.ShouldBeGreaterThanOrEqualTo(106);
    }

    [Theory]
    [InlineData("quantity")]
    [InlineData("cost_basis")]
    [InlineData("gain")]
    [InlineData("cost")]
    [InlineData("rule")]
    [InlineData("term")]
    [InlineData("total_gain")]
    [InlineData("error")]
    public void a_wrong_figure_is_seen(string figure)
    {
        var cases = Cases().Where(one => Find(one.GetProperty("expected"), figure)).ToList();

        cases.ShouldNotBeEmpty();
        foreach (var one in cases)
        {
            var wrong = JsonDocument.Parse(Changed(one, figure)).RootElement;
            var found = new LotsCase(wrong);
            LotsFigures.Differences(found, found.Play()).ShouldNotBeEmpty(LotsCase.Text(one, "id"));
        }
    }

    private static IEnumerable<JsonElement> Cases() => Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(path => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement)
        .SelectMany(root => root.ValueKind switch
        {
            JsonValueKind.Array => root.EnumerateArray(),
            _ when root.TryGetProperty("cases", out var cases) => cases.EnumerateArray(),
            _ => Enumerable.Repeat(root, 1),
        });

    private static bool Find(JsonElement json, string figure) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().Any(member =>
            (member.Name == figure && member.Value.ValueKind == JsonValueKind.String) || Find(member.Value, figure)),
        JsonValueKind.Array => json.EnumerateArray().Any(item => Find(item, figure)),
        _ => false,
    };

    /// <summary>The case with the first such figure of what it expects changed.</summary>
    private static string Changed(JsonElement one, string figure)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(one.GetRawText())!;
        Change(node["expected"]!, figure).ShouldBeTrue();
        return node.ToJsonString();
    }

    private static bool Change(System.Text.Json.Nodes.JsonNode? node, string figure)
    {
        if (node is System.Text.Json.Nodes.JsonArray list)
        {
            return list.Any(item => Change(item, figure));
        }

        if (node is not System.Text.Json.Nodes.JsonObject members)
        {
            return false;
        }

        if (members[figure] is System.Text.Json.Nodes.JsonValue value
            && value.GetValueKind() == JsonValueKind.String)
        {
            members[figure] = figure switch
            {
                "rule" => value.GetValue<string>() == "same_day" ? "s104" : "same_day",
                "term" => value.GetValue<string>() == "long" ? "short" : "long",
                "error" => value.GetValue<string>() == "no_match" ? "insufficient_lots" : "no_match",
                _ => (LotsCase.Number(value.GetValue<string>()) + 1).ToString(
                    System.Globalization.CultureInfo.InvariantCulture),
            };
            return true;
        }

        return members.Any(member => Change(member.Value, figure));
    }
}
