using System.Net;
using Alba;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Journal;
using Wolverine;
using Xunit;
using Fault = TreasuryLedger.Server.Tests.Journal.Fault;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What a caller is told while the database breaks away.</summary>
public sealed class OutageTests(Databases databases)
{
    private const string Contributions = ApiClient.Treasury + "/capital-contributions";

    private const string Money =
        """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"100.00"}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task an_unknown_outcome_is_said_and_found_again_by_its_key(bool stored)
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        var logins = Logins.Of(login);
        await using var database = OpenDatabase.Of(logins with { App = proxy.Through(logins.App) });
        await using var host = await HostAsync(database);
        var key = await new KeyAdministration(logins.Owner)
            .CreateAsync("outage", "tester", Grant.Everything, CancellationToken.None);
        var client = await new ApiClient(host, "outage", key.ToString()).OpenAsync();

        proxy.Next = stored ? Fault.AfterCommitAndGone : Fault.BeforeCommitAndGone;
        var unknown = await client.PostAsync(Contributions, Money, "lost");
        var meanwhile = await client.PostAsync(Contributions, Money, "meanwhile");
        proxy.IsGone = false;
        var found = await client.GetAsync(ApiClient.Treasury + "/requests/lost");
        var again = await client.PostAsync(Contributions, Money, "lost");

        Retryable(unknown).ShouldBe(ErrorRegistry.OutcomeUnknown);
        Retryable(meanwhile).ShouldBe(ErrorRegistry.NotRecorded);
        found.Status.ShouldBe(stored ? HttpStatusCode.OK : HttpStatusCode.NotFound, found.Text);
        again.ShouldBe(stored ? HttpStatusCode.OK : HttpStatusCode.Created);
        (await client.GetAsync(ApiClient.Treasury + "/requests/meanwhile")).Code.ShouldBe("request_unknown");
    }

    [Fact]
    public async Task while_the_database_is_away_reads_and_readiness_say_so_and_health_stays()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        var logins = Logins.Of(login);
        await using var database = OpenDatabase.Of(logins with { App = proxy.Through(logins.App) });
        await using var host = await HostAsync(database);
        var key = await new KeyAdministration(logins.Owner)
            .CreateAsync("outage", "tester", Grant.Everything, CancellationToken.None);
        var client = await new ApiClient(host, "outage", key.ToString()).OpenAsync();

        proxy.IsGone = true;
        database.App.Clear();

        Retryable(await client.GetAsync(ApiClient.Treasury + "/balances")).ShouldBe(ErrorRegistry.DatabaseUnavailable);
        Retryable(await client.GetAsync("/health/ready")).ShouldBe(ErrorRegistry.DatabaseUnavailable);
        (await client.GetAsync("/health")).ShouldBe(HttpStatusCode.OK);
        proxy.IsGone = false;
        (await client.GetAsync(ApiClient.Treasury + "/balances")).ShouldBe(HttpStatusCode.OK);
    }

    private static string Retryable(ApiAnswer answer)
    {
        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        answer.Json.GetProperty("retryable").GetBoolean().ShouldBeTrue();
        return answer.Code;
    }

    private static Task<IAlbaHost> HostAsync(OpenDatabase database)
    {
        var builder = ServerHost.Web(new WebApplicationOptions(), database);
        builder.Services.AddSingleton(new WriterOptions { ResolveWithin = TimeSpan.FromSeconds(1) });
        // The bus and lists commit for themselves in the background, and would take the fault that is for a writer.
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(ListWorker)));
        builder.Services.ConfigureWolverine(options => options.Durability.Mode = DurabilityMode.MediatorOnly);
        return AlbaHost.For(builder, ServerHost.Serve);
    }
}
