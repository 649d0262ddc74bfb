using System.Numerics;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// A whole number as it is kept for long: nearly all fit 128 bits and then are no object of their own. A large integer
/// has an array behind it, and of a million lots a collector would move three each, again and again.
/// </summary>
internal readonly record struct KeptNumber
{
    private readonly long _high;
    private readonly ulong _low;
    private readonly object? _large;

    public KeptNumber(BigInteger value)
    {
        if (value.GetBitLength() > 127)
        {
            _large = value;
            return;
        }

        var small = (Int128)value;
        (_high, _low) = ((long)(small >> 64), unchecked((ulong)small));
    }

    /// <summary>The number.</summary>
    public BigInteger Value => _large is BigInteger large ? large
        : _high == 0 ? _low
        : new Int128(unchecked((ulong)_high), _low);
}
