using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// A payload that was received to its end: its hash is known, and it can be read from the start as often as needed. It
/// lies in a file without a name, which ends with it.
/// </summary>
internal sealed class PayloadFile : IAsyncDisposable
{
    /// <summary>Largest payload (bytes, inclusive).</summary>
    public const long BytesMax = 1L << 30;

    private const int BufferSize = 1 << 16;

    private readonly FileStream _file;

    private PayloadFile(FileStream file, byte[] hash) => (_file, Hash) = (file, hash);

    /// <summary>SHA-256 over its bytes.</summary>
    public byte[] Hash { get; }

    /// <summary>How many bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Receives a payload to its end.</summary>
    /// <exception cref="ProblemException">It is too large.</exception>
    public static async Task<PayloadFile> ReceiveAsync(Stream from, CancellationToken cancellation)
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, BufferSize, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[BufferSize];
            int read;
            while ((read = await from.ReadAsync(buffer, cancellation)) > 0)
            {
                if (file.Length + read > BytesMax)
                {
                    throw ProblemException.Of(
                        ErrorRegistry.BodyTooLarge, $"The body has more than {BytesMax} bytes.",
                        ("bytesMax", BytesMax));
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            return new PayloadFile(file, hash.GetHashAndReset());
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its bytes from the start.</summary>
    public Stream FromStart()
    {
        _file.Position = 0;
        return _file;
    }

    /// <summary>
    /// Its text from the start: UTF-8, or UTF-16 if a byte order mark says so. The mark is no part of it.
    /// </summary>
    public StreamReader Text() => new(
        FromStart(), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true,
        BufferSize, leaveOpen: true);

    /// <summary>Refuses a payload that is no text, before any of it is recorded.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public async Task CheckTextAsync(CancellationToken cancellation)
    {
        using var text = Text();
        var buffer = new char[BufferSize];
        var line = 1L;
        try
        {
            int read;
            while ((read = await text.ReadAsync(buffer, cancellation)) > 0)
            {
                var part = buffer.AsSpan(0, read);
                if (part.Contains('\0') || part.Contains('\uFFFD'))
                {
                    throw new DecoderFallbackException();
                }

                line += part.Count('\n');
            }
        }
        catch (DecoderFallbackException)
        {
            throw Unreadable($"It is no text in UTF-8 (or UTF-16 with a byte order mark), near line {line}.", line);
        }
    }

    /// <summary>Nothing of a payload can be recorded.</summary>
    public static ProblemException Unreadable(string why, long line) =>
        ProblemException.Of(ErrorRegistry.FileUnreadable, why, ("line", line));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
