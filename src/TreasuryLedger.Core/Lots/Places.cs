using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Where lots lie under per-account scope: an account or a transfer. Default: anywhere.</summary>
internal readonly record struct Place(AccountId Account, FactId Transfer);

/// <summary>Which lots a disposal may take. In the order of pools, then accounts, then transfers.</summary>
internal readonly record struct PoolPlace(AssetId Pool, Place Place) : IComparable<PoolPlace>
{
    public (AccountId? Account, FactId? Transfer) Named => (
        Place.Account == default ? null : Place.Account,
        Place.Transfer == default ? null : Place.Transfer);

    public int CompareTo(PoolPlace other)
    {
        var order = Pool.CompareTo(other.Pool);
        order = order != 0 ? order : Place.Account.CompareTo(other.Place.Account);
        return order != 0 ? order : Place.Transfer.CompareTo(other.Place.Transfer);
    }
}

/// <summary>The units of one asset in one transfer. In the order of transfers, then assets.</summary>
internal readonly record struct PassageKey(FactId Transfer, AssetId Asset) : IComparable<PassageKey>
{
    public int CompareTo(PassageKey other) =>
        Transfer.CompareTo(other.Transfer) is var order and not 0 ? order : Asset.CompareTo(other.Asset);
}

/// <summary>A dispatched transfer, or one that arrived before its dispatch is visible.</summary>
internal sealed class Passage : Owned
{
    public TransferDispatched? Dispatch { get; set; }

    public Instant? SentAt { get; set; }

    public Quantity Sent { get; set; }

    public Quantity Arrived { get; set; }
}

/// <summary>Transfers at a point of the fold.</summary>
/// <param name="All">Those that are over too: more may arrive.</param>
/// <param name="Open">Those of which something is under way, or of which too much arrived.</param>
internal sealed record PassagesState(
    ImmutableSortedDictionary<PassageKey, Passage> All, ImmutableSortedDictionary<PassageKey, Passage> Open)
{
    public static PassagesState Empty { get; } = new(
        ImmutableSortedDictionary<PassageKey, Passage>.Empty, ImmutableSortedDictionary<PassageKey, Passage>.Empty);

    public IEnumerable<TransferInTransit> InTransit(Instant asOf) =>
        Open.Select(passage => Transfer(passage.Key, passage.Value, asOf));

    public TransferInTransit? Find(PassageKey key, Instant asOf) =>
        All.TryGetValue(key, out var way) ? Transfer(key, way, asOf) : null;

    private static TransferInTransit Transfer(PassageKey key, Passage way, Instant asOf) => new(
        key.Transfer, key.Asset, way.Dispatch?.Sent.Account, way.Dispatch?.To, way.SentAt, way.Dispatch?.ExpectedBy,
        way.Sent, way.Arrived, way.Sent > way.Arrived && asOf > way.Dispatch?.ExpectedBy);
}

/// <summary>Transfers of a fold.</summary>
internal sealed class Passages(PassagesState state)
{
    private readonly SharedMap<PassageKey, Passage> _all = new(state.All, _ => new Passage());
    private ImmutableSortedDictionary<PassageKey, Passage> _open = state.Open;

    public Passage Change(FactId transfer, AssetId asset, object owner) =>
        _all.Change(new PassageKey(transfer, asset), owner);

    public PassagesState Snapshot()
    {
        var all = _all.Snapshot((key, way) => _open = way is null || way.Sent == way.Arrived
            ? _open.Remove(key)
            : _open.SetItem(key, way));
        return new PassagesState(all, _open);
    }
}
