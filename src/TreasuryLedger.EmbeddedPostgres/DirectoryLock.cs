using System.Globalization;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// Keeps two programs from running a server on one folder. The operating system drops the lock when its holder ends,
/// however it ends, so a lock is never stale.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _held;

    private DirectoryLock(FileStream held) => _held = held;

    /// <exception cref="EmbeddedPostgresException">Another program holds it; the message names its process.</exception>
    public static DirectoryLock Take(string directory)
    {
        // Who holds the lock is written beside it: a locked file can't be read by others on every system.
        var holder = Path.Combine(directory, "lock.pid");
        try
        {
            var held = new FileStream(
                Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DirectoryLock(held);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new EmbeddedPostgresException(
                $"The folder {directory} belongs to another user: {failure.Message} Run as that user, or choose "
                + "another folder.", failure);
        }
        catch (IOException failure)
        {
            var process = File.Exists(holder) ? "process " + File.ReadAllText(holder) : "another process";
            throw new EmbeddedPostgresException(
                $"The PostgreSQL in {directory} is in use by {process}, another program of this kind. Stop that one, "
                + "or start this one with another data directory.", failure)
            {
                IsInUse = true,
            };
        }
    }

    public void Dispose() => _held.Dispose();
}
