using System.Buffers;
using System.Buffers.Binary;
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
    /// <param name="document">Only objects, arrays, strings, whole numbers that fit 64 bits, true, false and
    /// null.</param>
    /// <param name="output">Where the bytes go.</param>
    /// <exception cref="FormatException">The document holds something else, e.g. a fraction, or a member
    /// twice.</exception>
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
                WriteText((byte)'s', document.GetString()!, output);
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
        var members = document.EnumerateObject().ToArray();
        Array.Sort(members, (x, y) => string.CompareOrdinal(x.Name, y.Name));
        WriteHead((byte)'o', members.Length, output);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0 && members[i].Name == members[i - 1].Name)
            {
                throw new FormatException($"The member '{members[i].Name}' stands twice.");
            }

            WriteText((byte)'k', members[i].Name, output);
            Write(members[i].Value, output);
        }
    }

    private static void WriteText(byte tag, string text, IBufferWriter<byte> output)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        WriteHead(tag, length, output);
        Encoding.UTF8.GetBytes(text, output.GetSpan(length));
        output.Advance(length);
    }

    private static void WriteHead(byte tag, int length, IBufferWriter<byte> output)
    {
        var head = output.GetSpan(5);
        head[0] = tag;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        output.Advance(5);
    }
}
