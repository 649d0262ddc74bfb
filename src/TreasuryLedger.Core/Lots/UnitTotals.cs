using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Units by account and asset, and the spans in which they were below zero. Entries of one instant count together: only
/// what is missing at the end of an instant is missing (SPEC 8.1).
/// </summary>
internal sealed class UnitTotals(ShortfallKind kind)
{
    private readonly Dictionary<(AccountId Account, AssetId Asset), Cell> _cells = [];
    private readonly List<Shortfall> _ended = [];

    public void Post(Movement movement, Instant at)
    {
        var key = (movement.Account, movement.Asset);
        if (!_cells.TryGetValue(key, out var cell))
        {
            cell = new Cell();
            _cells.Add(key, cell);
        }

        if (at > cell.ChangedAt)
        {
            Settle(key, cell);
        }

        cell.Units += movement.Change.Units;
        cell.ChangedAt = at;
    }

    /// <summary>What is not zero, by account and asset.</summary>
    public IEnumerable<(AccountId Account, AssetId Asset, Quantity Units)> NotZero() => _cells
        .Where(cell => !cell.Value.Units.IsZero)
        .OrderBy(cell => cell.Key.Account)
        .ThenBy(cell => cell.Key.Asset)
        .Select(cell => (cell.Key.Account, cell.Key.Asset, new Quantity(cell.Value.Units)));

    /// <summary>All spans so far, those that last included. Changes nothing here, so folding can go on.</summary>
    public IEnumerable<Shortfall> Shortfalls() =>
        _ended.Concat(_cells.Select(cell => EndOf(cell.Key, cell.Value)).OfType<Shortfall>());

    private void Settle((AccountId Account, AssetId Asset) key, Cell cell)
    {
        if (EndOf(key, cell) is not { } span)
        {
            return;
        }

        (cell.ShortFrom, cell.Deepest) = (span.From, span.Deepest.Units);
        if (span.Until is not null)
        {
            _ended.Add(span);
            cell.ShortFrom = null;
        }
    }

    /// <summary>The span that lasts or ends when the instant of the last change is over, if any.</summary>
    private Shortfall? EndOf((AccountId Account, AssetId Asset) key, Cell cell)
    {
        if (cell.Units.Sign >= 0)
        {
            return cell.ShortFrom is not { } from ? null : new Shortfall(
                key.Account, key.Asset, kind, from, cell.ChangedAt, new Quantity(cell.Deepest), Quantity.Zero);
        }

        var missing = -cell.Units;
        var deepest = cell.ShortFrom is null ? missing : BigInteger.Max(cell.Deepest, missing);
        return new Shortfall(
            key.Account, key.Asset, kind, cell.ShortFrom ?? cell.ChangedAt, null, new(deepest), new(missing));
    }

    private sealed class Cell
    {
        public BigInteger Units { get; set; }

        public Instant ChangedAt { get; set; }

        public Instant? ShortFrom { get; set; }

        public BigInteger Deepest { get; set; }
    }
}
