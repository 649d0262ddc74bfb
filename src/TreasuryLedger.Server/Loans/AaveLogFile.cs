using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Loans;

/// <summary>
/// Logs as <c>eth_getLogs</c> gives them and who is who in them. Numbers are hex strings there; the time of a block
/// stands in the log where the node tells it, else in the blocks.
/// </summary>
internal static class AaveLogFile
{
    /// <summary>The logs: an array, or an answer of JSON-RPC that has one as result.</summary>
    /// <param name="json">As it was given.</param>
    /// <param name="times">Unix seconds by block hash, for logs that do not tell them.</param>
    /// <exception cref="AaveImportException">It is not of its form.</exception>
    public static ImmutableArray<EvmLog> Logs(JsonElement json, IReadOnlyDictionary<string, long> times) => Read(
        json,
        "the logs",
        root => ImmutableArray.CreateRange(ArrayOf(root).EnumerateArray().Select(log => Log(log, times))));

    /// <summary>The times of blocks, as <c>eth_getBlockByNumber</c> gives them, by hash.</summary>
    /// <exception cref="AaveImportException">It is not of its form.</exception>
    public static IReadOnlyDictionary<string, long> Times(JsonElement json) => Read(
        json,
        "the blocks",
        root => ArrayOf(root).EnumerateArray().ToDictionary(
            block => Hex(block, "hash"), block => Number(block, "timestamp"), StringComparer.Ordinal));

    /// <summary>Who is who.</summary>
    /// <param name="json">As it was given.</param>
    /// <param name="registers">What the treasury has registered: assets are known by their contracts.</param>
    /// <exception cref="AaveImportException">It is not of its form.</exception>
    public static AaveImportTerms Terms(JsonElement json, Registers registers) => Read(
        json,
        "the terms",
        root =>
        {
            var chain = root.TryGetProperty("chain", out var named) ? named.GetString() : null;
            return new AaveImportTerms
            {
                ChainId = root.GetProperty("chainId").GetInt64(),
                Pool = Hex(root, "pool"),
                User = Hex(root, "user"),
                Position = AccountId.Parse(root.GetProperty("position").GetString()!),
                Market = root.GetProperty("market").GetString()!,
                Accounts = root.GetProperty("accounts").EnumerateObject().ToImmutableDictionary(
                    one => one.Name.ToLowerInvariant(), one => AccountId.Parse(one.Value.GetString()!)),
                Assets = registers.Assets.Values
                    .Where(asset => asset.Contract is not null && (chain is null || asset.Chain == chain))
                    .GroupBy(asset => asset.Contract!.ToLowerInvariant())
                    .ToImmutableDictionary(
                        asset => asset.Key,
                        asset => new AaveImportAsset(asset.First().Asset, asset.First().Decimals)),
                SupplyTokens = registers.Assets.Values
                    .Where(asset => asset.Contract is not null && (chain is null || asset.Chain == chain)
                        && asset.StandsFor is { Kind: StandInKind.Receipt })
                    .GroupBy(asset => asset.Contract!.ToLowerInvariant())
                    .ToImmutableDictionary(
                        token => token.Key,
                        token => new AaveImportAsset(
                            token.First().StandsFor!.Asset, registers.DecimalsOf(token.First().StandsFor!.Asset))),
            };
        });

    private static EvmLog Log(JsonElement log, IReadOnlyDictionary<string, long> times)
    {
        var block = Hex(log, "blockHash");
        var told = log.TryGetProperty("blockTimestamp", out _);
        var read = new EvmLog(
            Hex(log, "address"),
            [.. log.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!.ToLowerInvariant())],
            Hex(log, "data"),
            Number(log, "blockNumber"),
            block,
            Hex(log, "transactionHash"),
            Number(log, "logIndex"),
            told ? Number(log, "blockTimestamp")
                : times.TryGetValue(block, out var time) ? time
                : throw new FormatException($"nothing tells the time of block {block}: give the blocks"),
            log.TryGetProperty("removed", out var removed) && removed.GetBoolean());
        return read with { PayloadHash = HashOf(read) };
    }

    /// <summary>What a log says, but for whether it still counts: the same however a node writes it.</summary>
    private static string HashOf(EvmLog log) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', [log.Address, .. log.Topics, log.Data, log.BlockHash, log.TransactionHash,
            log.LogIndex.ToString(CultureInfo.InvariantCulture)]))));

    private static JsonElement ArrayOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object ? root.GetProperty("result") : root;

    private static string Hex(JsonElement of, string name) =>
        of.GetProperty(name).GetString() is { } text && text.StartsWith("0x", StringComparison.Ordinal)
            ? text.ToLowerInvariant()
            : throw new FormatException($"{name} is no hex text that begins with 0x");

    private static long Number(JsonElement of, string name) => of.GetProperty(name) is { } value
        && value.ValueKind == JsonValueKind.Number
            ? value.GetInt64()
            : long.Parse(Hex(of, name).AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static T Read<T>(JsonElement json, string what, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or FormatException
            or InvalidOperationException or OverflowException or ArgumentException or NullReferenceException)
        {
            throw new AaveImportException($"In {what}: {wrong.Message}");
        }
    }
}
