using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

/// <summary>
/// A program of its own that owns an embedded server, so that a test can kill it. It is this test program, started
/// again with a variable set: the server of that folder, a table of rows it acknowledges on its output, the end of its
/// input as the sign to stop.
/// </summary>
internal sealed class OwnerProgram : IAsyncDisposable
{
    private const string Variable = "TREASURY_LEDGER_TEST_OWNS";
    private const string Ready = "ready ";

    private readonly Process _process;

    private OwnerProgram(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The server's main process; known once it is ready.</summary>
    public int ServerId { get; private set; }

    /// <summary>The server's data directory; known once it is ready.</summary>
    public string DataDirectory { get; private set; } = "";

    /// <summary>The last row that the database acknowledged before the program's output ended.</summary>
    public int AcknowledgedRows { get; private set; }

    /// <summary>Starts the program, without waiting for it.</summary>
    /// <param name="directory">The data directory; empty for a throwaway server.</param>
    /// <param name="executable">The test program; null for the one that runs.</param>
    /// <param name="user">Who runs it; null for the caller.</param>
    public static OwnerProgram Start(string directory, string? executable = null, ServerUser? user = null)
    {
        var start = Command.Prepare(executable ?? Executable, [], user);
        start.Environment[Variable] = directory;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        return new OwnerProgram(Command.Start(start));
    }

    /// <summary>The running test program.</summary>
    public static string Executable { get; } =
        Path.ChangeExtension(typeof(OwnerProgram).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);

    /// <summary>Waits until the server answers and at least some rows are acknowledged.</summary>
    public async Task ReadyAsync(int rows = 1)
    {
        while (ServerId == 0 || AcknowledgedRows < rows)
        {
            if (!await ReadLineAsync())
                throw new InvalidOperationException("The program that owns a server ended before it was ready.");
        }
    }

    /// <summary>Ends the program as a power cut would, and reads what it acknowledged until then.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await DrainAsync();
    }

    /// <summary>Reads what the program still wrote after it was ended in another way.</summary>
    public async Task DrainAsync()
    {
        while (await ReadLineAsync())
        {
            // Each line is counted as it is read.
        }

        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Lets the program stop its server and end; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        _process.StandardInput.Close();
        await DrainAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await StopAsync();
        _process.Dispose();
    }

    private async Task<bool> ReadLineAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null)
            return false;
        if (line.StartsWith(Ready, StringComparison.Ordinal))
        {
            var words = line.Split(' ', 3);
            (ServerId, DataDirectory) = (int.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
        }
        else
        {
            AcknowledgedRows = int.Parse(line, CultureInfo.InvariantCulture);
        }

        return true;
    }

    /// <summary>
    /// Takes the place of the tests when the variable is set. Everything here is synchronous: while a module is being
    /// initialized, no other thread gets into it.
    /// </summary>
    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } directory)
            return;
        try
        {
            Run(directory);
            Environment.Exit(0);
        }
        catch (EmbeddedPostgresException failure)
        {
            Console.Error.WriteLine(failure.Message);
            Environment.Exit(1);
        }
    }

    private static void Run(string directory)
    {
        var options = directory.Length == 0
            ? EmbeddedPostgresServer.Throwaway()
            : new EmbeddedPostgresOptions { DataDirectory = directory };
        var server = EmbeddedPostgresServer.StartAsync(options).GetAwaiter().GetResult();
        using var connection = new NpgsqlConnection(server.OwnerConnectionString);
        connection.Open();
        using var table = new NpgsqlCommand("CREATE TABLE IF NOT EXISTS facts (id int PRIMARY KEY)", connection);
        table.ExecuteNonQuery();
        using var last = new NpgsqlCommand("SELECT coalesce(max(id), 0) FROM facts", connection);
        var row = (int)last.ExecuteScalar()!;
        Console.Out.WriteLine(Ready + $"{server.ProcessId} {options.DataDirectory}");
        using var insert = new NpgsqlCommand("INSERT INTO facts VALUES ($1)", connection);
        insert.Parameters.Add(new NpgsqlParameter<int>());
        var endOfInput = Task.Run(Console.In.Read);
        while (!endOfInput.IsCompleted)
        {
            ((NpgsqlParameter<int>)insert.Parameters[0]).TypedValue = ++row;
            insert.ExecuteNonQuery();
            Console.Out.WriteLine(row.ToString(CultureInfo.InvariantCulture));
        }

        server.StopAsync().GetAwaiter().GetResult();
    }
}
