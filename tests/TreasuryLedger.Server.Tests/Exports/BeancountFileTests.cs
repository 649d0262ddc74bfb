using System.Net;
using Shouldly;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Exports;

/// <summary>The file for beancount over HTTP; what stands in it is tested with the rules.</summary>
[Collection(ProgramTests.Name)]
public sealed class BeancountFileTests(ApiHost host)
{
    private const string Address = ApiClient.Treasury + "/exports/beancount";

    [Fact]
    public async Task it_says_whose_it_is_where_it_stands_and_is_not_sent_twice()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await client.PostAsync(
            ApiClient.Treasury + "/capital-contributions",
            """{"effectiveAt":"2026-01-02T18:00:00Z","account":"bank","asset":"USD","quantity":"1234.5"}""");

        var file = (await client.GetAsync(Address + "?asOf=2026-01-31")).ShouldBe(HttpStatusCode.OK);
        var same = new HttpRequestMessage(HttpMethod.Get, Address + "?asOf=2026-01-31");
        same.Headers.IfNoneMatch.Add(file.Headers.ETag!);

        file.MediaType.ShouldBe("text/plain");
        file.Headers.GetValues("Ledger-As-Of").Single().ShouldBe("2026-01-31T15:59:59.999999Z");
        file.Text.ShouldStartWith("; treasury acme, as of 2026-01-31T15:59:59.999999Z, known at ");
        // The third of January in the treasury's own time zone.
        file.Text.ShouldContain("\n2026-01-03 * \"CapitalContributed\" \"");
        file.Text.ShouldContain("  Assets:Cash:Bank  1234.5 USD\n  Equity:ContributedCapital  -1234.5 USD\n");
        file.Text.ShouldEndWith("\n2026-01-04 balance Assets:Cash:Bank  1234.5 USD\n");
        (await client.SendAsync(same)).ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("method=hifo&lots=booked", "query_invalid")]
    [InlineData("lots=guessed", "query_invalid")]
    [InlineData("book=nobodys", "book_unknown")]
    [InlineData("period=month", "query_invalid")]
    public async Task what_it_cannot_be_is_refused(string query, string code)
    {
        var client = await host.SharedAsync();

        (await client.GetAsync($"{Address}?{query}")).Code.ShouldBe(code);
    }
}
