using System.Globalization;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// The server that another program runs on a folder, for a short visit: what PostgreSQL itself says of where it
/// listens, and the password beside it. It ends with the program that it belongs to.
/// </summary>
public static class RunningServer
{
    private const int PortLine = 3;
    private const int SocketLine = 4;
    private const int AddressLine = 5;

    /// <summary>
    /// The owner's login; <c>null</c> if nothing accepts connections there, or the caller may not read where.
    /// </summary>
    public static string? OwnerConnectionString(EmbeddedPostgresOptions options)
    {
        var root = Path.GetFullPath(options.DataDirectory);
        var lines = Postmaster.Read(Path.Combine(root, "server", "data"));
        if (!Postmaster.IsReady(lines))
        {
            return null;
        }

        try
        {
            return EmbeddedPostgresServer.ConnectionString(
                lines[OperatingSystem.IsWindows() ? AddressLine : SocketLine].Trim(),
                int.Parse(lines[PortLine], NumberStyles.Integer, CultureInfo.InvariantCulture),
                File.ReadAllText(EmbeddedPostgresServer.PasswordFile(root)).Trim(),
                options.Database,
                pooling: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
