using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// One byte sequence for one stored document: a type tag, a length, then the content; members of an object sorted by
/// the bytes of their names. Lengths go first, so no value can imitate a separator; order and white space of the stored
/// JSON do not matter. See SPEC.md beside this file. It covers whatever the document holds, so a field that is added
/// later is hashed without touching this code.
/// </summary>
public static class CanonicalEncoding
{
    /// <summary>Writes the canonical bytes of a document.</summary>
    /// <param name="json">
    /// The document in UTF-8: only objects, arrays, strings, whole numbers that fit 64 bits, true, false and null.
    /// </param>
    /// <param name="output">Where the bytes go.</param>
    /// <exception cref="FormatException">
    /// The document holds something else, e.g. a fraction, or a member twice.
    /// </exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var bytes = new CanonicalBytes(json.Length);
        bytes.Add(json);
        output.Write(bytes.Written);
    }

    /// <summary>The canonical bytes of a document.</summary>
    /// <inheritdoc cref="Write"/>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        using var bytes = new CanonicalBytes(json.Length);
        bytes.Add(json);
        return bytes.Written.ToArray();
    }
}

/// <summary>
/// Canonical bytes while they are made, in one pass over the JSON: each value is written where it is met; what is known
/// only afterwards, the number of members and their order, is put right when an object ends.
/// </summary>
internal sealed class CanonicalBytes : IComparer<CanonicalBytes.Member>, IDisposable
{
    private const int HeadLength = 5;
    private byte[] _bytes;
    private int _length;
    private Member[] _members = new Member[32]; // of all objects that are open, the innermost last
    private int _open;

    public CanonicalBytes(int expected) => _bytes = ArrayPool<byte>.Shared.Rent(2 * expected + 256);

    /// <summary>Everything written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Writes bytes as they are.</summary>
    public void AddRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes a document.</summary>
    public void Add(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Value(ref reader);
        reader.Read(); // nothing may follow: the reader says so
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    int IComparer<Member>.Compare(Member x, Member y) => NameOf(x).SequenceCompareTo(NameOf(y));

    private void Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Object(ref reader);
                break;
            case JsonTokenType.StartArray:
                var (start, count) = (Head((byte)'a', 0), 0);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Value(ref reader);
                    count++;
                }

                SetLength(start, count);
                break;
            case JsonTokenType.String:
                Text((byte)'s', ref reader);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out var number):
                var digits = Room(1 + sizeof(long));
                digits[0] = (byte)'i';
                BinaryPrimitives.WriteInt64BigEndian(digits[1..], number);
                _length += 1 + sizeof(long);
                break;
            case JsonTokenType.True:
            case JsonTokenType.False:
                Head((byte)'b', reader.TokenType == JsonTokenType.True ? 1 : 0);
                break;
            case JsonTokenType.Null:
                Head((byte)'n', 0);
                break;
            default:
                throw new FormatException(
                    $"A stored document cannot hold {System.Text.Encoding.UTF8.GetString(reader.ValueSpan)}.");
        }
    }

    private void Object(ref Utf8JsonReader reader)
    {
        var (start, first) = (Head((byte)'o', 0), _open);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _length;
            var nameLength = Text((byte)'k', ref reader);
            reader.Read();
            Value(ref reader);
            if (_open == _members.Length)
            {
                Array.Resize(ref _members, 2 * _open);
            }

            _members[_open++] = new Member(name, nameLength, _length);
        }

        var members = _members.AsSpan(first, _open - first);
        SetLength(start, members.Length);
        Order(members);
        _open = first;
    }

    /// <summary>Puts the members of an object, the newest bytes, into the order of their names.</summary>
    private void Order(Span<Member> members)
    {
        if (members.IsEmpty)
        {
            return;
        }

        var start = members[0].Start;
        members.Sort(this);
        for (var i = 1; i < members.Length; i++)
        {
            if (NameOf(members[i]).SequenceEqual(NameOf(members[i - 1])))
            {
                var name = System.Text.Encoding.UTF8.GetString(NameOf(members[i]));
                throw new FormatException($"The member '{name}' stands twice.");
            }
        }

        var asRead = ArrayPool<byte>.Shared.Rent(_length - start);
        _bytes.AsSpan(start, _length - start).CopyTo(asRead);
        var to = start;
        foreach (var member in members)
        {
            var length = member.End - member.Start;
            asRead.AsSpan(member.Start - start, length).CopyTo(_bytes.AsSpan(to));
            to += length;
        }

        ArrayPool<byte>.Shared.Return(asRead);
    }

    private ReadOnlySpan<byte> NameOf(Member member) =>
        _bytes.AsSpan(member.Start + HeadLength, member.NameLength);

    /// <summary>Writes a text; nearly all have no escapes, then the document's own bytes are the text.</summary>
    /// <returns>Its length (bytes).</returns>
    private int Text(byte tag, ref Utf8JsonReader reader)
    {
        var start = Head(tag, 0);
        var room = Room(reader.ValueSpan.Length); // an escape is longer than what it stands for
        int length;
        if (reader.ValueIsEscaped)
        {
            length = reader.CopyString(room);
        }
        else
        {
            reader.ValueSpan.CopyTo(room);
            length = reader.ValueSpan.Length;
        }

        _length += length;
        SetLength(start, length);
        return length;
    }

    /// <returns>Where it stands, to set its length later.</returns>
    private int Head(byte tag, int length)
    {
        var start = _length;
        Room(HeadLength)[0] = tag;
        _length += HeadLength;
        SetLength(start, length);
        return start;
    }

    private void SetLength(int head, int length) =>
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(head + 1, sizeof(int)), length);

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _length + length));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(_length);
    }

    /// <summary>A member of an open object: where its bytes begin and end, and how long its name is.</summary>
    internal readonly record struct Member(int Start, int NameLength, int End);
}
