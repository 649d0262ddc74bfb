using System.Globalization;
using System.Net;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

/// <summary>A treasury that may keep units at its bank only: whatever lies elsewhere is an alert that raises itself.
/// </summary>
/// <param name="login">The database.</param>
/// <param name="key">A key of it.</param>
/// <param name="id">The treasury.</param>
internal sealed class WatchedTreasury(string login, string key, string id)
{
    private readonly string _address = $"/v1/treasuries/{id}";
    private int _said;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens it.</summary>
    public static async Task<WatchedTreasury> OpenAsync(string login, TestNode through, string id)
    {
        var treasury = new WatchedTreasury(login, await TestNode.KeyAsync(login), id);
        await treasury.SayAsync(
            through, "", """
            "name":"Acme","timeZone":"UTC","fiscalYearStart":"01-01","reportingCurrency":"USD","priceBook":"main",
            "marketBook":"main"
            """);
        await treasury.SayAsync(through, "/assets", "\"asset\":\"USD\",\"kind\":\"currency\",\"decimals\":2");
        await treasury.SayAsync(through, "/limits", "\"venues\":[\"bank\"]");
        return treasury;
    }

    /// <summary>Keeps something at a venue.</summary>
    public async Task KeepAsync(TestNode through, string venue)
    {
        await SayAsync(through, "/accounts", $"\"account\":\"{venue}\",\"kind\":\"exchange\",\"venue\":\"{venue}\"");
        await SayAsync(
            through, "/capital-contributions", $"\"account\":\"{venue}\",\"asset\":\"USD\",\"quantity\":\"1\"");
    }

    /// <summary>Waits until an alert about each of the venues was raised; none is there twice.</summary>
    public async Task ShouldHaveRaisedAsync(params string[] venues)
    {
        var raised = "";
        for (var tries = 0; tries < 300 && raised.Split(' ').Length < venues.Length; tries++)
        {
            await Task.Delay(100, Cancellation);
            raised = await RaisedAsync();
        }

        raised = await RaisedAsync();
        raised.ShouldBe(string.Join(' ', venues.Order(StringComparer.Ordinal)), id);
    }

    private async Task<string> RaisedAsync() => await Database.AskAsync(
        login,
        $"""
        select string_agg(data -> 'event' ->> 'subject', ' ' order by data -> 'event' ->> 'subject')
        from journal.mt_events where stream_id = 'treasury/{id}' and type = 'alert_raised_v1'
        """) ?? "";

    private async Task SayAsync(TestNode through, string path, string members)
    {
        var at = DateTime.UtcNow.AddMinutes(-5).ToString("yyyy-MM-dd'T'HH:mm:00'Z'", CultureInfo.InvariantCulture);
        (await through.Caller(key).PostAsync(
            _address + path, $"{{\"effectiveAt\":\"{at}\",{members}}}", $"said-{++_said}"))
            .ShouldBe(HttpStatusCode.Created);
    }
}
