using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>One asset of an Aave market as the contract has it: terms, indices, rates and price.</summary>
public sealed record AaveReserve
{
    // Accounts of a market share a reserve, and ask it for one second again and again.
    private readonly LastIndex _supply = new();
    private readonly LastIndex _debt = new();

    /// <summary>Its number in the market; e-modes name reserves by it.</summary>
    public required int Id { get; init; }

    /// <summary>A label; no rule reads it.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>Digits between a whole token and its smallest unit.</summary>
    public required int Decimals { get; init; }

    /// <summary>The oracle's price of a whole token, in 10⁻⁸ of the base currency; 0 is worth nothing.</summary>
    public required BigInteger Price8 { get; init; }

    /// <summary>Most that may be borrowed against it, in basis points; 0 has rules of its own.</summary>
    public required int LtvBps { get; init; }

    /// <summary>Part of its value that counts in the health factor, in basis points.</summary>
    public required int LiquidationThresholdBps { get; init; }

    /// <summary>What a liquidator gets for each unit of value, in basis points: 10,500 is a bonus of 5 %.</summary>
    public required int LiquidationBonusBps { get; init; }

    /// <summary>The protocol's part of the bonus, in basis points.</summary>
    public int ProtocolFeeBps { get; init; }

    /// <summary>The protocol's part of the interest, in basis points.</summary>
    public int ReserveFactorBps { get; init; }

    /// <summary>Units a scaled unit supplied is worth, a ray, at <see cref="LastUpdate"/>.</summary>
    public required BigInteger LiquidityIndex { get; init; }

    /// <summary>Units a scaled unit owed is worth, a ray, at <see cref="LastUpdate"/>.</summary>
    public required BigInteger VariableBorrowIndex { get; init; }

    /// <summary>Yearly rate of supply, a ray.</summary>
    public required BigInteger LiquidityRate { get; init; }

    /// <summary>Yearly rate of debt, a ray.</summary>
    public required BigInteger VariableBorrowRate { get; init; }

    /// <summary>Unix seconds of the indices.</summary>
    public required long LastUpdate { get; init; }

    /// <summary>Whether it takes no part in anything: whatever names it reverts.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether nothing new may be supplied or borrowed; what is there may leave and be repaid.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Whether who owes it may owe nothing else.</summary>
    public bool IsSiloed { get; init; }

    /// <summary>Whether it may be borrowed against an isolated collateral.</summary>
    public bool IsBorrowableInIsolation { get; init; }

    /// <summary>Most units that all may supply; 0: no limit.</summary>
    public BigInteger SupplyCap { get; init; }

    /// <summary>Most units that all may owe; 0: no limit.</summary>
    public BigInteger BorrowCap { get; init; }

    /// <summary>Units that all have supplied; absent: the account's own are all that is known of.</summary>
    public BigInteger? TotalSupplied { get; init; }

    /// <summary>Units that all owe; absent: the account's own are all that is known of.</summary>
    public BigInteger? TotalOwed { get; init; }

    /// <summary>Units that can be withdrawn or borrowed; absent: nobody said.</summary>
    public BigInteger? Available { get; init; }

    /// <summary>Unix second up to which (inclusive) liquidations that name it revert; absent: none.</summary>
    public long? GraceUntil { get; init; }

    /// <summary>
    /// Most debt against it while it is an isolated collateral, in 10⁻² of the base currency; 0: it is not isolated.
    /// Version 3.7 has no such thing.
    /// </summary>
    public BigInteger DebtCeiling2 { get; init; }

    /// <summary>Debt so far against it as an isolated collateral, in 10⁻² of the base currency.</summary>
    public BigInteger IsolatedDebt2 { get; init; }

    /// <summary>Smallest units in a whole token.</summary>
    public BigInteger Unit => PowerOfTen.Of(Decimals);

