using System.Net;
using Shouldly;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform;
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

        foreach (var question in AnswerRoute.All.Where(question => question.Verb != "restatement"))
        {
            var answer = await client.GetAsync($"{ApiClient.Treasury}/{question.Path}".TrimEnd('/'));
            answer.ShouldBe(HttpStatusCode.OK);
            TestContext.Current.TestOutputHelper!.WriteLine(question.Verb + " " + answer.Text);
        }
    }

    [Fact]
    public void every_command_has_a_route_and_every_route_an_example()
    {
        Routes.Commands.Select(route => route.Command)
            .ShouldBe(CommandNames.All.Select(named => named.Command), ignoreOrder: true);
        Routes.Commands.ShouldAllBe(route => route.Examples.Length > 0);
    }
}
