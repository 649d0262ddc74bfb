using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// A body that works, shown in the documentation. The examples of all routes, in order, are one story.
/// </summary>
/// <param name="Name">What it shows.</param>
/// <param name="Json">The body.</param>
public sealed record Example(string Name, string Json)
{
    /// <summary>Whether it is not part of the story, which one person tells alone.</summary>
    public bool IsApart { get; init; }
}

/// <summary>Where a command is posted. All commands share one endpoint function; a route is only a row.</summary>
/// <param name="Command">The command.</param>
/// <param name="Journals">The journals that take it, each under an address of its kind.</param>
/// <param name="Path">The plural noun behind the journal's address; empty for the address itself.</param>
/// <param name="Summary">What it records, in a line.</param>
/// <param name="Examples">Bodies that work.</param>
public sealed record CommandRoute(
    Type Command, JournalKind[] Journals, string Path, string Summary, params Example[] Examples)
{
    /// <summary>The command's name on the wire.</summary>
    public string Name => CommandNames.Of(Command);

    /// <summary>A route of treasuries alone.</summary>
    public static CommandRoute Of<T>(string path, string summary, params Example[] examples)
        where T : Command => new(typeof(T), [JournalKind.Treasury], path, summary, examples);

    /// <summary>A route of several kinds of journals.</summary>
    public static CommandRoute Of<T>(JournalKind[] journals, string path, string summary, params Example[] examples)
        where T : Command => new(typeof(T), journals, path, summary, examples);
}
