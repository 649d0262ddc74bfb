using System.CommandLine;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>In which database the journals of tenants lie.</summary>
public static class TenantVerbs
{
    /// <summary>The verb with its subcommands.</summary>
    public static Command Make() =>
        new("tenants", "Say in which database the journals of tenants lie.") { Assign(), List() };

    private static Command Assign()
    {
        var tenant = new Argument<string>("tenant") { Description = "The tenant." };
        var name = new Argument<string>("database")
        {
            Description = $"A name under Database:Shards, or {TenantDatabases.MainName}.",
        };
        var verb = new Command(
            "assign", "Assign a tenant to a database, before its first entry. Never moves one.") { tenant, name };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var (whose, where) = (arguments.GetRequiredValue(tenant), arguments.GetRequiredValue(name));
                if (!KeyNames.IsTenant(whose))
                {
                    throw new CliException("A tenant needs lower-case letters, digits and . _ -.");
                }

                var has = await session.Database.Tenants.AssignAsync(whose, where, stop);
                if (has != where)
                {
                    throw new CliException($"Tenant {whose} has its journals in database {has}; nothing was changed.");
                }

                await session.Output.WriteLineAsync($"Tenant {whose} has its journals in database {where}.");
            },
            cancellation));
        return verb;
    }

    private static Command List()
    {
        var verb = new Command("list", "List tenants with their databases.") { CliOptions.Json };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) => await session.PrintAsync(
                new TenantList(await session.Database.Tenants.ListAsync(stop))),
            cancellation));
        return verb;
    }

    private sealed record TenantList(IReadOnlyList<AssignedTenant> Tenants);
}
