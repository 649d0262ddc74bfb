using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Policies;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Alerts about limits raise themselves, once a breach, whoever looks and how often.</summary>
[Collection(ApiTests.Name)]
public sealed class LimitWatchTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    [Fact]
    public async Task a_breach_is_raised_once_as_of_when_it_began_whoever_looks_and_however_often()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var request in Story.Requests.Where(request => request.Route.Path is "prices" or "states"))
        {
            await client.PostAsync(request.Address, request.Example.Json);
        }

        await AtAsync(
            "06T12:30", "capital-contributions", "\"account\":\"wallet\",\"asset\":\"WETH\",\"quantity\":\"100\"");
        await AtAsync("06T13:00", "collateral-deposits",
            "\"from\":\"wallet\",\"position\":\"aave-1\",\"asset\":\"WETH\",\"quantity\":\"100\"");
        (await RaisedAsync()).ShouldBe(0, "there are no limits");
        await AtAsync("06T12:00", "limits", "\"healthFactorMin\":\"1.7\"");
        (await RaisedAsync()).ShouldBe(0, "nothing is owed");
        await AtAsync("06T14:00", "borrowings",
            "\"position\":\"aave-1\",\"asset\":\"USDT\",\"quantity\":\"135000\",\"to\":\"wallet\"");

        // Two nodes look at once, then again, then with all that was ever recorded.
        (await Task.WhenAll(RaisedAsync(), RaisedAsync())).Sum().ShouldBe(1);
        (await RaisedAsync()).ShouldBe(0);
        var first = (await AlertsAsync()).ShouldHaveSingleItem();
        Text(first, "since").ShouldBe("2026-01-06T14:00:00Z");

        // Resolved and still broken: somebody accepts it. It holds again, and breaks again: that is another one.
        await AtAsync("06T15:00", "alerts/resolutions", $"\"alert\":\"{Text(first, "fact")}\"");
        (await RaisedAsync()).ShouldBe(0);
        await AtAsync("06T17:00", "borrowings",
            "\"position\":\"aave-1\",\"asset\":\"USDT\",\"quantity\":\"50000\",\"to\":\"wallet\"");
        (await RaisedAsync()).ShouldBe(0);

        // A late fact says that it held in between.
        await AtAsync("06T16:00", "repayments",
            "\"position\":\"aave-1\",\"asset\":\"USDT\",\"quantity\":\"30000\",\"from\":\"wallet\"");
        (await RaisedAsync()).ShouldBe(1);
        (await RaisedAsync()).ShouldBe(0);
        (await AlertsAsync()).Select(alert => Text(alert, "since")).ShouldBe(["2026-01-06T17:00:00Z"]);

        async Task AtAsync(string day, string path, string members) => (await client.PostAsync(
            $"{Treasury}/{path}", $"{{\"effectiveAt\":\"2026-01-{day}:00Z\",{members}}}"))
            .ShouldBe(HttpStatusCode.Created);
        async Task<int> RaisedAsync() => (await ActivatorUtilities
            .CreateInstance<LimitWatch>(host.Host.Services, new WatchOptions())
            .LookAsync(JournalKey.Treasury(client.Tenant, "acme"), default, default)).Raised;
        async Task<JsonElement[]> AlertsAsync() =>
        [
            .. (await client.GetAsync($"{Treasury}/alerts?asOf=2026-01-07T00:00:00Z&code=limitBroken"))
                .ShouldBe(HttpStatusCode.OK).Json.GetProperty("alerts").EnumerateArray(),
        ];
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
