using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Answers;

/// <summary>A treasury with what it registered, as known: registrations count at any instant in the world.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Terms">What its opening says.</param>
/// <param name="Accounts">By id.</param>
/// <param name="Assets">By id.</param>
public sealed record TreasuryAnswer(
    Standpoint Viewpoint,
    TreasuryOpened Terms,
    ImmutableArray<AccountRegistered> Accounts,
    ImmutableArray<AssetRegistered> Assets)
{
    /// <summary>The answer.</summary>
    public static TreasuryAnswer Of(Seen seen) => new(
        seen.Standpoint,
        seen.Opened,
        [.. seen.At.Registers.Accounts.Values.OrderBy(account => account.Account)],
        [.. seen.At.Registers.Assets.Values.OrderBy(asset => asset.Asset)]);
}
