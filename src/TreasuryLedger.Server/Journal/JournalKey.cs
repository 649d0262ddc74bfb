using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>Which journal: a treasury, a price book or a market book of one tenant.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Journal">The kind and the id, such as <c>treasury/acme</c>; also the name of its event stream.</param>
public sealed record JournalKey(string Tenant, string Journal)
{
    /// <summary>The journal of a treasury.</summary>
    public static JournalKey Treasury(string tenant, string id) => new(tenant, $"treasury/{id}");

    /// <summary>The journal of a price book.</summary>
    public static JournalKey Prices(string tenant, string id) => new(tenant, $"prices/{id}");

    /// <summary>The journal of a market book.</summary>
    public static JournalKey Markets(string tenant, string id) => new(tenant, $"markets/{id}");

    /// <summary>Whether it is the journal of a treasury, and not a book.</summary>
    public bool IsTreasury => Journal.StartsWith("treasury/", StringComparison.Ordinal);

    /// <summary>
    /// Whether tenant and id are of the allowed form: lower-case letters, digits and <c>. _ -</c>, starting with a
    /// letter or digit, at most 63; so that no name can mean anything elsewhere.
    /// </summary>
    public bool IsValid => IsName(Tenant) && Id is { } id && IsName(id);

    /// <summary>The id behind the kind; <c>null</c> if the kind is none of ours.</summary>
    public string? Id =>
        Journal.Split('/') is [("treasury" or "prices" or "markets"), var id] ? id : null;

    /// <summary>Tenant and journal for a person.</summary>
    public override string ToString() => $"{Tenant}:{Journal}";

    private static bool IsName(string text) => IdText.IsId(text) && !text.Any(char.IsAsciiLetterUpper);
}
