using System.CommandLine;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Keys of requests, made and revoked by whoever holds the database.</summary>
public static class KeyVerbs
{
    /// <summary>The verb with its subcommands.</summary>
    public static Command Make() =>
        new("keys", "Make, approve, rotate, list and revoke keys.") { Create(), Approve(), Rotate(), List(), Revoke() };

    private static Command Create()
    {
        var actor = new Option<string>("--actor")
        {
            Description = "Who is written into entries: letters, digits and . _ - : / # @ +.",
            Required = true,
        };
        var roles = Several("--role", $"What the key is for, each of {Roles}.");
        roles.Required = true;
        var treasuries = Several("--only-treasury", "A treasury that the key is limited to; without it all.");
        var accounts = Several("--only-account", "An account that the key is limited to; without it all.");
        var until = new Option<string?>("--expires-at") { Description = "From when on it does not work: an instant." };
        var verb = new Command("create", "Make a key and show it, once.")
        {
            actor, roles, treasuries, accounts, until, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var wanted = new KeyTerms(
                    arguments.GetRequiredValue(actor),
                    [.. (arguments.GetRequiredValue(roles) ?? []).Select(RoleOf)],
                    [.. arguments.GetValue(treasuries) ?? []],
                    [.. (arguments.GetValue(accounts) ?? []).Select(AccountOf)],
                    InstantOf(arguments.GetValue(until)));
                var tenant = arguments.GetRequiredValue(CliOptions.Tenant);
                if (!KeyNames.IsTenant(tenant))
                {
                    throw new CliException("A tenant needs lower-case letters, digits and . _ -.");
                }

                var key = await new KeyAdministration(session.Database.Logins.Owner).CreateAsync(
                    tenant, wanted.Actor, wanted.Checked(), stop);
                await ShowAsync(session, tenant, wanted.Actor, key);
            },
            cancellation));
        return verb;
    }

    private static Command Approve()
    {
        var id = new Argument<string>("id") { Description = "The id of a key that waits for approval." };
        var verb = new Command("approve", "Approve, as the operator, a key that an admin made over HTTP.")
        {
            id, CliOptions.Tenant,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var key = arguments.GetRequiredValue(id);
                if (await new KeyAdministration(session.Database.Logins.Owner).ApproveAsync(
                    arguments.GetRequiredValue(CliOptions.Tenant), key, KeyNames.Operator, stop) != true)
                {
                    throw new CliException($"No key {key} of this tenant waits for approval.", CliException.NotFound);
                }

                await session.Output.WriteLineAsync($"Key {key} works now.");
            },
            cancellation));
        return verb;
    }

    private static Command Rotate()
    {
        var id = new Argument<string>("id") { Description = "The id of the key, from 'keys list'." };
        var keep = new Option<int>("--keep-hours")
        {
            Description = "For how many hours the old key goes on working.",
            DefaultValueFactory = _ => (int)KeyAdministration.RotatedFor.TotalHours,
        };
        var verb = new Command("rotate", "Make the successor of a key, which may do the same, and show it, once.")
        {
            id, keep, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var old = arguments.GetRequiredValue(id);
                var hours = arguments.GetValue(keep);
                if (hours is < 0 or > KeyTerms.KeepHoursMax)
                {
                    throw new CliException($"--keep-hours must be from 0 to {KeyTerms.KeepHoursMax}.");
                }

                var keys = new KeyAdministration(session.Database.Logins.Owner);
                var key = await keys.RotateAsync(null, old, TimeSpan.FromHours(hours), stop)
                    ?? throw new CliException($"No key that works has the id {old}.", CliException.NotFound);
                var stored = (await keys.ListAsync(null, stop)).Single(row => row.Id == key.Id);
                await ShowAsync(session, stored.Tenant, stored.Actor, key);
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
                new KeysAnswer([.. await new KeyAdministration(session.Database.Logins.Owner).ListAsync(null, stop)])),
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
                if (!await new KeyAdministration(session.Database.Logins.Owner).RevokeAsync(
                    tenant: null, key, KeyNames.Operator, stop))
                {
                    throw new CliException($"No key that works has the id {key}.", CliException.NotFound);
                }

                await session.Output.WriteLineAsync($"Key {key} is revoked.");
            },
            cancellation));
        return verb;
    }

    private static async Task ShowAsync(CliSession session, string tenant, string actor, ApiKey key) =>
        await session.Output.WriteLineAsync(session.Arguments.GetValue(CliOptions.Json)
            ? JsonSerializer.Serialize(new CreatedKey(tenant, key.Id, actor, key.ToString()), Wire.Indented)
            : $"{key}\nShown once and stored only as a hash: keep it. Tenant {tenant}, actor {actor}.");

    private static Option<string[]?> Several(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    private static string Roles => string.Join(", ", WordConverterFactory.WordsOf(typeof(Role)));

    private static Role RoleOf(string word) => WordConverterFactory.TryRead<Role>(word, out var role)
        ? role
        : throw new CliException($"{word} is no role; there are {Roles}.");

    private static AccountId AccountOf(string text) => AccountId.TryParse(text, out var account)
        ? account
        : throw new CliException($"{text} is no account: {AccountId.Expected}.");

    private static Instant? InstantOf(string? text) =>
        text is null ? null
        : Instant.TryParse(text, out var instant) ? instant
        : throw new CliException($"--expires-at must be {Instant.Expected}.");

    private sealed record CreatedKey(string Tenant, string Id, string Actor, string Key);
}
