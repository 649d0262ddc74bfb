using System.CommandLine;
using System.Text.Json;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Keys of requests, made and revoked by whoever holds the database.</summary>
public static class KeyVerbs
{
    /// <summary>The verb with its subcommands.</summary>
    public static Command Make() => new("keys", "Make, list and revoke keys.") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var actor = new Option<string>("--actor")
        {
            Description = "Who is written into entries: letters, digits and . _ - : / # @ +.",
            Required = true,
        };
        var verb = new Command("create", "Make a key and show it, once.")
        {
            actor, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var tenant = arguments.GetRequiredValue(CliOptions.Tenant);
                var name = arguments.GetRequiredValue(actor);
                if (!KeyNames.IsTenant(tenant) || !KeyNames.IsActor(name))
                {
                    throw new CliException(
                        "A tenant needs lower-case letters, digits and . _ -; an actor letters, digits and "
                        + ". _ - : / # @ +.");
                }

                var key = await new KeyAdministration(session.Database.Logins.Owner).CreateAsync(tenant, name, stop);
                await session.Output.WriteLineAsync(arguments.GetValue(CliOptions.Json)
                    ? JsonSerializer.Serialize(new CreatedKey(tenant, key.Id, name, key.ToString()), Wire.Indented)
                    : $"{key}\nShown once and stored only as a hash: keep it. Tenant {tenant}, actor {name}.");
            },
            cancellation));
        return verb;
    }

    private static Command List()
    {
        var verb = new Command("list", "List keys, without their secrets.") { CliOptions.Json };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) => await session.PrintAsync(
                new KeyList(await new KeyAdministration(session.Database.Logins.Owner).ListAsync(stop))),
            cancellation));
        return verb;
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The id of the key, from 'keys list'." };
        var verb = new Command(
            "revoke", $"Revoke a key; servers stop taking it within {KeyStore.RevokedWithin.Seconds} seconds.") { id };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var key = arguments.GetRequiredValue(id);
                if (!await new KeyAdministration(session.Database.Logins.Owner).RevokeAsync(key, stop))
                {
                    throw new CliException($"No key that works has the id {key}.", CliException.NotFound);
                }

                await session.Output.WriteLineAsync($"Key {key} is revoked.");
            },
            cancellation));
        return verb;
    }

    private sealed record CreatedKey(string Tenant, string Id, string Actor, string Key);

    private sealed record KeyList(IReadOnlyList<StoredKey> Keys);
}
