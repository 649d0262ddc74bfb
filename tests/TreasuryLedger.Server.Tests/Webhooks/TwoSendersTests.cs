using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;
using TreasuryLedger.Server.Webhooks;
using Xunit;

namespace TreasuryLedger.Server.Tests.Webhooks;

/// <summary>Several processes over one database: one delivers, the other goes on when that one is gone.</summary>
public sealed class TwoSendersTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task while_one_delivers_the_other_waits_and_goes_on_when_it_dies()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var hangs = new TaskCompletionSource();
        var isHanging = true;
        await using var receiver = await Receiver.StartAsync(async (received, http) =>
        {
            if (received.Position == 3 && isHanging)
            {
                await hangs.Task.WaitAsync(http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
        var table = new WebhookTable(ledger.Pool, TestLedger.Main, SecretSealingTests.Keys);
        await table.AddAsync(receiver.Url, [], after: 0, "tester", Cancellation);

        var one = new Sender(login, "one");
        await one.Worker.StartAsync(Cancellation);
        await receiver.WaitAsync(3);
        await using var two = new Sender(login, "two");
        await two.Worker.StartAsync(Cancellation);
        await Task.Delay(1_000, Cancellation);
        receiver.All.Select(received => received.Position).ShouldBe([1, 2, 3]);

        isHanging = false;
        await one.DieAsync(login);
        var all = await receiver.WaitAsync(6);

        all.Select(received => received.Position).ShouldBe([1, 2, 3, 3, 4, 5]);
        hangs.SetResult();
        await one.DisposeAsync();
    }

    [Fact]
    public async Task several_that_are_alive_deliver_each_entry_once_and_in_order()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await using var receiver = await Receiver.StartAsync(_ => 200);
        await new WebhookTable(ledger.Pool, TestLedger.Main, SecretSealingTests.Keys)
            .AddAsync(receiver.Url, [], after: 0, "tester", Cancellation);
        await using var one = new Sender(login, "one");
        await using var two = new Sender(login, "two");
        await one.Worker.StartAsync(Cancellation);
        await two.Worker.StartAsync(Cancellation);

        for (var batch = 0; batch < 20; batch++)
        {
            await ledger.RecordAsync(TestLedger.Batch(
                $"batch-{batch}", Enumerable.Range(0, 10).Select(_ => TestLedger.Buy())));
        }

        (await receiver.WaitAsync(205)).Select(received => received.Position)
            .ShouldBe(Enumerable.Range(1, 205).Select(position => (long)position));
    }

    private sealed class Sender : IAsyncDisposable
    {
        private readonly NpgsqlDataSource _pool;
        private readonly string _name;

        public Sender(string login, string name)
        {
            _name = name;
            _pool = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(Logins.Of(login).App) { ApplicationName = name });
            Worker = new WebhookWorker(
                TenantDatabases.Of(_pool), new WebhookOptions(AllowLoopback: true), SecretSealingTests.Keys,
                TimeProvider.System, NullLogger<WebhookWorker>.Instance);
        }

        public WebhookWorker Worker { get; }

        /// <summary>Its connections break, and it gets no others.</summary>
        public async Task DieAsync(string login)
        {
            await _pool.DisposeAsync();
            await Database.AskAsync(
                login, $"select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{_name}'");
        }

        public async ValueTask DisposeAsync()
        {
            await Worker.StopAsync(CancellationToken.None);
            Worker.Dispose();
            await _pool.DisposeAsync();
        }
    }
}
