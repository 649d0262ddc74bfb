using System.Text;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Texts that many blocks of a journal repeat (accounts, assets, sources), each in memory once. Not for several threads
/// at a time.
/// </summary>
internal sealed class NarrowTexts
{
    private readonly Dictionary<string, KnownText> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KnownText>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public NarrowTexts() => _lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text of bytes.</summary>
    public KnownText Of(ReadOnlySpan<byte> bytes)
    {
        const int shared = 128;
        if (bytes.Length > shared)
        {
            return new KnownText(Encoding.UTF8.GetString(bytes));
        }

        Span<char> text = stackalloc char[shared];
        text = text[..Encoding.UTF8.GetChars(bytes, text)];
        if (!_lookup.TryGetValue(text, out var known))
        {
            known = new KnownText(text.ToString());
            _known.Add(known.Text, known);
        }

        return known;
    }
}

/// <summary>A text that repeats, and the ids that it is: looked at once and not each time that it is read.</summary>
internal sealed class KnownText(string text)
{
    /// <summary>The text.</summary>
    public string Text => text;

    /// <summary>The account of this id; absent if it is none.</summary>
    public AccountId? Account { get; } = AccountId.TryParse(text, out var id) ? id : null;

    /// <summary>The asset of this id; absent if it is none.</summary>
    public AssetId? Asset { get; } = AssetId.TryParse(text, out var id) ? id : null;
}
