using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Sheets;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// One archive with all that an auditor needs: the journals whole, what follows from them, and a manifest with the
/// digest of every file. It is checked without this program (ops/verifier), and read into an empty ledger by it.
/// </summary>
internal sealed class AuditorsPack
{
    /// <summary>What follows from the journals: its file, the question, and what else is asked.</summary>
    private static readonly (string File, string Verb, (string Name, string Value)[] More)[] Derived =
    [
        ("lists/lots.csv", "lots", [("format", "csv")]),
        ("lists/acquisitions.csv", "acquisitions", [("format", "csv")]),
        ("lists/disposals.csv", "disposals", [("format", "csv")]),
        ("lists/transfers.csv", "transfers", [("format", "csv")]),
        ("lists/shortfalls.csv", "shortfalls", [("format", "csv")]),
        ("lists/alerts.csv", "alerts", [("format", "csv")]),
        ("statements/balances.json", "balances", []),
        ("statements/realized-gains.json", "realized", [("period", "month")]),
        ("statements/unrealized-gains.json", "unrealized", []),
        ("statements/trial-balance.json", "trial-balance", []),
        ("statements/positions.json", "positions", []),
        ("statements/policies.json", "books", []),
    ];

    private static readonly (string Name, Func<Entry, string?> Value)[] EvidenceColumns =
    [
        ("entry", entry => entry.Position.ToString(CultureInfo.InvariantCulture)),
        ("fact", entry => entry.Fact.ToString()), ("type", entry => EventNames.Of(entry.Event).Name),
        ("effectiveAt", entry => entry.EffectiveAt.ToString()), ("recordedAt", entry => entry.RecordedAt.ToString()),
        ("actor", entry => entry.Actor), ("source", entry => entry.Source),
        ("reference", entry => entry.Evidence.Reference), ("payloadHash", entry => entry.Evidence.PayloadHash),
        ("quality", entry => ListRows.Word(entry.Quality)),
        ("voids", entry => entry.Voids?.ToString(CultureInfo.InvariantCulture)),
    ];

    private const string ReadMe =
        """
        An auditor's pack of Treasury Ledger.

        manifest.json      where everything stands, the heads of the journals, the digest of every file
        journals/          every entry exactly as stored and hashed, with its place in the hash chain and its text
        evidence.csv       for every entry of the treasury: who says so, where, and the hash of what was received
        lists/             lots, acquisitions, disposals, transfers, shortfalls, alerts
        statements/        balances, gains, trial balance, positions, and the policies of the books
        book.beancount     the whole book for beancount, which books it by itself

        To check digests, hash chains and heads without database and without our program:
            python3 verify.py --pack FILE
        To read the journals into an empty ledger, which then has the same heads and gives the same answers:
            treasury-ledger import-pack FILE

        """;

    private readonly Asking _asking;
    private readonly Seen _seen;
    private readonly ZipArchive _archive;
    private readonly List<PackFile> _files = [];
    private readonly List<TreeHead> _heads = [];

    private AuditorsPack(Asking asking, Seen seen, ZipArchive archive) =>
        (_asking, _seen, _archive) = (asking, seen, archive);

    /// <summary>The export.</summary>
    public static ExportRoute Route { get; } = new(
        "pack", "zip", "application/zip", "exportPack", "The auditor's pack: journals, lots, statements and digests",
        "A ZIP archive with the journals whole up to the positions of knownAt, what follows from them at this "
        + "viewpoint, and a manifest with the heads and the digest of every file. 'import-pack' reads it into an empty "
        + "ledger, which then has equal heads. A journal that is damaged ends the archive before its end, unreadable.",
        Question.Parameters, AskAsync);

    private static async Task<PendingExport> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var seen = await asking.SeeAsync(cancellation);
        _ = seen.Digits; // without a currency nothing can be rounded: refused now, not in the middle of the archive
        await using var connection = await asking.Desk.Databases.OpenAsync(asking.Treasury.Tenant, cancellation);
        var erased = 0L;
        foreach (var (key, _) in JournalsOf(asking, seen))
        {
            erased += await ListReads.ErasedAsync(connection, key, cancellation);
        }

