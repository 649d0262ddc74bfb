using System.Globalization;

namespace TreasuryLedger.Benchmarks;

/// <summary>What a run measures.</summary>
/// <param name="Rows">Names of rows; empty for all.</param>
/// <param name="Entries">Sizes of the histories that reading rows are measured on, ascending.</param>
/// <param name="Out">The file that the report is written to, beside the console; or none.</param>
public sealed record BenchOptions(IReadOnlySet<string> Rows, IReadOnlyList<int> Entries, string? Out)
{
    /// <summary>What can be asked for.</summary>
    public const string Usage =
        "Options: --rows a,b | --entries 10000,100000 | --full (adds 1,000,000 entries) | --out file.md";

    private static readonly int[] DefaultEntries = [10_000, 100_000];

    /// <summary>Whether a row is to be measured.</summary>
    public bool Wants(string row) => Rows.Count == 0 || Rows.Contains(row);

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It is not understood; the message says what is.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var rows = new HashSet<string>(StringComparer.Ordinal);
        var (entries, file) = (DefaultEntries.ToList(), (string?)null);
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--rows" when i + 1 < arguments.Count:
                    rows.UnionWith(Split(arguments[++i]));
                    break;
                case "--entries" when i + 1 < arguments.Count:
                    entries = [.. Split(arguments[++i]).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
                    break;
                case "--out" when i + 1 < arguments.Count:
                    file = arguments[++i];
                    break;
                case "--full":
                    entries.Add(1_000_000);
                    break;
                default:
                    throw new FormatException($"'{arguments[i]}' is not understood. {Usage}");
            }
        }

        if (rows.FirstOrDefault(row => !Bench.RowNames.Contains(row)) is { } unknown)
        {
            throw new FormatException($"There is no row '{unknown}'. Rows: {string.Join(", ", Bench.RowNames)}.");
        }

        return new BenchOptions(rows, [.. entries.Distinct().Order()], file);
    }

    private static string[] Split(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
