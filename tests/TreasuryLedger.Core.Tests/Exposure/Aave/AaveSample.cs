using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>Accounts in whole tokens, for examples: reserve 0 is the collateral, reserve 1 the debt.</summary>
internal static class AaveSample
{
    public const int Collateral = 0;
    public const int Debt = 1;

    public static AaveAccount Account(
        string collateral, string price, string debt, string threshold = "0.83", string ltv = "0.805") => new()
        {
            Version = AaveVersion.V36,
            Now = 0,
            Reserves =
            [
                Reserve(Collateral, 18, price) with { LtvBps = Bps(ltv), LiquidationThresholdBps = Bps(threshold) },
                Reserve(Debt, 6, "1") with { LtvBps = 7_500, LiquidationThresholdBps = 7_800 },
            ],
            Holdings =
            [
                new AaveHolding(Collateral, Units(collateral, 18), true, 0),
                new AaveHolding(Debt, 0, false, Units(debt, 6)),
            ],
        };

    public static AaveReserve Reserve(int id, int decimals, string price) => new()
    {
        Id = id,
        Decimals = decimals,
        Price8 = Units(price, 8),
        LtvBps = 8_050,
        LiquidationThresholdBps = 8_300,
        LiquidationBonusBps = 10_500,
        ProtocolFeeBps = 1_000,
        LiquidityIndex = WadRayMath.Ray,
        VariableBorrowIndex = WadRayMath.Ray,
        LiquidityRate = 0,
        VariableBorrowRate = 0,
        LastUpdate = 0,
    };

    public static BigInteger Units(string tokens, int decimals) =>
        Quantity.TryFromTokens(ExactDecimal.Parse(tokens), decimals, out var units)
            ? units.Units
            : throw new FormatException(tokens);

    public static string Tokens(BigInteger units, int decimals) => new ExactDecimal(units, decimals).ToString();

    public static string HealthFactor(AccountData data) =>
        data.HealthFactor == Uint256.Max ? "max" : Tokens(data.HealthFactor, 18);

    public static LiquidationResult LiquidateAll(AaveAccount account) =>
        LiquidationCall.Execute(account, new LiquidationRequest(Collateral, Debt, Uint256.Max));

    /// <summary>The rows of a table under a heading of the specification beside the code, cell by cell.</summary>
    public static IEnumerable<string[]> Table(string heading) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Exposure", "SPEC.md"))
            .SkipWhile(line => line != "## " + heading)
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith('|') && !line.StartsWith("|-", StringComparison.Ordinal))
            .Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static int Bps(string part) => (int)Units(part, 4);
}
