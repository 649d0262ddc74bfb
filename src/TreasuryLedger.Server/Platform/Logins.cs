using Npgsql;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// The two ways into the database: as owner for migrations and repairs, as application for everything else. Nothing is
/// ever set on a pooled connection: what a role or a limit must be, the connection says when it starts.
/// </summary>
/// <param name="Owner">Connection string that acts as <c>treasury_owner</c>.</param>
/// <param name="App">Connection string that acts as <c>treasury_app</c>.</param>
public sealed record Logins(string Owner, string App)
{
    /// <summary>Owns every table.</summary>
    public const string OwnerRole = "treasury_owner";

    /// <summary>Adds to journals; cannot change them.</summary>
    public const string AppRole = "treasury_app";

    /// <summary>Reads journals.</summary>
    public const string ReaderRole = "treasury_reader";

    // A commit lasts milliseconds. Whatever lasts this long is stuck and must not hold a journal's lock.
    // A prepared plan that reads the whole table is right while that has ten rows; a minute later it has a million.
    private const string Limits =
        "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"
        + " -c synchronous_commit=on -c enable_seqscan=off";

    /// <summary>
    /// Both from one login that is a member of both roles: the connection takes its role by a start-up parameter.
    /// A start-up parameter is also what a reset returns to, so no pooled connection can lose it.
    /// </summary>
    /// <param name="login">The operator's connection string.</param>
    public static Logins Of(string login) => new(OwnerOf(login), AppOf(login, $"-c role={AppRole} "));

    /// <summary>The owner through the operator's login, the application through a login of its own.</summary>
    /// <param name="login">The operator's connection string.</param>
    /// <param name="appPassword">The password of <see cref="AppRole"/>.</param>
    public static Logins Of(string login, string appPassword)
    {
        var app = new NpgsqlConnectionStringBuilder(login) { Username = AppRole, Password = appPassword };
        return new Logins(OwnerOf(login), AppOf(app.ConnectionString, role: ""));
    }

    /// <summary>The same owner, and the application through a login that the operator made for it.</summary>
    /// <param name="app">A login that is <see cref="AppRole"/> or has its rights.</param>
    public Logins WithApp(string app) => this with { App = AppOf(app, role: "") };

    private static string OwnerOf(string login) => new NpgsqlConnectionStringBuilder(login)
    {
        Options = $"-c role={OwnerRole}",
        ApplicationName = "treasury-ledger-owner",
        Pooling = false,
    }.ConnectionString;

    private static string AppOf(string login, string role) => new NpgsqlConnectionStringBuilder(login)
    {
        Options = role + Limits,
        ApplicationName = "treasury-ledger",
        // Prepared statements and no reset on close make a small commit about three times faster (measured). Both are
        // safe because nothing session-scoped is ever set on a pooled connection.
        MaxAutoPrepare = 100,
        AutoPrepareMinUsages = 2,
        NoResetOnClose = true,
        Timeout = 5,
        CommandTimeout = 40,
        CancellationTimeout = 2000,
        KeepAlive = 15,
        IncludeErrorDetail = false,
    }.ConnectionString;
}
