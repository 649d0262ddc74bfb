using System.Diagnostics;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// A whole history recorded by a source that sends batches of 1,000, with all checks; and sent again by one that does
/// not know how far it came.
/// </summary>
public static class Import
{
    private const int Batch = 1_000;
    private const double Target = 25_000;

    /// <summary>Measures each size once: the next one is another treasury.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        foreach (var entries in lab.Options.Entries)
        {
            var journal = JournalKey.Treasury(Lab.Tenant, $"import-{entries}");
            await lab.RecordAsync(journal, "opening", History.Opening());
            using var profile = new CommitProfile(lab);
            var rate = await SendAsync(lab, journal, History.Commands(entries), replayed: false);
            findings.Notes.Add(profile.Report($"import of {Text.Whole(entries)} rows", entries));
            var behind = entries - await ReachedAsync(lab, journal);
            findings.Rows.Add(new Row(
                $"import of {Text.Whole(entries)} rows in batches of 1,000, all checks, lists following",
                // As atomic batches; the rows of lists are made beside it and cost as much again of the processors.
                "10,000/s",
                $"{Text.Whole(rate)}/s ({Text.Short(entries / rate)} s); rows of lists are {Text.Whole(behind)} behind",
                "–", "–", "≥ 25,000/s, 1M in 60 s",
                rate < Target ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
            var some = Math.Min(entries, 100_000);
            var again = await SendAsync(lab, journal, History.Commands(entries).Take(some), replayed: true);
            findings.Rows.Add(new Row(
                $"the first {Text.Whole(some)} rows sent again: each batch is known", "20,000/s",
                $"{Text.Whole(again)}/s", "–", "–", "–", Reached.NoTarget));
        }
    }

    /// <returns>Rows a second.</returns>
    private static async Task<double> SendAsync(
        Lab lab, JournalKey journal, IEnumerable<Command> commands, bool replayed)
    {
        var (watch, sent) = (Stopwatch.StartNew(), 0);
        foreach (var (number, chunk) in commands.Chunk(Batch).Index())
        {
            sent += chunk.Length;
            var outcome = await lab.Writers.SubmitAsync(
                new Submission(
                    journal, $"rows-{number}", "bench", [.. chunk], Atomic: true, DryRun: false,
                    ScriptedRecordedAt: null),
                CancellationToken.None);
            if (outcome is not SubmissionOutcome.Decided decided
                || !decided.Items.All(item => item is Outcome.Recorded one && one.Replayed == replayed))
            {
                throw new InvalidOperationException($"Batch {number} was not {(replayed ? "known" : "recorded")}.");
            }
        }

        return sent / watch.Elapsed.TotalSeconds;
    }

    private static async Task<long> ReachedAsync(Lab lab, JournalKey journal)
    {
        await using var connection = await lab.App.OpenConnectionAsync();
        return (await ListProgress.ReadAsync(connection, journal, default))?.Position ?? 0;
    }
}