        return new PendingExport(seen.Standpoint, seen.Cost, async (stream, stop) =>
        {
            // An archive in a file that can be rewound has other bytes than the same archive on its way to a caller.
            await using var forward = new ArchiveStream(stream);
            await using var archive = await ZipArchive.CreateAsync(
                forward, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, stop);
            await new AuditorsPack(asking, seen, archive).WriteAsync(stop);
        })
        {
            // Texts can be erased at any time, whatever the instant.
            Form = string.Create(CultureInfo.InvariantCulture, $"erased {erased}"),
        };
    }

    private static IEnumerable<(JournalKey Key, long Size)> JournalsOf(Asking asking, Seen seen)
    {
        var (tenant, positions) = (asking.Treasury.Tenant, seen.Standpoint.Positions);
        yield return (asking.Treasury, positions.Treasury);
        yield return (JournalAddress.KeyOf(JournalKind.PriceBook, tenant, seen.Opened.PriceBook), positions.PriceBook);
        yield return (
            JournalAddress.KeyOf(JournalKind.MarketBook, tenant, seen.Opened.MarketBook), positions.MarketBook);
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        await AddAsync("README.txt", file => file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(ReadMe), cancellation));
        foreach (var (key, size) in JournalsOf(_asking, _seen).Where(journal => journal.Size > 0))
        {
            await AddAsync($"journals/{key.Journal}.ndjson", file => WriteJournalAsync(file, key, size, cancellation));
        }

        await AddAsync("evidence.csv", file => WriteEvidenceAsync(file, cancellation));
        foreach (var (name, verb, more) in Derived)
        {
            await AddAsync(name, file => AskAsync(file, verb, more, cancellation));
        }

        var book = await BeancountFile.Route.AskAsync(AskingOf(BeancountFile.Route.Parameters, []), cancellation);
        await AddAsync("book.beancount", file => new ValueTask(book.WriteAsync(file, cancellation)));
        var manifest = new PackManifest(PackManifest.Name, _seen.Standpoint, [.. _heads], [.. _files]);
        await AddAsync(PackManifest.FileName, file => new ValueTask(
            JsonSerializer.SerializeAsync(file, manifest, Wire.Indented, cancellation)));
    }

    /// <summary>Adds a file, and what the manifest says of it.</summary>
    private async Task AddAsync(string name, Func<Stream, ValueTask> write)
    {
        var entry = _archive.CreateEntry(name);
        entry.LastWriteTime = WorkbookStream.Epoch;
        await using var file = new DigestingStream(await entry.OpenAsync());
        await write(file);
        _files.Add(file.Of(name));
    }

    /// <summary>What a question answers at this viewpoint.</summary>
    private async ValueTask AskAsync(
        Stream file, string verb, (string Name, string Value)[] more, CancellationToken cancellation)
    {
        var route = AnswerRoute.All.Single(one => one.Verb == verb);
        var pending = await route.AskAsync(AskingOf(route.Parameters, more), cancellation);
        if (pending is { Format: not ListFormat.Json, StreamAsync: { } stream })
        {
            await foreach (var part in stream(cancellation))
            {
                await file.WriteAsync(part, cancellation);
            }

            return;
        }

        await JsonSerializer.SerializeAsync(
            file, await pending.MakeAsync(cancellation), route.Answer, Wire.Indented, cancellation);
    }

    /// <summary>The question of the pack, of those parameters that a route takes, and more.</summary>
    private Asking AskingOf(
        Platform.OpenApi.ParameterText[] takes, (string Name, string Value)[] more)
    {
        var stand = _seen.Standpoint;
        var query = new Dictionary<string, StringValues>(StringComparer.Ordinal)
        {
            ["asOf"] = stand.AsOf.ToString(),
            ["knownAt"] = stand.KnownAt.ToString(),
        };
        foreach (var name in Question.Policy.Select(parameter => parameter.Name)
            .Where(name => takes.Any(parameter => parameter.Name == name)))
        {
            if (_asking.Query.Text(name) is { } value)
            {
                query[name] = value;
            }
        }

        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        return _asking with { Query = new QueryReader(new QueryCollection(query)), Subject = "" };
    }

    /// <summary>A journal as it is stored, its chain derived again on the way.</summary>
    private async ValueTask WriteJournalAsync(Stream file, JournalKey key, long size, CancellationToken cancellation)
    {
        await using var connection = await _asking.Desk.Databases.OpenAsync(key.Tenant, cancellation);
        var (hash, tree) = (HashChain.Origin(key.Tenant, key.Journal), new MerkleFrontier());
        var (line, recordedAt) = (new ArrayBufferWriter<byte>(4_096), default(Core.Time.Instant));
        await foreach (var row in StoredRow.ReadAsync(connection, key, size, cancellation))
        {
            hash = HashChain.Next(hash, row.Json ?? []);
            if (row.Index is not { } index || row.Position != tree.Size + 1 || !hash.AsSpan().SequenceEqual(index.Hash))
            {
                throw new InvalidDataException($"{key} is damaged at {row.Position}: run verify.");
            }

            tree.Add(MerkleTree.Leaf(hash));
            recordedAt = index.RecordedAt;
            line.ResetWrittenCount();
            await using (var json = new Utf8JsonWriter(line))
            {
                JsonSerializer.Serialize(
                    json,
                    new PackEntry(
                        row.Position, Convert.ToHexStringLower(hash), JsonElement.Parse(row.Json!),
                        row.Text is { Salt: { } salt, Text: { } text }
                            ? new ProofText(Convert.ToHexStringLower(salt), text)
                            : null),
                    Wire.Options);
            }

            line.Write("\n"u8);
            await file.WriteAsync(line.WrittenMemory, cancellation);
        }

        if (tree.Size != size)
        {
            throw new InvalidDataException($"{key} ends at {tree.Size} instead of {size}: run verify.");
        }

        _heads.Add(new TreeHead(
            key.Tenant, key.Journal, size, recordedAt, Convert.ToHexStringLower(hash),
            Convert.ToHexStringLower(tree.Root)));
    }

    private async ValueTask WriteEvidenceAsync(Stream file, CancellationToken cancellation)
    {
        await using var connection = await _asking.Desk.Databases.OpenAsync(_asking.Treasury.Tenant, cancellation);
        var text = new ListText<Entry>(ListFormat.Csv, EvidenceColumns);
        await file.WriteAsync(text.Begin(_seen.Standpoint), cancellation);
        await foreach (var rows in JournalRows.EntriesAsync(
            connection, _asking.Treasury, 0, _seen.Standpoint.Positions.Treasury, cancellation)
            .Chunk(ListText.ChunkRows).WithCancellation(cancellation))
        {
            foreach (var piece in text.Rows(rows))
            {
                await file.WriteAsync(piece, cancellation);
            }
        }
    }
}
