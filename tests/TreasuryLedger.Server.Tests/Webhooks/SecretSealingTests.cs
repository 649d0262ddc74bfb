using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;
using TreasuryLedger.Server.Webhooks;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Webhooks;

/// <summary>What lies in the table of webhooks signs nothing without a key that no database has.</summary>
public sealed class SecretSealingTests(Databases databases)
{
    private const string One = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private const string Two = "YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlqMDE=";

    /// <summary>The keys of other tests.</summary>
    internal static SecretKeys Keys { get; } = KeysOf(("one", One));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_secret_is_sealed_at_the_start_and_sealed_anew_under_the_next_key_and_nowhere_in_plain()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var made = await new WebhookTable(ledger.Pool, TestLedger.Main, Keys)
            .AddAsync("https://receiver.example/", [], after: 0, "tester", Cancellation);
        var secret = Convert.FromBase64String(made!.Secret["whsec_".Length..]);
        var hex = Convert.ToHexStringLower(secret);
        (await DumpAsync(login)).ShouldNotContain(hex);
        (await OpenedAsync(login, Keys, made.Id)).ShouldBe(secret);

        // As it lay there before there were keys.
        await Database.AskAsync(login, $"""
            alter table ledger.webhooks drop constraint webhooks_sealed;
            update ledger.webhooks set secret = decode('{hex}', 'hex'), secret_key = null,
                previous_secret = decode('{hex}', 'hex'), previous_until = clock_timestamp() + interval '1 day';
            """);
        (await DumpAsync(login)).ShouldContain(hex);
        using var client = new HttpClient();
        (await Should.ThrowAsync<InvalidDataException>(() => new WebhookTurn(client, Keys, NullLogger.Instance)
            .DeliverNextAsync(ledger.Pool, TestLedger.Main, made.Id))).Message.ShouldContain("is not sealed");
        await StartAsync(login, Keys);
        (await DumpAsync(login)).ShouldNotContain(hex);
        (await OpenedAsync(login, Keys, made.Id)).ShouldBe(secret);

        var both = KeysOf(("one", One), ("two", Two), sealing: "two");
        await StartAsync(login, both);
        var onlyTwo = KeysOf(("two", Two));
        await StartAsync(login, onlyTwo);
        (await OpenedAsync(login, onlyTwo, made.Id)).ShouldBe(secret);
        await Should.ThrowAsync<InvalidDataException>(() => OpenedAsync(login, KeysOf(("two", One)), made.Id));

        var refused = await Should.ThrowAsync<ProblemException>(() => StartAsync(login, KeysOf(("one", One))));
        refused.Problem.Code.ShouldBe(ErrorRegistry.SecretKeyMissing);
        refused.Message.ShouldContain("Webhooks:Keys lacks two");
        (await Should.ThrowAsync<ProblemException>(() => StartAsync(login, KeysOf()))).Message
            .ShouldContain("Webhooks:Keys lacks two");
        (await new WebhookTable(ledger.Pool, TestLedger.Main, Keys).RemoveAsync(made.Id, "tester", Cancellation))
            .ShouldBeTrue();
        await StartAsync(login, KeysOf());
    }

    [Fact]
    public async Task without_a_key_no_webhook_is_made_and_one_that_lies_in_plain_stops_the_start()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var none = new WebhookTable(ledger.Pool, TestLedger.Main, KeysOf());

        (await Should.ThrowAsync<ProblemException>(() => none.AddAsync(
            "https://receiver.example/", [], after: 0, "tester", Cancellation)))
            .Problem.Code.ShouldBe(ErrorRegistry.SecretKeyMissing);
        await Database.AskAsync(login, """
            alter table ledger.webhooks drop constraint webhooks_sealed;
            insert into ledger.webhooks (tenant, journal, id, url, kinds, secret, position, made_by)
            values ('t', 'treasury/x', 'w', 'https://receiver.example/', '{}', sha256(''), 0, 'ann');
            """);
        (await Should.ThrowAsync<ProblemException>(() => StartAsync(login, KeysOf()))).Message
            .ShouldContain("Webhooks:Keys names no key");
    }

    [Fact]
    public async Task the_secrets_of_a_database_that_comes_late_are_sealed_before_anybody_uses_it()
    {
        var login = await databases.NewAsync();
        await Database.AskAsync(login, """
            alter table ledger.webhooks drop constraint webhooks_sealed;
            insert into ledger.webhooks (tenant, journal, id, url, kinds, secret, position, made_by)
            values ('t', 'treasury/x', 'w', 'https://receiver.example/', '{}', sha256(''), 0, 'ann');
            """);
        using var proxy = new Proxy(login) { IsGone = true };
        await using var database = OpenDatabase.Of(
            Logins.Of(await databases.NewAsync()),
            new ConfigurationBuilder().AddInMemoryCollection(
                [new("Database:Shards:late:OwnerConnection", proxy.Through(login))]).Build());
        await new SecretSealing(database, Keys, NullLogger<SecretSealing>.Instance).StartAsync(Cancellation);
        (await Database.AskAsync(login, "select coalesce(secret_key, 'none') from ledger.webhooks")).ShouldBe("none");

        proxy.IsGone = false;
        for (var isAway = true; isAway;)
        {
            try
            {
                await database.Tenants.All[1].ReadyAsync(Cancellation);
                isAway = false;
            }
            catch (ProblemException away) when (away.Problem.Code == ErrorRegistry.DatabaseUnavailable)
            {
                await Task.Delay(100, Cancellation);
            }
        }

        (await Database.AskAsync(login, "select coalesce(secret_key, 'none') from ledger.webhooks")).ShouldBe("one");
    }

    [Theory]
    [InlineData("one", "too short", null)]
    [InlineData("one", "", null)]
    [InlineData("one!", One, null)]
    [InlineData("one", One, "two")]
    public void keys_that_are_none_are_refused_at_the_start_and_not_repeated(string name, string key, string? sealing)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
            [new($"Webhooks:Keys:{name}", key), new("Webhooks:SealWith", sealing)]).Build();

        var fault = Settings.Faults(settings).ShouldHaveSingleItem();

        fault.ShouldContain("Webhooks:");
        fault.ShouldNotContain(key.Length == 0 ? One : key);
    }

    private static async Task StartAsync(string login, SecretKeys keys)
    {
        await using var database = OpenDatabase.Of(Logins.Of(login));
        await new SecretSealing(database, keys, NullLogger<SecretSealing>.Instance).StartAsync(Cancellation);
    }

    private static async Task<byte[]> OpenedAsync(string login, SecretKeys keys, string id)
    {
        var row = (await Database.AskAsync(
            login, $"select secret_key || ' ' || encode(secret, 'hex') from ledger.webhooks where id = '{id}'"))!
            .Split(' ');
        return keys.Open(new SealedSecret(row[0], Convert.FromHexString(row[1])), TestLedger.Main, id);
    }

    private static async Task<string> DumpAsync(string login) =>
        (await Database.AskAsync(login, "select string_agg(w::text, ' ') from ledger.webhooks w"))!;

    private static SecretKeys KeysOf(params (string Name, string Key)[] keys) => KeysOf(keys, null);

    private static SecretKeys KeysOf((string, string) one, (string, string) two, string sealing) =>
        KeysOf([one, two], sealing);

    private static SecretKeys KeysOf((string Name, string Key)[] keys, string? sealing) =>
        SecretKeys.From(new ConfigurationBuilder().AddInMemoryCollection(
        [
            .. keys.Select(key => KeyValuePair.Create($"Webhooks:Keys:{key.Name}", (string?)key.Key)),
            new("Webhooks:SealWith", sealing),
        ]).Build());
}
