using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// A file of a source from its first byte to its report: kept with its hash, read by a mapping of columns or as lines
/// of commands, each row noted and recorded with all checks; and the same file again.
/// </summary>
public static class FileImport
{
    private const double Target = 25_000;
    private const int Warm = 8_000;
    private const string Source = "desk-file";

    private const string Mapped = """
        {
          "kind": "mapped",
          "accounts": { "Venue": "exchange" },
          "mapping": {
            "rules": [
              {
                "when": { "Type": "buy" },
                "command": {
                  "command": "acquire-asset", "fact": "desk:{Id}", "effectiveAt": "{Time|instant}",
                  "account": "{Place|account}", "asset": "{Coin|asset}", "quantity": "{Quantity|number}",
                  "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "{Paid|number}"
                }
              }
            ]
          }
        }
        """;

    private const string Lines = """{"kind":"commands"}""";

    /// <summary>Measures both forms once at each size: the next one is another treasury.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        // The first thousands run code that is not compiled for speed yet.
        var warm = new Findings();
        await MeasureAsync(lab, warm, "CSV under a mapping", Mapped, Csv(Warm), Warm);
        await MeasureAsync(lab, warm, "NDJSON of commands", Lines, Ndjson(Warm), Warm);
        foreach (var entries in lab.Options.Entries)
        {
            await MeasureAsync(lab, findings, "CSV under a mapping", Mapped, Csv(entries), entries);
            await MeasureAsync(lab, findings, "NDJSON of commands", Lines, Ndjson(entries), entries);
        }
    }

    private static async Task MeasureAsync(
        Lab lab, Findings findings, string form, string terms, byte[] file, int entries)
    {
        var journal = await lab.NewTreasuryAsync($"file-{form[..3].ToLowerInvariant()}-{entries}");
        await lab.Services.GetRequiredService<FactStore>().RegisterAsync(
            journal, Source, JsonBody.Read<SourceTerms>(Encoding.UTF8.GetBytes(terms)), "bench",
            CancellationToken.None);
        using var profile = new CommitProfile(lab);
        var (rate, report) = await ImportAsync(lab, journal, file, entries);
        findings.Notes.Add(profile.Report($"file of {Text.Whole(entries)} rows, {form}", entries));
        Check(report.Recorded, entries);
        findings.Rows.Add(new Row(
            $"file of {Text.Whole(entries)} rows, {form}: kept, read, recorded with all checks",
            // As batches of 1,000, and reading and noting rows beside it.
            "10,000/s", $"{Text.Whole(rate)}/s ({Text.Short(entries / rate)} s, {file.Length >> 20} MiB)",
            "–", "–", "≥ 25,000/s, 1M in 60 s",
            rate < Target ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
        (rate, report) = await ImportAsync(lab, journal, file, entries);
        Check(report.Found, entries);
        findings.Rows.Add(new Row(
            $"the same {Text.Whole(entries)} rows, {form}, sent again: each row is known", "20,000/s",
            $"{Text.Whole(rate)}/s", "–", "–", "–", Reached.NoTarget));
    }

    private static async Task<(double Rate, ImportReport Report)> ImportAsync(
        Lab lab, JournalKey journal, byte[] file, int entries)
    {
        var watch = Stopwatch.StartNew();
        var report = await lab.Services.GetRequiredService<FactImporter>().ImportAsync(
            journal, Source, new MemoryStream(file), "file", "bench", null, CancellationToken.None);
        return (entries / watch.Elapsed.TotalSeconds, report);
    }

    private static void Check(long actual, long expected)
    {
        if (actual != expected)
        {
            throw new InvalidOperationException($"{actual} of {expected} rows became what they should.");
        }
    }

    private static byte[] Csv(int entries)
    {
        var text = new StringBuilder("Id,Type,Time,Place,Coin,Quantity,Paid\n");
        foreach (var (number, buy) in History.Acquisitions(entries).Cast<AcquireAsset>().Index())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{number},buy,{buy.EffectiveAt},Venue,{buy.Asset},{buy.Quantity},{buy.PaidQuantity}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Ndjson(int entries)
    {
        var lines = new MemoryStream();
        foreach (var command in History.Commands(entries))
        {
            JsonSerializer.Serialize(lines, command, Wire.Options);
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }
}
