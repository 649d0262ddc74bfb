using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// A real PostgreSQL that lives and ends with this program: found on the machine or fetched, durable, closed to
/// everyone without its password, and reachable through a Unix socket only (loopback on Windows).
/// README.md beside this file describes the search, the folders and the stop.
/// </summary>
public sealed class EmbeddedPostgresServer : IAsyncDisposable
{
    /// <summary>The login that owns the cluster; a superuser, meant for migrations.</summary>
    internal const string Owner = "treasury_owner";

    /// <summary>
    /// A Unix socket's whole path fits 103 bytes on every system; the part that PostgreSQL adds is counted.
    /// </summary>
    private const int LongestSocketFolder = 103 - 16;

    /// <summary>Restarts in a row, each before the server lived for a minute, after which it is given up.</summary>
    private const int RestartsMax = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Keeps running servers from the garbage collector, which would close their pipes and so stop them.
    /// </summary>
    private static readonly HashSet<EmbeddedPostgresServer> Running = [];

    private readonly EmbeddedPostgresOptions _options;
    private readonly DirectoryLock _lock;
    private readonly ServerPlan _plan;
    private readonly CancellationTokenSource _stopping = new();
    private IServerProcess? _process;
    private Task _supervision = Task.CompletedTask;
    private Task? _stop;

    private EmbeddedPostgresServer(EmbeddedPostgresOptions options, DirectoryLock held, ServerPlan plan)
    {
        _options = options;
        _lock = held;
        _plan = plan;
    }

    /// <summary>
    /// The owner's login to <see cref="EmbeddedPostgresOptions.Database"/>. It stays the same over restarts.
    /// </summary>
    public string OwnerConnectionString => ConnectionString(_options.Database, pooling: true);

    /// <summary>The folder of its cluster.</summary>
    public string DataDirectory => Path.GetFullPath(_options.DataDirectory);

    /// <summary>The folder of the programs in use.</summary>
    public string BinaryDirectory => _plan.Binaries.Directory;

    /// <summary>The server's version, as <c>18.4</c>.</summary>
    public string Version => _plan.Binaries.Version;

    /// <summary>The server's main process.</summary>
    public int ProcessId { get; private set; }

    /// <summary>
    /// Completes when the server was stopped; fails with <see cref="EmbeddedPostgresException"/> when it ended by
    /// itself and starting it again was given up.
    /// </summary>
    public Task Completion => _supervision;

