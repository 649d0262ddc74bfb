using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>A whole journal as a stream over HTTP, and what server and caller together need of memory for it.</summary>
public static class Streaming
{
    private const double GrowthMiBMax = 128;

    /// <summary>Measures each size, all entries as JSON lines.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        var projector = new ListProjector(lab.Tenants, NullLogger<ListProjector>.Instance);
        using var http = await lab.CallerAsync("stream");
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            await ListPages.ReachAsync(projector, journal, entries, findings);
            var (rows, seconds, bytes, growth) = await ReadAsync(
                http, $"/v1/treasuries/{journal.Id}/entries?format=ndjson");
            if (rows < entries)
            {
                throw new InvalidOperationException($"Only {rows} of {entries} entries came.");
            }

            findings.Rows.Add(new Row(
                $"all of {Text.Whole(entries)} entries over HTTP, as JSON lines",
                // 40 us to read the JSON of an entry and write it; some pages of 1,000 rows at a time.
                $"{Text.Short(entries * 0.00004)} s, 20 MiB whatever the length",
                $"{Text.Short(seconds)} s, {Text.Whole(entries / seconds)}/s, {Text.Whole(bytes / 1048576.0)} MiB, "
                + $"memory grew by {Text.Whole(growth)} MiB at most",
                "–", "–", $"memory grows by {Text.Whole(GrowthMiBMax)} MiB at most",
                growth > GrowthMiBMax ? Reached.No : Reached.Yes));
        }
    }

    /// <summary>Reads a stream to its end and keeps nothing of it.</summary>
    /// <returns>Its lines, and how far the resident memory of this process rose above where it was.</returns>
    internal static async Task<(long Lines, double Seconds, long Bytes, double GrowthMiB)> ReadAsync(
        HttpClient http, string path)
    {
        var before = SettledMemory();
        var (lines, bytes, most) = (0L, 0L, before);
        var watch = Stopwatch.StartNew();
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[1 << 16];
        var looked = watch.Elapsed;
        for (var read = await stream.ReadAsync(buffer); read > 0; read = await stream.ReadAsync(buffer))
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            bytes += read;
            if (watch.Elapsed - looked > TimeSpan.FromMilliseconds(20))
            {
                looked = watch.Elapsed;
                most = Math.Max(most, Environment.WorkingSet);
            }
        }

        return (lines, watch.Elapsed.TotalSeconds, bytes, (most - before) / 1048576.0);
    }

    /// <summary>What is resident once everything that is not needed was given back.</summary>
    private static long SettledMemory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
