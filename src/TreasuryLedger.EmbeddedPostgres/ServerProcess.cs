namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>What a server process needs to know.</summary>
/// <param name="Binaries">Its programs.</param>
/// <param name="User">Who runs it; null for the caller.</param>
/// <param name="Home">Folder with the cluster (<c>data</c>) and the log, owned by that user.</param>
/// <param name="Host">Folder of the Unix socket; on Windows the loopback address.</param>
/// <param name="Port">Part of the socket's name; on Windows the TCP port.</param>
/// <param name="Throwaway">Folder deleted when the caller is done or gone; null for a server that keeps its
/// data.</param>
/// <param name="Password">The owner's password, used when the cluster is made.</param>
/// <param name="Settings">PostgreSQL settings by name.</param>
internal sealed record ServerPlan(
    Binaries Binaries, ServerUser? User, string Home, string Host, int Port, string? Throwaway, string Password,
    IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The folder of the cluster.</summary>
    public string Cluster => Path.Combine(Home, "data");

    /// <summary>The server's log.</summary>
    public string Log => Path.Combine(Home, "postgres.log");

    /// <summary>
    /// Options of initdb: checksums, passwords everywhere, and an order of text that no locale changes.
    /// </summary>
    public IEnumerable<string> InitdbOptions =>
    [
        "--username=" + EmbeddedPostgresServer.Owner, "--data-checksums", "--auth=scram-sha-256", "--encoding=UTF8",
        "--locale=C",
        // Making the files durable pays off only when they outlive this run.
        .. Throwaway is null ? Array.Empty<string>() : ["--no-sync"],
    ];

    /// <summary>Settings as options of postgres.</summary>
    public IEnumerable<string> ServerOptions =>
        Settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" });
}

/// <summary>A running server and the process that guards it.</summary>
internal interface IServerProcess : IDisposable
{
    /// <summary>Completes when the server has ended, with the exit code.</summary>
    Task<int> Ended { get; }

    /// <summary>
    /// Asks for a clean stop: sessions end, everything is written, then <see cref="Ended"/> completes.
    /// </summary>
    void RequestStop();
}
