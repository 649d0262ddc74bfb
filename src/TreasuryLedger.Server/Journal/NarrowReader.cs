using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>Reads what <see cref="NarrowWriter"/> wrote, and nothing else: whatever does not fit is refused.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="texts">The block's texts by number.</param>
internal ref struct NarrowReader(ReadOnlySpan<byte> bytes, KnownText[] texts)
{
    private static readonly ulong[] Powers = [.. Enumerable.Range(0, 20).Select(n => (ulong)BigInteger.Pow(10, n))];

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly KnownText[] _texts = texts;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Whether nothing is left.</summary>
    public readonly bool IsAtEnd => Position == _bytes.Length;

    public byte Byte() => Position < _bytes.Length ? _bytes[Position++] : throw NarrowException.Cut();

    public ReadOnlySpan<byte> Bytes(long length)
    {
        if (length > _bytes.Length - Position)
        {
            throw NarrowException.Cut();
        }

        var bytes = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return bytes;
    }

    public long Whole() => Bits() is var bits and <= long.MaxValue
        ? (long)bits
        : throw new NarrowException("a number is too large");

    public long Signed()
    {
        var bits = Bits();
        return (long)(bits >> 1) ^ -(long)(bits & 1);
    }

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new NarrowException($"{other} is no flag"),
    };

    public long? WholeOrNot() => Flag() ? Whole() : null;

    public string? SharedOrNot() => KnownOrNot()?.Text;

    public string Shared() => Known().Text;

    public string Own() => Encoding.UTF8.GetString(Bytes(Whole()));

    public BigInteger Number()
    {
        var zeros = Byte();
        if (zeros == NarrowWriter.LargeNumber)
        {
            return new BigInteger(Bytes(Whole()));
        }

        var bits = Bits();
        return zeros < Powers.Length && (zeros == 0 || Math.BigMul(bits, Powers[zeros], out _) == 0)
            ? new BigInteger(bits * Powers[zeros])
            : throw new NarrowException("a number is too large");
    }

    public ExactDecimal Exact()
    {
        var scale = Byte();
        return scale <= ExactDecimal.ScaleMax
            ? new ExactDecimal(Number(), scale)
            : throw new NarrowException($"{scale} is no scale");
    }

    public ExactDecimal? ExactOrNot() => Flag() ? Exact() : null;

    public CurrencyAmount? MoneyOrNot() =>
        SharedOrNot() is { } currency ? new CurrencyAmount(currency, new Amount(Number())) : null;

    public Instant At() => new(Whole());

    public Instant? AtOrNot() => Flag() ? At() : null;

    public AccountId Account() => Known().Account ?? throw NoId();

    public AssetId Asset() => Known().Asset ?? throw NoId();

    public AssetId? AssetOrNot() => KnownOrNot() is not { } known ? null : known.Asset ?? throw NoId();

    public FactId Fact() => FactId.TryParse(Own(), out var id) ? id : throw NoId();

    public Leg Leg() => new(Account(), Asset(), new Quantity(Number()));

    public ImmutableArray<Leg> Legs() => Many(static (ref from) => from.Leg());

    /// <summary>Several: how many, then each.</summary>
    public ImmutableArray<T> Many<T>(Reading<T> read)
    {
        var count = Whole();
        if (count == 0)
        {
            return [];
        }

        var items = new T[Fitting(count)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(ref this);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }

    /// <summary>What may be absent.</summary>
    public T? OrNot<T>(Reading<T> read)
        where T : struct => Flag() ? read(ref this) : null;

    /// <summary>How many follow: never more than there are bytes, so that a wrong number asks for no memory.</summary>
    public readonly int Fitting(long count) =>
        count <= _bytes.Length - Position ? (int)count : throw NarrowException.Cut();

    public T Word<T>()
        where T : struct, Enum
    {
        int number = Byte();
        var word = Unsafe.As<int, T>(ref number);
        return Words<T>.Contains(number) ? word : throw new NarrowException($"{number} is no {typeof(T).Name}");
    }

    private static NarrowException NoId() => new("a text is no id");

    private KnownText Known() => KnownOrNot() ?? throw new NarrowException("a text is missing");

    private KnownText? KnownOrNot()
    {
        var number = Bits();
        return number == 0 ? null
            : number <= (ulong)_texts.Length ? _texts[number - 1]
            : throw new NarrowException($"there is no text {number}");
    }

    private ulong Bits()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return shift < 63 || next <= 1 ? value : throw new NarrowException("a number is too large");
            }
        }

        throw new NarrowException("a number is too large");
    }

    /// <summary>The words of an enumeration; all have an <c>int</c> behind them.</summary>
    private static class Words<T>
        where T : struct, Enum
    {
        private static readonly bool[] Known = Make();

        public static bool Contains(int number) => number < Known.Length && Known[number];

        private static bool[] Make()
        {
            var numbers = Enum.GetValues<T>().Select(word => Convert.ToInt32(word, null)).ToList();
            return [.. Enumerable.Range(0, numbers.Max() + 1).Select(numbers.Contains)];
        }
    }
}

/// <summary>Reads one value from where the reader stands.</summary>
internal delegate T Reading<T>(ref NarrowReader from);

/// <summary>
/// Bytes that are no narrow entries of this version. They are derived: the journal itself is elsewhere.
/// </summary>
internal sealed class NarrowException(string why) : Exception(why)
{
    /// <summary>Less is there than must be.</summary>
    public static NarrowException Cut() => new("it ends too early");
}
