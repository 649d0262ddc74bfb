using System.Globalization;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// The user that PostgreSQL runs as when the caller is root, which PostgreSQL refuses to run as. Only Unix has one.
/// </summary>
internal sealed record ServerUser(string Name, string UserId, string GroupId)
{
    /// <summary>
    /// Null when the caller can run PostgreSQL itself. For root: the owner of the cluster that exists, so that a
    /// cluster never changes hands; else <c>postgres</c>, else <c>nobody</c>.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">The caller is root and the machine has neither user.</exception>
    public static async Task<ServerUser?> ForCallerAsync(string cluster, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return null;
        if (Directory.Exists(cluster))
        {
            var listing = await AskAsync("ls", ["-ldn", cluster], cancellation);
            var owner = listing?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(2);
            if (owner is not (null or "0") && await NamedAsync(owner, cancellation) is { } user)
                return user;
        }

        return await NamedAsync("postgres", cancellation)
            ?? await NamedAsync("nobody", cancellation)
            ?? throw new EmbeddedPostgresException(
                "PostgreSQL refuses to run as root, and this machine has no user postgres or nobody to run it as. "
                + "Run the program as another user, or " + BinarySearch.OwnServer);
    }

    /// <summary>Makes a folder this user's own.</summary>
    public async Task OwnAsync(string directory, CancellationToken cancellation)
    {
        var result = await Command.RunAsync(
            Command.Prepare("chown", [$"{UserId}:{GroupId}", directory]), Command.Brief, cancellation);
        if (result.ExitCode != 0)
        {
            throw new EmbeddedPostgresException(
                $"The folder {directory} can't be given to user {Name}, who runs PostgreSQL: {result.Error.Trim()}");
        }
    }

    /// <summary>Checks that this user can enter a folder, because every folder above it counts too.</summary>
    /// <exception cref="EmbeddedPostgresException">One can't be entered; the message names the topmost.</exception>
    public async Task RequireEntryAsync(string directory, CancellationToken cancellation)
    {
        var chain = new List<string>();
        for (var folder = directory; folder is not null; folder = Path.GetDirectoryName(folder))
            chain.Insert(0, folder);
        string[] script = ["-c", "for d; do cd \"$d\" 2>/dev/null || { printf %s \"$d\"; exit 1; }; done", "sh"];
        var result = await Command.RunAsync(
            Command.Prepare("/bin/sh", [.. script, .. chain], this), Command.Brief, cancellation);
        if (result.ExitCode != 0)
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL refuses to run as root and runs as user {Name}, who can't enter {result.Output}, "
                + $"a part of {directory}. Choose another folder, or open that one with: chmod o+x {result.Output}");
        }
    }

    internal static async Task<ServerUser?> NamedAsync(string nameOrId, CancellationToken cancellation)
    {
        var name = await AskAsync("id", ["-nu", nameOrId], cancellation);
        var user = await AskAsync("id", ["-u", nameOrId], cancellation);
        var group = await AskAsync("id", ["-g", nameOrId], cancellation);
        return name is null || !IsId(user) || !IsId(group) ? null : new ServerUser(name, user!, group!);
    }

    private static bool IsId(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0;

    private static async Task<string?> AskAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var result = await Command.RunAsync(Command.Prepare(program, arguments), Command.Brief, cancellation);
        return result.ExitCode == 0 ? result.Output.Trim() : null;
    }
}
