namespace TreasuryLedger.Core.Commands;

/// <summary>Which registered ids a mistyped one may have meant.</summary>
internal static class NearIds
{
    private const int DistanceMax = 2;
    private const int LongLength = 6; // shorter ids are near with one difference only: BTC is not a mistyped ETH
    private const int CandidatesMax = 3;

    /// <summary>
    /// " Near: a, b." with at most three ids that differ from the given one in case only, in one or two characters, or
    /// by having more at the end; nothing if there is none.
    /// </summary>
    public static string Sentence<T>(T unknown, IEnumerable<T> registered)
        where T : notnull
    {
        var near = Of($"{unknown}", registered.Select(id => $"{id}"));
        return near.Length == 0 ? "" : $" Near: {string.Join(", ", near)}.";
    }

    private static string[] Of(string unknown, IEnumerable<string> registered) =>
    [
        .. registered
            .Select(id => (Id: id, Distance: Distance(unknown.ToLowerInvariant(), id.ToLowerInvariant())))
            .Where(candidate => candidate.Distance <= (unknown.Length < LongLength ? 1 : DistanceMax))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Id, StringComparer.Ordinal)
            .Take(CandidatesMax)
            .Select(candidate => candidate.Id),
    ];

    /// <summary>
    /// Characters to insert, delete or replace; 1 for any longer id with the same beginning; anything larger than
    /// <see cref="DistanceMax"/> stands for "far". Lengths are looked at first: registers may be long.
    /// </summary>
    private static int Distance(string left, string right)
    {
        if (left.Length >= 3 && right.StartsWith(left, StringComparison.Ordinal))
        {
            return Math.Min(right.Length - left.Length, 1);
        }

        if (Math.Abs(left.Length - right.Length) > DistanceMax)
        {
            return DistanceMax + 1;
        }

        Span<int> row = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[right.Length];
    }
}
