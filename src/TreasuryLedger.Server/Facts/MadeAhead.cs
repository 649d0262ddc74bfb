using System.Runtime.CompilerServices;

namespace TreasuryLedger.Server.Facts;

/// <summary>Lets whoever makes items and whoever works on them do so at the same time.</summary>
internal static class MadeAhead
{
    /// <summary>The same items in their order, each made while the one before it is worked on.</summary>
    public static async IAsyncEnumerable<T> MadeAheadAsync<T>(
        this IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var each = items.GetAsyncEnumerator(cancellation);
        var next = NextAsync();
        try
        {
            while (await next)
            {
                var item = each.Current;
                next = NextAsync();
                yield return item;
            }
        }
        finally
        {
            // Nobody lets go of the items while one is being made; what becomes of it nobody asks any more.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task<bool> NextAsync() => Task.Run(async () => await each.MoveNextAsync(), CancellationToken.None);
    }
}
