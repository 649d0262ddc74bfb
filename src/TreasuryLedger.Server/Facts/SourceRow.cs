using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Facts;

/// <summary>The names of a row's columns, shared by the rows of a file.</summary>
/// <param name="Names">In the order of the file.</param>
internal sealed record RowColumns(ImmutableArray<string> Names)
{
    private readonly Dictionary<string, int> _index = Names.Index()
        .ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);

    /// <summary>Positions of columns, by their names: a row says the same whatever their order.</summary>
    public ImmutableArray<int> Sorted { get; } =
        [.. Enumerable.Range(0, Names.Length).OrderBy(index => Names[index], StringComparer.Ordinal)];

    /// <summary>Where a column stands, or -1.</summary>
    public int IndexOf(string name) => _index.GetValueOrDefault(name, -1);
}

/// <summary>A row of a file, or a message, as names and values.</summary>
/// <param name="Number">From 1 on, without the line of names.</param>
/// <param name="Columns">Names.</param>
/// <param name="Values">As many; empty text where there is nothing.</param>
internal sealed record SourceRow(long Number, RowColumns Columns, string[] Values)
{
    /// <summary>The row as JSON, where it came as such.</summary>
    public byte[]? Json { get; init; }

    /// <summary>What is wrong with the row as such; then it has no values.</summary>
    public RowProblem? Problem { get; init; }

    /// <summary>The value of a column; empty if there is none.</summary>
    public string this[string name] => Columns.IndexOf(name) is >= 0 and var index ? Values[index] : "";

    /// <summary>
    /// SHA-256 over what the row says, each part with its length before it: the same with other quotes, line ends or
    /// order of columns. Evidence names it.
    /// </summary>
    public byte[] Hash()
    {
        var length = 0;
        foreach (var index in Columns.Sorted)
        {
            length += 8 + Encoding.UTF8.GetByteCount(Columns.Names[index]) + Encoding.UTF8.GetByteCount(Values[index]);
        }

        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var rest = bytes.AsSpan();
            foreach (var index in Columns.Sorted)
            {
                Append(ref rest, Columns.Names[index]);
                Append(ref rest, Values[index]);
            }

            return SHA256.HashData(bytes.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static void Append(ref Span<byte> rest, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, rest[4..]);
        BinaryPrimitives.WriteInt32BigEndian(rest, length);
        rest = rest[(4 + length)..];
    }
}

/// <summary>Why a row became no entry.</summary>
/// <param name="Row">From 1 on, without the line of names.</param>
/// <param name="Column">Which column is to blame, if one is.</param>
/// <param name="Code">What is wrong; of the list in ops/runbooks or of <c>GET /v1/errors</c>.</param>
/// <param name="Message">The same for a person.</param>
/// <param name="Parked">
/// The row may be right: it waits for a registration or another fact, and is recorded when the payload is run again.
/// </param>
public sealed record RowProblem(long Row, string? Column, string Code, string Message, bool Parked)
{
    /// <summary>A row has fewer or more columns than names, or its quotes do not end.</summary>
    public const string Malformed = "row_malformed";

    /// <summary>The same row stood before in this file; it counts once.</summary>
    public const string Repeated = "row_repeated";

    /// <summary>Two payloads meet in a second, and nothing tells whether their fills are the same.</summary>
    public const string SecondCut = "second_cut";

    /// <summary>No rule of the mapping fits.</summary>
    public const string RuleMissing = "rule_missing";

    /// <summary>The row names no fact, so that it could not be found again.</summary>
    public const string FactMissing = "fact_missing";

    /// <summary>The source has no account of the treasury for a name.</summary>
    public const string AccountUnmapped = "account_unmapped";

    /// <summary>A name cannot be that of an asset, and the source has none for it.</summary>
    public const string AssetUnmapped = "asset_unmapped";

    /// <summary>Refusals that pass when something else is told.</summary>
    private static readonly ImmutableHashSet<RefusalCode> Passing =
    [
        RefusalCode.AccountUnknown, RefusalCode.AssetUnknown, RefusalCode.FactUnknown, RefusalCode.JournalNotOpened,
        RefusalCode.EntryUnknown,
    ];

    /// <summary>What a refusal is to a row.</summary>
    internal static RowProblem Of(long row, string code, Refusal refusal) =>
        new(row, null, code, refusal.Message, Passing.Contains(refusal.Code));
}

/// <summary>What a row says before anything is recorded: a command, a problem, or nothing.</summary>
/// <param name="Row">The row.</param>
/// <param name="Command">What it says.</param>
/// <param name="Problem">Why it says nothing that can be recorded.</param>
internal sealed record ReadRow(SourceRow Row, Command? Command, RowProblem? Problem)
{
    /// <summary>Of a custodian: how far a transaction is; what stands follows from all that was told of it.</summary>
    public Telling? Telling { get; init; }

    /// <summary>Of an exchange: the fill that it is.</summary>
    public FillTold? Fill { get; init; }

    /// <summary>A row that is understood.</summary>
    public static ReadRow Of(SourceRow row, Command command) => new(row, command, null);

    /// <summary>A row that is passed over.</summary>
    public static ReadRow None(SourceRow row) => new(row, null, null);

    /// <summary>A row that is not understood.</summary>
    public static ReadRow Wrong(SourceRow row, string? column, string code, string message, bool parked = false) =>
        new(row, null, new RowProblem(row.Number, column, code, message, parked));
}
