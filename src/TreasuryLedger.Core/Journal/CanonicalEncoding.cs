using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
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
    /// <param name="document">
    /// Only objects, arrays, strings, whole numbers that fit 64 bits, true, false and null.
    /// </param>
    /// <param name="output">Where the bytes go.</param>
    /// <exception cref="FormatException">
    /// The document holds something else, e.g. a fraction, or a member twice.
    /// </exception>
    public static void Write(JsonElement document, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        switch (document.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(document, output);
                break;
            case JsonValueKind.Array:
                WriteHead((byte)'a', document.GetArrayLength(), output);
                foreach (var item in document.EnumerateArray())
                {
                    Write(item, output);
                }

                break;
            case JsonValueKind.String:
                WriteText((byte)'s', TextOf(document), output);
                break;
            case JsonValueKind.Number when document.TryGetInt64(out var number):
                var digits = output.GetSpan(9);
                digits[0] = (byte)'i';
                BinaryPrimitives.WriteInt64BigEndian(digits[1..], number);
                output.Advance(9);
                break;
            case JsonValueKind.True:
            case JsonValueKind.False:
                WriteHead((byte)'b', document.ValueKind == JsonValueKind.True ? 1 : 0, output);
                break;
            case JsonValueKind.Null:
                WriteHead((byte)'n', 0, output);
                break;
            default:
                throw new FormatException($"A stored document cannot hold {document.GetRawText()}.");
        }
    }

    private static void WriteObject(JsonElement document, IBufferWriter<byte> output)
    {
        var count = document.GetPropertyCount();
        var members = ArrayPool<JsonProperty>.Shared.Rent(count);
        try
        {
            var filled = 0;
            foreach (var member in document.EnumerateObject())
            {
                members[filled++] = member;
            }

            var sorted = members.AsSpan(0, count);
            sorted.Sort(static (x, y) => NameOf(x).SequenceCompareTo(NameOf(y)));
            WriteHead((byte)'o', count, output);
            for (var i = 0; i < count; i++)
            {
                if (i > 0 && NameOf(sorted[i]).SequenceEqual(NameOf(sorted[i - 1])))
                {
                    throw new FormatException($"The member '{sorted[i].Name}' stands twice.");
                }

                WriteText((byte)'k', NameOf(sorted[i]), output);
                Write(sorted[i].Value, output);
            }
        }
        finally
        {
            ArrayPool<JsonProperty>.Shared.Return(members, clearArray: true);
        }
    }

    // Nearly all names and texts have no escapes: then the document's own bytes are the text, and nothing is copied.
    private static ReadOnlySpan<byte> NameOf(JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(member.Name) : raw;
    }

    private static ReadOnlySpan<byte> TextOf(JsonElement text)
    {
        var quoted = JsonMarshal.GetRawUtf8Value(text);
        return quoted.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(text.GetString()!) : quoted[1..^1];
    }

    private static void WriteText(byte tag, ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        WriteHead(tag, text.Length, output);
        output.Write(text);
    }

    private static void WriteHead(byte tag, int length, IBufferWriter<byte> output)
    {
        var head = output.GetSpan(5);
        head[0] = tag;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        output.Advance(5);
    }
}
