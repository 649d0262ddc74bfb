using System.CommandLine;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Options that several verbs take.</summary>
public static class CliOptions
{
    /// <summary>Where an embedded PostgreSQL keeps its data.</summary>
    public static Option<string?> DataDirectory { get; } = new("--data-directory")
    {
        Description = "Folder of the embedded PostgreSQL. Without it: Database:DataDirectory, else the user's own.",
        Recursive = true,
    };

    /// <summary>Who records.</summary>
    public static Option<string> Actor { get; } = new("--actor")
    {
        Description = "Who is written into what is recorded.",
        DefaultValueFactory = _ => "command-line",
    };

    /// <summary>Print what HTTP would answer.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print the JSON that HTTP answers." };

    /// <summary>Whose journals.</summary>
    public static Option<string> Tenant { get; } = new("--tenant")
    {
        Description = "Whose journals.",
        DefaultValueFactory = _ => KeyNames.DefaultTenant,
    };

    /// <summary>The treasury.</summary>
    public static Option<string> Treasury { get; } = new("--treasury")
    {
        Description = "The treasury's id.",
        Required = true,
    };

    /// <summary>The journal of the treasury that the arguments name.</summary>
    /// <exception cref="ProblemException">Its id is not of the allowed form.</exception>
    public static JournalKey TreasuryOf(ParseResult arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return JournalAddress.KeyOf(
            JournalKind.Treasury, arguments.GetRequiredValue(Tenant), arguments.GetRequiredValue(Treasury));
    }

    /// <summary>What a file holds.</summary>
    /// <exception cref="CliException">There is no such file.</exception>
    public static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellation) =>
        await File.ReadAllBytesAsync(Existing(file).FullName, cancellation);

    /// <summary>The file, if it is there.</summary>
    /// <exception cref="CliException">It is not.</exception>
    public static FileInfo Existing(FileInfo file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Exists ? file : throw new CliException($"There is no file {file.FullName}.");
    }
}
