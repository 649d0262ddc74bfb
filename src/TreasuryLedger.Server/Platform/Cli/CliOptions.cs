using System.CommandLine;
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
}
