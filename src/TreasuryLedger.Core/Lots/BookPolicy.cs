using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// How one journal is turned into a book. It belongs to the read: any policy can be asked of the same entries, and
/// nothing in the journal depends on it.
/// </summary>
/// <param name="Terms">Lot method, scope and treatments.</param>
/// <param name="ReportingCurrency">The currency of every amount in the book.</param>
public sealed record BookPolicy(PolicyTerms Terms, AssetId ReportingCurrency)
{
    /// <summary>
    /// Whether each account has its own pools. Methods that look for acquisitions of other days know one pool an asset,
    /// whatever the scope says (SPEC 14.1).
    /// </summary>
    public bool IsPerAccount => ScopeOf(Terms) == BasisScope.PerAccount;

    /// <summary>Whether disposals look for acquisitions of other days (SPEC 14).</summary>
    public bool IsWindowed => Ranking.IsWindowed(Terms.LotMethod);

    /// <summary>The scope that terms come to.</summary>
    public static BasisScope ScopeOf(PolicyTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return Ranking.IsWindowed(terms.LotMethod) ? BasisScope.Universal : terms.BasisScope;
    }

    /// <summary>The treasury's own policy, as its first entry states it.</summary>
    /// <exception cref="InvalidOperationException">The journal is not that of a treasury.</exception>
    public static BookPolicy Of(Registers registers) => registers is { Treasury: { } treasury }
        ? new BookPolicy(treasury.Policy, treasury.ReportingCurrency)
        : throw new InvalidOperationException("A book needs a treasury that was opened.");
}
