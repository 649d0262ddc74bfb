using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

/// <summary>
/// PostgreSQL refuses to run as root, so root's server is another user's, and anybody else's is their own.
/// </summary>
public sealed class AnotherUserTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task the_server_never_runs_as_root_and_runs_as_the_caller_otherwise()
    {
        await using var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = _folder["ledger"] }, Cancellation);
        var cluster = _folder["ledger/server/data"];

        var user = await ServerUser.ForCallerAsync(cluster, Cancellation);
        var owner = (await Machine.RunAsync("ls", "-ldn", cluster)).Output
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];

        var caller = (await Machine.RunAsync("id", "-u")).Output.Trim();
        owner.ShouldBe(Environment.IsPrivilegedProcess ? user!.UserId : caller);
        owner.ShouldNotBe("0");
    }

    [Fact]
    public async Task a_user_without_rights_runs_a_server_and_root_takes_the_folder_over_without_changing_its_owner()
    {
        // Whoever runs these tests as root sees the other case through a program of user nobody.
        var user = await NobodyAsync();
        if (user is not null && await ClosedRuntimeAsync(user) is { } refusal)
        {
            // .NET itself lies in a folder of root's: what is left to show is that the folder is named.
            refusal.ShouldContain("can't enter");
            return;
        }

        var program = CopyOfThisProgram();
        _folder.Make("home");
        if (user is not null)
            await user.OwnAsync(_folder["home"], Cancellation);
        await using var owner = OwnerProgram.Start(_folder["home/ledger"], program, user);
        await owner.ReadyAsync(rows: 100);
        (await owner.StopAsync()).ShouldBe(0);

        await using var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = _folder["home/ledger"] }, Cancellation);

        (await server.AskAsync("SELECT count(*) FROM facts")).ShouldBe($"{owner.AcknowledgedRows}");
        await server.StopAsync();
        await using var ownerAgain = OwnerProgram.Start(_folder["home/ledger"], program, user);
        await ownerAgain.ReadyAsync(owner.AcknowledgedRows + 1);
    }

    private static async Task<ServerUser?> NobodyAsync() =>
        Environment.IsPrivilegedProcess ? await ServerUser.NamedAsync("nobody", Cancellation) : null;

    private static async Task<string?> ClosedRuntimeAsync(ServerUser user)
    {
        try
        {
            await user.RequireEntryAsync(Path.GetDirectoryName(typeof(object).Assembly.Location)!, Cancellation);
            return null;
        }
        catch (EmbeddedPostgresException closed)
        {
            return closed.Message;
        }
    }

    /// <summary>
    /// The test program lies where its builder put it, which may be closed to others; a copy does not. What owns a
    /// server needs few of its files.
    /// </summary>
    private string CopyOfThisProgram()
    {
        const UnixFileMode everyone = Folders.EnterOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var program = _folder.Make("program");
        var source = Path.GetDirectoryName(OwnerProgram.Executable)!;
        var name = Path.GetFileName(OwnerProgram.Executable);
        string[] needed =
        [
            name, name + ".dll", name + ".runtimeconfig.json", "TreasuryLedger.EmbeddedPostgres.dll", "Npgsql.dll",
        ];
        foreach (var file in needed)
        {
            var copy = Path.Combine(program, file);
            File.Copy(Path.Combine(source, file), copy);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(copy, everyone);
        }

        // The host lists the folder of a program that comes without a list of its parts.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, everyone);
        return Path.Combine(program, name);
    }
}
