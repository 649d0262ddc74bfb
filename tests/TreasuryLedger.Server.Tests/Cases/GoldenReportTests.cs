using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Exports;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// Reports of a history that never changes, at three viewpoints: the case, with January and February closed and sealed,
/// and a correction that came after January was closed. A report whose bytes change says so here; what it contains is
/// held elsewhere.
/// </summary>
[Collection(CaseTests.Name)]
public sealed class GoldenReportTests(RecordedCase recorded)
{
    /// <summary>January before the correction, January after it, February as it was closed.</summary>
    private static readonly (string AsOf, string KnownAt)[] Viewpoints =
    [
        ("2026-01-31", "2026-02-06T23:59:59Z"), ("2026-01-31", "2026-02-20T00:00:00Z"),
        ("2026-02-28", "2026-03-09T12:00:01Z"),
    ];

    private static readonly (string Verb, string Name, string Value)[] Questions =
    [
        ("realized", "period", "month"), ("gains-by-lot", "format", "csv"), ("gains-by-lot", "format", "ndjson"),
        ("gains-by-lot", "format", "xlsx"), ("unrealized", "format", "csv"), ("open-lots", "format", "csv"),
        ("flows", "format", "csv"), ("disposals", "format", "csv"), ("roll-forward", "format", "csv"),
        ("trial-balance", "format", "csv"), ("general-ledger", "format", "csv"), ("price-evidence", "format", "csv"),
        ("exposure", "format", "ndjson"), ("restatement", "knownAt1", "2026-02-05T00:00:00Z"), ("periods", "", ""),
        ("official-gains", "format", "ndjson"), ("official-trial-balance", "format", "csv"),
        ("official-roll-forward", "format", "csv"), ("official-general-ledger", "format", "csv"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task reports_of_a_fixed_history_have_the_bytes_that_they_always_had()
    {
        var golden = new StringBuilder();
        foreach (var (asOf, knownAt) in Viewpoints)
        {
            foreach (var (verb, name, value) in Questions)
            {
                var route = AnswerRoute.All.Single(one => one.Verb == verb);
                var stream = new MemoryStream();
                var known = verb == "restatement" ? "knownAt2" : "knownAt";
                var pending = await route.AskInFormAsync(AskingOf((known, knownAt), (name, value)), Cancellation);
                if (pending is { Format: not ListFormat.Json, StreamAsync: { } parts })
                {
                    await foreach (var part in parts(Cancellation))
                    {
                        stream.Write(part);
                    }
                }
                else
                {
                    await System.Text.Json.JsonSerializer.SerializeAsync(
                        stream, await pending.MakeAsync(Cancellation), route.Answer,
                        Server.Platform.Json.Wire.Options, Cancellation);
                }

                var digest = Digest(stream, value == "xlsx");
                golden.Append(
                    CultureInfo.InvariantCulture, $"{asOf} {knownAt} {verb} {name} {value} {digest}\n");
            }

            foreach (var name in new[] { "form-8949", "beancount", "workbook" })
            {
                var stream = new MemoryStream();
                var pending = await ExportRoute.All.Single(one => one.Name == name)
                    .AskAsync(AskingOf(("knownAt", knownAt), ("", "")), Cancellation);
                await pending.WriteAsync(stream, Cancellation);
                var digest = Digest(stream, name == "workbook");
                golden.Append(CultureInfo.InvariantCulture, $"{asOf} {knownAt} export {name} {digest}\n");
            }

            Asking AskingOf((string Name, string Value) known, (string Name, string Value) more) =>
                recorded.Ask(recorded.Folder.File.Audit.Treasury, ("asOf", asOf), known, more);
        }

        await RepositoryFiles.ShouldHoldAsync(
            "tests/TreasuryLedger.Server.Tests/Cases/reports.golden.txt", golden.ToString(), Cancellation);
    }

    /// <summary>The beginning of a digest; of an archive that of its parts, however they are packed.</summary>
    private static string Digest(MemoryStream stream, bool isArchive)
    {
        stream.Position = 0;
        if (!isArchive)
        {
            return $"{stream.Length} {Convert.ToHexStringLower(SHA256.HashData(stream))[..24]}";
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var archive = new ZipArchive(stream);
        foreach (var entry in archive.Entries)
        {
            using var part = entry.Open();
            using var bytes = new MemoryStream();
            part.CopyTo(bytes);
            hash.AppendData(Encoding.UTF8.GetBytes(entry.FullName));
            hash.AppendData(bytes.ToArray());
        }

        return $"{archive.Entries.Count} parts {Convert.ToHexStringLower(hash.GetHashAndReset())[..24]}";
    }
}
