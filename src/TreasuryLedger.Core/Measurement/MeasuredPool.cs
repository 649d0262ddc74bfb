using System.Numerics;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Measurement;

/// <summary>
/// The units of one asset on both sides of the scope, and what those outside are carried at. A part of them takes
/// <c>floor(amount × part ÷ units)</c>, the last part the rest (SPEC 2.3).
/// </summary>
internal sealed class MeasuredPool
{
    private BigInteger _in;
    private BigInteger _out;

    // Units outside of which is known what they are carried at; others went there within the entry.
    private BigInteger _carried;
    private bool _isTouched;

    /// <summary>Whether any of it was ever measured at fair value; before that all is at cost.</summary>
    public bool IsMeasured { get; private set; }

    /// <summary>Whether nothing happened to it since <see cref="End"/>.</summary>
    public bool IsIdle => !_isTouched;

    /// <summary>Whether some of it is measured now and none was before.</summary>
    public bool BeginsMeasured => !IsMeasured && _in.Sign > 0;

    /// <summary>What units outside are carried at, 10^-18 of the currency.</summary>
    public BigInteger AtCost { get; private set; }

    /// <summary>Units that went outside from inside; less than zero: that came back.</summary>
    public BigInteger Gone => IsMeasured ? _out - _carried : BigInteger.Zero;

    /// <summary>Counts from nothing again.</summary>
    public void Recount() => (_in, _out, _isTouched) = (BigInteger.Zero, BigInteger.Zero, true);

    /// <summary>Units come to one side, or leave it.</summary>
    public void Count(BigInteger change, bool isIn)
    {
        _isTouched = true;
        _in += isIn ? change : BigInteger.Zero;
        _out += isIn ? BigInteger.Zero : change;
    }

    /// <summary>Units came outside, at what they are carried at.</summary>
    public void Bring(BigInteger units, BigInteger attos)
    {
        _carried += units;
        AtCost += IsMeasured ? attos : BigInteger.Zero;
    }

    /// <summary>Units outside are gone, and what they were carried at stays with the others.</summary>
    public void Lose(BigInteger units) => _carried -= units;

    /// <summary>Units outside left; gives what they were carried at.</summary>
    public BigInteger Take(BigInteger units)
    {
        var part = _carried.Sign <= 0 ? BigInteger.Zero
            : units >= _carried ? AtCost
            : Rounding.DivideFloor(AtCost * units, _carried);
        AtCost -= part;
        _carried -= units;
        return part;
    }

    /// <summary>From now on it is measured; what is outside keeps its part of the cost.</summary>
    public void Begin(BigInteger cost) => (IsMeasured, AtCost) = (true, cost - PartIn(cost));

    /// <summary>An entry is done with.</summary>
    public void End()
    {
        AtCost = _out.Sign > 0 ? AtCost : BigInteger.Zero;
        (_carried, _isTouched) = (_out, false);
    }

    /// <summary>The part inside of what belongs to all units alike.</summary>
    public BigInteger PartIn(BigInteger whole) => _in.Sign <= 0 ? BigInteger.Zero
        : _out.Sign <= 0 ? whole
        : Rounding.DivideFloor(whole * _in, _in + _out);
}
