using System.Globalization;
using System.Net;
using System.Numerics;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Facts are bounded, sums and products of them are not: they are answered to the last digit.</summary>
[Collection(ApiTests.Name)]
public sealed class LargeFiguresTests(ApiHost host)
{
    private static readonly BigInteger UnitsMax = BigInteger.Pow(2, 256) - 1;
    private static readonly string Price = new('9', 78);

    [Fact]
    public async Task figures_beyond_78_digits_are_answered_exactly_and_as_documented()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync("/assets", """ "asset":"BIG","kind":"token","decimals":0 """);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await RecordAsync("/yields", $""" "account":"wallet","asset":"BIG","quantity":"{UnitsMax}" """);
        }

        (await client.PostAsync(
            ApiClient.Prices + "/prices",
            $$"""{"effectiveAt":"2026-01-01T00:00:00Z","asset":"BIG","currency":"USD","price":"{{Price}}"}"""))
            .ShouldBe(HttpStatusCode.Created);

        var held = (2 * UnitsMax).ToString(CultureInfo.InvariantCulture);
        var worth = (2 * UnitsMax * BigInteger.Parse(Price, CultureInfo.InvariantCulture))
            .ToString(CultureInfo.InvariantCulture);
        worth.Length.ShouldBe(156);
        foreach (var question in new[] { "/balances", "/lots", "/unrealized-gains", "/realized-gains" })
        {
            var answer = await client.GetAsync(ApiClient.Treasury + question + "?asOf=2026-01-02T00:00:00Z");
            answer.ShouldBe(HttpStatusCode.OK);
            if (question == "/balances")
            {
                answer.Text.ShouldContain($"\"{held}\"");
            }

            if (question == "/unrealized-gains")
            {
                answer.Text.ShouldContain($"\"{worth}\"");
            }
        }

        async Task RecordAsync(string path, string members) => (await client.PostAsync(
            ApiClient.Treasury + path, $$"""{"effectiveAt":"2026-01-01T00:00:00Z",{{members}}}"""))
            .ShouldBe(HttpStatusCode.Created);
    }
}
