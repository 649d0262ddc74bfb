using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>The story of the README, with the files that it names.</summary>
[Collection(ApiTests.Name)]
public sealed partial class CustodiansWeekTests(ApiHost host)
{
    private const string Week = $"/v1/treasuries/{CustodiansWeek.Treasury}";
    private const string Spine = "/v1/treasuries/trend-research";
    private const string Program = "dotnet run --project src/TreasuryLedger.Server -- ";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task its_files_are_those_that_the_case_makes()
    {
        var week = CustodiansWeek.Read();
        foreach (var (name, content) in week.Files())
        {
            await RepositoryFiles.ShouldHoldAsync($"{CustodiansWeek.Folder}/{name}", content, Stop);
        }

        // Signatures are made anew only where a body changed: the key that made them is not kept.
        var bodies = week.Messages().ToList();
        if (RepositoryFiles.IsUpdating && !Signed().Select(message => message.Body).SequenceEqual(bodies))
        {
            using var signer = new FireblocksSigner();
            await RepositoryFiles.ShouldHoldAsync(
                $"{CustodiansWeek.Folder}/fireblocks.json", CustodiansWeek.FireblocksTerms(signer.Jwk), Stop);
            await RepositoryFiles.ShouldHoldAsync(
                $"{CustodiansWeek.Folder}/fireblocks-messages.tsv",
                string.Concat(bodies.Select(body => $"{signer.Jws(body)}\t{body}\n")), Stop);
        }

        Signed().Select(message => message.Body).ShouldBe(bodies);
    }

    [Fact]
    public async Task told_twice_and_shuffled_it_is_the_week_of_the_case_and_only_what_was_planted_is_a_break()
    {
        var client = await OpenAsync();
        (await client.PostAsync($"{Week}/batches", Text("before.json"))).ShouldBe(HttpStatusCode.Created);

        foreach (var source in new[] { "fireblocks", "binance", "desk" })
        {
            (await client.SendAsync(Request(HttpMethod.Put, $"{Week}/sources/{source}", $"{source}.json")))
                .ShouldBe(HttpStatusCode.OK);
        }

        Func<Task>[] tellings =
        [
            .. Signed().Select(message => (Func<Task>)(() => SendAsync(client, message))),
            () => ImportAsync(client, "binance", "binance-trades.csv"),
            () => ImportAsync(client, "binance", "binance-deposits.csv"),
            () => ImportAsync(client, "binance", "binance-withdrawals.csv"),
            () => ImportAsync(client, "desk", "desk.csv"),
        ];
        Func<Task>[] twice = [.. tellings, .. tellings];
        new Random(20260208).Shuffle(twice);
        foreach (var telling in twice)
        {
            await telling();
        }

        await host.Host.Services.GetServices<IHostedService>().OfType<WaitingPayloads>().Single()
            .TakeUpNowAsync(Stop);
        await ImportAsync(client, "fireblocks", "fireblocks-transactions.json", "application/json");
        await ImportAsync(client, "fireblocks", "fireblocks-transactions.json", "application/json");

        await ShouldBeOneBookAsync(client);
        await ShouldFindWhatWasPlantedAsync(client);
    }

    [Fact]
    public async Task the_readmes_block_sends_it_and_prints_the_gain_and_the_breaks_that_the_readme_names()
    {
        var client = await OpenAsync();
        var readme = await File.ReadAllTextAsync(RepositoryFiles.PathOf("README.md"), Stop);
        var block = readme.Split("```sh\n").Select(rest => rest.Split("```")[0])
            .Single(block => block.Contains("send.sh", StringComparison.Ordinal));
        var address = (await host.ListenAsync()).ToString().TrimEnd('/');

        var printed = new List<string>();
        foreach (var line in block.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var isVerb = line.StartsWith(Program, StringComparison.Ordinal);
            printed.Add(await ShellAsync(isVerb
                ? $"dotnet {typeof(ServerHost).Assembly.Location} {line[Program.Length..]} --tenant {client.Tenant}"
                : line.Replace("KEY=tlk_…", $"KEY={client.Key} TENANT={client.Tenant}", StringComparison.Ordinal)
                    .Replace("http://127.0.0.1:5080", address, StringComparison.Ordinal)));
        }

        readme.ShouldContain("The realized gain is -746,838,053.99,");
        readme.ShouldContain("five breaks are found");
        printed.Count.ShouldBe(3);
        printed[1].ShouldContain(" -746838053.99 ");
        printed[2].Trim().Split('\n').Length.ShouldBe(1 + 5, printed[2]); // their names, and five
    }

