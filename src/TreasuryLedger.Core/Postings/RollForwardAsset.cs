using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>One asset of a roll-forward while it is added up.</summary>
internal sealed class RollForwardAsset
{
    private readonly SortedDictionary<RollForwardKind, RollForwardMovement> _movements = [];
    private Quantity _openingUnits;
    private Amount _openingCost;
    private Quantity _transferred;
    private Quantity _closingUnits;
    private Amount _closingCost;
    private Amount _proceeds;
    private Amount _costBasis;
    private Amount _gains;
    private Amount _losses;
    private int _incomplete;
    private int _costMissing;

    public void Open(PoolTotals pool)
    {
        _openingUnits += pool.Balance;
        _openingCost += pool.OpenCost;
    }

    public void Close(PoolTotals pool)
    {
        _closingUnits += pool.Balance;
        _closingCost += pool.OpenCost;
    }

    public void Transfer(Quantity units) => _transferred += units;

    public void Add(RollForwardKind kind, Quantity units, Amount? cost)
    {
        _costMissing += cost is null ? 1 : 0;
        var before = _movements.GetValueOrDefault(kind) ?? new RollForwardMovement(kind, default, default);
        _movements[kind] = before with
        {
            Quantity = before.Quantity + units,
            Cost = before.Cost + (cost ?? Amount.Zero),
        };
    }

    public void Add(Disposal disposal)
    {
        Add(KindOf(disposal.Kind), -disposal.Quantity, -disposal.MatchedCost);
        _incomplete += disposal.IsComplete ? 0 : 1;
        if (disposal.MatchedGain is { } gain)
        {
            _proceeds += disposal.MatchedProceeds!.Value;
            _costBasis += disposal.MatchedCost;
            _gains += gain.Sign > 0 ? gain : Amount.Zero;
            _losses += gain.Sign < 0 ? gain : Amount.Zero;
        }
    }

    /// <summary>
    /// What came in the span changed what disposals before it took, and so what was there at its beginning.
    /// </summary>
    public void Rematch()
    {
        var moved = _movements.Values.Aggregate(Amount.Zero, (sum, movement) => sum + movement.Cost);
        var changed = _closingCost - _openingCost - moved;
        if (!changed.IsZero)
        {
            Add(RollForwardKind.Rematched, Quantity.Zero, changed);
        }
    }

    public RollForwardRow ToRow(AssetId asset) => new(
        asset, _openingUnits, _openingCost, [.. _movements.Values], _transferred, _closingUnits, _closingCost,
        _proceeds, _costBasis, _gains, _losses, _incomplete, _costMissing);

    private static RollForwardKind KindOf(DisposalKind kind) => kind switch
    {
        DisposalKind.Sale => RollForwardKind.Sale,
        DisposalKind.Payment => RollForwardKind.Payment,
        DisposalKind.Fee => RollForwardKind.Fee,
        DisposalKind.Repayment => RollForwardKind.Repayment,
        DisposalKind.Liquidation => RollForwardKind.Liquidation,
        DisposalKind.Conversion => RollForwardKind.Conversion,
        DisposalKind.Handover => RollForwardKind.Handover,
        DisposalKind.Relocation => RollForwardKind.Relocation,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such disposal."),
    };
}
