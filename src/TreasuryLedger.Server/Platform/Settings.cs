using Npgsql;
using TreasuryLedger.Server.Journal.Nodes;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Webhooks;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// Looks at all settings before anything is opened, so that whoever starts the program is told at once of everything
/// that is wrong. A setting that nobody reads is wrong too: a misspelt connection would start an empty ledger.
/// </summary>
public static class Settings
{
    private const string Owner = "OwnerConnection";
    private const string App = "AppConnection";

    /// <summary>
    /// What is read under each of our sections; <c>*</c> stands for a name that the operator chooses.
    /// </summary>
    private static readonly string[] Known =
    [
        .. new[] { Owner, App, "DataDirectory", "NewTenants", $"Shards:*:{Owner}", $"Shards:*:{App}" }
            .Select(name => $"Database:{name}"),
        "Nodes:Address", "Nodes:HealthCheckSeconds", Leaving.Setting, "Webhooks:AllowLoopback",
        "Webhooks:Keys:*", "Webhooks:SealWith", "Disk:Directory", "Disk:LeastFreeMegabytes",
        .. NamesOf(TokenOptions.Section, typeof(TokenOptions)),
        .. NamesOf("Anchors", typeof(AnchorOptions)).Where(name => name != "Anchors:ObjectStore"),
        .. NamesOf("Anchors:ObjectStore", typeof(ObjectStoreOptions)),
    ];

    /// <summary>
    /// What is wrong, a sentence each; none if nothing is. Values that may be secret are not repeated.
    /// </summary>
    public static IReadOnlyList<string> Faults(IConfiguration settings) =>
    [
        .. Unknown(settings), .. Databases(settings),
        .. Tried(() => NodeOptions.From(settings)), .. Tried(() => Leaving.From(settings)),
        .. Tried(() => TokenOptions.From(settings)),
        .. Tried(() => DiskGate.From(settings, embedded: null)), .. Tried(() => WebhookOptions.From(settings)),
        .. Tried(() => SecretKeys.From(settings)),
        .. Tried(() => AnchorOptions.Of(settings).ObjectStore.Terms),
    ];

    private static IEnumerable<string> Unknown(IConfiguration settings) =>
        from section in Known.Select(name => name.Split(':')[0]).Distinct(StringComparer.Ordinal)
        from setting in settings.GetSection(section).AsEnumerable()
        where setting.Value is not null && !Known.Any(known => Matches(known, setting.Key))
        select $"{setting.Key} is no setting. Known under {section}: "
            + $"{string.Join(", ", Known.Where(known => known.StartsWith(section + ':', StringComparison.Ordinal)))}.";

    private static IEnumerable<string> Databases(IConfiguration settings)
    {
        var database = settings.GetSection("Database");
        var shards = database.GetSection("Shards").GetChildren().ToList();
        foreach (var (name, value) in shards.Prepend(database).SelectMany(one => new[]
        {
            ($"{one.Path}:{Owner}", one[Owner]), ($"{one.Path}:{App}", one[App]),
        }))
        {
            if (value is { Length: > 0 } && !IsConnection(value))
            {
                yield return $"{name} is no connection string; write Host=...;Database=...;Username=...;Password=....";
            }
        }

        foreach (var shard in shards.Where(shard => shard[Owner] is not { Length: > 0 }))
        {
            yield return $"{shard.Path}:{Owner} is missing.";
        }

        foreach (var shard in shards.Where(shard =>
            !KeyNames.IsTenant(shard.Key) || shard.Key == TenantDatabases.MainName))
        {
            yield return $"{shard.Path} has no name for a database: lower-case letters, digits and . _ -, and not "
                + $"{TenantDatabases.MainName}.";
        }

        if (database[App] is { Length: > 0 } && database[Owner] is not { Length: > 0 })
        {
            yield return $"Database:{App} is set and Database:{Owner} is not: an embedded PostgreSQL would be started.";
        }

        if (database["NewTenants"] is { } chosen && chosen != TenantDatabases.MainName
            && shards.TrueForAll(shard => shard.Key != chosen))
        {
            yield return $"Database:NewTenants is '{chosen}'; it must be {TenantDatabases.MainName} or one of "
                + "Database:Shards.";
        }
    }

    private static bool IsConnection(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Tried(Func<object?> read)
    {
        try
        {
            _ = read();
            return [];
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            return [fault.Message];
        }
    }

    private static IEnumerable<string> NamesOf(string section, Type options) =>
        options.GetProperties().Where(property => property is { CanWrite: true, SetMethod.IsStatic: false })
            .Select(property => $"{section}:{property.Name}");

    private static bool Matches(string known, string setting)
    {
        var (names, given) = (known.Split(':'), setting.Split(':'));
        return names.Length == given.Length && names.Zip(given).All(pair =>
            pair.First == "*" || string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));
    }
}
