using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using TreasuryLedger.Server.Exports;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What only a real connection shows: what is no HTTP request, and files that come whole.</summary>
[Collection(ApiTests.Name)]
public sealed class WireTests(ApiHost host)
{
    [Theory]
    [InlineData("no request at all\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400)]
    [InlineData("GET /LONG HTTP/1.1\r\nHost: a\r\n\r\n", 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: LONG\r\n\r\n", 431)]
    public async Task what_is_no_http_request_is_turned_away_without_a_body(string request, int status)
    {
        var answer = await SendAsync(
            (await host.ListenAsync()).Port,
            request.Replace("LONG", new string('x', 40_000), StringComparison.Ordinal));

        answer.ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "));
        answer.ShouldContain("\r\nContent-Length: 0\r\n");
        answer.ShouldContain("\r\nConnection: close\r\n");
        answer.ShouldEndWith("\r\n\r\n");
    }

    [Fact]
    public async Task every_file_comes_whole_over_it()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        using var http = new HttpClient { BaseAddress = await host.ListenAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", client.Key);

        foreach (var export in ExportRoute.All)
        {
            var path = $"{ApiClient.Treasury}/exports/{export.Name}?asOf=2026-01-31";
            var file = await http.GetByteArrayAsync(path, TestContext.Current.CancellationToken);
            file.ShouldNotBeEmpty(export.Name);
            if (export.Extension is "zip" or "xlsx")
            {
                using var archive = new ZipArchive(new MemoryStream(file));
                archive.Entries.ShouldNotBeEmpty(export.Name);
            }
        }
    }

    private static async Task<string> SendAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
