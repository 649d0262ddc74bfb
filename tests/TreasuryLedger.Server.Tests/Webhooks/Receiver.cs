using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TreasuryLedger.Server.Tests.Webhooks;

/// <summary>A message as a receiver got it.</summary>
internal sealed record Received(
    string Path, string? ContentType, string Id, string Timestamp, string Signature, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The entry's position.</summary>
    public long Position => Json.GetProperty("data").GetProperty("entry").GetProperty("position").GetInt64();

    /// <summary>
    /// How many of its signatures hold, by the words of the specification and none of our code: five minutes at most.
    /// </summary>
    public int SignaturesOf(string secret)
    {
        var seconds = long.Parse(Timestamp, NumberStyles.None, CultureInfo.InvariantCulture);
        if (Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds) > 300)
        {
            return 0;
        }

        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var text = $"{Id}.{Timestamp}.{Encoding.UTF8.GetString(Body)}";
        var expected = "v1," + Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(text)));
        return Signature.Split(' ').Count(one => one == expected);
    }
}

/// <summary>A receiver on this machine that answers what a test tells it to, and keeps what it got.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private Receiver(Func<Received, HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(async http =>
        {
            var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            var headers = http.Request.Headers;
            var received = new Received(
                http.Request.Path, http.Request.ContentType, headers["webhook-id"].ToString(),
                headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body.ToArray());
            _received.Enqueue(received);
            await answer(received, http);
        });
    }

    /// <summary>Where it is.</summary>
    public string Url => _app.Urls.Single();

    /// <summary>What it got so far, in order.</summary>
    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>A receiver that answers what it is told to for each message.</summary>
    public static async Task<Receiver> StartAsync(Func<Received, HttpContext, Task> answer)
    {
        var receiver = new Receiver(answer);
        await receiver._app.StartAsync(CancellationToken.None);
        return receiver;
    }

    /// <summary>A receiver that answers with a status.</summary>
    public static Task<Receiver> StartAsync(Func<Received, int> status) => StartAsync((received, http) =>
    {
        http.Response.StatusCode = status(received);
        return Task.CompletedTask;
    });

    /// <summary>Waits until it got so many.</summary>
    public async Task<IReadOnlyList<Received>> WaitAsync(int count)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (_received.Count < count)
        {
            if (DateTime.UtcNow > until)
            {
                throw new TimeoutException($"{_received.Count} of {count} arrived");
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return All;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
