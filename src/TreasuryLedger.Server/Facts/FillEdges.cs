using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Holds back the fills of the first and the last second of a payload until its end: only then it is known which
/// seconds these are, and which of alike fills stands there is settled with the payloads before and behind it.
/// </summary>
/// <param name="settle">Says by fill which number it has: of one pair, or of all (empty).</param>
internal sealed class FillEdges(
    Func<string, IReadOnlyList<FillTold>, CancellationToken, Task<ImmutableArray<int>>> settle)
{
    private readonly Dictionary<string, SortedDictionary<Instant, List<ReadRow>>> _held = new(StringComparer.Ordinal);

    /// <summary>What can go on when a row is read: itself, or those that stand at an end no more.</summary>
    public IEnumerable<ReadRow> Pass(ReadRow read)
    {
        if (read.Fill is not { } fill)
        {
            return [read];
        }

        // A page of the exchange is of one pair, a file of all.
        var scope = fill.Trade is null ? "" : fill.Pair;
        if (!_held.TryGetValue(scope, out var held))
        {
            _held[scope] = held = [];
        }

        if (held.Count == 2 && fill.Second > held.Keys.First() && fill.Second < held.Keys.Last())
        {
            return [read];
        }

        if (!held.TryGetValue(fill.Second, out var second))
        {
            held[fill.Second] = second = [];
        }

        second.Add(read);
        return held.Count > 2 && held.Remove(held.Keys.ElementAt(1), out var inside) ? inside : [];
    }

    /// <summary>What was held back, settled.</summary>
    public async IAsyncEnumerable<ReadRow> EndAsync(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (pair, seconds) in _held)
        {
            ReadRow[] rows = [.. seconds.Values.SelectMany(rows => rows)];
            var numbers = await settle(pair, [.. rows.Select(row => row.Fill!)], cancellation);
            foreach (var (row, number) in rows.Zip(numbers))
            {
                yield return number == 0
                    ? ReadRow.Wrong(
                        row.Row, null, RowProblem.SecondCut,
                        "This begins in the second in which another payload of the source ends, or ends where that "
                        + "begins, and both have such a fill: nothing tells whether they are one. Send what has the "
                        + "second in its middle, then run this again.", parked: true)
                    : row with { Command = row.Command! with { Fact = row.Fill!.FactOf(number) } };
            }
        }
    }
}
