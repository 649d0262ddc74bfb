using System.Collections.Frozen;
using System.Reflection;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>
/// Holds a known caller to what it was granted: here for what the address says, and in <see cref="Check"/> for what the
/// commands of a body say.
/// </summary>
public static class GrantGate
{
    /// <summary>The parameter of questions that says which account they are about.</summary>
    private const string AccountParameter = "account";

    /// <summary>What tells nothing of units: safe for a key that is limited to accounts.</summary>
    private static readonly FrozenSet<string> AboutNoAccount = FrozenSet.Create(
        StringComparer.Ordinal, "getHead", "getRequest", "listErrors", "getError");

    /// <summary>What is about the whole tenant, and safe for a key that is limited to treasuries.</summary>
    private static readonly FrozenSet<string> AboutNoTreasury = FrozenSet.Create(
        StringComparer.Ordinal, "listJournals", "listErrors", "getError", "rotateKey");

    /// <summary>Asks every request that found its route whether its caller may go there.</summary>
    public static void UseGrantGate(this WebApplication app) => app.Use((http, next) =>
    {
        if (http.Features.Get<Caller>() is not { } caller || http.GetEndpoint() is not { } endpoint)
        {
            return next(http); // health, other nodes, or no address at all
        }

        var grant = caller.Grant;
        var audience = endpoint.Metadata.GetMetadata<Audience>()
            ?? (endpoint is RouteEndpoint && http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
                ? new Audience([])
                : null); // what routing answers by itself: no such method, no such kind of body
        if (audience is not null && !grant.HasAny(audience.Roles))
        {
            throw RoleMissing(audience, "This address");
        }

        if (audience is not null && !grant.Treasuries.IsEmpty)
        {
            CheckTreasury(http, endpoint, grant);
        }

        if (audience is not null && !grant.Accounts.IsEmpty && HttpMethods.IsGet(http.Request.Method))
        {
            CheckAccount(http, endpoint, grant);
        }

        return next(http);
    });

    /// <summary>Refuses a command that its caller may not record.</summary>
    /// <exception cref="ProblemException">It may not.</exception>
    public static void Check(this Grant grant, JournalKind kind, Command command)
    {
        var audience = Audience.Of(command.GetType());
        if (!grant.HasAny(audience.Roles))
        {
            throw RoleMissing(audience, $"The command {CommandNames.Of(command.GetType())}");
        }

        if (kind != JournalKind.Treasury && !grant.Treasuries.IsEmpty)
        {
            throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded,
                "Books are shared by all treasuries of a tenant; a key that is limited to some records nothing there.");
        }

        if (command is CorrectEntry { Replacement: { } replacement })
        {
            grant.Check(kind, replacement);
        }

        if (grant.Accounts.IsEmpty)
        {
            return;
        }

        var named = NamedAccounts.Of(command);
        if (named.FirstOrDefault(account => !grant.CoversAccount(account)) is { } outside)
        {
            throw Outside(AccountParameter, outside);
        }

        if (named.Count == 0)
        {
            throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded,
                "The command names no account; a key that is limited to accounts records only what is about them.");
        }
    }

    private static void CheckTreasury(HttpContext http, Endpoint endpoint, Grant grant)
    {
        var values = http.Request.RouteValues;
        if (values[JournalAddress.ParameterOf(JournalKind.Treasury)]?.ToString() is { } treasury)
        {
            if (!grant.Covers(treasury))
            {
                throw Outside("treasury", treasury);
            }
        }
        else if (!values.ContainsKey(JournalAddress.ParameterOf(JournalKind.PriceBook))
            && !AboutNoTreasury.Contains(Audience.IdOf(endpoint.Metadata.GetMetadata<OpenApi.OperationText>())))
        {
            throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded, "This is about all of the tenant, and the key is limited to treasuries.");
        }
    }

    private static void CheckAccount(HttpContext http, Endpoint endpoint, Grant grant)
    {
        if (AboutNoAccount.Contains(Audience.IdOf(endpoint.Metadata.GetMetadata<OpenApi.OperationText>())))
        {
            return;
        }

        if (http.Request.Query[AccountParameter] is not [{ } asked])
        {
            throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded,
                "The key is limited to accounts; it asks lists with the parameter 'account'.",
                ("accounts", string.Join(", ", grant.Accounts)));
        }

        if (!grant.CoversAccount(asked))
        {
            throw Outside(AccountParameter, asked);
        }
    }

    private static ProblemException RoleMissing(Audience audience, string what) => ProblemException.Of(
        ErrorRegistry.RoleMissing, $"{what} is for roles that the key does not have.", ("roles", audience.ToString()));

    private static ProblemException Outside(string kind, string id) => ProblemException.Of(
        ErrorRegistry.ScopeExceeded, $"The key is not for {kind} {id}.", (kind, id));
}

/// <summary>The accounts that commands name, wherever in them: found by type, so that none can be forgotten.</summary>
public static class NamedAccounts
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, PropertyInfo[]> Parts = new();

    /// <summary>Every account that a command names.</summary>
    public static IReadOnlySet<string> Of(Command command)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        Collect(command, found);
        return found;
    }

    private static void Collect(object? part, HashSet<string> found)
    {
        switch (part)
        {
            case null or string:
                return;
            case AccountId account:
                found.Add(account.ToString());
                return;
            case System.Collections.IEnumerable many:
                foreach (var item in many)
                {
                    Collect(item, found);
                }

                return;
            case var _ when part.GetType().Namespace == typeof(Command).Namespace:
                foreach (var property in Parts.GetOrAdd(part.GetType(), Readable))
                {
                    Collect(property.GetValue(part), found);
                }

                return;
        }
    }

    private static PropertyInfo[] Readable(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0),
    ];
}
