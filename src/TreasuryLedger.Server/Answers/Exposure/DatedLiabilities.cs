using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Liabilities;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>What is owed and what is free, each with its day.</summary>
internal sealed class DatedLiabilities
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    private readonly Seen _seen;
    private readonly LendingTerms _terms;
    private readonly int _haircutBps;
    private readonly HashSet<AccountId> _liquidatable;

    public DatedLiabilities(SeenExposure exposure, int haircutBps)
    {
        _seen = exposure.Seen;
        _haircutBps = haircutBps;
        _terms = new LendingTerms(_seen.At.State.Facts, _seen.At.Markets, _seen.Zone);
        Ladder = new LiabilityLadder(Now, _seen.Zone);
        _liquidatable =
        [
            // Of a loan without such a level nothing is sold, whatever it secures.
            .. exposure.Accounts.Whole.Where(one => AccountData.Of(one.Value).IsLiquidatable
                    && _terms.LoanOf(one.Key, Now) is null or { LiquidationLoanToValue: not null })
                .Select(one => one.Key),
        ];
        Debts =
        [
            .. _seen.At.Positions.SelectMany(position => position.Debts.Where(debt => debt.Quantity.Sign > 0)
                .Select(debt => Debt(Registers.Accounts[position.Account!.Value], debt))),
        ];
        Assets =
        [
            .. Free().OrderBy(one => one.Asset).ThenBy(one => one.Account).ThenBy(one => one.FreeAt is null)
                .ThenBy(one => one.FreeAt),
        ];
    }

    public LiabilityLadder Ladder { get; }

    public ImmutableArray<LiabilityDebtRow> Debts { get; }

    public ImmutableArray<LiabilityAssetRow> Assets { get; }

    private Registers Registers => _seen.At.Registers;

    private Instant Now => _seen.Standpoint.AsOf;

    public bool IsMoving(AssetId asset) => LimitCheck.IsMoving(Registers, asset);

    /// <summary>Interest that is owed and earned at the rates of now.</summary>
    public CarryRow Carry()
    {
        var lacking = new List<string>();
        CostOfCarry? paid = default(CostOfCarry), earned = default(CostOfCarry);
        var debt = Amount.Zero;
        foreach (var row in Debts)
        {
            debt += row.Value ?? Amount.Zero;
            paid = row.PerDay is { } day
                ? paid + new CostOfCarry(day, row.PerYear!.Value)
                : Lack(row.Account, row.Asset);
        }

        foreach (var position in _seen.At.Positions)
        {
            var account = Registers.Accounts[position.Account!.Value];
            foreach (var held in position.Collateral.Where(one => one.Quantity.Sign > 0))
            {
                earned = _terms.Of(account, held.Asset, Now).SupplyRate is { } rate && held.Valuation.Value is { } value
                    ? earned + CostOfCarry.Of(value, rate)
                    : Lack(account.Account, held.Asset);
            }
        }

        var net = paid - earned;
        return new CarryRow(
            paid?.PerDay, earned?.PerDay, net?.PerDay, paid?.PerYear, earned?.PerYear, net?.PerYear,
            net is { } cost && debt.Sign > 0 ? ExactDecimal.RatioFloor(cost.PerYear.Attos, debt.Attos) : null,
            [.. lacking.Order(StringComparer.Ordinal)]);

        CostOfCarry? Lack(AccountId account, AssetId asset)
        {
            lacking.Add($"{account}:{asset}");
            return null;
        }
    }

    private LiabilityDebtRow Debt(AccountRegistered account, ValuedDebt debt)
    {
        var loan = _terms.LoanOf(account.Account, Now);
        var isLiquidatable = _liquidatable.Contains(account.Account);
        var recalled = loan?.RecallNoticeDays is { } notice ? Now.Plus(notice * MicrosecondsPerDay) : (Instant?)null;
        var callable = isLiquidatable ? Now : Earliest(loan?.MaturesAt, recalled);
        var rate = _terms.Of(account, debt.Asset, Now).BorrowRate;
        // A loan's interest bears none until it is booked.
        var bearing = loan is not null && debt.Side?.Accrued is { } accrued ? debt.Quantity - accrued : debt.Quantity;
        var cost = rate is { } known && _seen.At.Valuer.Value(debt.Asset, bearing, Now).Value is { } value
            ? CostOfCarry.Of(value, known, loan?.Days)
            : (CostOfCarry?)null;
        return new LiabilityDebtRow(
            account.Account, account.Venue, debt.Asset, _seen.Tokens(debt.Asset, debt.Quantity), debt.Valuation.Value,
            loan?.MaturesAt, loan?.RecallNoticeDays, callable, Ladder.BandOf(loan?.MaturesAt), Ladder.BandOf(callable),
            isLiquidatable, rate, cost?.PerDay, cost?.PerYear);
    }

    private static Instant? Earliest(Instant? left, Instant? right) =>
        left is { } one && right is { } other ? (one < other ? one : other) : left ?? right;

    /// <summary>Units at places that secure nothing: free now, or when what keeps them ends.</summary>
    private IEnumerable<LiabilityAssetRow> Free()
    {
        var places = new ExposedPlaces(_seen, new RiskAt(_seen.At).Gross);
        var waiting = places.Locks.Where(one => one.Reason != LockReason.Pledged).ToList();
        var pledged = places.Locks.Where(one => one.Reason == LockReason.Pledged)
            .Select(one => one.Account).ToHashSet();
        foreach (var units in places.Held.Where(one => one.Account is not null && !pledged.Contains(one.Account))
            .GroupBy(one => (one.Account, one.Asset)))
        {
            var decimals = Registers.DecimalsOf(units.Key.Asset);
            var left = units.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Quantity.Units);
            foreach (var kept in waiting.Where(one =>
                (one.Account, one.Asset) == units.Key && one.Reason != LockReason.InTransit))
            {
                kept.Quantity.TryMantissaAt(decimals, out var most);
                var part = BigInteger.Max(0, BigInteger.Min(left, most));
                left -= part;
                yield return Row(units.Key.Account, units.Key.Asset, part, kept.Until, kept.Reason);
            }

            yield return Row(units.Key.Account, units.Key.Asset, BigInteger.Max(0, left), Now, null);
        }

        foreach (var way in waiting.Where(one => one.Reason == LockReason.InTransit))
        {
            way.Quantity.TryMantissaAt(Registers.DecimalsOf(way.Asset), out var units);
            // What is overdue comes nobody knows when.
            yield return Row(way.Account, way.Asset, units, way.Until >= Now ? way.Until : null, way.Reason);
        }
    }

    private LiabilityAssetRow Row(AccountId? account, AssetId asset, BigInteger units, Instant? at, LockReason? waits)
    {
        var value = _seen.At.Valuer.Value(asset, new Quantity(units), Now).Value;
        var counted = value is { } worth && IsMoving(asset)
            ? new Amount(worth.Attos * (PercentageMath.One - _haircutBps) / PercentageMath.One)
            : value;
        return new LiabilityAssetRow(
            account, asset, _seen.Tokens(asset, new Quantity(units)), value, counted, at, Ladder.BandOf(at), waits);
    }
}
