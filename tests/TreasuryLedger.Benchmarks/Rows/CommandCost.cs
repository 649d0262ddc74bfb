using System.Diagnostics;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>What one command costs on the processor, part by part, without a database.</summary>
public static class CommandCost
{
    private const int Count = 5_000;

    /// <summary>Measures the parts on the entries of a journal.</summary>
    public static async Task MeasureAsync(Lab lab, JournalKey journal, Findings findings)
    {
        var narrow = await Totals.EntriesAsync(lab.Reader, journal);
        var stored = await JournalRows.EntriesAsync(
            lab.App, journal, [.. Enumerable.Range(1, narrow.Count).Select(position => (long)position)], default);
        var entries = stored.Values.OrderBy(entry => entry.Position).ToList();
        var state = TreasuryState.Empty(JournalKind.Treasury);
        var evolve = Stopwatch.StartNew();
        foreach (var entry in entries)
        {
            state = state.Evolve(entry);
        }

        evolve.Stop();
        var random = new Random(History.Seed);
        var commands = Enumerable.Range(8, Count)
            .Select(number => History.At(random, number, History.Start.Plus(number), "cost")).ToList();
        var sample = entries.TakeLast(Count).ToList();
        var json = sample.ConvertAll(StoredJson.Write);
        var previous = new byte[HashChain.Length];
        var parts = new (string Name, double Microseconds)[]
        {
            ("hash of the payload (caller's time)", Time(commands, command => PayloadHash.Of(command, 0))),
            ("decide", Time(commands, command =>
            {
                var recalling = state.Recalling(Recalled.Of([Named.By(command)], []));
                var decision = (Decision.Accepted)Decider.Decide(recalling, command, DecisionContext.Empty);
                return Decider.Draft(recalling, command, decision);
            })),
            ("next state", evolve.Elapsed.TotalMicroseconds / entries.Count),
            ("write JSON", Time(sample, StoredJson.Write)),
            ("hash the JSON", Time(json, text => previous = HashChain.Next(previous, text))),
            ("read JSON (restore)", Time(json, text => StoredJson.Read(text))),
            ("write its narrow form, in blocks of 1,000", Time(
                sample.Chunk(1_000).ToList(), block => NarrowBlock.Write(journal, block)) / 1_000),
            ("read its narrow form (reads)", Time(
                Enumerable.Range(narrow.Count - sample.Count, sample.Count).ToList(), index => narrow[index])),
        };
        findings.Notes.Add("a command on the processor, microseconds: "
            + string.Join("; ", parts.Select(part => $"{part.Name} {Text.Short(part.Microseconds)}"))
            + $"; stored JSON is {Text.Whole(json.Average(text => text.Length))} bytes");
    }

    private static double Time<TIn, TOut>(List<TIn> inputs, Func<TIn, TOut> work)
    {
        var series = new Series();
        for (var round = 0; round < 4; round++)
        {
            var watch = Stopwatch.StartNew();
            foreach (var input in inputs)
            {
                work(input);
            }

            series.Add(watch.Elapsed.TotalMicroseconds / inputs.Count);
        }

        return series.Median;
    }
}
