using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Wolverine;
using Wolverine.Http.Transport;
using Wolverine.Transports;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

public sealed class ForwardingTests(Databases databases)
{
    private const string Opening =
        """
        {"effectiveAt":"2026-01-01T00:00:00Z","name":"Acme","timeZone":"UTC","fiscalYearStart":"01-01",
         "reportingCurrency":"USD","priceBook":"main","marketBook":"main"}
        """;

    private const string Bank =
        """{"effectiveAt":"2026-01-01T00:00:00Z","account":"bank","kind":"bank","venue":"bank"}""";

    private const string Dollar =
        """{"effectiveAt":"2026-01-01T00:00:00Z","asset":"USD","kind":"currency","decimals":2}""";

    private const string Money =
        """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"100.00"}""";

    private const string Payment =
        """
        {"effectiveAt":"2026-01-03T08:00:00Z","mode":"instruction","account":"bank","asset":"USD","quantity":"100.01"}
        """;

    private static readonly Regex Different = new("\"(journal|recordedAt|hash)\":\"[^\"]*\"");

    [Fact]
    public async Task a_caller_cannot_tell_which_node_decided()
    {
        var login = await databases.NewAsync();
        await using var one = await InnerNode.StartAsync(Logins.Of(login), interval: "3");
        await using var two = await InnerNode.StartAsync(Logins.Of(login), interval: "3");
        await one.WaitForSlotsAsync(32, 32);
        await two.WaitForSlotsAsync(32, 32);
        var key = await TestNode.KeyAsync(login);

        var told = await StoryAsync(one.Caller(key), one.Treasury(here: true));
        var forwarded = await StoryAsync(one.Caller(key), one.Treasury(here: false));

        forwarded.ShouldBe(told);
        one.App.Services.GetRequiredService<JournalWriters>().Active.ShouldBe(1);
        two.App.Services.GetRequiredService<JournalWriters>().Active.ShouldBe(1);
    }

    [Fact]
    public async Task an_answer_that_is_lost_between_nodes_is_found_by_its_key()
    {
        var login = await databases.NewAsync();
        await using var one = await InnerNode.StartAsync(
            Logins.Of(login),
            services => services.AddSingleton<Losses>().AddScoped<IWolverineHttpTransportClient, LosesAnswers>());
        await using var two = await InnerNode.StartAsync(Logins.Of(login));
        await one.WaitForSlotsAsync(32, 32);
        var caller = one.Caller(await TestNode.KeyAsync(login));
        var losses = one.App.Services.GetRequiredService<Losses>();
        var treasuries = one.Treasuries(here: false).Select(id => $"/v1/treasuries/{id}").GetEnumerator();
        ApiAnswer answer;
        do
        {
            // On a busy machine the other node may be out of reach for a moment: then nothing was sent, nor lost.
            treasuries.MoveNext().ShouldBeTrue();
            answer = await caller.PostAsync(treasuries.Current, Opening, "opening");
            answer.Position.ShouldBe(1);
        }
        while (losses.Count == 0);

        answer.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues(WriteEndpoints.ReplayedHeader).ShouldBe(["true"]);
        (await caller.PostAsync(treasuries.Current + "/accounts", Bank)).Position.ShouldBe(2);
    }

    [Fact]
    public async Task a_node_takes_nothing_that_is_not_signed_with_the_secret_of_its_database()
    {
        var login = await databases.NewAsync();
        await using var node = await InnerNode.StartAsync(Logins.Of(login));

        foreach (var signature in new[] { null, "", "00", new string('0', 64), new string('x', 64) })
        {
            foreach (var path in new[] { "/nodes/invoke", "/nodes/batch/any", "/nodes" })
            {
                var request = new HttpRequestMessage(HttpMethod.Post, path)
                {
                    Content = new ByteArrayContent(Encoding.UTF8.GetBytes("anything")),
                };
                request.Content.Headers.ContentType = new("binary/wolverine-envelope");
                if (signature is not null)
                {
                    request.Headers.Add("X-Node-Signature", signature);
                }

                (await node.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode
                    .ShouldBe(HttpStatusCode.Unauthorized, $"{path} {signature}");
            }
        }
    }

    /// <summary>
    /// Records, repeats, is refused, tries dry and in a batch; gives every answer without what must differ.
    /// </summary>
    private static async Task<List<string>> StoryAsync(ApiClient caller, string id)
    {
        var address = $"/v1/treasuries/{id}";
        List<ApiAnswer> answers =
        [
            await caller.PostAsync(address, Opening, "opening"),
            await caller.PostAsync(address, Opening, "opening"),
            await caller.PostAsync(address, Opening, "again"),
            await caller.PostAsync(address + "/accounts", Bank, "bank"),
            await caller.PostAsync(address + "/assets", Dollar, "usd"),
            await caller.PostAsync(address + "/capital-contributions?dryRun=true", Money, "money"),
            await caller.PostAsync(address + "/capital-contributions", Money, "money"),
            await caller.PostAsync(address + "/capital-contributions", Bank, "money"),
            await caller.PostAsync(address + "/fees", Payment, "fee"),
            await caller.PostAsync(
                address + "/batches", $$"""{"commands":[{"command":"pay-fee",{{Payment.Trim()[1..]}}]}""", "batch"),
        ];
        answers.Select(answer => (int)answer.Status).ShouldBe([201, 200, 409, 201, 201, 200, 201, 400, 422, 422]);
        return
        [
            .. answers.Select(answer => $"{(int)answer.Status} {Different.Replace(answer.Text, "*")}"),
        ];
    }

    private sealed class Losses
    {
        public int Count { get; set; }
    }

    /// <summary>The other node gets the request and answers; the answer never arrives.</summary>
    private sealed class LosesAnswers(IHttpClientFactory clients, Losses losses) : IWolverineHttpTransportClient
    {
        private readonly WolverineHttpTransportClient _inner = new(clients);

        public async Task<InlineHttpReply> InvokeAsync(
            string uri, Envelope envelope, JsonSerializerOptions serializerOptions)
        {
            (await _inner.InvokeAsync(uri, envelope, serializerOptions)).StatusCode.ShouldBe(200);
            losses.Count++;
            throw new HttpRequestException("The connection broke before the answer.");
        }

        public Task SendAsync(
            string uri, Envelope envelope, JsonSerializerOptions serializerOptions) =>
            throw new NotSupportedException();

        public Task SendBatchAsync(string uri, OutgoingMessageBatch batch) => throw new NotSupportedException();
    }
}
