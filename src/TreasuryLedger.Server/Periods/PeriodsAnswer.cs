using System.Collections.Immutable;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Periods;

/// <summary>How far a period is from standing for good.</summary>
public enum PeriodState
{
    /// <summary>What is recorded has its accounting date behind it.</summary>
    Closed,

    /// <summary>Its statements stand, and their hash is part of the journal.</summary>
    Sealed,
}

/// <summary>The seal of a period.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="RecordedAt">When it was sealed.</param>
/// <param name="SealedBy">By whom.</param>
/// <param name="CalculationVersion">The version of the rules that derived its statements.</param>
/// <param name="StatementHash">SHA-256 of their lines, lower-case hex.</param>
public sealed record SealRow(
    long Entry, Instant RecordedAt, string SealedBy, string CalculationVersion, string StatementHash)
{
    /// <summary>A seal as callers see it.</summary>
    public static SealRow? Of(PeriodSeal? seal) => seal is null ? null : new SealRow(
        seal.Entry, seal.RecordedAt, seal.Sealed.SealedBy, seal.Sealed.CalculationVersion, seal.Sealed.StatementHash);
}

/// <summary>A period that is closed.</summary>
/// <param name="Book">The book's name.</param>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="State">Closed or sealed.</param>
/// <param name="Issue">1, and one more for every seal of it that was reopened before.</param>
/// <param name="KnownAt">When it was closed: official figures of it are those known then (inclusive).</param>
/// <param name="ClosedBy">The entry that closed it: the position of the treasury at that instant.</param>
/// <param name="PricePosition">The position of the price book at that instant.</param>
/// <param name="Seal">Its seal; absent if it has none.</param>
/// <param name="RequestedBy">The entry by which somebody asked to reopen it; absent if nobody did.</param>
public sealed record PeriodRow(
    string Book,
    Instant From,
    Instant Until,
    PeriodState State,
    int Issue,
    Instant KnownAt,
    long ClosedBy,
    long PricePosition,
    SealRow? Seal,
    long? RequestedBy)
{
    /// <summary>A period as callers see it.</summary>
    public static PeriodRow Of(ClosedPeriod period, OfficialBook book)
    {
        ArgumentNullException.ThrowIfNull(period);
        ArgumentNullException.ThrowIfNull(book);
        return new PeriodRow(
            period.Book, period.From, period.Until, period.Seal is null ? PeriodState.Closed : PeriodState.Sealed,
            period.Issue, period.KnownAt, period.Closing, book.CutOf(period).PricePosition, SealRow.Of(period.Seal),
            period.Request?.Entry);
    }
}

/// <summary>A closing that was taken back.</summary>
/// <param name="Period">The period as it was.</param>
/// <param name="Entry">The entry that reopened it.</param>
/// <param name="RecordedAt">When.</param>
public sealed record ReopenedRow(PeriodRow Period, long Entry, Instant RecordedAt);

/// <summary>The periods of the books.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Periods">Those that are closed, by book, in order.</param>
/// <param name="OpenFrom">The first open instant of each book of which something is closed.</param>
/// <param name="Reopened">Closings that were taken back, in recorded order.</param>
public sealed record PeriodsAnswer(
    Standpoint Viewpoint,
    ImmutableArray<PeriodRow> Periods,
    ImmutableSortedDictionary<string, Instant> OpenFrom,
    ImmutableArray<ReopenedRow> Reopened)
{
    /// <summary>The answer; of one book, if the question names one.</summary>
    public static PeriodsAnswer Of(Seen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var periods = OfficialBooks.PeriodsOf(seen.View);
        var names = periods.Books.Where(name => seen.Choice.Book is null || seen.Choice.Book == name).ToList();
        return new PeriodsAnswer(
            seen.Standpoint,
            [.. names.SelectMany(name => periods.Of(name)).Select(Row)],
            names.Where(name => periods.OpenFrom(name) is not null)
                .ToImmutableSortedDictionary(
                    name => name, name => periods.OpenFrom(name)!.Value, StringComparer.Ordinal),
            [
                .. periods.Reopened.Where(one => names.Contains(one.Period.Book))
                    .Select(one => new ReopenedRow(Row(one.Period), one.Entry, one.RecordedAt)),
            ]);

        PeriodRow Row(ClosedPeriod period) =>
            PeriodRow.Of(period, OfficialBooks.Of(seen.View, StarterBooks.Official, periods));
    }
}
