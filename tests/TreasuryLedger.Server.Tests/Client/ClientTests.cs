using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Client;
using TreasuryLedger.Server.Tests.Api;
using Xunit;
using At = TreasuryLedger.Client.Journal;

namespace TreasuryLedger.Server.Tests.Client;

/// <summary>The client against a running server, over a network that is not to be trusted.</summary>
[Collection(ApiTests.Name)]
public sealed class ClientTests(ApiHost host)
{
    private static readonly At Acme = At.Treasury("acme");

    private static readonly DateTimeOffset Day = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_command_is_recorded_and_read_again_to_its_last_digit()
    {
        var (ledger, _) = await OpenAsync();

        var recorded = await ledger.RecordAsync(
            Acme, Yield("1.000000000000000001") with { Fact = "staking:1", Reason = "Ä \"quoted\" 漢" }, "y-1",
            cancellation: Cancellation);
        var entry = recorded.Entries.ShouldHaveSingleItem();
        var again = await ledger.RecordAsync(
            Acme, Yield("1.0000000000000000010") with { Fact = "staking:1", Reason = "Ä \"quoted\" 漢" }, "y-1",
            cancellation: Cancellation);
        var balances = await ledger.AskAsync(
            Acme, Questions.Balances, new Viewpoint(MinPosition: entry.Position), cancellation: Cancellation);
        var stored = await ledger.AskAsync(Acme, Questions.Entry(entry.Position), cancellation: Cancellation);

        entry.EffectiveAt.ShouldBe(Day);
        again.Entries.Single().ShouldBe(entry with { Replayed = true });
        balances.Balances.Single(row => row.Asset == "ETH").Quantity
            .ShouldBe(DecimalText.Parse("1.000000000000000001"));
        stored.Hash.ShouldBe(entry.Hash);
        stored.Reason!.Text.ShouldBe("Ä \"quoted\" 漢");
        stored.Entry.GetProperty("fact").GetString().ShouldBe("staking:1");
        (await ledger.FindAsync(Acme, "y-1", Cancellation))!.Entries.Single().Hash.ShouldBe(entry.Hash);
        (await ledger.FindAsync(Acme, "y-2", Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task answers_that_are_lost_are_asked_for_again_with_the_same_key_and_recorded_once()
    {
        var (ledger, network) = await OpenAsync();
        var before = await HeadAsync(ledger);
        network.Script = [Fault.LoseAnswer, Fault.LoseRequest, Fault.BadGateway, Fault.LoseAnswer, Fault.None];

        var recorded = await ledger.RecordAsync(Acme, Yield("1"), "y-1", cancellation: Cancellation);

        recorded.Entries.Single().Replayed.ShouldBeTrue(); // the first attempt had recorded it
        recorded.Entries.Single().Position.ShouldBe(before + 1);
        (await HeadAsync(ledger)).ShouldBe(before + 1);
        network.Keys.Distinct().ShouldBe(["y-1"]);
        network.Keys.Count.ShouldBe(5);
    }

    [Fact]
    public async Task whoever_says_when_to_come_again_is_waited_for()
    {
        var (ledger, network) = await OpenAsync();
        network.Script = [Fault.ComeAgainInASecond, Fault.None];
        var began = DateTime.UtcNow;

        await ledger.RecordAsync(Acme, Yield("1"), "y-1", cancellation: Cancellation);

        (DateTime.UtcNow - began).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(990));
    }

    [Fact]
    public async Task what_is_refused_for_good_is_told_at_once_and_not_repeated()
    {
        var (ledger, network) = await OpenAsync();

        var unknown = await Should.ThrowAsync<LedgerException>(() => ledger.RecordAsync(
            Acme, Yield("1") with { Asset = "BTC" }, "y-1", cancellation: Cancellation));
        await ledger.RecordAsync(Acme, Yield("1"), "y-1", cancellation: Cancellation);
        var reused = await Should.ThrowAsync<LedgerException>(() => ledger.RecordAsync(
            Acme, Yield("2"), "y-1", cancellation: Cancellation));

        unknown.Problem.Code.ShouldBe("asset_unknown");
        unknown.Problem.Next.ShouldNotBeEmpty();
        reused.Problem.Code.ShouldBe("idempotency_key_reused");
        network.Keys.Count.ShouldBe(3);
    }

    [Fact]
    public async Task an_outcome_that_nobody_knows_is_told_with_the_key_to_send_again()
    {
        var (ledger, network) = await OpenAsync(TimeSpan.FromMilliseconds(300));
        network.Script = [.. Enumerable.Repeat(Fault.LoseAnswer, 50)];

        var unknown = await Should.ThrowAsync<OutcomeUnknownException>(() => ledger.RecordAsync(
            Acme, Yield("1"), "y-1", cancellation: Cancellation));
        network.Script = [];
        var found = await ledger.FindAsync(Acme, unknown.IdempotencyKey, Cancellation);
        var again = await ledger.RecordAsync(Acme, Yield("1"), unknown.IdempotencyKey, cancellation: Cancellation);

        unknown.IdempotencyKey.ShouldBe("y-1");
        again.Entries.Single().Replayed.ShouldBeTrue();
        again.Entries.Single().Hash.ShouldBe(found!.Entries.Single().Hash);
        network.Keys.Distinct().ShouldBe(["y-1"]);
    }

    [Fact]
    public async Task a_batch_is_all_or_nothing_and_a_correction_carries_its_replacement()
    {
        var (ledger, _) = await OpenAsync();

        var batch = await ledger.RecordAllAsync(Acme, [Yield("1"), Yield("2")], "b-1", cancellation: Cancellation);
        var refused = await Should.ThrowAsync<LedgerException>(() => ledger.RecordAllAsync(
            Acme, [Yield("3"), Yield("4") with { Account = "nowhere" }], "b-2", cancellation: Cancellation));
        await ledger.RecordAsync(
            Acme,
            new CorrectEntry { EffectiveAt = Day, Entry = batch.Entries[0].Position, Replacement = Yield("10") },
            "c-1",
            cancellation: Cancellation);
        var balances = await ledger.AskAsync(Acme, Questions.Balances, cancellation: Cancellation);

        batch.Entries.Count.ShouldBe(2);
        refused.Problem.Code.ShouldBe("account_unknown");
        balances.Balances.Single(row => row.Asset == "ETH").Quantity.ShouldBe(12);
    }

    [Fact]
    public async Task a_list_comes_page_by_page_and_stands_at_one_instant()
    {
        var (ledger, _) = await OpenAsync();
        var head = await HeadAsync(ledger);
        var positions = new List<long>();

        await foreach (var row in ledger.ListAsync(
            Acme, Questions.Entries, parameters: new Dictionary<string, string> { ["limit"] = "3" },
            cancellation: Cancellation))
        {
            positions.Add(row.Entry.GetProperty("position").GetInt64());
            if (positions.Count == 2)
            {
                await ledger.RecordAsync(Acme, Yield("1"), "between", cancellation: Cancellation);
            }
        }

        positions.ShouldBe(Enumerable.Range(1, (int)head).Select(position => (long)position));
    }

    [Fact]
    public async Task the_example_runs_and_once_again_without_recording_anything_twice()
    {
        var address = (await host.ListenAsync()).ToString();
        var key = (await host.NewTenantAsync()).Key;

        var first = await ExampleAsync(address, key);
        var second = await ExampleAsync(address, key);

        first.ShouldContain("Entry 6, new.");
        first.ShouldContain("exchange holds 1.000000000000000001 ETH.");
        second.ShouldBe(first.Replace("new", "recorded before", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("1.50", "1.5")]
    [InlineData("100", "100")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", null)]
    [InlineData("0.000000000000000000000000000000000001", null)]
    public void a_decimal_keeps_every_digit(string text, string? plain)
    {
        DecimalText.Parse(text).ToString().ShouldBe(plain ?? text);
        JsonSerializer.Serialize(DecimalText.Parse(text)).ShouldBe($"\"{plain ?? text}\"");
    }

    [Theory]
    [InlineData("1e3")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1\n")]
    [InlineData("01")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    [InlineData("٣")]
    [InlineData("0.0000000000000000000000000000000000001")]
    public void what_is_no_decimal_is_none(string text) => DecimalText.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void a_decimal_that_the_framework_cannot_hold_is_refused_and_never_rounded()
    {
        DecimalText.Parse("12.345").ToDecimal().ShouldBe(12.345m);
        Should.Throw<OverflowException>(() => DecimalText.Parse("0." + new string('1', 36)).ToDecimal());
        Should.Throw<OverflowException>(() => DecimalText.Parse(new string('9', 40)).ToDecimal());
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<DecimalText>("1.5"));
        Should.Throw<ArgumentException>(() => JsonSerializer.Serialize(Day.AddTicks(1), LedgerJson.Options));
    }

    private static ReceiveYield Yield(string quantity) => new()
    {
        EffectiveAt = Day,
        Account = "wallet",
        Asset = "ETH",
        Quantity = DecimalText.Parse(quantity),
    };

    private static async Task<string> ExampleAsync(string address, string key)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "TreasuryLedger.Client.Example.dll"));
        start.ArgumentList.Add(address);
        start.ArgumentList.Add(key);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        process.ExitCode.ShouldBe(0, await error);
        return output;
    }

    private static async Task<long> HeadAsync(LedgerClient ledger) =>
        (await ledger.AskAsync(Acme, Questions.Head, cancellation: Cancellation)).Head.Position;

    private async Task<(LedgerClient Ledger, Network Network)> OpenAsync(TimeSpan? repeatFor = null)
    {
        var caller = await (await host.NewTenantAsync()).OpenAsync();
        var network = new Network { InnerHandler = host.Host.Server.CreateHandler() };
        var http = new HttpClient(network) { BaseAddress = new Uri("http://localhost") };
        var options = new LedgerClientOptions { FirstWait = TimeSpan.FromMilliseconds(5) };
        options = repeatFor is { } time ? options with { RepeatFor = time } : options;
        return (new LedgerClient(http, caller.Key, options), network);
    }

    private enum Fault
    {
        None,
        LoseRequest,
        LoseAnswer,
        BadGateway,
        ComeAgainInASecond,
    }

    /// <summary>What lies between, and does to writes what it is told to.</summary>
    private sealed class Network : DelegatingHandler
    {
        private int _writes;

        public Fault[] Script { get; set; } = [];

        public List<string> Keys { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Post)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            Keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            var fault = _writes < Script.Length ? Script[_writes++] : Fault.None;
            switch (fault)
            {
                case Fault.LoseRequest:
                    throw new HttpRequestException("Nobody is there.");
                case Fault.BadGateway:
                    return new HttpResponseMessage(HttpStatusCode.BadGateway);
                case Fault.ComeAgainInASecond:
                    return new HttpResponseMessage(HttpStatusCode.TooManyRequests)
                    {
                        Headers = { { "Retry-After", 1.ToString(CultureInfo.InvariantCulture) } },
                    };
                default:
                    var answer = await base.SendAsync(request, cancellationToken);
                    return fault == Fault.LoseAnswer ? throw new IOException("The connection broke.") : answer;
            }
        }
    }
}
