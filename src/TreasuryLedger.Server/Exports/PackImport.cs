using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Exports;

/// <summary>A pack is not what it says, or does not fit what is here; nothing of what is wrong was recorded.</summary>
/// <param name="message">What is wrong and where.</param>
public sealed class PackException(string message) : Exception(message);

/// <summary>A journal that was read from a pack.</summary>
/// <param name="Head">Where it ends.</param>
/// <param name="Found">Entries that were here already.</param>
/// <param name="Recorded">Entries that were recorded.</param>
public sealed record ImportedJournal(TreeHead Head, long Found, long Recorded);

/// <summary>
/// Reads the journals of a pack into a ledger that does not have them: entry by entry as they were stored and hashed,
/// recorded instants included, so that heads and answers are those of the ledger that wrote the pack. Digests, chains
/// and heads are checked before anything is recorded. An import that was cut goes on where it stopped.
/// </summary>
/// <param name="databases">Where journals lie.</param>
public sealed class PackImport(TenantDatabases databases)
{
    /// <summary>Entries of one commit.</summary>
    private const int Part = 2_000;

    private const string InsertErased =
        """
        insert into ledger.texts (tenant, journal, position, field, erased_at)
        select $1, $2, position, 'reason', clock_timestamp() from unnest($3) as erased (position)
        """;

    /// <summary>Reads a pack.</summary>
    /// <param name="file">The archive; it must be seekable.</param>
    /// <param name="cancellation">Stops it between commits.</param>
    /// <exception cref="PackException">See there.</exception>
    public async Task<ImmutableArray<ImportedJournal>> ReadAsync(Stream file, CancellationToken cancellation)
    {
        try
        {
            await using var archive = await ZipArchive.CreateAsync(
                file, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellation);
            var manifest = await ManifestAsync(archive, cancellation);
            foreach (var one in manifest.Files)
            {
                await CheckDigestAsync(archive, one, cancellation);
            }

            foreach (var head in manifest.Heads)
            {
                await CheckHeadAsync(archive, head, cancellation);
            }

            var imported = ImmutableArray.CreateBuilder<ImportedJournal>();
            foreach (var head in manifest.Heads)
            {
                imported.Add(await RecordAsync(archive, head, cancellation));
            }

            return imported.ToImmutable();
        }
        catch (Exception fault) when (fault is InvalidDataException or JsonException or FormatException)
        {
            throw new PackException($"It is no pack that can be read: {fault.Message}");
        }
    }

    private static async Task<PackManifest> ManifestAsync(ZipArchive archive, CancellationToken cancellation)
    {
        await using var file = await OpenAsync(archive, PackManifest.FileName, cancellation);
        var manifest = await JsonSerializer.DeserializeAsync<PackManifest>(file, Wire.Options, cancellation);
        return manifest is { Format: PackManifest.Name }
            ? manifest
            : throw new PackException($"Its format is not {PackManifest.Name}.");
    }

    private static async Task<Stream> OpenAsync(ZipArchive archive, string name, CancellationToken cancellation) =>
        archive.GetEntry(name) is { } entry
            ? await entry.OpenAsync(cancellation)
            : throw new PackException($"{name} is missing.");

