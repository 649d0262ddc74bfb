using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Units over time as they lie in a checkpoint: a column of the time from each change to the next and a column of
/// changes, all numbers of a column equally wide (little-endian, without what the widest does not need), so that
/// millions of them are read without looking where one ends. Changes too large for 128 bits follow one by one.
/// </summary>
internal static class UnitsColumns
{
    private const byte AreWide = 0; // as the width of changes
    private const int WidthMax = 16;

    /// <summary>Writes them.</summary>
    public static void Write(NarrowWriter to, UnitsSnapshot units)
    {
        to.Flag(units.AreOwed);
        to.Id(units.Account);
        to.Id(units.Asset);
        to.Whole(units.Instants.Length);
        to.Whole(units.Instants[0]);
        WriteSteps(to, units.Instants.AsSpan());
        if (units.Wide.IsEmpty)
        {
            WriteChanges(to, units.Changes.AsSpan());
            return;
        }

        to.Byte(AreWide);
        foreach (var change in units.Wide)
        {
            to.Number(change);
        }
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="NarrowException">The bytes are not what <see cref="Write"/> makes.</exception>
    public static UnitsSnapshot Read(ref NarrowReader from)
    {
        var (areOwed, account, asset) = (from.Flag(), from.Account(), from.Asset());
        var instants = new long[from.Fitting(from.Whole())];
        var at = from.Whole();
        ReadInstants(from.Byte(), at, ref from, instants);
        var width = from.Byte();
        var (narrow, wide) = width == AreWide
            ? (Array.Empty<Int128>(), new BigInteger[instants.Length])
            : (new Int128[instants.Length], []);
        if (width != AreWide)
        {
            ReadChanges(width, ref from, narrow);
        }

        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = from.Number();
        }

        return new UnitsSnapshot(
            areOwed, account, asset, ImmutableCollectionsMarshal.AsImmutableArray(instants),
            ImmutableCollectionsMarshal.AsImmutableArray(narrow), ImmutableCollectionsMarshal.AsImmutableArray(wide));
    }

    private static void WriteSteps(NarrowWriter to, ReadOnlySpan<long> instants)
    {
        var most = 0L;
        for (var i = 1; i < instants.Length; i++)
        {
            most |= instants[i] - instants[i - 1];
        }

        var width = WidthOf(most);
        var column = ArrayPool<byte>.Shared.Rent((instants.Length * width) + sizeof(long));
        for (var i = 0; i < instants.Length; i++)
        {
            var step = i == 0 ? 0 : instants[i] - instants[i - 1];
            BinaryPrimitives.WriteInt64LittleEndian(column.AsSpan(i * width), step);
        }

        Put(to, column, instants.Length, width);
    }

    private static void WriteChanges(NarrowWriter to, ReadOnlySpan<Int128> changes)
    {
        Int128 most = 0;
        foreach (var change in changes)
        {
            most |= change < 0 ? ~change : change;
        }

        var width = WidthOf(most);
        var column = ArrayPool<byte>.Shared.Rent((changes.Length * width) + WidthMax);
        for (var i = 0; i < changes.Length; i++)
        {
            BinaryPrimitives.WriteInt128LittleEndian(column.AsSpan(i * width), changes[i]);
        }

        Put(to, column, changes.Length, width);
    }

    /// <summary>Bytes of a number that is not less than 0; a bit is left for the sign.</summary>
    private static int WidthOf(Int128 most) => ((128 - (int)Int128.LeadingZeroCount(most)) / 8) + 1;

    private static void Put(NarrowWriter to, byte[] column, int count, int width)
    {
        to.Byte((byte)width);
        to.Bytes(column.AsSpan(0, count * width));
        ArrayPool<byte>.Shared.Return(column);
    }

    // A writer reads its checkpoint once: code that is compiled well only after it ran for long would never be.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadInstants(int width, long at, ref NarrowReader from, Span<long> instants)
    {
        var numbers = new Column(width, instants.Length, ref from);
        for (var i = 0; i < instants.Length; i++)
        {
            at += (long)numbers[i];
            instants[i] = at;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadChanges(int width, ref NarrowReader from, Span<Int128> changes)
    {
        var numbers = new Column(width, changes.Length, ref from);
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] = numbers[i];
        }
    }

    private readonly ref struct Column
    {
        private readonly ReadOnlySpan<byte> _bytes;
        private readonly int _width;

        public Column(int width, int count, ref NarrowReader from)
        {
            _width = width is >= 1 and <= WidthMax ? width : throw new NarrowException($"{width} bytes are no change");
            _bytes = from.Bytes(count * (long)width);
        }

        public Int128 this[int index]
        {
            get
            {
                var from = _bytes[(index * _width)..];
                if (from.Length < WidthMax)
                {
                    var last = new byte[WidthMax];
                    from.CopyTo(last);
                    from = last;
                }

                var low = BinaryPrimitives.ReadUInt64LittleEndian(from);
                if (_width <= sizeof(long))
                {
                    var unused = 64 - (8 * _width);
                    return unchecked((long)(low << unused)) >> unused;
                }

                var above = 128 - (8 * _width);
                var high = BinaryPrimitives.ReadInt64LittleEndian(from[sizeof(long)..]) << above >> above;
                return new Int128(unchecked((ulong)high), low);
            }
        }
    }
}