    /// <summary>The case as it was recorded, of which the treasury of the week is told anew.</summary>
    private async Task<ApiClient> OpenAsync()
    {
        var client = await host.NewTenantAsync();
        foreach (var (address, batch) in CustodiansWeek.Read().Spine())
        {
            (await client.PostAsync($"/v1/{address}/batches", batch)).ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }

    /// <summary>Runs a line in the repository's folder, and gives what it prints.</summary>
    private async Task<string> ShellAsync(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RepositoryFiles.PathOf(""),
            Environment = { ["Database__OwnerConnection"] = host.Login },
        })!;
        var error = shell.StandardError.ReadToEndAsync(Stop);
        var output = await shell.StandardOutput.ReadToEndAsync(Stop);
        await shell.WaitForExitAsync(Stop);
        shell.ExitCode.ShouldBe(0, $"{line}\n{await error}");
        return output;
    }

    /// <summary>Every day of the week and its end, figure by figure.</summary>
    private static async Task ShouldBeOneBookAsync(ApiClient client)
    {
        string[] days =
        [
            "2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06",
            "2026-02-07", CustodiansWeek.End,
        ];
        foreach (var day in days)
        {
            foreach (var path in new[]
            {
                "balances", "realized-gains", "unrealized-gains", "positions", "lots", "trial-balance",
            })
            {
                Said(await AskAsync(client, Week, path, day)).ShouldBe(
                    Said(await AskAsync(client, Spine, path, day)), $"{path} as of {day}");
            }
        }

        (await AskAsync(client, Week, "realized-gains", CustodiansWeek.End)).GetRawText()
            .ShouldContain("\"realizedGain\":\"-746838053.99\"");
    }

    private static async Task ShouldFindWhatWasPlantedAsync(ApiClient client)
    {
        foreach (var statement in new[] { "binance-statement.json", "fireblocks-statement.json" })
        {
            (await client.SendAsync(Request(HttpMethod.Post, $"{Week}/reconciliations", statement)))
                .ShouldBe(HttpStatusCode.OK);
            (await client.SendAsync(Request(HttpMethod.Post, $"{Week}/reconciliations", statement)))
                .Json.GetProperty("opened").GetInt32().ShouldBe(0);
        }

        var breaks = (await client.GetAsync($"{Week}/breaks?open=true")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("breaks").EnumerateArray().Select(standing => standing.GetProperty("break"))
            .Select(found => string.Join(' ',
                new[] { "kind", "source", "asset", "told", "recorded" }
                    .Where(name => found.TryGetProperty(name, out _))
                    .Select(name => found.GetProperty(name).GetString())))
            .Order(StringComparer.Ordinal);
        breaks.ShouldBe([
            "balanceDiffers binance-statement USDT 320856946.01 320859446.01",
            "factConflict fireblocks",
            "missingAtSource fireblocks-statement USDT 40000000",
            "missingInLedger binance-statement USDT -2500",
            "quantityDiffers binance-statement ETH 24999 25000",
        ]);
        (await client.GetAsync($"{Week}/payloads?open=true")).Text.ShouldBe("""{"payloads":[]}""");
    }

    /// <summary>All of an answer but where it stands and who told of it.</summary>
    private static string Said(JsonElement answer) => string.Join('\n', answer.EnumerateObject()
        .Where(member => member.Name != "viewpoint")
        .Select(member => $"{member.Name} {Teller().Replace(member.Value.GetRawText(), "")}"));

    [GeneratedRegex("""
        "(lotId|entry|quality|onFact|onDerived|onAssumed)":("[^"]*"|[0-9]+),?
        """)]
    private static partial Regex Teller();

    private static async Task<JsonElement> AskAsync(ApiClient client, string treasury, string path, string asOf) =>
        (await client.GetAsync($"{treasury}/{path}?asOf={asOf}")).ShouldBe(HttpStatusCode.OK).Json;

    private static async Task SendAsync(ApiClient client, (string Signature, string Body) message)
    {
        var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v1/messages/fireblocks/{client.Tenant}/{CustodiansWeek.Treasury}/fireblocks")
        {
            Content = new StringContent(message.Body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(FireblocksSignature.Header, message.Signature);
        ((int)(await client.SendAsync(request)).Status).ShouldBeInRange(200, 202);
    }

    private static async Task ImportAsync(ApiClient client, string source, string file, string type = "text/csv") =>
        (await client.SendAsync(Request(HttpMethod.Post, $"{Week}/sources/{source}/imports", file, type)))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("rejected").GetInt32().ShouldBe(0);

    private static HttpRequestMessage Request(
        HttpMethod method, string address, string file, string type = "application/json") =>
        new(method, address)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Text(file)))
            {
                Headers = { ContentType = new MediaTypeHeaderValue(type) },
            },
        };

    private static string Text(string file) =>
        File.ReadAllText(RepositoryFiles.PathOf($"{CustodiansWeek.Folder}/{file}"));

    private static (string Signature, string Body)[] Signed() =>
        File.Exists(RepositoryFiles.PathOf($"{CustodiansWeek.Folder}/fireblocks-messages.tsv"))
            ? [.. Text("fireblocks-messages.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t')).Select(parts => (parts[0], parts[1]))]
            : [];
}
