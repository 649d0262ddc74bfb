using System.Net;
using Shouldly;
using TreasuryLedger.Server.Answers;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Answers that a caller has already are not sent again, and never mistaken for another.</summary>
[Collection(ApiTests.Name)]
public sealed class ETagTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    public static TheoryData<string> Questions => ReadTests.Questions;

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task an_answer_that_the_caller_has_is_not_sent_again_and_another_one_is(string path)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var knownAt = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        var address = $"{Treasury}/{path}".TrimEnd('/');
        address += address.EndsWith('=')
            ? $"{knownAt}&knownAt2={knownAt}&asOf=2026-01-31"
            : $"{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}knownAt={knownAt}&asOf=2026-01-31";

        var first = (await client.GetAsync(address)).ShouldBe(HttpStatusCode.OK);
        var tag = first.Headers.ETag!.Tag;
        (await client.GetAsync(address)).Headers.ETag!.Tag.ShouldBe(tag);
        // The end of 31 January in Singapore, named in another way, is the same question.
        var same = await AskAsync(client, Replace(address, "2026-01-31T15:59:59.999999Z"), tag);
        same.ShouldBe(HttpStatusCode.NotModified).Text.ShouldBeEmpty();
        same.Headers.ETag!.Tag.ShouldBe(tag);
        (await AskAsync(client, address, "*")).ShouldBe(HttpStatusCode.NotModified);

        await client.PostAsync(
            Treasury + "/capital-contributions",
            """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"7"}""");
        foreach (var other in new[]
        {
            Replace(address, "2026-01-30"),
            TakesTerms(path) ? address + "&method=lifo" : Replace(address, "2026-01-29"),
            address.Split("knownAt2")[0].Replace($"knownAt={knownAt}&asOf", "asOf", StringComparison.Ordinal),
        })
        {
            var answer = (await AskAsync(client, other, tag)).ShouldBe(HttpStatusCode.OK);
            answer.Headers.ETag!.Tag.ShouldNotBe(tag, other);
        }
    }

    private static bool TakesTerms(string path) => AnswerRoute.All
        .Single(question => question.Path == path.Split('?')[0])
        .Parameters.Any(parameter => parameter.Name == "method");

    [Fact]
    public async Task answers_of_two_questions_of_two_tenants_have_four_tags()
    {
        var tags = new List<string>();
        foreach (var client in new[] { await host.NewTenantAsync(), await host.NewTenantAsync() })
        {
            await client.OpenAsync();
            foreach (var path in new[] { "lots", "balances" })
            {
                tags.Add((await client.GetAsync($"{Treasury}/{path}?asOf=2026-01-31")).Headers.ETag!.Tag);
            }
        }

        tags.ShouldBeUnique();
    }

    [Fact]
    public async Task a_refused_parameter_is_answered_with_those_that_are_known()
    {
        var client = await host.SharedAsync();

        var refused = await client.GetAsync(Treasury + "/realized-gains?knowAt=2026-01-31T00:00:00Z");

        refused.Code.ShouldBe("query_invalid");
        refused.Json.GetProperty("numbers").GetProperty("parameter").GetString().ShouldBe("knowAt");
        refused.Json.GetProperty("numbers").GetProperty("known").GetString()!.Split(", ").ShouldBe(
            AnswerRoute.All.Single(route => route.Verb == "realized").Takes.Select(parameter => parameter.Name),
            ignoreOrder: true);
    }

    private static string Replace(string address, string asOf) =>
        address.Replace("2026-01-31", asOf, StringComparison.Ordinal);

    private static Task<ApiAnswer> AskAsync(ApiClient client, string address, string tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return client.SendAsync(request);
    }
}
