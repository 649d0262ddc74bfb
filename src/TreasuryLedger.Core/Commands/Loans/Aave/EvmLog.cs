using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace TreasuryLedger.Core.Commands;

/// <summary>A log of an EVM chain, as <c>eth_getLogs</c> gives it, with the time of its block.</summary>
/// <param name="Address">The contract that wrote it; hex, lower case.</param>
/// <param name="Topics">Up to four; hex, lower case.</param>
/// <param name="Data">Words of 32 bytes; hex, lower case.</param>
/// <param name="BlockNumber">The number of its block.</param>
/// <param name="BlockHash">The hash of its block; hex, lower case.</param>
/// <param name="TransactionHash">The hash of its transaction; hex, lower case.</param>
/// <param name="LogIndex">Its number in the block.</param>
/// <param name="Timestamp">Unix seconds of its block.</param>
/// <param name="IsRemoved">Whether its block is no longer part of the chain.</param>
public sealed record EvmLog(
    string Address,
    ImmutableArray<string> Topics,
    string Data,
    long BlockNumber,
    string BlockHash,
    string TransactionHash,
    long LogIndex,
    long Timestamp,
    bool IsRemoved)
{
    /// <summary>SHA-256 of the log as it was given, lower-case hex; absent if nobody hashed it.</summary>
    public string? PayloadHash { get; init; }

    private const int WordDigits = 64;
    private const int AddressDigits = 40;

    /// <summary>What kind of event it is: its first topic; empty if it has none.</summary>
    public string Kind => Topics.IsEmpty ? "" : Topics[0];

    /// <summary>A number in the data.</summary>
    /// <param name="word">Which word, from 0 on.</param>
    /// <exception cref="AaveImportException">The data is shorter, or no hex.</exception>
    public BigInteger Number(int word)
    {
        var from = 2 + (word * WordDigits);
        return Data.Length >= from + WordDigits
            && BigInteger.TryParse(
                string.Concat("0", Data.AsSpan(from, WordDigits)),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var number)
            ? number
            : throw new AaveImportException(this, $"has no word {word} in its data");
    }

    /// <summary>An address in a topic.</summary>
    /// <exception cref="AaveImportException">There is no such topic, or it holds none.</exception>
    public string Indexed(int topic) => Topics.Length > topic && Topics[topic].Length == 2 + WordDigits
        ? "0x" + Topics[topic][^AddressDigits..]
        : throw new AaveImportException(this, $"has no address in topic {topic}");

    /// <summary>An address in the data.</summary>
    /// <inheritdoc cref="Number"/>
    public string AddressAt(int word) =>
        "0x" + Number(word).ToString("x40", CultureInfo.InvariantCulture)[^AddressDigits..];
}

/// <summary>A log cannot be imported, and nothing after it may be: balances would be wrong.</summary>
public sealed class AaveImportException : Exception
{
    /// <summary>For a log and what is wrong with it.</summary>
    /// <param name="log">Which.</param>
    /// <param name="why">The rest of a sentence that begins with it.</param>
    public AaveImportException(EvmLog log, string why)
        : base($"Log {log?.LogIndex} of block {log?.BlockNumber} ({log?.TransactionHash}) {why}.")
    {
    }

    /// <summary>For serializers.</summary>
    public AaveImportException()
    {
    }

    /// <summary>With a message.</summary>
    public AaveImportException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public AaveImportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
