using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Statements;

/// <summary>A treasury's exposure and limits at a viewpoint.</summary>
public sealed class RiskAt
{
    private readonly TreasuryAt _at;
    private readonly Lazy<PositionAccounts> _accounts;

    /// <summary>Looks at a treasury.</summary>
    /// <param name="at">The treasury at its viewpoint.</param>
    /// <param name="version">Whose arithmetic counts; absent: the one that each market runs.</param>
    public RiskAt(TreasuryAt at, AaveVersion? version = null)
    {
        ArgumentNullException.ThrowIfNull(at);
        _at = at;
        _accounts = new Lazy<PositionAccounts>(() => PositionAccounts.Of(
            at.Positions, at.Registers, at.Markets, at.Viewpoint.AsOf, version, at.State.Facts));
        Book = BookOf(at);
        Gross = new GrossExposure(
            at.Registers,
            at.Valuer,
            at.State.Balances().Select(one => new PlacedUnits(one.Account, one.Asset, one.Quantity))
                .Concat(at.Positions.SelectMany(position => position.Collateral
                    .Where(one => one.Side?.Accrued is { IsZero: false })
                    .Select(one => new PlacedUnits(position.Account, one.Asset, one.Side!.Value.Accrued!.Value))))
                .Concat(at.State.InTransit(at.Viewpoint.AsOf)
                    .Select(one => new PlacedUnits(null, one.Asset, one.Remaining))),
            at.State.Debts().Select(one => new PlacedUnits(one.Position, one.Asset, one.Quantity))
                .Concat(at.Positions.SelectMany(position => position.Debts
                    .Where(one => one.Side?.Accrued is { IsZero: false })
                    .Select(one => new PlacedUnits(position.Account, one.Asset, one.Side!.Value.Accrued!.Value)))),
            at.Viewpoint.AsOf);
    }

    /// <summary>What was said of limits, playbooks and alerts, as known.</summary>
    public RiskBook Book { get; }

    /// <summary>What is held and owed.</summary>
    public GrossExposure Gross { get; }

    /// <summary>The lending positions as accounts of their markets.</summary>
    public PositionAccounts Accounts => _accounts.Value;

    /// <summary>The limits in force.</summary>
    public RiskLimits Limits => Book.LimitsAt(_at.Registers.Treasury!, _at.Viewpoint.AsOf);

    /// <summary>What was said of limits, playbooks and alerts, as known at a treasury's viewpoint.</summary>
    public static RiskBook BookOf(TreasuryAt at)
    {
        ArgumentNullException.ThrowIfNull(at);
        return new RiskBook(at.Log.Risks(at.Question.Position).Select(RiskEntry.Of));
    }

    /// <summary>Every limit that does not hold.</summary>
    /// <param name="limits">Other limits than those in force.</param>
    public ImmutableArray<BrokenLimit> Broken(RiskLimits? limits = null)
    {
        var asked = limits ?? Limits;
        return asked.IsNone()
            ? []
            : [.. LimitCheck.Broken(asked, Gross, Accounts, _at.Registers, _at.Valuer, _at.Viewpoint.AsOf)];
    }
}