    /// <summary>Starts the server of a folder, making its cluster the first time.</summary>
    /// <exception cref="EmbeddedPostgresException">It can't be found, started or reached; the message says
    /// why.</exception>
    /// <exception cref="ArgumentException">A setting that is not the caller's to choose.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(
        EmbeddedPostgresOptions options, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.DataDirectory);
        var settings = options.EffectiveSettings();
        var root = Path.GetFullPath(options.DataDirectory);
        var held = LockFolder(root);
        EmbeddedPostgresServer? server = null;
        try
        {
            var plan = await PlanAsync(options, root, settings, cancellation);
            server = new EmbeddedPostgresServer(options, held, plan);
            await server.LaunchAsync(cancellation);
            await server.EnsureDatabaseAsync(cancellation);
        }
        catch
        {
            if (server is not null)
            {
                await server.StopAsync();
            }

            held.Dispose();
            if (options.Throwaway)
            {
                Delete(root);
            }

            throw;
        }

        lock (Running)
        {
            Running.Add(server);
        }

        server._supervision = server.SuperviseAsync();
        return server;
    }

    /// <summary>
    /// Starts a server in a temporary folder that is deleted at the end, also when this program is killed. As durable
    /// as any other unless <paramref name="settings"/> say <c>fsync=off</c>.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">It can't be found or started; the message says why.</exception>
    public static Task<EmbeddedPostgresServer> StartThrowawayAsync(
        IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellation = default) =>
        StartAsync(Throwaway(settings), cancellation);

    /// <summary>Options of a throwaway server in a new temporary folder.</summary>
    internal static EmbeddedPostgresOptions Throwaway(IReadOnlyDictionary<string, string>? settings = null) => new()
    {
        DataDirectory = Directory.CreateTempSubdirectory("treasury-pg-").FullName,
        Throwaway = true,
        Settings = settings ?? new Dictionary<string, string>(StringComparer.Ordinal),
    };

    /// <summary>
    /// Stops the server cleanly: open sessions end, everything is written, nothing is left running. Further calls
    /// await the same stop.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">It does not stop.</exception>
    public Task StopAsync()
    {
        lock (_stopping)
        {
            return _stop ??= StopOnceAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private static DirectoryLock LockFolder(string root)
    {
        try
        {
            Folders.Make(root);
            return DirectoryLock.Take(root);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException(
                $"The data directory {root} can't be made: {failure.Message} Choose another one.", failure);
        }
    }

    private static async Task<ServerPlan> PlanAsync(
        EmbeddedPostgresOptions options, string root, IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellation)
    {
        var home = Path.Combine(root, "server");
        var user = await ServerUser.ForCallerAsync(Path.Combine(home, "data"), cancellation);
        if (!OperatingSystem.IsWindows())
        {
            home = await PrepareHomeAsync(root, home, user, options, cancellation);
        }

        var made = Path.Combine(home, "data", "PG_VERSION");
        int? major = File.Exists(made)
            ? int.Parse(await File.ReadAllTextAsync(made, cancellation), CultureInfo.InvariantCulture)
            : null;
        var binaries = await BinarySearch.FindAsync(options, major, user, cancellation);
        var password = Password(PasswordFile(root), clusterExists: major is not null);
        var (host, port) = OperatingSystem.IsWindows()
            ? ("127.0.0.1", FreePort())
            : (await SocketFolderAsync(home, user, cancellation), 5432);
        var all = new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["listen_addresses"] = OperatingSystem.IsWindows() ? host : "",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = OperatingSystem.IsWindows() ? "" : host,
            ["unix_socket_permissions"] = "0700",
        };
        return new ServerPlan(binaries, user, home, host, port, options.Throwaway ? root : null, password, all);
    }

    /// <summary>
    /// Makes the server's own folder and waits until no earlier run works in it. Returns its path without links, by
    /// which the processes of an earlier run are known.
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    private static async Task<string> PrepareHomeAsync(
        string root, string home, ServerUser? user, EmbeddedPostgresOptions options, CancellationToken cancellation)
    {
        Directory.CreateDirectory(home, Folders.OwnerOnly);
        if (user is not null)
        {
            if (options.Throwaway)
            {
                await user.OwnAsync(root, cancellation);
            }

            await user.OwnAsync(home, cancellation);
            await user.RequireEntryAsync(home, cancellation);
        }

        var path = Command.Prepare("/bin/sh", ["-c", "cd \"$1\" && pwd -P", "sh", home]);
        var real = (await Command.RunAsync(path, Command.Brief, cancellation)).Output.TrimEnd('\n');
        await Postmaster.StopLeftoversAsync(real, options.Progress, cancellation);
        return real;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>
    /// The socket lies beside the cluster; where that path is too long for a socket, in a private short one.
    /// </summary>
    private static async Task<string> SocketFolderAsync(string home, ServerUser? user, CancellationToken cancellation)
    {
        if (Encoding.UTF8.GetByteCount(home) <= LongestSocketFolder && !home.Contains(',', StringComparison.Ordinal))
            return home;
        var socket = Directory.CreateTempSubdirectory("treasury-pg-").FullName;
        if (user is not null)
            await user.OwnAsync(socket, cancellation);
        return socket;
    }

    /// <summary>Where the generated password is kept.</summary>
    internal static string PasswordFile(string root) => Path.Combine(root, "owner-password");

    /// <summary>
    /// The generated password: made before the cluster, so that no cluster exists whose password is unknown.
    /// </summary>
    private static string Password(string file, bool clusterExists)
    {
        if (File.Exists(file))
        {
            return File.ReadAllText(file).Trim();
        }

        if (clusterExists)
        {
            throw new EmbeddedPostgresException(
                $"The password file {file} is missing, so the data beside it can't be opened. Restore the file.");
        }

        var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var partial = file + ".new";
        File.Delete(partial);
        using (var stream = new FileStream(partial, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(password));
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, file);
        return password;
    }

    /// <summary>Starts the server process and waits until it accepts connections.</summary>
    private async Task LaunchAsync(CancellationToken cancellation)
    {
        _process?.Dispose();
        await StopLeftoversAsync(cancellation);
        var before = Postmaster.Read(_plan.Cluster);
        var logged = File.Exists(_plan.Log) ? new FileInfo(_plan.Log).Length : 0;
        _process = OperatingSystem.IsWindows()
            ? await WindowsServerProcess.StartAsync(_plan, cancellation)
            : new GuardedServerProcess(_plan);
        var deadline = DateTime.UtcNow + _options.StartTimeout;
        while (true)
        {
            var lines = Postmaster.Read(_plan.Cluster);
            // A file left by a killed server stays until the new one replaces it.
            if (Postmaster.IsReady(lines) && !lines.SequenceEqual(before))
            {
                ProcessId = Postmaster.ProcessIn(lines)!.Value;
                return;
            }

            if (_process.Ended.IsCompleted)
            {
                throw new EmbeddedPostgresException(
                    $"PostgreSQL {Version} ({BinaryDirectory}) did not start in {_plan.Home} (exit code "
                    + $"{await _process.Ended}). Its log ({_plan.Log}) ends with:\n{LogSince(logged)}");
            }

            if (DateTime.UtcNow > deadline)
            {
                throw new EmbeddedPostgresException(
                    $"PostgreSQL {Version} in {_plan.Home} was not ready after {_options.StartTimeout}. "
                    + $"Its log ({_plan.Log}) ends with:\n{LogSince(logged)}");
            }

            await Task.Delay(Pause, cancellation);
        }
    }

    private Task StopLeftoversAsync(CancellationToken cancellation) => OperatingSystem.IsWindows()
        ? WindowsServerProcess.StopLeftoversAsync(_plan, cancellation)
        : Postmaster.StopLeftoversAsync(_plan.Home, _options.Progress, cancellation);

    /// <summary>The last lines written since the log had a length, at most 15.</summary>
    private string LogSince(long length)
    {
        if (!File.Exists(_plan.Log))
            return "(no log)";
        using var stream = new FileStream(_plan.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = length <= stream.Length ? length : 0;
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(15));
    }

    private async Task EnsureDatabaseAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString("postgres", pooling: false));
            await connection.OpenAsync(cancellation);
            await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
            exists.Parameters.AddWithValue(_options.Database);
            if (await exists.ExecuteScalarAsync(cancellation) is not null)
                return;
            // A database's name can't be a parameter; quoting makes any name a name.
            var name = new NpgsqlCommandBuilder().QuoteIdentifier(_options.Database);
#pragma warning disable CA2100 // quoted on the line above
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync(cancellation);
        }
        catch (NpgsqlException failure)
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL in {_plan.Home} runs but can't be used: {failure.Message}", failure);
        }
    }

    private string ConnectionString(string database, bool pooling) =>
        ConnectionString(_plan.Host, _plan.Port, _plan.Password, database, pooling);

    internal static string ConnectionString(string host, int port, string password, string database, bool pooling) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Port = port,
            Username = Owner,
            Password = password,
            Database = database,
            Pooling = pooling,
        }.ConnectionString;

    /// <summary>
    /// Starts the server again when it ends by itself: a killed PostgreSQL recovers, and so does the program.
    /// </summary>
    private async Task SuperviseAsync()
    {
        var restarts = 0;
        while (true)
        {
            var since = DateTime.UtcNow;
            try
            {
                var exitCode = await _process!.Ended.WaitAsync(_stopping.Token);
                restarts = DateTime.UtcNow - since > TimeSpan.FromMinutes(1) ? 1 : restarts + 1;
                _options.Progress?.Invoke($"PostgreSQL ended by itself (exit code {exitCode}) and is started again.");
                await Task.Delay((restarts - 1) * RestartPause, _stopping.Token);
                await LaunchAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (EmbeddedPostgresException failure)
            {
                _options.Progress?.Invoke(failure.Message);
                if (restarts >= RestartsMax)
                    throw;
            }
        }
    }

    private async Task StopOnceAsync()
    {
        await _stopping.CancelAsync();
        // First, so that no restart is under way while the process is stopped.
        await _supervision.ContinueWith(_ => { }, TaskScheduler.Default);
        try
        {
            if (_process is not null)
            {
                _process.RequestStop();
                await Task.WhenAny(_process.Ended, Task.Delay(StopPatience));
                _process.Dispose();
                // What the watchdog could not stop, or did not because it was killed itself.
                await StopLeftoversAsync(CancellationToken.None);
            }
        }
        finally
        {
            lock (Running)
            {
                Running.Remove(this);
            }

            _lock.Dispose();
        }

        if (_options.Throwaway)
        {
            Delete(_options.DataDirectory);
        }
    }

    /// <summary>Whatever is still about to end may take parts of the folder away while it is gone through.</summary>
    private static void Delete(string directory)
    {
        for (var attempt = 1; Directory.Exists(directory); attempt++)
        {
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (DirectoryNotFoundException) when (attempt < 10)
            {
                // it begins again with what is left
            }
        }
    }
}
