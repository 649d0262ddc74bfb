using System.Collections.Immutable;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>What a caller may do. Nothing is granted that is not named here.</summary>
/// <param name="Roles">What it is; none may do nothing.</param>
/// <param name="Treasuries">The treasuries that it is limited to; empty: all of its tenant.</param>
/// <param name="Accounts">
/// The accounts that it is limited to; empty: all. It then records only what names no other account, and asks only
/// questions that name one of them.
/// </param>
/// <param name="ExpiresAt">From when on it is worth nothing (inclusive); absent: it does not expire.</param>
public sealed record Grant(
    ImmutableArray<Role> Roles,
    ImmutableArray<string> Treasuries,
    ImmutableArray<string> Accounts,
    Core.Time.Instant? ExpiresAt = null)
{
    /// <summary>Every role everywhere: what the operator's own first key may do.</summary>
    public static Grant Everything { get; } = Of(Enum.GetValues<Role>());

    /// <summary>Roles in all treasuries of a tenant.</summary>
    public static Grant Of(params Role[] roles) => new([.. roles], [], []);

    /// <summary>Whether one of the roles is granted.</summary>
    public bool HasAny(ImmutableArray<Role> roles) => Roles.Any(role => roles.Contains(role));

    /// <summary>Whether a treasury is within it.</summary>
    public bool Covers(string treasury) => Treasuries.IsEmpty || Treasuries.Contains(treasury);

    /// <summary>Whether an account is within it.</summary>
    public bool CoversAccount(string account) => Accounts.IsEmpty || Accounts.Contains(account);
}
