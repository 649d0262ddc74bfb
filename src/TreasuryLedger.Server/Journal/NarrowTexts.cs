using System.Text;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Texts that many blocks of a journal repeat (accounts, assets, sources), each in memory once. Not for several threads
/// at a time.
/// </summary>
internal sealed class NarrowTexts
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public NarrowTexts() => _lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text of bytes.</summary>
    public string Of(ReadOnlySpan<byte> bytes)
    {
        const int shared = 128;
        if (bytes.Length > shared)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        Span<char> text = stackalloc char[shared];
        text = text[..Encoding.UTF8.GetChars(bytes, text)];
        if (!_lookup.TryGetValue(text, out var known))
        {
            known = text.ToString();
            _known.Add(known);
        }

        return known;
    }
}
