using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>What a key that is asked for shall be able to do.</summary>
/// <param name="Actor">Who is written into entries.</param>
/// <param name="Roles">What it is for; at least one.</param>
/// <param name="Treasuries">The treasuries that it is limited to; absent or empty: all of the tenant.</param>
/// <param name="Accounts">The accounts that it is limited to; absent or empty: all.</param>
/// <param name="ExpiresAt">From when on it does not work (inclusive); absent: it does not expire.</param>
public sealed record KeyTerms(
    string Actor,
    ImmutableArray<Role> Roles,
    ImmutableArray<string>? Treasuries = null,
    ImmutableArray<AccountId>? Accounts = null,
    Instant? ExpiresAt = null)
{
    /// <summary>For how long a rotated key can go on working (hours, inclusive).</summary>
    public const int KeepHoursMax = 24 * 30;

    /// <summary>The grant.</summary>
    /// <exception cref="ProblemException">A name is not of its form, or no role is named.</exception>
    public Grant Checked()
    {
        Require(KeyNames.IsActor(Actor) && Actor != KeyNames.Operator, "actor",
            $"letters, digits and . _ - : / # @ +, and not {KeyNames.Operator}");
        Require(!Roles.IsDefaultOrEmpty, "roles", "at least one role");
        var treasuries = Treasuries ?? [];
        foreach (var treasury in treasuries)
        {
            Require(JournalKey.Treasury(KeyNames.DefaultTenant, treasury).IsValid, "treasuries",
                "lower-case letters, digits and . _ -, at most 63, starting with a letter or digit");
        }

        return new Grant(
            [.. Roles.Distinct().Order()],
            [.. treasuries.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. (Accounts ?? []).Distinct().Select(account => account.ToString()).Order(StringComparer.Ordinal)],
            ExpiresAt);
    }

    private static void Require(bool isMet, string member, string expected)
    {
        if (!isMet)
        {
            throw ProblemException.Of(
                ErrorRegistry.ValueInvalid, $"$.{member} must be {expected}.", ("path", $"$.{member}"));
        }
    }
}

/// <summary>A key that was just made.</summary>
/// <param name="Id">By which it is listed, approved and revoked.</param>
/// <param name="Key">What its owner sends, shown this once.</param>
/// <param name="Works">Whether it works already; if not, another admin has to approve it.</param>
public sealed record MadeKeyAnswer(string Id, string Key, bool Works);

/// <summary>What became of a key.</summary>
/// <param name="Id">The key.</param>
/// <param name="Works">Whether it works.</param>
public sealed record KeyStandingAnswer(string Id, bool Works);

/// <summary>Keys, without their secrets.</summary>
/// <param name="Keys">By tenant and time.</param>
public sealed record KeysAnswer(ImmutableArray<StoredKey> Keys);

/// <summary>Keys over HTTP. Making one takes two people, rotating one its holder, revoking one any admin.</summary>
public static class KeyRoutes
{
    private const string Path = "/v1/keys";

    private static readonly ProblemSet Problems = new("Key",
    [
        ErrorRegistry.JsonMalformed, ErrorRegistry.MemberUnknown, ErrorRegistry.MemberDuplicate,
        ErrorRegistry.MemberMissing, ErrorRegistry.ValueInvalid, ErrorRegistry.BodyTooLarge,
        ErrorRegistry.ContentTypeUnsupported, ErrorRegistry.KeyUnknown, ErrorRegistry.ApproverIsAuthor,
    ]);

    private static readonly OperationFamily Family = new(Documentation.KeyTag, Problems);

