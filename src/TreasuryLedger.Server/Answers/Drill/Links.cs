using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>
/// Where the next step of a drill-down is asked for: paths that keep both instants and the policy, so that everything
/// they lead to is seen from where the answer stands.
/// </summary>
/// <param name="viewpoint">Where the answer stands.</param>
/// <param name="opened">The treasury's first entry.</param>
/// <param name="policy">What the question changes in the policy, as it named it; empty if nothing.</param>
public sealed class Links(Standpoint viewpoint, TreasuryOpened opened, string policy)
{
    private readonly string _known = $"?knownAt={viewpoint.KnownAt}";
    private readonly string _seen = $"?asOf={viewpoint.AsOf}&knownAt={viewpoint.KnownAt}"
        + (policy.Length == 0 ? "" : "&" + policy);

    /// <summary>The links of an answer.</summary>
    /// <param name="seen">The treasury.</param>
    /// <param name="query">The question.</param>
    public static Links Of(Seen seen, QueryReader query) => new(
        seen.Standpoint,
        seen.Opened,
        query.Canonical(name => Question.Policy.Any(parameter => parameter.Name == name)));

    /// <summary>An entry of the treasury's journal.</summary>
    public string Entry(long position) => $"{Treasury}/entries/{position}{_known}";

    /// <summary>What an entry of the treasury brought forth.</summary>
    public string Figures(long position) => $"{Treasury}/entries/{position}/figures{_seen}";

    /// <summary>An entry of the price book.</summary>
    public string Price(long position) => $"/v1/price-books/{opened.PriceBook}/entries/{position}{_known}";

    /// <summary>Every figure of the treasury that used a price.</summary>
    public string PriceUses(long position) => $"{Treasury}/prices/{position}/uses{_seen}";

    /// <summary>A disposal.</summary>
    public string Disposal(FactId fact, int leg) => $"{Treasury}/disposals/{Name(new LotId(fact, leg))}{_seen}";

    /// <summary>A lot.</summary>
    public string Lot(LotId lot) => $"{Treasury}/lots/{Name(lot)}{_seen}";

    /// <summary>A list.</summary>
    /// <param name="path">Its path behind the treasury's.</param>
    /// <param name="filter">Names and values of filters.</param>
    public string List(string path, params ReadOnlySpan<(string Name, object? Value)> filter)
    {
        var link = $"{Treasury}/{path}{_seen}";
        foreach (var (name, value) in filter)
        {
            link += value is null ? "" : $"&{name}={Uri.EscapeDataString(value.ToString()!)}";
        }

        return link;
    }

    private string Treasury => $"/v1/treasuries/{viewpoint.Treasury}";

    /// <summary>The only character of a fact id that ends a path.</summary>
    private static string Name(LotId figure) => figure.ToString().Replace("#", "%23", StringComparison.Ordinal);
}
