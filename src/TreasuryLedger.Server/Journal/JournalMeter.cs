using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace TreasuryLedger.Server.Journal;

/// <summary>Metrics of what reads keep in memory and of what they cost.</summary>
public static class JournalMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "TreasuryLedger.Journals";

    /// <summary>The histogram of what questions folded.</summary>
    public const string BooksFolded = "treasury.books.folded";

    /// <summary>The histogram of commits.</summary>
    public const string CommitTime = "treasury.commit.time";

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<int> Folded = Meter.CreateHistogram<int>(
        BooksFolded, "{entry}", "Entries that a question about books folded.");

    private static readonly Histogram<double> Committed = Meter.CreateHistogram<double>(
        CommitTime, "s", "Time to store a group of entries and to commit it, the head's lock held.");

    private static readonly ConditionalWeakTable<JournalReader, object?> Readers = [];

    static JournalMeter()
    {
        Meter.CreateObservableGauge(
            "treasury.journals.cached", () => Kept().Journals, "{journal}", "Journals whose entries are in memory.");
        Meter.CreateObservableGauge(
            "treasury.journals.cached.entries", () => Kept().Entries, "{entry}", "Entries in memory.");
        Meter.CreateObservableGauge(
            "treasury.books.checkpoints", () => Kept().Checkpoints, "{checkpoint}", "Books that questions go on from.");
    }

    /// <summary>Watches what a reader keeps, as long as there is somebody who reads with it.</summary>
    internal static void Watch(JournalReader reader) => Readers.TryAdd(reader, null);

    /// <summary>Takes what a question has cost.</summary>
    internal static void Fold(int entries, bool fromCheckpoint) => Folded.Record(
        entries, new KeyValuePair<string, object?>("from", fromCheckpoint ? "checkpoint" : "beginning"));

    /// <summary>Takes how long a commit took that was answered.</summary>
    internal static void Commit(TimeSpan time) => Committed.Record(time.TotalSeconds);

    private static (int Journals, long Entries, long Checkpoints) Kept()
    {
        var (journals, entries, checkpoints) = (0, 0L, 0L);
        foreach (var (reader, _) in Readers)
        {
            foreach (var kept in reader.Kept)
            {
                (journals, entries) = (journals + 1, entries + kept.Entries);
                checkpoints += kept.Checkpoints;
            }
        }

        return (journals, entries, checkpoints);
    }
}
