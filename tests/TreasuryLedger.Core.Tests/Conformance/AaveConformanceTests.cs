using System.Globalization;
using System.Numerics;
using System.Text.Json;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>
/// Aave's own contracts, run in a local EVM: every figure matches to the last digit, and what reverts there reverts
/// here with the same name. What a vector expects is never changed.
/// </summary>
public sealed class AaveConformanceTests
{
    private static readonly List<AaveVector> Vectors = [.. Read()];

    public static TheoryData<string> Ids() => [.. Vectors.Select(vector => vector.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void the_contracts_figures_are_ours(string id)
    {
        var vector = Vectors.Single(found => found.Id == id);
        if (vector.Reverts)
        {
            Should.Throw<AaveRevertException>(() => Play(vector));
        }
        else
        {
            Play(vector).ShouldBe(Flat(vector.Out));
        }
    }

    [Fact]
    public void no_vector_was_lost() => Vectors
        .CountBy(vector => vector.Id.Split(' ')[0])
        .OrderBy(file => file.Key, StringComparer.Ordinal)
        .Select(file => $"{file.Key} {file.Value}")
        .ShouldBe(
        [
            "account 36", "interest 32", "interest-rates 14", "liquidation-v3.6 32", "liquidation-v3.7 32", "math 85",
            "token-math 28",
        ]);

    private static IEnumerable<AaveVector> Read()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Conformance", "aave");
        foreach (var path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var text = File.OpenRead(path);
            var file = JsonDocument.Parse(text).RootElement;
            var source = file.GetProperty("meta").GetProperty("source").GetString()!;
            foreach (var vector in file.GetProperty("vectors").EnumerateArray())
            {
                yield return new AaveVector(Path.GetFileNameWithoutExtension(path), source, vector);
            }
        }
    }

    private static List<string> Play(AaveVector vector) =>
        vector.IsLiquidation ? Liquidation(vector)
        : vector.IsRates ? Rates(vector)
        : vector.IsAccount ? Data(AccountData.Of(vector.Account()), "")
        : [": " + Operation(vector)];

    private static BigInteger Operation(AaveVector vector) => vector.Op switch
    {
        "compoundedInterest" => InterestMath.Compounded(
            vector.Units("rate"), vector.Seconds("lastUpdateTimestamp"), vector.Seconds("currentTimestamp")),
        "linearInterest" => InterestMath.Linear(
            vector.Units("rate"), vector.Seconds("lastUpdateTimestamp"), vector.Seconds("currentTimestamp")),
        "rayToWad" => WadRayMath.RayToWad(vector.Units("a")),
        "wadToRay" => WadRayMath.WadToRay(vector.Units("a")),
        "mulDivCeil" => Uint256.MulDivUp(vector.Units("a"), vector.Units("b"), vector.Units("c")),
        var op when op.StartsWith("aToken", StringComparison.Ordinal) => Tokens(vector, op),
        var op when op.StartsWith("vToken", StringComparison.Ordinal) => Tokens(vector, op),
        var op => Product(op, vector.Units("a"), vector.Units("b")),
    };

    private static BigInteger Tokens(AaveVector vector, string op)
    {
        var index = vector.Units("index");
        return op switch
        {
            "aTokenMintScaled" => TokenMath.SupplyMinted(vector.Units("amount"), index),
            "aTokenBurnScaled" => TokenMath.SupplyBurned(vector.Units("amount"), index),
            "aTokenTransferScaled" => TokenMath.SupplyMoved(vector.Units("amount"), index),
            "aTokenBalance" => TokenMath.SupplyBalance(vector.Units("amount"), index),
            "vTokenMintScaled" => TokenMath.DebtMinted(vector.Units("amount"), index),
            "vTokenBurnScaled" => TokenMath.DebtBurned(vector.Units("amount"), index),
            "vTokenBalance" => TokenMath.DebtBalance(vector.Units("amount"), index),
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
        };
    }

    private static BigInteger Product(string op, BigInteger a, BigInteger b) => op switch
    {
        "wadMul" => WadRayMath.WadMul(a, b),
        "wadDiv" => WadRayMath.WadDiv(a, b),
        "rayMul" => WadRayMath.RayMul(a, b),
        "rayMulFloor" => WadRayMath.RayMulDown(a, b),
        "rayMulCeil" => WadRayMath.RayMulUp(a, b),
        "rayDiv" => WadRayMath.RayDiv(a, b),
        "rayDivFloor" => WadRayMath.RayDivDown(a, b),
        "rayDivCeil" => WadRayMath.RayDivUp(a, b),
        "percentMul" => PercentageMath.PercentMul(a, b),
        "percentMulFloor" => PercentageMath.PercentMulDown(a, b),
        "percentMulCeil" => PercentageMath.PercentMulUp(a, b),
        "percentDiv" => PercentageMath.PercentDiv(a, b),
        "percentDivFloor" => PercentageMath.PercentDivDown(a, b),
        "percentDivCeil" => PercentageMath.PercentDivUp(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    private static List<string> Rates(AaveVector vector)
    {
        var strategy = new RateStrategy(
            vector.Number("optimalUsageRatioBps"),
            vector.Number("baseVariableBorrowRateBps"),
            vector.Number("variableRateSlope1Bps"),
            vector.Number("variableRateSlope2Bps"));
        var (supply, borrow) = strategy.Rates(
            vector.Units("virtualUnderlyingBalance") + vector.Units("liquidityAdded") - vector.Units("liquidityTaken"),
            vector.Units("totalDebt"),
            vector.Units("deficit"),
            vector.Number("reserveFactorBps"));
        return [$".liquidityRate: {supply}", $".variableBorrowRate: {borrow}"];
    }

    private static List<string> Liquidation(AaveVector vector)
    {
        var account = vector.Account();
        var before = Data(AccountData.Of(account), ".before");
        try
        {
            var done = LiquidationCall.Execute(account, vector.Request);
            return [.. before, .. After(done)];
        }
        catch (AaveRevertException reverted)
        {
            return [.. before, $".reverts: {reverted.Message}"];
        }
    }

    private static IEnumerable<string> After(LiquidationResult done)
    {
        yield return $".event.debtToCover: {done.DebtCovered}";
        yield return $".event.liquidatedCollateralAmount: {done.CollateralReceived}";
        yield return $".protocolFeeAmount: {done.ProtocolFee}";
        yield return $".protocolFeeScaled: {done.ProtocolFeeScaled}";
        foreach (var (at, deficit) in done.Deficits.Index())
        {
            yield return $".deficits.{at}.reserveId: {deficit.ReserveId}";
            yield return $".deficits.{at}.amount: {deficit.Units}";
        }

        foreach (var (at, held) in done.After.Holdings.Index())
        {
            yield return $".positionsAfter.{at}.reserveId: {held.ReserveId}";
            yield return $".positionsAfter.{at}.scaledSupply: {held.ScaledSupply}";
            yield return $".positionsAfter.{at}.scaledDebt: {held.ScaledDebt}";
        }

        foreach (var (at, held) in done.After.Holdings.Index())
        {
            yield return $".flagsAfter.{at}.reserveId: {held.ReserveId}";
            yield return $".flagsAfter.{at}.collateral: {held.IsCollateral}";
            yield return $".flagsAfter.{at}.borrowing: {held.IsBorrowing}";
        }

        foreach (var line in Data(AccountData.Of(done.After), ".after"))
        {
            yield return line;
        }
    }

    private static List<string> Data(AccountData data, string of) =>
    [
        $"{of}.totalCollateralBase: {data.Collateral}",
        $"{of}.totalDebtBase: {data.Debt}",
        $"{of}.avgLtvBps: {data.LtvBps}",
        $"{of}.avgLiquidationThresholdBps: {data.LiquidationThresholdBps}",
        $"{of}.healthFactor: " + (data.HealthFactor == Uint256.Max
            ? "max"
            : data.HealthFactor.ToString(CultureInfo.InvariantCulture)),
        $"{of}.hasZeroLtvCollateral: {data.HasLtvZero}",
        $"{of}.availableBorrowsBase: {data.AvailableBorrows}",
    ];

    /// <summary>Every figure of an expectation with the path to it, in the file's order.</summary>
    private static List<string> Flat(JsonElement expected, string path = "") => expected.ValueKind switch
    {
        JsonValueKind.Object => [.. expected.EnumerateObject().SelectMany(p => Flat(p.Value, $"{path}.{p.Name}"))],
        JsonValueKind.Array =>
            [.. expected.EnumerateArray().Index().SelectMany(i => Flat(i.Item, $"{path}.{i.Index}"))],
        _ => [$"{path}: {expected}"],
    };
}
