using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>An asset that logs may name.</summary>
/// <param name="Asset">Its id in the treasury.</param>
/// <param name="Decimals">Its decimals there and on the chain.</param>
public sealed record AaveImportAsset(AssetId Asset, int Decimals);

/// <summary>Whose logs are read, and what their addresses are called here. Addresses are hex in lower case.</summary>
public sealed record AaveImportTerms
{
    /// <summary>The chain's id, 1 for Ethereum.</summary>
    public required long ChainId { get; init; }

    /// <summary>The pool whose logs count.</summary>
    public required string Pool { get; init; }

    /// <summary>The address that holds the position.</summary>
    public required string User { get; init; }

    /// <summary>The lending position in the treasury.</summary>
    public required AccountId Position { get; init; }

    /// <summary>The market in the market book.</summary>
    public required string Market { get; init; }

    /// <summary>The treasury's own addresses: whom units come from and go to.</summary>
    public required ImmutableDictionary<string, AccountId> Accounts { get; init; }

    /// <summary>Assets by the address of their contract. Logs of other reserves are passed over.</summary>
    public required ImmutableDictionary<string, AaveImportAsset> Assets { get; init; }

    /// <summary>The assets whose supply a token stands for, by the address of the token's contract.</summary>
    public ImmutableDictionary<string, AaveImportAsset> SupplyTokens { get; init; } =
        ImmutableDictionary<string, AaveImportAsset>.Empty;

    /// <summary>Interest that the ledger booked by itself, the earliest first: later touches go on there.</summary>
    public ImmutableArray<(Instant At, ImmutableArray<IndexTouch> Touches)> Bookings { get; init; } = [];
}

/// <summary>What the logs of a position come to.</summary>
/// <param name="Treasury">For the treasury's journal, in the order of the chain.</param>
/// <param name="Markets">For the market book: indices and rates, in the order of the chain.</param>
/// <param name="Orphaned">Facts of logs whose block left the chain: whatever stands under them is to be voided.</param>
/// <param name="Scaled">The position's scaled units at the end: supplied and owed, by asset.</param>
public sealed record AaveImportResult(
    ImmutableArray<Command> Treasury,
    ImmutableArray<Command> Markets,
    ImmutableArray<FactId> Orphaned,
    ImmutableSortedDictionary<AssetId, (BigInteger Supplied, BigInteger Owed)> Scaled);

/// <summary>
/// Turns logs of an Aave v3 pool (3.5 to 3.7) into commands: rebuilds the position's scaled units from amounts and
/// indices, so that each log is a touch of an indexed position whose units are the contract's. The logs must begin with
/// the position's first one (Exposure/SPEC 8).
/// </summary>
public static partial class AaveImport
{
    /// <summary>Reads logs in any order; those of other users, pools and assets are passed over.</summary>
    /// <exception cref="AaveImportException">A log cannot be read, or cannot be right.</exception>
    public static AaveImportResult Of(IEnumerable<EvmLog> logs, AaveImportTerms terms)
    {
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentNullException.ThrowIfNull(terms);
        var all = logs.OrderBy(log => log.BlockNumber).ThenBy(log => log.LogIndex).ToList();
        var removed = all.Where(log => log.IsRemoved).Select(log => log.BlockHash).ToHashSet(StringComparer.Ordinal);
        var walk = new Walk(terms);
        foreach (var transaction in all
            .Where(log => !removed.Contains(log.BlockHash))
            .DistinctBy(log => (log.BlockHash, log.LogIndex))
            .GroupBy(log => (log.BlockHash, log.TransactionHash)))
        {
            walk.Take([.. transaction]);
        }

        return walk.Result(
        [
            .. all.Where(log => removed.Contains(log.BlockHash)).Select(log => FactOf(terms, log)).Distinct(),
        ]);
    }

    /// <summary>The fact of a log: chain, block, transaction and the log's number.</summary>
    public static FactId FactOf(AaveImportTerms terms, EvmLog log)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(log);
        return FactId.Parse(string.Create(
            CultureInfo.InvariantCulture,
            $"evm-{terms.ChainId}:{log.BlockHash}:{log.TransactionHash}:{log.LogIndex}"));
    }

    /// <summary>One side of the position in one asset: scaled units, and the index that they were booked at.</summary>
    private sealed class Side
    {
        public BigInteger Scaled { get; set; }

        public BigInteger Index { get; set; }
    }
}
