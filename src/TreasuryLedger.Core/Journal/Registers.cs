using System.Collections.Immutable;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// What a treasury has registered. A registration counts for whoever knows it, at any effective instant: an asset's
/// decimals do not depend on the date.
/// </summary>
/// <param name="Treasury">The opening entry's event, or <c>null</c> before it.</param>
/// <param name="Accounts">By id.</param>
/// <param name="Assets">By id.</param>
public sealed record Registers(
    TreasuryOpened? Treasury,
    ImmutableDictionary<AccountId, AccountRegistered> Accounts,
    ImmutableDictionary<AssetId, AssetRegistered> Assets)
{
    /// <summary>Nothing registered.</summary>
    public static Registers Empty { get; } = new(
        null,
        ImmutableDictionary<AccountId, AccountRegistered>.Empty,
        ImmutableDictionary<AssetId, AssetRegistered>.Empty);

    /// <summary>The registers from entries that are known and not voided, in recorded order.</summary>
    public static Registers Of(IEnumerable<NarrowEntry> known) =>
        known.Aggregate(Empty, (registers, entry) => registers.Evolve(entry.Event));

    /// <summary>The registers after an event; events that register nothing change nothing.</summary>
    public Registers Evolve(LedgerEvent happened) => happened switch
    {
        TreasuryOpened opened => this with { Treasury = opened },
        AccountRegistered account => this with { Accounts = Accounts.SetItem(account.Account, account) },
        AssetRegistered asset => this with { Assets = Assets.SetItem(asset.Asset, asset) },
        _ => this,
    };

    /// <summary>The decimals of a registered asset.</summary>
    /// <exception cref="KeyNotFoundException">It is not registered; no entry names such an asset.</exception>
    public int DecimalsOf(AssetId asset) => Assets[asset].Decimals;

    /// <summary>
    /// The asset whose lots this one shares: what it stands for, followed to the end, as long as the decimals are the
    /// same; otherwise itself.
    /// </summary>
    public AssetId PoolOf(AssetId asset)
    {
        var pool = asset;
        while (Assets[pool].StandsFor is { } standIn && Assets[standIn.Asset].Decimals == Assets[pool].Decimals)
        {
            pool = standIn.Asset;
        }

        return pool;
    }
}
