using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Entries of a journal that follow one another, as they are stored for folding: only what folds read
/// (<see cref="NarrowEntry"/>), in a compact binary form. Derived from the stored events and never the truth. Bytes
/// that are not exactly of this form, and of this journal, are refused.
/// </summary>
/// <remarks>
/// Version, first position, count, a recorded instant, an effective instant, the texts that repeat; then each entry
/// with its length; then a digest over journal and bytes, so that no changed bit becomes another figure.
/// </remarks>
internal sealed class NarrowBlock
{
    /// <summary>The form. A change of any shape raises it; what is stored in another is derived again.</summary>
    public const byte Version = 1;

    private const int DigestLength = 8;

    private readonly byte[] _body;
    private readonly KnownText[] _texts;
    private readonly int[] _offsets;
    private readonly long _recordedAt;
    private readonly long _effectiveAt;

    private NarrowBlock(byte[] body, NarrowTexts known)
    {
        var from = new NarrowReader(body.AsSpan(0, body.Length - DigestLength), []);
        from.Byte(); // the version
        First = from.Whole();
        Count = from.Fitting(from.Whole());
        _recordedAt = from.Whole();
        _effectiveAt = from.Whole();
        _texts = new KnownText[from.Fitting(from.Whole())];
        for (var i = 0; i < _texts.Length; i++)
        {
            _texts[i] = known.Of(from.Bytes(from.Whole()));
        }

        _offsets = new int[Count];
        for (var i = 0; i < Count; i++)
        {
            _offsets[i] = from.Position;
            from.Bytes(from.Whole());
        }

        _body = from.IsAtEnd && Count > 0 ? body : throw new NarrowException("its entries do not fill it");
    }

    /// <summary>The position of its first entry.</summary>
    public long First { get; }

    /// <summary>How many entries, 1 or more.</summary>
    public int Count { get; }

    /// <summary>The position of its last entry.</summary>
    public long Last => First + Count - 1;

    /// <summary>The bytes of entries.</summary>
    /// <param name="key">Their journal.</param>
    /// <param name="entries">At least one, in recorded order without gaps.</param>
    public static byte[] Write(JournalKey key, IReadOnlyList<NarrowEntry> entries)
    {
        var (recordedAt, effectiveAt) = (entries[0].RecordedAt.Microseconds, entries[0].EffectiveAt.Microseconds);
        var (content, one) = (new NarrowWriter(), new NarrowWriter());
        foreach (var entry in entries)
        {
            Write(one, entry, recordedAt, effectiveAt);
            content.Whole(one.Length);
            content.Bytes(one.Written);
            one.Clear();
        }

        var block = new NarrowWriter();
        block.Byte(Version);
        block.Whole(entries[0].Position);
        block.Whole(entries.Count);
        block.Whole(recordedAt);
        block.Whole(effectiveAt);
        block.Whole(one.Texts.Count);
        one.Texts.ForEach(block.Own);
        block.Bytes(content.Written);
        block.Bytes(DigestOf(key, block.Written));
        return block.Written.ToArray();
    }

    /// <summary>Opens the bytes of a block. Its entries are read when they are asked for.</summary>
    /// <param name="key">Whose entries they must be.</param>
    /// <param name="body">The bytes; kept.</param>
    /// <param name="known">Texts that are shared with other blocks.</param>
    /// <exception cref="NarrowException">They are none of this version, of another journal, or changed.</exception>
    public static NarrowBlock Open(JournalKey key, byte[] body, NarrowTexts known)
    {
        if (body.Length <= DigestLength)
        {
            throw NarrowException.Cut();
        }

        if (body[0] != Version)
        {
            throw new NarrowException($"it has the form {body[0]}, this program reads the form {Version}");
        }

        return body.AsSpan(^DigestLength..).SequenceEqual(DigestOf(key, body.AsSpan(..^DigestLength)))
            ? new NarrowBlock(body, known)
            : throw new NarrowException("it was changed, or belongs to another journal");
    }

