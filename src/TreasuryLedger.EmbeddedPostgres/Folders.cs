namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>Makes folders whose use does not depend on the umask that this program happens to have.</summary>
internal static class Folders
{
    /// <summary>Read, written and entered by the owner alone.</summary>
    public const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Entered by everyone who knows what lies in it, listed by the owner alone.</summary>
    public const UnixFileMode EnterOnly = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// Makes a folder and those above it that are missing. Root's are passed through by the user that PostgreSQL runs
    /// as; anybody else's are their own. A folder that exists stays as it is.
    /// </summary>
    public static void Make(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (Path.GetDirectoryName(folder) is { } above)
        {
            Make(above);
        }

        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, Environment.IsPrivilegedProcess ? EnterOnly : OwnerOnly);
        }
    }
}
