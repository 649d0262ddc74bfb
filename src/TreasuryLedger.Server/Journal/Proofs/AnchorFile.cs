using System.Collections.Immutable;
using System.Text;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>The anchors of one tenant: a file of lines that is only ever added to.</summary>
/// <param name="path">Where it is, or will be.</param>
public sealed class AnchorFile(string path)
{
    private long _length;

    /// <summary>The file of a tenant in a folder of anchors.</summary>
    public static AnchorFile In(string folder, string tenant) => new(Path.Combine(folder, $"{tenant}.ndjson"));

    /// <summary>Reads all anchors and derives their chain again. No file, no anchors.</summary>
    /// <exception cref="ProofException">The file is not the one that was written.</exception>
    public async Task<ImmutableArray<Anchor>> ReadAsync(CancellationToken cancellation)
    {
        var content = File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellation) : [];
        _length = content.Length;
        return content.Length == 0 ? [] : Anchor.ReadAll(Encoding.UTF8.GetString(content));
    }

    /// <summary>
    /// Adds an anchor after those that were read, and returns when it is on disk. What another program added meanwhile
    /// makes it fail: the file is held alone while it is written, and its length must be the one that was read.
    /// </summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="cancellation">Stops it before anything is written.</param>
    /// <exception cref="IOException">The file is held, or was changed since it was read.</exception>
    public async Task AppendAsync(Anchor anchor, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (file.Length != _length)
        {
            throw new IOException($"{path} has {file.Length} bytes where {_length} were read: another writes it.");
        }

        cancellation.ThrowIfCancellationRequested();
        file.Seek(0, SeekOrigin.End);
        await file.WriteAsync(Encoding.UTF8.GetBytes(anchor.Line() + "\n"), CancellationToken.None);
        file.Flush(flushToDisk: true);
        _length = file.Length;
    }
}
