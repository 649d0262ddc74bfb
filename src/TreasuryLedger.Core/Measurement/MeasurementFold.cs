using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Measurement;

/// <summary>
/// Follows a book from its first entry on and says what its lots are carried at, at fair value or at cost (SPEC.md).
/// Lots, their cost and their gains are those of the book; this stands beside them.
/// </summary>
public sealed class MeasurementFold
{
    private readonly Registers _registers;
    private readonly PriceBookView _prices;
    private readonly Dictionary<(AccountId Account, FactId Transfer, AssetId Asset), BigInteger> _held = [];
    private readonly SortedDictionary<AssetId, MeasuredPool> _pools = [];
    private readonly List<FairValueAdoption> _adoptions = [];

    private BookPolicy? _policy;
    private FairValueScopes _scopes;
    private EntryValues _values;

    /// <summary>The measurement of a book before its first entry.</summary>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    public MeasurementFold(Registers registers, PriceBookView prices)
    {
        ArgumentNullException.ThrowIfNull(registers);
        (_registers, _prices) = (registers, prices);
        _scopes = new FairValueScopes(registers, null);
        _values = null!;
    }

    /// <summary>What the beginning of measuring at fair value made of assets that were there.</summary>
    public IReadOnlyList<FairValueAdoption> Adoptions => _adoptions;

    /// <summary>Follows entries while somebody else reads them.</summary>
    /// <param name="happened">The entries of the book from the first one on.</param>
    public IEnumerable<EntryRows> Follow(IEnumerable<EntryRows> happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        foreach (var rows in happened)
        {
            Apply(rows);
            yield return rows;
        }
    }

    /// <summary>Takes the next entry.</summary>
    public void Apply(EntryRows happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var entry = happened.Entry;
        if (_policy is null || (entry.Event is TermsAdopted && happened.State().Policy != _policy))
        {
            Adopt(happened, happened.State().Policy);
        }

        var moving = new Moving(this);
        Movements.Tell(entry.Event, ref moving);
        if (entry.Event is TransferDispatched { Sent: var sent })
        {
            Hold(default, entry.Fact, sent.Asset, sent.Quantity.Units);
        }
        else if (entry.Event is TransferArrived { Received: var received, Transfer: var transfer })
        {
            Hold(default, transfer, received.Asset, -received.Quantity.Units);
        }

        Take(entry, happened.Rows);
        Settle(happened);
    }

    /// <summary>What the open lots of each asset are carried at.</summary>
    /// <param name="at">The instant: entries up to it were applied.</param>
    /// <param name="state">The book then.</param>
    public IReadOnlyList<CarryingAmount> At(Instant at, BookState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var valuer = new Valuer(_registers, state.Policy.Terms, state.Policy.ReportingCurrency, _prices);
        return [.. state.OpenTotals().Select(open => Of(open, at, valuer))];
    }

    private CarryingAmount Of(OpenTotals open, Instant at, Valuer valuer)
    {
        if (!_pools.TryGetValue(open.Pool, out var pool) || !pool.IsMeasured)
        {
            return new CarryingAmount(
                open.Pool, open.Quantity, default, open.BasisMissing, open.Cost, default, null, PriceState.Valid,
                Amount.Zero, open.Cost);
        }

        var known = open.Quantity - open.BasisMissing;
        var measured = new Quantity(pool.PartIn(known.Units));
        var cost = new Amount(pool.PartIn(open.Cost.Attos));
        var (value, price, state) = measured.IsZero
            ? new Valuation(Amount.Zero, null, PriceState.Valid)
            : valuer.Value(open.Pool, measured, at);
        return new CarryingAmount(
            open.Pool, open.Quantity, measured, open.BasisMissing, open.Cost, cost, price, state, value,
            new Amount(pool.AtCost));
    }

    private void Adopt(EntryRows happened, BookPolicy policy)
    {
        var begins = _policy is { Terms.FairValue: null } && policy.Terms.FairValue is not null;
        var before = _pools.Where(pool => pool.Value.IsMeasured)
            .ToDictionary(pool => pool.Key, pool => new Amount(pool.Value.AtCost));
        _policy = policy;
        _scopes = new FairValueScopes(_registers, policy.Terms.FairValue);
        _values = new EntryValues(_registers, policy, _prices);
        foreach (var pool in _pools.Values)
        {
            pool.Recount();
        }

        foreach (var (place, units) in _held)
        {
            Count(place.Account, place.Asset, units);
        }

        Settle(happened);
        if (begins)
        {
            Begin(happened, before);
        }
    }

    /// <summary>The first measurement of what is there is equity and no income (SPEC 3.3).</summary>
    private void Begin(EntryRows happened, Dictionary<AssetId, Amount> carriedBefore)
    {
        foreach (var now in At(happened.Entry.EffectiveAt, happened.State()))
        {
            var before = carriedBefore.TryGetValue(now.Asset, out var carried) ? carried : now.Cost;
            if (now.Carried - before is { IsZero: false } adjustment)
            {
                _adoptions.Add(new FairValueAdoption(happened.Entry, now.Asset, adjustment));
            }
        }
    }

