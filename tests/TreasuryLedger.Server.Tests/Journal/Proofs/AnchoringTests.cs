using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TreasuryLedger.Server.Journal.Proofs;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Proofs;

/// <summary>Anchors leave the database: into a file that only grows, and into a store of objects.</summary>
public sealed class AnchoringTests(Databases databases)
{
    private static readonly ObjectStoreTerms Example = new(
        new Uri("https://examplebucket.s3.amazonaws.com"), "", "us-east-1", "",
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The worked examples of the service's own documentation.</summary>
    [Theory]
    [InlineData("GET", "/test.txt", "", "Range", "bytes=0-9",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData("PUT", "/test%24file.text", "Welcome to Amazon S3.", "x-amz-storage-class", "REDUCED_REDUNDANCY",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")]
    public void a_request_has_the_published_signature(
        string method, string path, string content, string header, string value, string signature)
    {
        var now = new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Example.Endpoint, path));
        request.Headers.TryAddWithoutValidation(header, value);
        if (method == "PUT")
        {
            request.Headers.Date = now;
        }

        ObjectStore.Sign(request, Encoding.UTF8.GetBytes(content), Example, now);

        request.Headers.GetValues("Authorization").ShouldHaveSingleItem().ShouldEndWith($"Signature={signature}");
    }

    [Fact]
    public async Task an_anchor_is_added_only_when_something_was_recorded()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);

        (await ledger.Anchoring.AnchorAsync(TestLedger.Tenant, Cancellation)).IsNew.ShouldBeTrue();
        var first = await File.ReadAllTextAsync(ledger.AnchorPath, Cancellation);
        (await ledger.Anchoring.AnchorAsync(TestLedger.Tenant, Cancellation)).IsNew.ShouldBeFalse();
        (await File.ReadAllTextAsync(ledger.AnchorPath, Cancellation)).ShouldBe(first);
        await ledger.BuyAsync(1, ProofLedger.Second);
        (await ledger.Anchoring.AnchorAsync(TestLedger.Tenant, Cancellation)).Number.ShouldBe(2);

        (await File.ReadAllTextAsync(ledger.AnchorPath, Cancellation)).ShouldStartWith(first);
    }

    [Fact]
    public async Task a_file_that_another_program_wrote_meanwhile_is_not_written()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var (one, other) = (new AnchorFile(ledger.AnchorPath), new AnchorFile(ledger.AnchorPath));
        await one.ReadAsync(Cancellation);
        await other.ReadAsync(Cancellation);
        var heads = await ledger.Prover.HeadsAsync(TestLedger.Tenant, Cancellation);
        var anchor = Anchor.After(null, heads.Tenant, heads.At, heads.Heads);
        await one.AppendAsync(anchor, Cancellation);

        await Should.ThrowAsync<IOException>(() => other.AppendAsync(anchor, Cancellation));

        (await ledger.AnchorsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task anchors_are_put_into_the_store_once_each_and_what_failed_is_made_good()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await using var store = new FakeStore();
        var anchoring = new Anchoring(
            ledger.Prover, new AnchorOptions { Directory = ledger.Folder }, store.Client());
        (await anchoring.AnchorAsync(TestLedger.Tenant, Cancellation)).Objects.ShouldBe(1);
        (await anchoring.AnchorAsync(TestLedger.Tenant, Cancellation)).Objects.ShouldBe(0);

        store.Fails = true;
        await ledger.BuyAsync(1);
        await Should.ThrowAsync<HttpRequestException>(() => anchoring.AnchorAsync(TestLedger.Tenant, Cancellation));
        await ledger.BuyAsync(1);
        await Should.ThrowAsync<HttpRequestException>(() => anchoring.AnchorAsync(TestLedger.Tenant, Cancellation));
        store.Fails = false;
        var anchored = await anchoring.AnchorAsync(TestLedger.Tenant, Cancellation);

        (anchored.Number, anchored.IsNew, anchored.Objects).ShouldBe((3, false, 2));
        store.Objects.Keys.Order().ShouldBe(
        [
            "/anchors/ledger/acme/0000000001.json", "/anchors/ledger/acme/0000000002.json",
            "/anchors/ledger/acme/0000000003.json",
        ]);
        var together = string.Concat(store.Objects.OrderBy(o => o.Key).Select(o => Encoding.UTF8.GetString(o.Value)));
        together.ShouldBe(await File.ReadAllTextAsync(ledger.AnchorPath, Cancellation));

        store.Objects["/anchors/ledger/acme/0000000003.json"] = "{}"u8.ToArray();
        (await Should.ThrowAsync<ProofException>(() => anchoring.AnchorAsync(TestLedger.Tenant, Cancellation)))
            .Message.ShouldContain("is not the anchor in the file");
    }

