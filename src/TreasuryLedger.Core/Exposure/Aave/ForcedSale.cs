using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>One liquidation of a forced sale.</summary>
/// <param name="Account">Whose.</param>
/// <param name="CollateralId">What was seized.</param>
/// <param name="DebtId">What was paid.</param>
/// <param name="Price8">The price of the falling asset when it happened, 10⁻⁸ of the base currency.</param>
/// <param name="Result">What the contract did.</param>
/// <param name="Seized">Worth of all that was seized, in 10⁻⁸ of the base currency, down.</param>
/// <param name="Covered">Worth of the debt that was paid, up.</param>
public sealed record ForcedCall(
    AccountId Account,
    int CollateralId,
    int DebtId,
    BigInteger Price8,
    LiquidationResult Result,
    BigInteger Seized,
    BigInteger Covered)
{
    /// <summary>What it cost the borrower beyond the debt paid.</summary>
    public BigInteger Penalty => Seized - Covered;
}

/// <summary>What is left after liquidators took all that they may.</summary>
/// <param name="Calls">In order; empty if no account may be liquidated.</param>
/// <param name="Price8">The price of the falling asset at the end.</param>
/// <param name="After">The accounts at the end, at that price.</param>
public sealed record ForcedSaleResult(
    ImmutableArray<ForcedCall> Calls,
    BigInteger Price8,
    ImmutableSortedDictionary<AccountId, AaveAccount> After)
{
    /// <summary>Worth of all that was seized.</summary>
    public BigInteger Seized => Calls.Aggregate(BigInteger.Zero, (sum, call) => sum + call.Seized);

    /// <summary>Worth of all debt that was paid.</summary>
    public BigInteger Covered => Calls.Aggregate(BigInteger.Zero, (sum, call) => sum + call.Covered);

    /// <summary>What it all cost beyond the debt paid.</summary>
    public BigInteger Penalty => Seized - Covered;

    /// <summary>Collateral less debt of all accounts at the end.</summary>
    public BigInteger Equity =>
        After.Values.Aggregate(BigInteger.Zero, (sum, account) => sum + AccountData.Of(account).Equity);

    /// <summary>
    /// The slippage at which a sale would have cost as much: the part of the seized that paid no debt, rounded down at
    /// 10⁻¹⁸; absent if nothing was seized.
    /// </summary>
    public ExactDecimal? BreakEvenSlippage => Seized.Sign > 0 ? ExactDecimal.RatioFloor(Penalty, Seized) : null;
}

/// <summary>
/// Liquidators at work on accounts whose collateral they sell into one market, so that the price falls on (SPEC 6).
/// </summary>
public static class ForcedSale
{
    /// <summary>The simulation ends after so many calls.</summary>
    public const int CallsMax = 10_000;

    /// <summary>
    /// Takes the unhealthiest account, carries out the largest call on it, sells what the liquidator got, and begins
    /// again at the new price, until no account may be liquidated.
    /// </summary>
    /// <param name="accounts">Accounts by id, with the reserve among theirs.</param>
    /// <param name="id">The reserve whose price falls.</param>
    /// <param name="price8">The price at which it begins, 10⁻⁸ of the base currency.</param>
    /// <param name="curve">By how much sales move it; absent: not at all.</param>
    public static ForcedSaleResult Of(
        IEnumerable<KeyValuePair<AccountId, AaveAccount>> accounts, int id, BigInteger price8, DepthCurve? curve = null)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        var left = accounts.ToImmutableSortedDictionary(one => one.Key, one => one.Value.WithPrice(id, price8));
        var calls = ImmutableArray.CreateBuilder<ForcedCall>();
        var stuck = ImmutableHashSet<AccountId>.Empty;
        var (price, sold) = (price8, BigInteger.Zero);
        while (calls.Count < CallsMax && Unhealthiest(left, stuck) is { } next)
        {
            if (LargestCall(left[next]) is not { } call)
            {
                stuck = stuck.Add(next);
                continue;
            }

            var account = left[next];
            var (request, result) = call;
            calls.Add(new ForcedCall(
                next,
                request.CollateralId,
                request.DebtId,
                price,
                result,
                Worth(account.Reserve(request.CollateralId), result.CollateralReceived + result.ProtocolFee),
                WorthUp(account.Reserve(request.DebtId), result.DebtCovered)));
            left = left.SetItem(next, result.After);
            if (request.CollateralId == id && curve is not null)
            {
                sold += result.CollateralReceived;
                price = price8 * (PercentageMath.One - curve.ImpactBps(sold)) / PercentageMath.One;
                left = left.ToImmutableSortedDictionary(one => one.Key, one => one.Value.WithPrice(id, price));
            }
        }

        return new ForcedSaleResult(calls.ToImmutable(), price, left);
    }

    /// <summary>
    /// The call that a liquidator would make: the collateral worth most for the debt worth most, and as much of it as
    /// the contract takes.
    /// </summary>
    /// <returns><c>null</c> if the contract takes none.</returns>
    public static (LiquidationRequest Request, LiquidationResult Result)? LargestCall(AaveAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var pairs =
            from held in account.Holdings.Where(held => held.IsCollateral)
            from owed in account.Holdings.Where(owed => owed.IsBorrowing)
            orderby account.SuppliedBase(held.ReserveId) descending, account.OwedBase(owed.ReserveId) descending
            select new LiquidationRequest(held.ReserveId, owed.ReserveId, Uint256.Max);
        foreach (var pair in pairs)
        {
            if (Largest(account, pair) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static (LiquidationRequest Request, LiquidationResult Result)? Largest(
        AaveAccount account, LiquidationRequest request)
    {
        if (Try(account, request) is { } all)
        {
            return (request, all);
        }

        // Too little would be left on one side: less is asked for, so that enough stays on both.
        var data = AccountData.Of(account);
        var refused = data.IsLiquidatable ? LiquidationCall.MostDebt(account, request, data) : BigInteger.Zero;
        var taken = refused / 2;
        while (!taken.IsZero && Try(account, request with { DebtToCover = taken }) is null)
        {
            (refused, taken) = (taken, taken / 2);
        }

        if (taken.IsZero)
        {
            return null;
        }

        refused = Border.First(taken, refused, units => Try(account, request with { DebtToCover = units }) is null);
        var largest = request with { DebtToCover = refused - 1 };
        return (largest, Try(account, largest)!);
    }

    private static LiquidationResult? Try(AaveAccount account, LiquidationRequest request)
    {
        try
        {
            var done = LiquidationCall.Execute(account, request);
            return done.DebtCovered.IsZero || done.CollateralReceived.IsZero ? null : done;
        }
        catch (AaveRevertException)
        {
            return null;
        }
    }

    private static AccountId? Unhealthiest(
        ImmutableSortedDictionary<AccountId, AaveAccount> accounts, ImmutableHashSet<AccountId> stuck) => accounts
        .Where(one => !stuck.Contains(one.Key))
        .Select(one => (one.Key, Data: AccountData.Of(one.Value)))
        .Where(one => one.Data.IsLiquidatable)
        .OrderBy(one => one.Data.HealthFactor)
        .ThenBy(one => one.Key)
        .Select(one => (AccountId?)one.Key)
        .FirstOrDefault();

    private static BigInteger Worth(AaveReserve reserve, BigInteger units) =>
        Uint256.MulDiv(units, reserve.Price8, reserve.Unit);

    private static BigInteger WorthUp(AaveReserve reserve, BigInteger units) =>
        Uint256.MulDivUp(units, reserve.Price8, reserve.Unit);
}
