using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>A webhook that is asked for.</summary>
/// <param name="Url">Where entries are sent: an https address on the public internet.</param>
/// <param name="Kinds">The kinds of entries, such as <c>asset_acquired</c>; absent or empty: all.</param>
/// <param name="From">The first position that is sent; absent: the next one that is recorded.</param>
public sealed record WebhookTerms(string Url, ImmutableArray<string>? Kinds = null, long? From = null);

/// <summary>A webhook that was just registered.</summary>
/// <param name="Id">By which it is listed and removed.</param>
/// <param name="Secret">What its messages are signed with, shown this once.</param>
/// <param name="From">The first position that is sent.</param>
public sealed record MadeWebhookAnswer(string Id, string Secret, long From);

/// <summary>A new secret.</summary>
/// <param name="Id">The webhook.</param>
/// <param name="Secret">What its messages are signed with from now on, shown this once.</param>
public sealed record RotatedWebhookAnswer(string Id, string Secret);

/// <summary>A webhook that goes on.</summary>
/// <param name="Id">The webhook.</param>
/// <param name="From">The next position that is sent.</param>
public sealed record ResumedWebhookAnswer(string Id, long From);

/// <summary>A webhook that is no more.</summary>
/// <param name="Id">The webhook.</param>
public sealed record RemovedWebhookAnswer(string Id);

/// <summary>A webhook, without its secret.</summary>
/// <param name="Id">By which it is named.</param>
/// <param name="Url">Where entries are sent.</param>
/// <param name="Kinds">The kinds of entries; none: all.</param>
/// <param name="Position">Every entry up to it was taken, or is of another kind.</param>
/// <param name="Behind">Entries behind that position, of any kind.</param>
/// <param name="Failures">Attempts that failed since one succeeded.</param>
/// <param name="FailingSince">When the first of them was.</param>
/// <param name="NextAt">When the next attempt is due, if it waits after a failure.</param>
/// <param name="PausedAt">Since when it tells nobody until it is resumed.</param>
/// <param name="PausedBecause">Why.</param>
/// <param name="PreviousSecretUntil">Until when the secret before signs as well.</param>
/// <param name="MadeAt">When it was registered.</param>
/// <param name="MadeBy">By whom.</param>
public sealed record WebhookRow(
    string Id,
    string Url,
    ImmutableArray<string> Kinds,
    long Position,
    long Behind,
    int Failures,
    Instant? FailingSince,
    Instant? NextAt,
    Instant? PausedAt,
    WebhookPause? PausedBecause,
    Instant? PreviousSecretUntil,
    Instant MadeAt,
    string MadeBy);

/// <summary>The webhooks of a treasury.</summary>
/// <param name="Webhooks">In the order in which they were registered.</param>
public sealed record WebhooksAnswer(ImmutableArray<WebhookRow> Webhooks);

/// <summary>An attempt to tell a receiver.</summary>
/// <param name="Number">Its number, from 1 for each webhook.</param>
/// <param name="Position">The entry.</param>
/// <param name="At">When it ended.</param>
/// <param name="Status">What the receiver answered; 200 to 299 means that it took the entry.</param>
/// <param name="Fault">Why there was no answer.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record DeliveryRow(
    long Number, long Position, Instant At, int? Status, WebhookFault? Fault, int Milliseconds);

/// <summary>Attempts of a webhook.</summary>
/// <param name="Deliveries">The newest first.</param>
/// <param name="Before">What to ask for to see older ones; absent: there are none.</param>
public sealed record DeliveriesAnswer(ImmutableArray<DeliveryRow> Deliveries, long? Before);

/// <summary>Webhooks over HTTP.</summary>
public static class WebhookRoutes
{
    private const string Path = "/v1/treasuries/{treasury}/webhooks";
    private const int PageDefault = 100;
    private const int PageMax = 500;

    private static readonly ProblemSet Problems = new("Webhook",
    [
        ErrorRegistry.JsonMalformed, ErrorRegistry.MemberUnknown, ErrorRegistry.MemberDuplicate,
        ErrorRegistry.MemberMissing, ErrorRegistry.ValueInvalid, ErrorRegistry.BodyTooLarge,
        ErrorRegistry.ContentTypeUnsupported, ErrorRegistry.IdInvalid, ErrorRegistry.WebhookUnknown,
        ErrorRegistry.SecretKeyMissing,
        ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code, ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
    ]);

