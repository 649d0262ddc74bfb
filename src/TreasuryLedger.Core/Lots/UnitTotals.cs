using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Where units are, or who owes them. In the order of accounts, then of assets.</summary>
internal readonly record struct UnitKey(AccountId Account, AssetId Asset) : IComparable<UnitKey>
{
    public int CompareTo(UnitKey other) =>
        Account.CompareTo(other.Account) is var order and not 0 ? order : Asset.CompareTo(other.Asset);
}

/// <summary>Units of one asset at one account, and the span in which they are below zero, if they are.</summary>
internal sealed class UnitTotal : Owned
{
    public BigInteger Units { get; set; }

    public Instant ChangedAt { get; set; }

    public Instant? ShortFrom { get; set; }

    public BigInteger Deepest { get; set; }

    /// <summary>The span that lasts or ends when the instant of the last change is over, if any.</summary>
    public Shortfall? Span(UnitKey key, ShortfallKind kind)
    {
        if (Units.Sign >= 0)
        {
            return ShortFrom is not { } from ? null : new Shortfall(
                key.Account, key.Asset, kind, from, ChangedAt, new Quantity(Deepest), Quantity.Zero);
        }

        var missing = -Units;
        var deepest = ShortFrom is null ? missing : BigInteger.Max(Deepest, missing);
        return new Shortfall(key.Account, key.Asset, kind, ShortFrom ?? ChangedAt, null, new(deepest), new(missing));
    }
}

/// <summary>A span with missing units that is over, and those that ended before it.</summary>
internal sealed record EndedSpan(Shortfall Shortfall, EndedSpan? Before);

/// <summary>Units by account and asset at a point of the fold.</summary>
/// <param name="Kind">Units held or units owed.</param>
/// <param name="Totals">By account and asset; some may be zero.</param>
/// <param name="Ended">The spans that are over, the last one first.</param>
internal sealed record UnitTotalsState(
    ShortfallKind Kind, ImmutableSortedDictionary<UnitKey, UnitTotal> Totals, EndedSpan? Ended)
{
    public static UnitTotalsState Empty(ShortfallKind kind) =>
        new(kind, ImmutableSortedDictionary<UnitKey, UnitTotal>.Empty, null);

    /// <summary>All spans so far, those that last included.</summary>
    public IEnumerable<Shortfall> Shortfalls()
    {
        for (var ended = Ended; ended is not null; ended = ended.Before)
        {
            yield return ended.Shortfall;
        }

        foreach (var (key, total) in Totals)
        {
            if (total.Span(key, Kind) is { } span)
            {
                yield return span;
            }
        }
    }
}

/// <summary>
/// Units by account and asset, and the spans in which they were below zero. Entries of one instant count together: only
/// what is missing at the end of an instant is missing (SPEC 8.1).
/// </summary>
internal sealed class UnitTotals(UnitTotalsState state)
{
    private readonly SharedMap<UnitKey, UnitTotal> _totals = new(state.Totals, _ => new UnitTotal());
    private EndedSpan? _ended = state.Ended;

    public void Post(AccountId account, AssetId asset, BigInteger units, bool isOut, Instant at, object owner)
    {
        var key = new UnitKey(account, asset);
        var total = _totals.Change(key, owner);
        if (at > total.ChangedAt && (total.ShortFrom is not null || total.Units.Sign < 0))
        {
            Settle(key, total);
        }

        total.Units = isOut ? total.Units - units : total.Units + units;
        total.ChangedAt = at;
    }

    public Quantity Of(AccountId account, AssetId asset) =>
        new(_totals.Find(new UnitKey(account, asset))?.Units ?? BigInteger.Zero);

    public IEnumerable<(AssetId Asset, Quantity Units)> Of(AccountId account) => _totals.Keys
        .Where(key => key.Account == account)
        .Select(key => (key.Asset, Of(account, key.Asset)));

    public UnitTotalsState Snapshot() => new(state.Kind, _totals.Snapshot(), _ended);

    private void Settle(UnitKey key, UnitTotal total)
    {
        var span = total.Span(key, state.Kind)!;
        (total.ShortFrom, total.Deepest) = (span.From, span.Deepest.Units);
        if (span.Until is not null)
        {
            _ended = new EndedSpan(span, _ended);
            total.ShortFrom = null;
        }
    }
}
