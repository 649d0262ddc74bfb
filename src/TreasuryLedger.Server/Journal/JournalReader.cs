using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>A journal as known at one settled instant.</summary>
/// <param name="Head">
/// Where it stood: the position of <paramref name="KnownAt"/>, its recorded instant and hash. Position 0 if nothing was
/// recorded by then.
/// </param>
/// <param name="KnownAt">The instant (inclusive). Nothing will ever be recorded at or before it any more.</param>
/// <param name="Entries">The entries from position 1 to the head's, in recorded order.</param>
public sealed record JournalView(JournalHead Head, Instant KnownAt, IReadOnlyList<Entry> Entries);

/// <summary>A treasury's journal and its books, all known at one instant: the settled position vector.</summary>
/// <param name="Treasury">The treasury's journal.</param>
/// <param name="Prices">Its price book.</param>
/// <param name="Markets">Its market book.</param>
public sealed record TreasuryView(JournalView Treasury, JournalView Prices, JournalView Markets)
{
    /// <summary>The instant of all three (inclusive).</summary>
    public Instant KnownAt => Treasury.KnownAt;
}

/// <summary>What a read finds.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public abstract record ReadOutcome<T>
{
    private ReadOutcome()
    {
    }

    /// <summary>The answer.</summary>
    /// <param name="View">What was asked for.</param>
    public sealed record Found(T View) : ReadOutcome<T>;

    /// <summary>No journal was opened under this key.</summary>
    public sealed record NotOpened : ReadOutcome<T>;

    /// <summary>The known-at instant lies in the future.</summary>
    /// <param name="Latest">The latest that can be asked for now.</param>
    public sealed record KnownAtInFuture(Instant Latest) : ReadOutcome<T>;

    /// <summary>The journal does not reach the position that the caller needs.</summary>
    /// <param name="Position">Where it stands.</param>
    public sealed record PositionNotReached(long Position) : ReadOutcome<T>;
}

/// <summary>Reads journals at settled instants.</summary>
public sealed class JournalReader
{
    /// <summary>A journal as known at an instant.</summary>
    /// <param name="key">Which.</param>
    /// <param name="knownAt">Inclusive; <c>null</c> means the newest settled instant.</param>
    /// <param name="minPosition">The answer has at least this position, unless <paramref name="knownAt"/> is
    /// earlier.</param>
    /// <param name="cancellation">Stops the read.</param>
    public Task<ReadOutcome<JournalView>> ReadAsync(
        JournalKey key, Instant? knownAt, long minPosition, CancellationToken cancellation) =>
        throw new InvalidOperationException($"No store is configured for {key}.");

    /// <summary>A treasury with its price book and market book, all known at one instant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="treasury">The treasury's id.</param>
    /// <param name="knownAt">Inclusive; <c>null</c> means the treasury's newest settled instant.</param>
    /// <param name="minPosition">As for <see cref="ReadAsync"/>; of the treasury.</param>
    /// <param name="cancellation">Stops the read.</param>
    public Task<ReadOutcome<TreasuryView>> ReadTreasuryAsync(
        string tenant, string treasury, Instant? knownAt, long minPosition, CancellationToken cancellation) =>
        throw new InvalidOperationException($"No store is configured for {tenant}:{treasury}.");
}
