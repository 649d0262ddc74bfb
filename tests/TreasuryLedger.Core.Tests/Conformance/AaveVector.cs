using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>
/// One vector of the Aave files: what went into the contracts and what came out. A file says by its shape what it is
/// about and by its source which version ran, so further files need no code.
/// </summary>
internal sealed partial class AaveVector
{
    private readonly JsonElement _in;

    public AaveVector(string file, string source, JsonElement json)
    {
        var name = json.GetProperty("id").GetString();
        Id = $"{file} {name}";
        Op = json.TryGetProperty("op", out var op) ? op.GetString()! : "";
        Version = AaveVersions.Parse(VersionInSource().Match(source).Groups[1].Value);
        _in = json.GetProperty("in");
        Reverts = json.TryGetProperty("reverts", out _);
        Out = Reverts ? default : json.GetProperty("out");
    }

    public string Id { get; }

    public string Op { get; }

    public AaveVersion Version { get; }

    public bool Reverts { get; }

    public JsonElement Out { get; }

    public bool IsLiquidation => _in.TryGetProperty("debtToCover", out _);

    public bool IsRates => _in.TryGetProperty("optimalUsageRatioBps", out _);

    public bool IsAccount => !IsLiquidation && _in.TryGetProperty("positions", out _);

    public LiquidationRequest Request => new(
        Number("collateralReserveId"), Number("debtReserveId"), Integer(_in.GetProperty("debtToCover")));

    public static BigInteger Integer(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetInt64()
        : value.GetString() == "max"
            ? Uint256.Max
            : BigInteger.Parse(value.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);

    public BigInteger Units(string name) => Integer(_in.GetProperty(name));

    public int Number(string name) => _in.GetProperty(name).GetInt32();

    public long Seconds(string name) => _in.GetProperty(name).GetInt64();

    public AaveAccount Account() => new()
    {
        Version = Version,
        Now = Seconds("currentTimestamp"),
        EModeId = Number("userEModeCategoryId"),
        EModes = [.. _in.GetProperty("eModes").EnumerateArray().Select(Mode)],
        Reserves = [.. _in.GetProperty("reserves").EnumerateArray().Select(Reserve)],
        Holdings =
        [
            .. _in.GetProperty("positions").EnumerateArray().Select(held => new AaveHolding(
                held.GetProperty("reserveId").GetInt32(),
                Integer(held.GetProperty("scaledSupply")),
                held.GetProperty("collateralEnabled").GetBoolean(),
                Integer(held.GetProperty("scaledDebt")))),
        ],
    };

    private static AaveEMode Mode(JsonElement mode) => new(
        mode.GetProperty("id").GetInt32(),
        mode.GetProperty("ltvBps").GetInt32(),
        mode.GetProperty("liquidationThresholdBps").GetInt32(),
        mode.GetProperty("liquidationBonusBps").GetInt32(),
        Ids(mode, "collateralIds"),
        Ids(mode, "borrowableIds"),
        Ids(mode, "ltvZeroIds"),
        mode.TryGetProperty("isolated", out var isolated) && isolated.GetBoolean());

    private static ImmutableHashSet<int> Ids(JsonElement mode, string name) => mode.TryGetProperty(name, out var ids)
        ? [.. ids.EnumerateArray().Select(id => id.GetInt32())]
        : [];

    private static AaveReserve Reserve(JsonElement reserve) => new()
    {
        Id = reserve.GetProperty("id").GetInt32(),
        Symbol = reserve.GetProperty("symbol").GetString()!,
        Decimals = reserve.GetProperty("decimals").GetInt32(),
        Price8 = Integer(reserve.GetProperty("price8")),
        LtvBps = reserve.GetProperty("ltvBps").GetInt32(),
        LiquidationThresholdBps = reserve.GetProperty("liquidationThresholdBps").GetInt32(),
        LiquidationBonusBps = reserve.GetProperty("liquidationBonusBps").GetInt32(),
        ProtocolFeeBps = reserve.GetProperty("liquidationProtocolFeeBps").GetInt32(),
        ReserveFactorBps = reserve.GetProperty("reserveFactorBps").GetInt32(),
        LiquidityIndex = Integer(reserve.GetProperty("liquidityIndex")),
        VariableBorrowIndex = Integer(reserve.GetProperty("variableBorrowIndex")),
        LiquidityRate = Integer(reserve.GetProperty("liquidityRate")),
        VariableBorrowRate = Integer(reserve.GetProperty("variableBorrowRate")),
        LastUpdate = reserve.GetProperty("lastUpdateTimestamp").GetInt64(),
        DebtCeiling2 = reserve.TryGetProperty("debtCeiling2", out var ceiling) ? Integer(ceiling) : 0,
        IsolatedDebt2 = reserve.TryGetProperty("isolationModeTotalDebt2", out var debt) ? Integer(debt) : 0,
    };

    [GeneratedRegex(@"v3-origin v(\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex VersionInSource();
}
