using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

/// <summary>Verbs beside a running server, and a server that cannot listen: one line each.</summary>
public sealed class VisitTests(Databases databases) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task verbs_work_in_the_postgresql_of_a_running_server_and_leave_it_running()
    {
        await using var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = _folder["ledger"] }, TestContext.Current.CancellationToken);
        var logins = await Schema.PrepareOwnAsync(
            server.OwnerConnectionString, TestContext.Current.CancellationToken);

        var made = await ProgramRun.InAsync(
            _folder["ledger"], "keys", "create", "--actor", "ann", "--role", "compliance", "--json");
        var listed = await ProgramRun.InAsync(_folder["ledger"], "keys", "list", "--json");

        made.ExitCode.ShouldBe(0, made.Error);
        var id = JsonDocument.Parse(made.Output).RootElement.GetProperty("id").GetString()!;
        listed.Output.ShouldContain(id);
        (await Database.AskAsync(logins.Owner, "select count(*) from ledger.api_keys")).ShouldBe("1");
        // The running server's own way in still opens: a visitor changes no password.
        await using var app = NpgsqlDataSource.Create(logins.App);
        await using var connection = await app.OpenConnectionAsync(TestContext.Current.CancellationToken);
        (await connection.AskAsync("select 1")).ShouldBe("1");
    }

    [Fact]
    public async Task a_second_server_on_the_folder_of_a_running_one_is_refused_in_one_line()
    {
        await using var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = _folder["ledger"] }, TestContext.Current.CancellationToken);

        var second = await ProgramRun.InAsync(_folder["ledger"], "serve");

        second.ExitCode.ShouldBe(1);
        second.Error.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("database_unavailable: ");
        second.Error.ShouldContain("in use by process");
    }

    [Fact]
    public async Task an_address_that_cannot_be_listened_at_is_one_line_with_a_code()
    {
        var login = await databases.NewAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        foreach (var (url, code) in new[]
        {
            ("", "argument_invalid"),
            ("nowhere", "argument_invalid"),
            ($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", "address_unavailable"),
            ("http://192.0.2.1:9", "address_unavailable"),
        })
        {
            var run = await ProgramRun.OverAsync(login, "serve", "--url", url);

            run.ExitCode.ShouldBe(1, url);
            run.Error.Trim().Split('\n').ShouldHaveSingleItem(url).ShouldStartWith(code + ": ");
            run.Output.ShouldNotContain("   at ", customMessage: run.Output);
        }
    }
}
