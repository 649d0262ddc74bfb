using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Platform;

/// <summary>Under which addresses journals are served.</summary>
public static class JournalAddress
{
    /// <summary>The kinds of journals, in the order of the documentation.</summary>
    public static JournalKind[] Kinds => [JournalKind.Treasury, JournalKind.PriceBook, JournalKind.MarketBook];

    /// <summary>The route pattern of a path behind a journal.</summary>
    /// <param name="kind">The kind of journal.</param>
    /// <param name="path">The path; empty for the journal itself.</param>
    public static string Of(JournalKind kind, string path)
    {
        var journal = kind switch
        {
            JournalKind.Treasury => "/v1/treasuries/{treasury}",
            JournalKind.PriceBook => "/v1/price-books/{book}",
            JournalKind.MarketBook => "/v1/market-books/{book}",
        };
        return path.Length == 0 ? journal : $"{journal}/{path}";
    }

    /// <summary>The name of the route's parameter that holds the journal's id.</summary>
    public static string ParameterOf(JournalKind kind) => kind == JournalKind.Treasury ? "treasury" : "book";

    /// <summary>The journal that a request is about.</summary>
    /// <exception cref="ProblemException">Its id is not of the allowed form.</exception>
    public static JournalKey KeyOf(HttpContext http, JournalKind kind, string tenant) =>
        KeyOf(kind, tenant, http.Request.RouteValues[ParameterOf(kind)]?.ToString() ?? "");

    /// <summary>The rest of an address, which is one name and may hold slashes.</summary>
    /// <param name="http">The request.</param>
    /// <param name="parameter">The route's parameter that holds it.</param>
    public static string RestOf(HttpContext http, string parameter) =>
        // A slash that is escaped in an address stays escaped through routing.
        (http.Request.RouteValues[parameter]?.ToString() ?? "")
            .Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The journal with an id.</summary>
    /// <exception cref="ProblemException">The id is not of the allowed form.</exception>
    public static JournalKey KeyOf(JournalKind kind, string tenant, string id)
    {
        var key = kind switch
        {
            JournalKind.Treasury => JournalKey.Treasury(tenant, id),
            JournalKind.PriceBook => JournalKey.Prices(tenant, id),
            JournalKind.MarketBook => JournalKey.Markets(tenant, id),
        };
        return key.IsValid ? key : throw ProblemException.Of(
            ErrorRegistry.IdInvalid,
            "The id in the address must be lower-case letters, digits and . _ -, at most 63, starting with a letter "
            + "or digit.");
    }
}
