using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Writes the values of narrow entries: whole numbers with seven bits a byte, texts that repeat by their number in the
/// block's table, large numbers without their zeros at the end.
/// </summary>
internal sealed class NarrowWriter
{
    /// <summary>A number larger than 64 bits: its bytes follow.</summary>
    public const byte LargeNumber = 20;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private byte[] _buffer = new byte[512];

    /// <summary>The texts that were named, by their number.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written; valid until more is.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Begins anew; the texts keep their numbers.</summary>
    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    public void Whole(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Bits((ulong)value);
    }

    /// <summary>A number of either sign; small ones are short.</summary>
    public void Signed(long value) => Bits(unchecked((ulong)((value << 1) ^ (value >> 63))));

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>A number that may be absent.</summary>
    public void Whole(long? value) => OrNot(value, Whole);

    /// <summary>A text that repeats: its number, from 1 on; 0 if absent.</summary>
    public void Shared(string? text)
    {
        var number = 0;
        if (text is not null && !_numbers.TryGetValue(text, out number))
        {
            Texts.Add(text);
            number = Texts.Count;
            _numbers.Add(text, number);
        }

        Bits((ulong)number);
    }

    /// <summary>A text that does not repeat.</summary>
    public void Own(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Bits((ulong)length);
        Encoding.UTF8.GetBytes(text, Room(length));
        Length += length;
    }

    public void Number(BigInteger value)
    {
        if (value.Sign < 0 || value > ulong.MaxValue)
        {
            var bytes = value.ToByteArray();
            Byte(LargeNumber);
            Bits((ulong)bytes.Length);
            Bytes(bytes);
            return;
        }

        var (bits, zeros) = ((ulong)value, (byte)0);
        while (bits != 0 && bits % 10 == 0)
        {
            (bits, zeros) = (bits / 10, (byte)(zeros + 1));
        }

        Byte(zeros);
        Bits(bits);
    }

    public void Exact(ExactDecimal value)
    {
        Byte((byte)value.Scale);
        Number(value.Mantissa);
    }

    public void Exact(ExactDecimal? value) => OrNot(value, Exact);

    public void Money(CurrencyAmount? value)
    {
        Shared(value?.Currency);
        if (value is not null)
        {
            Number(value.Amount.Attos);
        }
    }

    public void At(Instant? value) => Whole(value?.Microseconds);

    public void Id(AccountId id) => Shared(id.ToString());

    public void Id(AssetId id) => Shared(id.ToString());

    public void Fact(FactId fact) => Own(fact.ToString());

    /// <summary>What an event of a market begins with: its number, the market and the reserve.</summary>
    public void Reserve(byte number, string market, AssetId asset)
    {
        Byte(number);
        Shared(market);
        Id(asset);
    }

    public void Leg(Leg leg)
    {
        Id(leg.Account);
        Id(leg.Asset);
        Number(leg.Quantity.Units);
    }

    public void Legs(ImmutableArray<Leg> legs) => Many(legs, Leg);

    /// <summary>Several: how many, then each.</summary>
    public void Many<T>(ImmutableArray<T> items, Action<T> write)
    {
        Bits((ulong)items.Length);
        foreach (var item in items)
        {
            write(item);
        }
    }

    /// <summary>What may be absent.</summary>
    public void OrNot<T>(T? value, Action<T> write)
        where T : struct
    {
        Flag(value is not null);
        if (value is { } there)
        {
            write(there);
        }
    }

    /// <summary>A word of an enumeration by its number.</summary>
    public void Word<T>(T word)
        where T : struct, Enum => Byte(checked((byte)Convert.ToInt32(word, null)));

    private void Bits(ulong value)
    {
        var room = Room(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            room[length++] = (byte)((value & 0x7F) | 0x80);
        }

        room[length++] = (byte)value;
        Length += length;
    }

    private Span<byte> Room(int length)
    {
        if (_buffer.Length - Length < length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + length));
        }

        return _buffer.AsSpan(Length);
    }
}
