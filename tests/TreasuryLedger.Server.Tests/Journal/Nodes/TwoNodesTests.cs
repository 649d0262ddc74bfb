using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

public sealed class TwoNodesTests(Databases databases, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Callers of two processes record in the same treasuries; one process is killed (SIGKILL). Its callers go on at
    /// the other with the same keys. Limits of a treasury are watched by the node that has its writer, and by no other;
    /// the survivor goes on with those of the victim and raises nothing twice.
    /// </summary>
    [Fact]
    public async Task one_node_killed_the_other_takes_over_and_nothing_is_lost_doubled_or_skipped()
    {
        var login = await databases.NewAsync();
        await using var survivor = await InnerNode.StartAsync(Logins.Of(login));
        await using var victim = OuterNode.Start(login);
        await survivor.WaitForSlotsAsync(32, 32);
        await victim.WaitForSlotsAsync(32, 32);
        var (here, there) = (
            await WatchedTreasury.OpenAsync(login, survivor, survivor.Treasury(here: true)),
            await WatchedTreasury.OpenAsync(login, victim, survivor.Treasury(here: false)));
        await here.KeepAsync(survivor, "one");
        await there.KeepAsync(victim, "one");
        var work = await Work.StartAsync(login, survivor, victim);
        await work.GoOnAsync();
        await here.ShouldHaveRaisedAsync("one");
        await there.ShouldHaveRaisedAsync("one");
        survivor.App.Services.GetRequiredService<JournalReader>().Kept
            .Count().ShouldBe(3, "its own treasury that has limits, and its two books");

        await there.KeepAsync(victim, "two");
        victim.Kill();
        await there.KeepAsync(survivor, "three");
        var taken = await survivor.WaitForSlotsAsync(64);
        await work.GoOnAsync();
        await there.ShouldHaveRaisedAsync("one", "two", "three");
        await here.ShouldHaveRaisedAsync("one");
        await work.ShouldBeCompleteAsync(login);

        output.WriteLine($"all slots taken over after {taken.TotalSeconds:0.0} s; {work.Report()}");
        taken.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        work.LongestWait.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task a_node_that_stops_hands_over_without_an_error_to_any_caller()
    {
        var login = await databases.NewAsync();
        await using var stays = await InnerNode.StartAsync(Logins.Of(login));
        await using var leaves = await InnerNode.StartAsync(Logins.Of(login));
        await stays.WaitForSlotsAsync(32, 32);
        await leaves.WaitForSlotsAsync(32, 32);
        var work = await Work.StartAsync(login, stays, leaves);
        await work.GoOnAsync();

        var leaving = leaves.App.StopAsync(Cancellation);
        var ready = await leaves.Http.GetAsync("/health/ready", Cancellation);
        await leaving;
        var taken = await stays.WaitForSlotsAsync(64);
        await work.GoOnAsync();
        await work.ShouldBeCompleteAsync(login);

        output.WriteLine($"all slots taken over after {taken.TotalSeconds:0.0} s; {work.Report()}");
        // At most a connection that was opened in the instant in which the listener closed; no server can answer it.
        work.Errors.ShouldAllBe(error => error.Contains("ResponseEnded", StringComparison.Ordinal));
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    /// <summary>
    /// One node finds its clock an hour ahead of the database's: what it asks the database answers so. And what this
    /// program takes for the time is an hour off there. It takes no writers until its clock is right; its callers do
    /// not notice.
    /// </summary>
    [Fact]
    public async Task a_node_whose_clock_is_an_hour_off_changes_nothing()
    {
        var login = await databases.NewAsync();
        await Database.AskAsync(
            login,
            """
            create schema shifted;
            grant usage on schema shifted to public;
            create function shifted.statement_timestamp() returns timestamptz language sql stable
                as $$ select pg_catalog.statement_timestamp() - interval '1 hour' $$
            """);
        var logins = Logins.Of(login);
        var off = logins with
        {
            App = new NpgsqlConnectionStringBuilder(logins.App) { SearchPath = "shifted, pg_catalog" }.ConnectionString,
        };
        await using var one = await InnerNode.StartAsync(logins);
        await one.WaitForSlotsAsync(64);
        await using var two = await InnerNode.StartAsync(
            off,
            services => services.AddSingleton<TimeProvider>(
                new FakeTimeProvider(DateTimeOffset.UtcNow - TimeSpan.FromHours(1))));

        var started = DateTime.UtcNow;
        var work = await Work.StartAsync(login, one, two);
        await Task.Delay(5_000, Cancellation); // ten looks, more than twice what makes a node dead
        await work.GoOnAsync();
        await one.WaitForSlotsAsync(64, 0);
        await two.WaitForSlotsAsync(64, 0);

        await Database.AskAsync(login, "drop schema shifted cascade");
        await one.WaitForSlotsAsync(32, 32);
        await two.WaitForSlotsAsync(32, 32);
        await work.GoOnAsync();
        await work.ShouldBeCompleteAsync(login);

        work.Errors.ShouldBeEmpty();
        work.RecordedAt.First.ToUtc().ShouldBeGreaterThan(started - TimeSpan.FromSeconds(5));
        work.RecordedAt.Last.ToUtc().ShouldBeLessThan(DateTime.UtcNow + TimeSpan.FromSeconds(5));
    }
}