    private void Hold(AccountId account, FactId transfer, AssetId asset, BigInteger change)
    {
        var place = (account, transfer, asset);
        _held[place] = _held.GetValueOrDefault(place) + change;
        Count(account, asset, change);
    }

    private void Count(AccountId account, AssetId asset, BigInteger change)
    {
        if (_values.Terms(asset) is { IsCash: false, Pool: var pool })
        {
            PoolOf(pool).Count(change, _scopes.Has(account, asset));
        }
    }

    private MeasuredPool PoolOf(AssetId pool) =>
        _pools.TryGetValue(pool, out var measured) ? measured : _pools[pool] = new MeasuredPool();

    /// <summary>What came to the units outside, or left them.</summary>
    private void Take(NarrowEntry entry, BookRows rows)
    {
        // What was cash until terms changed was counted there.
        foreach (var lot in rows.Acquisitions.Where(lot => lot.Origin != LotOrigin.Cash))
        {
            if (!_scopes.Has(lot.Account, lot.Asset))
            {
                PoolOf(lot.Pool).Bring(lot.Quantity.Units, lot.Cost?.Attos ?? BigInteger.Zero);
            }
        }

        foreach (var disposal in rows.Disposals)
        {
            if (!_scopes.Has(disposal.Account, disposal.Asset))
            {
                PoolOf(disposal.Pool).Take(disposal.Quantity.Units);
            }
        }

        foreach (var fee in rows.Expenses.Where(fee => IsRehomed(fee, rows)))
        {
            PoolOf(_values.Terms(fee.Asset).Pool).Lose(fee.Quantity.Units);
        }

        if (entry.Event is AssetWrapped { From: var from, To: var to }
            && rows.Moves.FirstOrDefault(move => move.From.Pool != move.To.Pool) is { } moved)
        {
            var source = PoolOf(moved.From.Pool);
            var isIn = _scopes.Has(from.Account, from.Asset);
            var value = isIn ? _values.Of(moved.From.Pool, moved.Left, entry.EffectiveAt).Amount?.Attos : null;
            var carried = isIn || !source.IsMeasured ? value ?? moved.Cost.Attos : source.Take(moved.Left.Units);
            if (!_scopes.Has(to.Account, to.Asset))
            {
                PoolOf(moved.To.Pool).Bring(moved.Reached.Units, carried);
            }
        }
    }

    /// <summary>Whether a fee outside the scope left its cost with the units that moved (Lots/SPEC 16.5).</summary>
    private bool IsRehomed(Expense fee, BookRows rows) => fee.Kind == ExpenseKind.Fee
        && !_values.Terms(fee.Asset).IsCash
        && !_scopes.Has(fee.Account, fee.Asset)
        && _policy is { IsWindowed: false, Terms.Conventions.TransferFee: TransferFee.Rehomed }
        && rows.Disposals.All(disposal => disposal.Leg != fee.Leg);

    /// <summary>What went from one side to the other takes along what it is carried at (SPEC 2.3).</summary>
    private void Settle(EntryRows happened)
    {
        foreach (var (asset, pool) in _pools)
        {
            if (pool.IsIdle)
            {
                continue;
            }

            if (pool.Gone is { Sign: > 0 } gone)
            {
                var value = _values.Of(asset, new Quantity(gone), happened.Entry.EffectiveAt).Amount?.Attos;
                pool.Bring(gone, value ?? CostOf(asset, gone, happened.State()));
            }
            else if (pool.Gone is { Sign: < 0 } back)
            {
                pool.Take(-back);
            }

            if (pool.BeginsMeasured)
            {
                pool.Begin(OpenOf(asset, happened.State())?.Cost.Attos ?? BigInteger.Zero);
            }

            pool.End();
        }
    }

    private static OpenTotals? OpenOf(AssetId asset, BookState state) =>
        state.OpenTotals().FirstOrDefault(open => open.Pool == asset);

    /// <summary>Without a price units that leave the scope stay what they cost.</summary>
    private static BigInteger CostOf(AssetId asset, BigInteger units, BookState state) =>
        OpenOf(asset, state) is { Quantity: { IsZero: false } all } open
            ? Rounding.DivideFloor(open.Cost.Attos * BigInteger.Min(units, all.Units), all.Units)
            : BigInteger.Zero;

    /// <summary>Takes the movements of one entry.</summary>
    private readonly struct Moving(MeasurementFold fold) : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut) =>
            fold.Hold(account, default, asset, isOut ? -units.Units : units.Units);

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut)
        {
            // What is owed is no holding.
        }
    }
}