    private static readonly ParameterText Id =
        new("id", "path", typeof(string), "The key's id.", "0f1e2d3c4b5a6978", true, "^[0-9a-f]{16}$");

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, async (HttpContext http, TenantDatabases databases) =>
        {
            new QueryReader(http.Request.Query).End();
            var keys = await In(databases).ListAsync(Caller.Of(http).Tenant, http.RequestAborted);
            await Http.AnswerAsync(http, new KeysAnswer([.. keys]));
        }).Documented(Family.Text<KeysAnswer>(
            "listKeys", "Keys of the tenant", "Who may do what, until when, by whose approval; never the secrets.",
            "The keys."));
        app.MapPost(Path, CreateAsync).Documented(
            Family.Text<MadeKeyAnswer>(
                "createKey", "Ask for a key",
                "The key is shown once and works when another admin has approved it; nobody approves their own.",
                201, "The key, which does not work yet.") with
            {
                Examples =
                [
                    new("a custodian's feed", """
                        { "actor": "custody.feed", "roles": ["custodian"], "treasuries": ["acme"] }
                        """),
                ],
            },
            typeof(KeyTerms));
        app.MapPost(Path + "/{id}/approval", ApproveAsync).Documented(Family.Text<KeyStandingAnswer>(
            "approveKey", "Approve a key that another admin asked for", "It works from then on.",
            "It works.", Id));
        app.MapPost(Path + "/{id}/rotation", RotateAsync).Documented(Family.Text<MadeKeyAnswer>(
            "rotateKey", "Follow the key of this request with a new one",
            "The successor may do the same and works at once. The old one goes on working for `keepHours`, so that "
            + "nothing is lost while programs change over.", 201, "The successor.",
            Id, new("keepHours", "query", typeof(long),
                $"For how long the old one goes on working, 0 to {KeyTerms.KeepHoursMax}; without it 24.", "24")));
        app.MapDelete(Path + "/{id}", RevokeAsync).Documented(Family.Text<KeyStandingAnswer>(
            "revokeKey", "Revoke a key", $"Servers stop taking it within {KeyStore.RevokedWithin.Seconds} seconds. "
            + "Taking away needs no second person.", "It does not work any more.", Id));
    }

    private static async Task CreateAsync(HttpContext http, TenantDatabases databases)
    {
        new QueryReader(http.Request.Query).End();
        var terms = JsonBody.Read<KeyTerms>(await Http.ReadJsonAsync(http.Request, Http.CommandBytesMax));
        var caller = Caller.Of(http);
        var key = await In(databases).CreateAsync(
            caller.Tenant, terms.Actor, terms.Checked(), caller.Actor, http.RequestAborted);
        await Http.AnswerAsync(
            http, new MadeKeyAnswer(key.Id, key.ToString(), Works: false), StatusCodes.Status201Created);
    }

    private static async Task ApproveAsync(HttpContext http, TenantDatabases databases, string id)
    {
        new QueryReader(http.Request.Query).End();
        var caller = Caller.Of(http);
        switch (await In(databases).ApproveAsync(caller.Tenant, id, caller.Actor, http.RequestAborted))
        {
            case true:
                await Http.AnswerAsync(http, new KeyStandingAnswer(id, Works: true));
                return;
            case null:
                throw ProblemException.Of(
                    ErrorRegistry.ApproverIsAuthor, $"{caller.Actor} asked for this key; another admin approves it.",
                    ("actor", caller.Actor));
            case false:
                throw Unknown(id, "waits for approval");
        }
    }

    private static async Task RotateAsync(HttpContext http, TenantDatabases databases, string id)
    {
        var query = new QueryReader(http.Request.Query);
        var hours = query.Number("keepHours", 0, KeyTerms.KeepHoursMax);
        query.End();
        var keep = hours is { } kept ? TimeSpan.FromHours(kept) : KeyAdministration.RotatedFor;
        var caller = Caller.Of(http);
        var key = caller.KeyId == id
            ? await In(databases).RotateAsync(caller.Tenant, id, keep, http.RequestAborted)
            : throw Unknown(id, "is that of this request");
        await Http.AnswerAsync(
            http,
            key is null ? throw Unknown(id, "works") : new MadeKeyAnswer(key.Id, key.ToString(), Works: true),
            StatusCodes.Status201Created);
    }

    private static async Task RevokeAsync(HttpContext http, TenantDatabases databases, string id)
    {
        new QueryReader(http.Request.Query).End();
        var caller = Caller.Of(http);
        if (!await In(databases).RevokeAsync(caller.Tenant, id, caller.Actor, http.RequestAborted))
        {
            throw Unknown(id, "works");
        }

        await Http.AnswerAsync(http, new KeyStandingAnswer(id, Works: false));
    }

    private static KeyAdministration In(TenantDatabases databases) =>
        new(databases.Main.OpenConnectionAsync);

    private static ProblemException Unknown(string id, string what) =>
        ProblemException.Of(ErrorRegistry.KeyUnknown, $"No key {id} of this tenant {what}.");
}
