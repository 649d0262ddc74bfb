using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shouldly;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

/// <summary>
/// Callers of two nodes that record in the same treasuries without a pause. Whoever cannot reach his node goes on at
/// the other, with the same key.
/// </summary>
internal sealed class Work
{
    private const int Treasuries = 8;
    private const int CallersPerNode = 8;

    private const string Money =
        """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"100.00"}""";

    private readonly ConcurrentQueue<(string Treasury, string Key, long Position)> _told = new();
    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private volatile bool _stopped;
    private List<Task> _callers = [];

    /// <summary>Whatever a caller got that was no success, but a refused connection.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>The longest time in which a caller got an answer, detours included.</summary>
    public TimeSpan LongestWait => _waits.Max();

    /// <summary>Of all entries.</summary>
    public (Instant First, Instant Last) RecordedAt { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the treasuries and lets the callers begin.</summary>
    public static async Task<Work> StartAsync(string login, TestNode one, TestNode two)
    {
        var key = await TestNode.KeyAsync(login);
        for (var i = 0; i < Treasuries; i++)
        {
            await OpenAsync(one.Caller(key), $"/v1/treasuries/{Id(i)}");
        }

        var work = new Work();
        var (ones, twos) = (one.Caller(key), two.Caller(key));
        work._callers =
        [
            .. Enumerable.Range(0, 2 * CallersPerNode).Select(caller => Task.Run(
                () => caller % 2 == 0 ? work.CallAsync(caller, ones, twos) : work.CallAsync(caller, twos, ones))),
        ];
        return work;
    }

    /// <summary>Waits until the callers have recorded some more.</summary>
    public async Task GoOnAsync()
    {
        var enough = _told.Count + 100;
        while (_told.Count < enough)
        {
            await Task.Delay(20, Cancellation);
            _callers.ForEach(caller => caller.IsFaulted.ShouldBeFalse(caller.Exception?.ToString()));
        }
    }

    /// <summary>
    /// Stops the callers. Exactly what they were told stands in the journals, where they were told, without a gap; and
    /// every chain verifies.
    /// </summary>
    public async Task ShouldBeCompleteAsync(string login)
    {
        _stopped = true;
        await Task.WhenAll(_callers);
        await using var ledger = new TestLedger(login);
        var (first, last) = (Instant.Max, new Instant(0));
        foreach (var told in _told.GroupBy(one => one.Treasury))
        {
            var entries = await ledger.StoredAsync(JournalKey.Treasury(TestNode.Tenant, told.Key));
            entries.Select(entry => entry.Position).ShouldBe(Enumerable.Range(1, entries.Count).Select(n => (long)n));
            entries.Skip(3).Select(entry => (entry.IdempotencyKey, entry.Position))
                .ShouldBe(told.OrderBy(one => one.Position).Select(one => (one.Key, one.Position)));
            entries.Zip(entries.Skip(1)).ShouldAllBe(pair => pair.First.RecordedAt < pair.Second.RecordedAt);
            first = entries[0].RecordedAt < first ? entries[0].RecordedAt : first;
            last = Instant.Latest(last, entries[^1].RecordedAt);
        }

        RecordedAt = (first, last);
        await ledger.ShouldVerifyAsync();
    }

    /// <summary>What happened, for the log.</summary>
    public string Report() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_told.Count} recorded, longest wait {LongestWait.TotalMilliseconds:0} ms, errors: {_errors.Count}");

    private static string Id(int treasury) => string.Create(CultureInfo.InvariantCulture, $"shared-{treasury}");

    private static async Task OpenAsync(ApiClient caller, string address)
    {
        (await caller.PostAsync(
            address,
            """
            {"effectiveAt":"2026-01-01T00:00:00Z","name":"Acme","timeZone":"UTC","fiscalYearStart":"01-01",
             "reportingCurrency":"USD","priceBook":"main","marketBook":"main"}
            """)).Position.ShouldBe(1);
        (await caller.PostAsync(
            address + "/assets",
            """{"effectiveAt":"2026-01-01T00:00:00Z","asset":"USD","kind":"currency","decimals":2}"""))
            .Position.ShouldBe(2);
        (await caller.PostAsync(
            address + "/accounts",
            """{"effectiveAt":"2026-01-01T00:00:00Z","account":"bank","kind":"bank","venue":"bank"}"""))
            .Position.ShouldBe(3);
    }

    private async Task CallAsync(int caller, ApiClient mine, ApiClient other)
    {
        for (var i = 0; !_stopped; i++)
        {
            var treasury = Id((caller + i) % Treasuries);
            var key = string.Create(CultureInfo.InvariantCulture, $"{caller}-{i}");
            var waiting = Stopwatch.StartNew();
            ApiAnswer? answer;
            while ((answer = await TryAsync(mine, treasury, key)) is null)
            {
                (mine, other) = (other, mine);
                waiting.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
            }

            _waits.Enqueue(waiting.Elapsed);
            _told.Enqueue((treasury, key, answer.Position));
        }
    }

    private async Task<ApiAnswer?> TryAsync(ApiClient node, string treasury, string key)
    {
        try
        {
            var answer = await node.PostAsync($"/v1/treasuries/{treasury}/capital-contributions", Money, key);
            if (answer.Status is HttpStatusCode.Created or HttpStatusCode.OK)
            {
                return answer;
            }

            _errors.Enqueue(answer.Text);
        }
        catch (HttpRequestException refused) when (
            refused.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            // it is gone, and says so
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            _errors.Enqueue(fault.ToString());
        }

        await Task.Delay(20, Cancellation);
        return null;
    }
}