    /// <summary>Units a scaled unit supplied is worth at a second, a ray.</summary>
    /// <param name="at">Unix seconds, not before <see cref="LastUpdate"/>.</param>
    public BigInteger SupplyIndex(long at) => _supply.Of(this, at, static (reserve, second) =>
        WadRayMath.RayMul(
            InterestMath.Linear(reserve.LiquidityRate, reserve.LastUpdate, second), reserve.LiquidityIndex));

    /// <summary>Units a scaled unit owed is worth at a second, a ray.</summary>
    /// <inheritdoc cref="SupplyIndex"/>
    public BigInteger DebtIndex(long at) => _debt.Of(this, at, static (reserve, second) =>
        WadRayMath.RayMul(
            InterestMath.Compounded(reserve.VariableBorrowRate, reserve.LastUpdate, second),
            reserve.VariableBorrowIndex));

    /// <summary>The same reserve with its indices brought to a second, where other rates can begin.</summary>
    /// <inheritdoc cref="SupplyIndex"/>
    public AaveReserve Touched(long at) => this with
    {
        LiquidityIndex = SupplyIndex(at),
        VariableBorrowIndex = DebtIndex(at),
        LastUpdate = at,
    };

    /// <summary>The index of a side at the second it was asked for last; nothing that tells reserves apart.</summary>
    private sealed class LastIndex
    {
        private Asked? _last;

        /// <summary>The index at a second.</summary>
        public BigInteger Of(AaveReserve reserve, long second, Func<AaveReserve, long, BigInteger> grown)
        {
            // A copy with other rates has the same of these.
            var last = Volatile.Read(ref _last);
            if (last is null || last.Second != second || !ReferenceEquals(last.Reserve, reserve))
            {
                last = new Asked(reserve, second, grown(reserve, second));
                Volatile.Write(ref _last, last);
            }

            return last.Index;
        }

        public override bool Equals(object? obj) => obj is LastIndex;

        public override int GetHashCode() => 0;

        private sealed class Asked(AaveReserve reserve, long second, BigInteger index)
        {
            public AaveReserve Reserve => reserve;

            public long Second => second;

            public BigInteger Index => index;
        }
    }
}

/// <summary>
/// An efficiency mode: a group of assets that move together, with terms of its own for accounts that chose it.
/// </summary>
/// <param name="Id">Its number, 1 or more.</param>
/// <param name="LtvBps">Most that may be borrowed against its collateral, in basis points.</param>
/// <param name="LiquidationThresholdBps">Part of its collateral's value that counts in the health factor.</param>
/// <param name="LiquidationBonusBps">What a liquidator of its collateral gets, in basis points.</param>
/// <param name="Collateral">Reserves that it is about as collateral.</param>
/// <param name="Borrowable">Reserves that may be borrowed in it.</param>
/// <param name="LtvZero">Reserves that nothing may be borrowed against in it (from 3.6 on).</param>
/// <param name="IsIsolated">Whether other collateral has a loan-to-value of 0 in it (from 3.7 on).</param>
public sealed record AaveEMode(
    int Id,
    int LtvBps,
    int LiquidationThresholdBps,
    int LiquidationBonusBps,
    ImmutableHashSet<int> Collateral,
    ImmutableHashSet<int> Borrowable,
    ImmutableHashSet<int> LtvZero,
    bool IsIsolated = false);

/// <summary>What an account has in one reserve, in scaled units.</summary>
/// <param name="ReserveId">Which reserve.</param>
/// <param name="ScaledSupply">Supplied, divided by the supply index; 0 or more.</param>
/// <param name="CollateralEnabled">Whether its owner lets it be collateral.</param>
/// <param name="ScaledDebt">Owed, divided by the debt index; 0 or more.</param>
public sealed record AaveHolding(int ReserveId, BigInteger ScaledSupply, bool CollateralEnabled, BigInteger ScaledDebt)
{
    /// <summary>Whether it is collateral: enabled, and anything is there.</summary>
    public bool IsCollateral => CollateralEnabled && !ScaledSupply.IsZero;

    /// <summary>Whether anything is owed.</summary>
    public bool IsBorrowing => !ScaledDebt.IsZero;
}
