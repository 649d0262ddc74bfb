using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

[Collection(ApiTests.Name)]
public sealed class StoryTests(ApiHost host)
{
    [Fact]
    public async Task every_documented_request_works_and_every_question_has_an_answer()
    {
        var client = await host.NewTenantAsync();
        foreach (var request in Story.Requests)
        {
            var answer = await client.PostAsync(request.Address, request.Example.Json);
            answer.Status.ShouldBe(
                HttpStatusCode.Created, $"{request.Route.Name}, {request.Example.Name}:{answer.Text}");
        }

        foreach (var question in AnswerRoute.All.Where(
            question => question.Verb is not ("restatement" or "statement" or "plan" or "deleverage")))
        {
            var answer = await client.GetAsync(AddressOf(question));
            answer.ShouldBe(HttpStatusCode.OK);
            TestContext.Current.TestOutputHelper!.WriteLine(question.Verb + " " + answer.Text);
        }
    }

    [Fact]
    public async Task every_documented_answer_is_one_that_was_given()
    {
        // Under a replayed clock the same story gets the same answers, recorded instants included.
        var client = await host.NewCallerAsync("story");
        var clock = Instant.Parse("2026-01-10T08:00:00Z");
        foreach (var request in Story.Requests)
        {
            const string replayed = "\"replayedClock\": true, \"name\"";
            var body = request.Route.Path.Length > 0
                ? request.Example.Json
                : request.Example.Json.Replace("\"name\"", replayed, StringComparison.Ordinal);
            clock = clock.Plus(1_000_000);
            var last = (await client.PostAsync(request.Address, body, recordedAt: clock.ToString()))
                .ShouldBe(HttpStatusCode.Created);
            // From the first free text on, hashes hold a salt of chance.
            if (request.Route.Name == "pay-fee")
            {
                await HoldAsync(nameof(RecordedAnswer), last);
                await HoldAsync("getHead", await client.GetAsync(ApiClient.Treasury + "/head"));
                await HoldAsync("getEntry", await client.GetAsync(ApiClient.Treasury + "/entries/14"));
                await HoldAsync("listEntries", await client.GetAsync(
                    ApiClient.Treasury + "/entries?recordedFrom=2026-01-10T08:00:24Z&limit=2"));
                await HoldAsync("listMovements", await client.GetAsync(
                    ApiClient.Treasury + "/movements?asset=ETH"));
                await HoldAsync("sumEntries", await client.GetAsync(ApiClient.Treasury + "/entries/sums?asset=ETH"));
                var key = last.Json.GetProperty("entries")[0].GetProperty("idempotencyKey");
                await HoldAsync(
                    nameof(EntryProof), await client.GetAsync(ApiClient.Treasury + "/entries/14/proof?size=15"));
                await HoldAsync(
                    nameof(ConsistencyProof), await client.GetAsync(ApiClient.Treasury + "/consistency?from=5&to=15"));
                await HoldAsync("getRequest", await client.GetAsync($"{ApiClient.Treasury}/requests/{key}"));
            }
        }

        await HoldAsync("listPrices", await client.GetAsync(ApiClient.Prices + "/prices?asset=ETH&limit=2"));
        foreach (var question in AnswerRoute.All)
        {
            await HoldAsync(question.Id, await client.GetAsync(AddressOf(question) + question.Verb switch
            {
                "transfers" => "?asOf=2026-01-05T11:05:00Z", // while one is under way
                "restatement" => "?asOf=2026-01-06&knownAt1=2026-01-10T08:00:28Z",
                "official-gains" or "official-trial-balance" or "official-roll-forward" or "statement"
                    or "official-general-ledger" =>
                    "?asOf=2026-01-05",
                "plan" => "?asOf=2026-01-06&asset=ETH&account=wallet&quantity=1&proceeds=4500",
                "deleverage" => "?asOf=2026-01-06&account=aave-1",
                "compare-lots" => "?asOf=2026-01-06&with=us-tax&measurement=fairValue",
                "compare" => "?asOf=2026-01-06&book=official&with=average&period=day",
                _ => "?asOf=2026-01-06",
            }), saltedHashes: question.Verb == "books");
        }

        static Task HoldAsync(string name, ApiAnswer answer, bool saltedHashes = false) =>
            RepositoryFiles.ShouldHoldAsync(
                $"src/TreasuryLedger.Server/Platform/OpenApi/Examples/{name}.json",
                JsonSerializer.Serialize(answer.Json, Wire.Indented) + "\n",
                TestContext.Current.CancellationToken,
                saltedHashes);
    }

    private static string AddressOf(AnswerRoute question)
    {
        var path = question.Subject is { } subject
            ? question.Path.Replace("{**" + subject.Name + "}", subject.Example, StringComparison.Ordinal)
                .Replace("{" + subject.Name + "}", subject.Example, StringComparison.Ordinal)
            : question.Path;
        return $"{ApiClient.Treasury}/{path}".TrimEnd('/');
    }

    [Fact]
    public void every_command_has_a_route_and_every_route_an_example()
    {
        Routes.Commands.Select(route => route.Command)
            .ShouldBe(CommandNames.All.Select(named => named.Command), ignoreOrder: true);
        Routes.Commands.ShouldAllBe(route => route.Examples.Length > 0);
    }
}
