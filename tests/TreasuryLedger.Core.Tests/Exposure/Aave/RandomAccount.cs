using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>
/// Accounts at random: reserves 0 and 1 move, 2 and 3 are pegged; any of them may be supplied and owed, with grown
/// indices and rates at work.
/// </summary>
internal static class RandomAccount
{
    private static readonly int[] Decimals = [18, 8, 6, 6];
    private static readonly int[] Prices = [2_300, 70_000, 1, 1];

    /// <summary>Whatever comes, also without debt or far under water.</summary>
    public static readonly Gen<AaveAccount> Any =
        from version in Gen.Enum<AaveVersion>()
        from reserves in Gen.Select(Reserve(0), Reserve(1), Reserve(2), Reserve(3))
        from supply in Gen.Int[0, 1_000_000].Array[4]
        from debt in Gen.Int[0, 1_000_000].Array[4]
        from has in Gen.Bool.Array[8]
        from later in Gen.Int[0, 40_000_000]
        select new AaveAccount
        {
            Version = version,
            Now = later,
            Reserves = [reserves.Item1, reserves.Item2, reserves.Item3, reserves.Item4],
            Holdings =
            [
                .. Enumerable.Range(0, 4).Select(id => new AaveHolding(
                    id, has[id] ? Units(id, supply[id]) : 0, true, has[4 + id] ? Units(id, debt[id]) : 0)),
            ],
        };

    /// <summary>Volatile collateral against pegged debt, with a health factor above 1.</summary>
    public static readonly Gen<AaveAccount> Healthy =
        from account in Any
        from worth in Gen.Int[20_000, 10_000_000]
        from part in Gen.Int[100, 780]
        select (account with { Holdings = [] })
            .With(account.Reserve(0) with { LiquidationThresholdBps = 8_300 })
            .Supply(0, worth * BigInteger.Pow(10, 18) / 2_300)
            .Borrow(2, (BigInteger)worth * part * 1_000);

    private static BigInteger Units(int id, int dollars) =>
        dollars * BigInteger.Pow(10, Decimals[id]) / Prices[id];

    private static Gen<AaveReserve> Reserve(int id) =>
        from cents in Gen.Int[95, 105]
        from dust in Gen.Int[0, 99_999]
        from threshold in Gen.Int[50, 95]
        from growth in Gen.Int[0, 900_000_000]
        from supplyRate in Gen.Int[0, 80]
        from borrowRate in Gen.Int[0, 150]
        select new AaveReserve
        {
            Id = id,
            Decimals = Decimals[id],
            Price8 = ((BigInteger)Prices[id] * cents * 1_000_000) + dust,
            LtvBps = (threshold * 100) - 300,
            LiquidationThresholdBps = threshold * 100,
            LiquidationBonusBps = 10_450,
            ProtocolFeeBps = 1_000,
            LiquidityIndex = WadRayMath.Ray + (growth * BigInteger.Pow(10, 18)) + 7,
            VariableBorrowIndex = WadRayMath.Ray + (2 * growth * BigInteger.Pow(10, 18)) + 11,
            LiquidityRate = supplyRate * BigInteger.Pow(10, 24),
            VariableBorrowRate = borrowRate * BigInteger.Pow(10, 24),
            LastUpdate = 0,
        };
}
