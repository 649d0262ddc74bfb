using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What a server tells whoever watches it.</summary>
[Collection(ApiTests.Name)]
public sealed partial class TelemetryTests(ApiHost host)
{
    [GeneratedRegex("(treasury|dotnet|db|http_server)_[a-z_]+")]
    private static partial Regex MetricName();

    [Fact]
    public async Task metrics_are_scraped_without_a_key_and_name_no_tenant()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        (await client.GetAsync(ApiClient.Treasury + "/realized-gains")).ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync(ApiClient.Treasury + "/webhooks", """{"url":"http://127.0.0.1:9/","from":1}"""))
            .ShouldBe(HttpStatusCode.Created);
        while (!(await client.GetAsync(ApiClient.Treasury + "/webhooks")).Text.Contains(
            "\"failures\":1", StringComparison.Ordinal))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        using var stranger = host.Host.Server.CreateClient();

        using var answer = await stranger.GetAsync(Telemetry.Path, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var metric in new[]
        {
            "treasury_commit_time_seconds_bucket{", "treasury_books_folded_bucket{", "treasury_books_checkpoints",
            "treasury_lists_behind", "treasury_lists_stopped", "http_server_request_duration_seconds_bucket{",
            "dotnet_gc_last_collection_heap_size", "db_client_operation_duration_seconds_bucket{",
        })
        {
            text.ShouldContain(metric, Case.Sensitive);
        }

        text.ShouldContain("le=\"0.05\"");
        var dashboard = await File.ReadAllTextAsync(
            RepositoryFiles.PathOf("ops/dashboards/server.json"), TestContext.Current.CancellationToken);
        foreach (var asked in MetricName().Matches(dashboard).Select(match => match.Value).Distinct())
        {
            text.ShouldContain($"\n{asked}{{", Case.Sensitive);
        }

        var runbook = await File.ReadAllTextAsync(
            RepositoryFiles.PathOf("ops/runbooks/metrics.md"), TestContext.Current.CancellationToken);
        foreach (var own in OwnInstruments())
        {
            dashboard.ShouldContain(own.Replace('.', '_'), Case.Sensitive);
            runbook.ShouldContain($"`{own}`", Case.Sensitive);
        }

        text.ShouldNotContain(client.Tenant);
        text.ShouldNotContain("acme");
        text.ShouldNotContain("Host=");
        text.ShouldNotContain("Username");
    }

    private static SortedSet<string> OwnInstruments()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("TreasuryLedger.", StringComparison.Ordinal))
                {
                    names.Add(instrument.Name);
                }
            },
        };
        listener.Start();
        names.Count.ShouldBeGreaterThan(10);
        return names;
    }
}
