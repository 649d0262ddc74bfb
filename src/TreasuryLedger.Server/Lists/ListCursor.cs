using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Lists;

/// <summary>
/// Where the next page of a list begins: behind a row, at one known-at instant. Signed together with the question, so
/// it continues that question and no other, and one that somebody changed is refused.
/// </summary>
/// <param name="KnownAt">The instant of the first page; all pages are known at it.</param>
/// <param name="Position">The entry of the last row.</param>
/// <param name="Leg">The leg of the last row; 0 where rows are entries.</param>
/// <param name="AsOf">The as-of instant of the first page, where rows follow from one.</param>
public sealed record ListCursor(Instant KnownAt, long Position, int Leg, Instant? AsOf = null)
{
    private const int PlainBytes = 20;
    private const int AsOfBytes = 8;
    private const int SignatureBytes = 16;

    /// <summary>The cursor as callers get it.</summary>
    /// <param name="key">The database's key.</param>
    /// <param name="question">Everything that the rows depend on, beside the known-at instant.</param>
    public string Write(byte[] key, string question)
    {
        var plain = PlainBytes + (AsOf is null ? 0 : AsOfBytes);
        Span<byte> bytes = stackalloc byte[plain + SignatureBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, KnownAt.Microseconds);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Position);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], Leg);
        if (AsOf is { } asOf)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[PlainBytes..], asOf.Microseconds);
        }

        Sign(key, bytes[..plain], question).CopyTo(bytes[plain..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a cursor.</summary>
    /// <exception cref="ProblemException">It was not given for this question, or was changed.</exception>
    public static ListCursor Read(byte[] key, string question, string text)
    {
        Span<byte> room = stackalloc byte[PlainBytes + AsOfBytes + SignatureBytes];
        if ((text.Length != Base64Url.GetEncodedLength(room.Length)
                && text.Length != Base64Url.GetEncodedLength(room.Length - AsOfBytes))
            || !Base64Url.TryDecodeFromChars(text, room, out var length)
            || length is not (PlainBytes + SignatureBytes or PlainBytes + AsOfBytes + SignatureBytes)
            || Base64Url.EncodeToString(room[..length]) != text
            || !CryptographicOperations.FixedTimeEquals(
                Sign(key, room[..(length - SignatureBytes)], question), room[(length - SignatureBytes)..length]))
        {
            throw ProblemException.Of(
                ErrorRegistry.CursorInvalid,
                "The cursor was not given for this list with these filters and instants, or it was changed.");
        }

        return new ListCursor(
            new Instant(BinaryPrimitives.ReadInt64BigEndian(room)),
            BinaryPrimitives.ReadInt64BigEndian(room[8..]),
            BinaryPrimitives.ReadInt32BigEndian(room[16..]),
            length == PlainBytes + SignatureBytes
                ? null
                : new Instant(BinaryPrimitives.ReadInt64BigEndian(room[PlainBytes..])));
    }

    private static ReadOnlySpan<byte> Sign(byte[] key, ReadOnlySpan<byte> plain, string question) =>
        HMACSHA256.HashData(key, (byte[])[.. plain, .. Encoding.UTF8.GetBytes(question)]).AsSpan(0, SignatureBytes);
}

/// <summary>The key by which cursors are signed; the same on every node and for every database.</summary>
/// <param name="databases">The main one has it.</param>
public sealed class CursorKey(TenantDatabases databases)
{
    private byte[]? _key;

    /// <summary>The key.</summary>
    public async ValueTask<byte[]> GetAsync(CancellationToken cancellation)
    {
        if (_key is null)
        {
            await using var select = databases.Main.CreateCommand("select key from ledger.cursor_keys");
            _key = (byte[])(await select.ExecuteScalarAsync(cancellation))!;
        }

        return _key;
    }
}
