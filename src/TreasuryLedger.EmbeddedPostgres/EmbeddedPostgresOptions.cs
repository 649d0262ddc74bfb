namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>Where an embedded PostgreSQL keeps its data and how it runs.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// Settings suited to a ledger on a small machine: nothing acknowledged is lost, memory is modest, and texts of
    /// statements (which may name people) stay out of the log.
    /// </summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["fsync"] = "on",
        ["full_page_writes"] = "on",
        ["synchronous_commit"] = "on",
        ["password_encryption"] = "scram-sha-256",
        ["max_connections"] = "100",
        ["shared_buffers"] = "256MB",
        ["effective_cache_size"] = "1GB",
        ["wal_compression"] = "on",
        ["max_wal_size"] = "2GB",
        ["random_page_cost"] = "1.1",
        ["jit"] = "off",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
        ["log_checkpoints"] = "off",
        ["log_min_error_statement"] = "panic",
    };

    /// <summary>What decides who can reach the server; never the caller's choice.</summary>
    private static readonly string[] Fixed =
    [
        "listen_addresses", "port", "unix_socket_directories", "unix_socket_permissions", "password_encryption",
        "data_directory", "hba_file", "ident_file", "external_pid_file",
    ];

    /// <summary>What decides whether acknowledged data survives; a choice for throwaway servers alone.</summary>
    private static readonly string[] Durability = ["fsync", "full_page_writes", "synchronous_commit"];

    /// <summary>
    /// The folder that holds everything of this server: cluster, password, lock, log. Made when missing. If the caller
    /// is root, every folder above must be open to (x) the user that PostgreSQL runs as.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>The folder that holds server binaries fetched from npm.</summary>
    public string CacheDirectory { get; init; } = DefaultDirectory("postgresql-binaries");

    /// <summary>
    /// The database that <see cref="EmbeddedPostgresServer.OwnerConnectionString"/> names; made when missing.
    /// </summary>
    public string Database { get; init; } = "treasury";

    /// <summary>
    /// PostgreSQL settings over the defaults. Who can reach the server is not a setting, and on a server that keeps
    /// its data neither is durability: naming one of those is an <see cref="ArgumentException"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long a start may take, crash recovery included. A server that fails is noticed at once.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Told, in whole sentences, of what takes long or went wrong: downloads, recovery, restarts.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>Whether everything is deleted at the end.</summary>
    internal bool Throwaway { get; init; }

    /// <summary>Where binaries are looked for.</summary>
    internal BinarySources Sources { get; init; } = BinarySources.OfThisMachine();

    /// <summary>
    /// The folder for a person's own data: <c>/var/lib/treasury-ledger</c> for root (whose home is closed to the user
    /// that PostgreSQL must run as), else the operating system's folder for the user's application data.
    /// </summary>
    public static string DefaultDataDirectory => DefaultDirectory("postgresql");

    private static string DefaultDirectory(string name)
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            return Path.Combine("/var/lib/treasury-ledger", name);
        var local = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length == 0 ? "" : Path.Combine(local, "treasury-ledger", name);
    }

    /// <summary>The settings a start uses: the defaults under the caller's.</summary>
    /// <exception cref="ArgumentException">A setting that is not the caller's to choose.</exception>
    internal IReadOnlyDictionary<string, string> EffectiveSettings()
    {
        var settings = new Dictionary<string, string>(Defaults, StringComparer.Ordinal);
        foreach (var (name, value) in Settings)
        {
            if (Fixed.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new ArgumentException($"The setting {name} is fixed for an embedded PostgreSQL.");
            if (!Throwaway && Durability.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new ArgumentException($"The setting {name} is fixed for an embedded PostgreSQL that keeps data.");
            settings[name.ToLowerInvariant()] = value;
        }

        return settings;
    }
}