    /// <summary>An entry.</summary>
    /// <param name="index">0 for the first.</param>
    /// <exception cref="NarrowException">It is none that this version knows.</exception>
    public NarrowEntry Entry(int index)
    {
        var from = new NarrowReader(Content(index), _texts);
        var flags = from.Byte();
        var entry = new NarrowEntry
        {
            Position = First + index,
            RecordedAt = new Instant(checked(_recordedAt + from.Whole())),
            EffectiveAt = new Instant(checked(_effectiveAt + from.Signed())),
            Fact = from.Fact(),
            FactIsGiven = (flags & 1) != 0,
            Quality = from.Word<EvidenceQuality>(),
            Source = from.Shared(),
            SourceOrder = (flags & 2) != 0 ? ReadOrder(ref from) : null,
            Voids = (flags & 4) != 0 ? from.Whole() : null,
            Fulfils = (flags & 8) != 0 ? from.Fact() : null,
            Event = NarrowEvents.Read(ref from),
        };
        return flags < 16 && from.IsAtEnd
            ? entry
            : throw new NarrowException("an entry holds more than this version knows");
    }

    /// <summary>
    /// Whether an entry only moves units (<see cref="Core.Lots.IStoredEntries.IsPlain"/>), without reading the rest.
    /// </summary>
    public bool IsPlain(int index, out Instant recordedAt, out Instant effectiveAt)
    {
        var from = new NarrowReader(Content(index), _texts);
        var flags = from.Byte();
        recordedAt = new Instant(checked(_recordedAt + from.Whole()));
        effectiveAt = new Instant(checked(_effectiveAt + from.Signed()));
        if ((flags & (4 | 8)) != 0)
        {
            return false;
        }

        from.Bytes(from.Whole()); // the fact
        from.Byte(); // the quality
        from.SharedOrNot(); // the source
        if ((flags & 2) != 0)
        {
            ReadOrder(ref from);
        }

        return NarrowEvents.OnlyMoves(from.Byte());
    }

    /// <summary>When an entry was recorded, without reading the rest of it.</summary>
    public Instant RecordedAt(int index)
    {
        var from = new NarrowReader(Content(index), _texts);
        from.Byte();
        return new Instant(checked(_recordedAt + from.Whole()));
    }

    private static void Write(NarrowWriter to, NarrowEntry entry, long recordedAt, long effectiveAt)
    {
        to.Byte((byte)((entry.FactIsGiven ? 1 : 0) | (entry.SourceOrder is null ? 0 : 2)
            | (entry.Voids is null ? 0 : 4) | (entry.Fulfils is null ? 0 : 8)));
        to.Whole(entry.RecordedAt.Microseconds - recordedAt);
        to.Signed(entry.EffectiveAt.Microseconds - effectiveAt);
        to.Fact(entry.Fact);
        to.Word(entry.Quality);
        to.Shared(entry.Source);
        if (entry.SourceOrder is { } order)
        {
            to.Byte((byte)order.Numbers.Length);
            foreach (var number in order.Numbers)
            {
                to.Whole(number);
            }
        }

        if (entry.Voids is { } voids)
        {
            to.Whole(voids);
        }

        if (entry.Fulfils is { } fulfils)
        {
            to.Fact(fulfils);
        }

        NarrowEvents.Write(to, entry.Event);
    }

    private static SourceOrder ReadOrder(ref NarrowReader from)
    {
        Span<long> numbers = stackalloc long[4];
        int count = from.Byte();
        if (count is 0 or > 4)
        {
            throw new NarrowException($"{count} numbers are no order of a source");
        }

        for (var i = 0; i < count; i++)
        {
            numbers[i] = from.Whole();
        }

        return SourceOrder.Of(numbers[..count]);
    }

    private static ReadOnlySpan<byte> DigestOf(JournalKey key, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{key}\n"));
        hash.AppendData(content);
        return hash.GetHashAndReset().AsSpan(..DigestLength);
    }

    private ReadOnlySpan<byte> Content(int index)
    {
        var from = new NarrowReader(_body.AsSpan(_offsets[index]), []);
        return from.Bytes(from.Whole());
    }
}
