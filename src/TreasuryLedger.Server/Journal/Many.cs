namespace TreasuryLedger.Server.Journal;

/// <summary>Work on the items of a commit that do not depend on each other.</summary>
internal static class Many
{
    /// <summary>From so many items on (inclusive), sharing them out costs less than it brings.</summary>
    private const int SharedFrom = 256;

    /// <summary>Does the work for each item, of a large batch on all processors.</summary>
    /// <param name="count">How many items there are.</param>
    /// <param name="work">Given an item's number, from 0 on.</param>
    public static void Do(int count, Action<int> work)
    {
        if (count >= SharedFrom)
        {
            Parallel.For(0, count, work);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            work(i);
        }
    }
}
