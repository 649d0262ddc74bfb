using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What comes over a real connection and is no HTTP request: as the documentation says of it.</summary>
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
        await using var database = OpenDatabase.Of(Logins.Of(host.Login));
        var builder = ServerHost.Web(new WebApplicationOptions(), database);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        ServerHost.Serve(app);
        await app.StartAsync(TestContext.Current.CancellationToken);

        var answer = await SendAsync(
            new Uri(app.Urls.Single()).Port,
            request.Replace("LONG", new string('x', 40_000), StringComparison.Ordinal));

        answer.ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "));
        answer.ShouldContain("\r\nContent-Length: 0\r\n");
        answer.ShouldContain("\r\nConnection: close\r\n");
        answer.ShouldEndWith("\r\n\r\n");
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