    [Fact]
    public async Task the_server_anchors_in_turns_and_goes_on_after_a_turn_that_failed()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var options = new AnchorOptions { Directory = ledger.Folder, Every = TimeSpan.FromMilliseconds(100) };
        await File.WriteAllTextAsync(ledger.AnchorPath, "damaged\n", Cancellation);
        using var schedule = new AnchorSchedule(
            ledger.Anchoring, options, TimeProvider.System, NullLogger<AnchorSchedule>.Instance);
        await schedule.StartAsync(Cancellation);
        await Task.Delay(300, Cancellation);
        File.Delete(ledger.AnchorPath);
        await UntilAsync(ledger, 1);
        await ledger.BuyAsync(1);
        await UntilAsync(ledger, 2);

        await schedule.StopAsync(Cancellation);

        static async Task UntilAsync(ProofLedger ledger, int count)
        {
            for (var lines = 0; lines < count; await Task.Delay(20, Cancellation))
            {
                try
                {
                    lines = (await File.ReadAllLinesAsync(ledger.AnchorPath, Cancellation)).Length;
                }
                catch (IOException)
                {
                    // not there yet, or just being written
                }
            }
        }
    }

    /// <summary>A store on this machine that speaks as much S3 as is needed, and checks what it is told.</summary>
    private sealed class FakeStore : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly HttpClient _http = new();
        private readonly Task _serving;
        private readonly Uri _address;

        public FakeStore()
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                _address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
            }

            _listener.Prefixes.Add(_address.ToString());
            _listener.Start();
            _serving = ServeAsync();
        }

        public ConcurrentDictionary<string, byte[]> Objects { get; } = new();

        public bool Fails { get; set; }

        public ObjectStore Client() => new(
            _http,
            new ObjectStoreTerms(_address, "anchors", "eu-central-1", "ledger/", "access", "secret"),
            TimeProvider.System);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _http.Dispose();
            _listener.Close();
        }

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext call;
                try
                {
                    call = await _listener.GetContextAsync();
                }
                catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                call.Response.StatusCode = (int)await AnswerAsync(call);
                call.Response.Close();
            }
        }

        private async Task<HttpStatusCode> AnswerAsync(HttpListenerContext call)
        {
            using var body = new MemoryStream();
            await call.Request.InputStream.CopyToAsync(body);
            var (name, content) = (call.Request.Url!.AbsolutePath, body.ToArray());
            if (call.Request.Headers["x-amz-content-sha256"] != Convert.ToHexStringLower(SHA256.HashData(content))
                || call.Request.Headers["Authorization"]?.Contains(
                    "/eu-central-1/s3/aws4_request,SignedHeaders=host;", StringComparison.Ordinal) != true
                    && call.Request.HttpMethod == "GET")
            {
                return HttpStatusCode.Forbidden;
            }

            if (call.Request.HttpMethod == "GET")
            {
                if (!Objects.TryGetValue(name, out var stored))
                {
                    return HttpStatusCode.NotFound;
                }

                await call.Response.OutputStream.WriteAsync(stored);
                return HttpStatusCode.OK;
            }

            return Fails ? HttpStatusCode.ServiceUnavailable
                : call.Request.Headers["If-None-Match"] != "*" ? HttpStatusCode.BadRequest
                : Objects.TryAdd(name, content) ? HttpStatusCode.OK
                : HttpStatusCode.PreconditionFailed;
        }
    }
}