    private static async Task CheckDigestAsync(ZipArchive archive, PackFile file, CancellationToken cancellation)
    {
        await using var content = await OpenAsync(archive, file.Name, cancellation);
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation));
        if (digest != file.Sha256)
        {
            throw new PackException($"{file.Name} is not the one of the manifest: its SHA-256 is {digest}.");
        }
    }

    private static string FileOf(TreeHead head) => $"journals/{head.Journal}.ndjson";

    private static async IAsyncEnumerable<PackEntry> EntriesAsync(
        ZipArchive archive, TreeHead head, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var file = await OpenAsync(archive, FileOf(head), cancellation);
        using var lines = new StreamReader(file);
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            yield return JsonSerializer.Deserialize<PackEntry>(line, Wire.Options)
                ?? throw new PackException($"A line of {FileOf(head)} is empty.");
        }
    }

    /// <summary>Derives chain and tree again, and what this program would store of each entry.</summary>
    private static async Task CheckHeadAsync(ZipArchive archive, TreeHead head, CancellationToken cancellation)
    {
        var (hash, tree) = (HashChain.Origin(head.Tenant, head.Journal), new MerkleFrontier());
        await foreach (var line in EntriesAsync(archive, head, cancellation))
        {
            var stored = JsonSerializer.SerializeToUtf8Bytes(line.Entry);
            var entry = StoredJson.Read(stored);
            var next = HashChain.Next(hash, stored);
            Require(entry.Position == tree.Size + 1 && line.Position == entry.Position, "is out of its place");
            Require(Convert.ToHexStringLower(next) == line.Hash, "is not the one that was hashed");
            Require(
                HashChain.Next(hash, StoredJson.Write(entry)).AsSpan().SequenceEqual(next),
                "cannot be stored again as it was");
            Require(
                line.Text is null
                    || HashChain.DigestOf(Convert.FromHexString(line.Text.Salt), line.Text.Text) == entry.Reason,
                "has a text that is not the one that was digested");
            hash = next;
            tree.Add(MerkleTree.Leaf(hash));

            void Require(bool holds, string otherwise)
            {
                if (!holds)
                {
                    throw new PackException($"Entry {line.Position} in {FileOf(head)} {otherwise}.");
                }
            }
        }

        if (tree.Size != head.Size || Convert.ToHexStringLower(hash) != head.Hash
            || Convert.ToHexStringLower(tree.Root) != head.Root)
        {
            throw new PackException($"{FileOf(head)} does not end with the head of the manifest.");
        }
    }

    private async Task<ImportedJournal> RecordAsync(ZipArchive archive, TreeHead head, CancellationToken cancellation)
    {
        var key = new JournalKey(head.Tenant, head.Journal);
        var database = await databases.AssignedAsync(key.Tenant, cancellation);
        var found = await FoundAsync(database, key, archive, head, cancellation);
        var recorded = 0L;
        var part = new List<PackEntry>(Part);
        await foreach (var entry in EntriesAsync(archive, head, cancellation))
        {
            if (entry.Position > found)
            {
                part.Add(entry);
            }

            if (part.Count == Part || (entry.Position == head.Size && part.Count > 0))
            {
                await CommitAsync(database, key, part);
                recorded += part.Count;
                part.Clear();
                cancellation.ThrowIfCancellationRequested();
            }
        }

        return new ImportedJournal(head, found, recorded);
    }

    /// <summary>How many of the entries are here already; what is here must be the beginning of the pack.</summary>
    private static async Task<long> FoundAsync(
        NpgsqlDataSource database, JournalKey key, ZipArchive archive, TreeHead head, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await JournalRows.HeadAsync(connection, key, cancellation) is not { Head.Position: > 0 and var position })
        {
            return 0;
        }

        var common = Math.Min(position, head.Size);
        var here = await JournalRows.HashAsync(connection, key, common, cancellation);
        await foreach (var entry in EntriesAsync(archive, head, cancellation))
        {
            if (entry.Position == common)
            {
                return here is not null && Convert.ToHexStringLower(here) == entry.Hash ? common
                    : throw new PackException($"{key} is here with other entries: import into an empty ledger.");
            }
        }

        throw new PackException($"{FileOf(head)} has no entry {common}.");
    }

    private static async Task CommitAsync(NpgsqlDataSource database, JournalKey key, List<PackEntry> part)
    {
        var accepted = part.ConvertAll(line => new AcceptedEntry(
            StoredJson.Read(JsonSerializer.SerializeToUtf8Bytes(line.Entry)),
            line.Text is { } text ? (Convert.FromHexString(text.Salt), text.Text) : null));
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var head = (await HeadLock.TakeAsync(connection, key)).Head;
        if (head.Position != part[0].Position - 1)
        {
            throw new PackException($"{key} grew to {head.Position} during the import.");
        }

        var erased = accepted.FindAll(one => one.Reason is null && one.Entry.Reason is not null)
            .ConvertAll(one => one.Entry.Position);
        if (erased.Count > 0)
        {
            await using var insert = new TenantCommand(connection, key, InsertErased);
            insert.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. erased] });
            await insert.ExecuteNonQueryAsync();
        }

        await using var append = new Append(key, head, accepted);
        var replayed = accepted[0].Entry.Event switch
        {
            TreasuryOpened opened => opened.ReplayedClock,
            BookOpened opened => opened.ReplayedClock,
            _ => head.ReplayedClock,
        };
        await append.CommitAsync(transaction, replayed);
    }
}