    private static readonly OperationFamily Family = new(
        Documentation.WebhookTag, Problems, WriteDocumentation.JournalParameter(JournalKind.Treasury));

    private static readonly ParameterText Id =
        new("id", "path", typeof(string), "The webhook's id.", "0f1e2d3c4b5a6978", true, "^[0-9a-f]{16}$");

    /// <summary>Maps them, and what health says of them.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/health/webhooks", HealthAsync).ExcludeFromDescription();
        app.MapGet(Path, ListAsync).Documented(Family.Text<WebhooksAnswer>(
            "listWebhooks", "Who is told of entries, and how far", "Never the secrets.", "The webhooks."));
        app.MapPost(Path, AddAsync).Documented(
            Family.Text<MadeWebhookAnswer>(
                "createWebhook", "Tell somebody of every entry",
                "Each entry is sent as soon as it is recorded, signed as the Standard Webhooks specification says: in "
                + "the order of positions, at least once, the next one when the one before was taken (2xx). The secret "
                + "is shown once.", 201, "The webhook.") with
            {
                Examples =
                [
                    new("acquisitions and sales, from the beginning", """
                        { "url": "https://books.example.com/ledger", "kinds": ["asset_acquired", "asset_sold"],
                          "from": 1 }
                        """),
                ],
            },
            typeof(WebhookTerms));
        app.MapDelete(Path + "/{id}", RemoveAsync).Documented(Family.Text<RemovedWebhookAnswer>(
            "removeWebhook", "Tell somebody no more", "At once; an entry that is being sent may still arrive.",
            "It is removed.", Id));
        app.MapPost(Path + "/{id}/rotation", RotateAsync).Documented(Family.Text<RotatedWebhookAnswer>(
            "rotateWebhookSecret", "Give a webhook a new secret",
            "For `keepHours` every message carries two signatures, of the new secret and of the one before, so that "
            + "nothing is lost while the receiver changes over.", 201, "The new secret.",
            Id, new("keepHours", "query", typeof(long),
                $"For how long the one before signs as well, 0 to {WebhookOptions.KeepHoursMax}; without it 24.",
                "24")));
        app.MapPost(Path + "/{id}/resumption", ResumeAsync).Documented(Family.Text<ResumedWebhookAnswer>(
            "resumeWebhook", "Let a webhook go on, or send entries again",
            "After a pause it goes on with the entry that was not taken. With `from` it goes on there, whether paused "
            + "or not: entries are sent again with the ids that they had, or passed over.", "It goes on.",
            Id, new("from", "query", typeof(long), "The next position that is sent.", "1")));
        app.MapGet(Path + "/{id}/deliveries", LogAsync).Documented(Family.Text<DeliveriesAnswer>(
            "listDeliveries", "Attempts of a webhook, the newest first",
            $"The newest {WebhookTurn.LogLength} are kept.", "The attempts.",
            Id,
            new("before", "query", typeof(long), "Attempts before this one.", "1200"),
            new("limit", "query", typeof(long), $"At most so many, 1 to {PageMax}; without it {PageDefault}.", "100")));
    }

    private static async Task<IResult> HealthAsync(TenantDatabases databases, CancellationToken cancellation)
    {
        var state = new WebhookState(0, 0, 0, 0);
        var away = await databases.EachAsync(
            async database => state += await WebhookState.OfAsync(database, cancellation), cancellation);
        return Results.Ok(new Health(
            away.Count > 0 ? "away" : state.Paused > 0 ? "paused" : state.Failing > 0 ? "failing" : "ok",
            state.Webhooks, state.Failing, state.Paused, state.Behind, away));
    }

    private static async Task ListAsync(HttpContext http, TenantDatabases databases, SecretKeys keys)
    {
        new QueryReader(http.Request.Query).End();
        var table = await InAsync(http, databases, keys);
        await Http.AnswerAsync(http, new WebhooksAnswer(await table.ListAsync(http.RequestAborted)));
    }

    private static async Task AddAsync(
        HttpContext http, TenantDatabases databases, SecretKeys keys, WebhookOptions options)
    {
        new QueryReader(http.Request.Query).End();
        var terms = JsonBody.Read<WebhookTerms>(await Http.ReadJsonAsync(http.Request, Http.CommandBytesMax));
        var kinds = (terms.Kinds ?? []).Distinct(StringComparer.Ordinal).ToImmutableArray();
        Require(new OutsideOnly(options.AllowLoopback).Fault(terms.Url), "url");
        Require(kinds.Any(kind => EventNames.Named(kind).Length == 0) ? "names of kinds of entries" : null, "kinds");
        Require(terms.From < 1 ? "a position, from 1" : null, "from");
        var table = await InAsync(http, databases, keys);
        var made = await table.AddAsync(
            terms.Url, kinds, terms.From - 1, Caller.Of(http).Actor, http.RequestAborted)
            ?? throw await table.NotReachedAsync(http.RequestAborted);
        await Http.AnswerAsync(http, made, StatusCodes.Status201Created);
    }

    private static async Task RemoveAsync(HttpContext http, TenantDatabases databases, SecretKeys keys, string id)
    {
        new QueryReader(http.Request.Query).End();
        var removed = await (await InAsync(http, databases, keys))
            .RemoveAsync(id, Caller.Of(http).Actor, http.RequestAborted);
        await Http.AnswerAsync(http, removed ? new RemovedWebhookAnswer(id) : throw Unknown(id));
    }

    private static async Task RotateAsync(HttpContext http, TenantDatabases databases, SecretKeys keys, string id)
    {
        var query = new QueryReader(http.Request.Query);
        var hours = query.Number("keepHours", 0, WebhookOptions.KeepHoursMax);
        query.End();
        var keep = hours is { } kept ? TimeSpan.FromHours(kept) : WebhookOptions.RotatedFor;
        var secret = await (await InAsync(http, databases, keys)).RotateAsync(id, keep, http.RequestAborted);
        await Http.AnswerAsync(
            http, new RotatedWebhookAnswer(id, secret ?? throw Unknown(id)), StatusCodes.Status201Created);
    }

    private static async Task ResumeAsync(HttpContext http, TenantDatabases databases, SecretKeys keys, string id)
    {
        var query = new QueryReader(http.Request.Query);
        var from = query.Number("from", 1, long.MaxValue);
        query.End();
        var table = await InAsync(http, databases, keys);
        var position = await table.ResumeAsync(id, from - 1, http.RequestAborted);
        if (position is null)
        {
            throw (await table.ListAsync(http.RequestAborted)).Any(one => one.Id == id)
                ? await table.NotReachedAsync(http.RequestAborted)
                : Unknown(id);
        }

        await Http.AnswerAsync(http, new ResumedWebhookAnswer(id, position.Value + 1));
    }

    private static async Task LogAsync(HttpContext http, TenantDatabases databases, SecretKeys keys, string id)
    {
        var query = new QueryReader(http.Request.Query);
        var before = query.Number("before", 1, long.MaxValue) ?? long.MaxValue;
        var limit = query.Number("limit", 1, PageMax) ?? PageDefault;
        query.End();
        var table = await InAsync(http, databases, keys);
        var found = await table.LogAsync(id, before, limit, http.RequestAborted);
        if (found.IsEmpty && !(await table.ListAsync(http.RequestAborted)).Any(one => one.Id == id))
        {
            throw Unknown(id);
        }

        var older = found.Length == limit ? found[^1].Number : default(long?);
        await Http.AnswerAsync(http, new DeliveriesAnswer(found, older));
    }

    /// <summary>The webhooks of the treasury in the address. A caller of some accounts is told of none.</summary>
    private static async Task<WebhookTable> InAsync(HttpContext http, TenantDatabases databases, SecretKeys keys)
    {
        var caller = Caller.Of(http);
        var journal = JournalAddress.KeyOf(http, JournalKind.Treasury, caller.Tenant);
        return caller.Grant.Accounts.IsEmpty
            ? new WebhookTable(await databases.OfAsync(caller.Tenant, http.RequestAborted), journal, keys)
            : throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded, "Webhooks tell of all accounts, and the key is limited to some.");
    }

    private static void Require(string? expected, string member)
    {
        if (expected is not null)
        {
            throw ProblemException.Of(
                ErrorRegistry.ValueInvalid, $"$.{member} must be {expected}.", ("path", $"$.{member}"));
        }
    }

    private static ProblemException Unknown(string id) =>
        ProblemException.Of(ErrorRegistry.WebhookUnknown, $"The treasury has no webhook {id}.");

    /// <summary>Numbers of webhooks, and databases that could not be asked.</summary>
    private sealed record Health(
        string Status,
        long Webhooks,
        long Failing,
        long Paused,
        long EntriesBehind,
        IReadOnlyList<string> DatabasesAway);
}
