using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
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

    [Fact]
    public async Task only_a_treasury_with_limits_is_looked_at_and_only_when_it_or_its_books_changed()
    {
        var client = await host.NewTenantAsync();
        var reader = new JournalReader(host.Host.Services.GetRequiredService<TenantDatabases>(), TimeProvider.System);
        var watch = ActivatorUtilities.CreateInstance<LimitWatch>(
            host.Host.Services, new WatchOptions(), new Lookout(reader, TimeProvider.System));
        // A journal that is damaged comes first in each turn, and keeps nobody from what follows.
        await Database.AskAsync(
            host.Login,
            $"""
            insert into ledger.heads (tenant, journal, position, recorded_at, hash, replayed, settled_at)
            values ('{client.Tenant}', 'treasury/aaa', 1, now(), decode(repeat('00', 32), 'hex'), false, now())
            """);
        foreach (var request in Story.Requests.TakeWhile(request => request.Route.Path != "opening-balances"))
        {
            var body = JsonNode.Parse(request.Example.Json)!.AsObject();
            body.Remove("limits");
            (await client.PostAsync(request.Address, body.ToJsonString())).ShouldBe(HttpStatusCode.Created);
        }

        (await LooksAsync()).ShouldBe(0, "nobody set limits");
        reader.Kept.ShouldBeEmpty();
        await SayAsync($"{Treasury}/limits", "\"healthFactorMin\":\"1.7\"");
        (await LooksAsync()).ShouldBe(1);
        (await LooksAsync()).ShouldBe(0, "nothing happened since");
        await SayAsync("/v1/price-books/other", "\"name\":\"Other\"");
        (await LooksAsync()).ShouldBe(0, "that book is not its own");
        await SayAsync("/v1/price-books/reference/prices", "\"asset\":\"WETH\",\"currency\":\"USD\",\"price\":\"2\"");
        (await LooksAsync()).ShouldBe(1);
        await Database.AskAsync(host.Login, "delete from ledger.heads where journal = 'treasury/aaa'");

        Task<int> LooksAsync() => watch.WatchAsync(client.Tenant, TestContext.Current.CancellationToken);
        async Task SayAsync(string address, string members) =>
            (await client.PostAsync(address, $"{{\"effectiveAt\":\"2026-01-06T12:00:00Z\",{members}}}"))
            .ShouldBe(HttpStatusCode.Created);
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
