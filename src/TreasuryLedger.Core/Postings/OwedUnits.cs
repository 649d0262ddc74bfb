using System.Numerics;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>What was taken from a layer of debt.</summary>
/// <param name="Units">Smallest units with a known carrying amount.</param>
/// <param name="Amount">That amount, 10^-18 of the currency.</param>
/// <param name="Unvalued">Smallest units that came without a value.</param>
internal readonly record struct OwedPart(BigInteger Units, BigInteger Amount, BigInteger Unvalued)
{
    public BigInteger All => Units + Unvalued;
}

/// <summary>
/// Units owed and what they are carried at: all at their average. A part takes <c>floor(amount × part ÷ units)</c>, the
/// last part the rest; units without a value leave last (SPEC 4.2).
/// </summary>
internal sealed class OwedUnits
{
    private BigInteger _units;
    private BigInteger _amount;
    private BigInteger _unvalued;

    public OwedUnits Copy() => (OwedUnits)MemberwiseClone();

    public void Add(Quantity units, Amount? value)
    {
        if (value is { } known)
        {
            _units += units.Units;
            _amount += known.Attos;
        }
        else
        {
            _unvalued += units.Units;
        }
    }

    /// <summary>Takes as many units as there are, up to a limit.</summary>
    public OwedPart Take(BigInteger most)
    {
        var units = BigInteger.Min(most, _units);
        var unvalued = BigInteger.Min(most - units, _unvalued);
        var amount = units == _units ? _amount : Rounding.DivideFloor(_amount * units, _units);
        (_units, _amount, _unvalued) = (_units - units, _amount - amount, _unvalued - unvalued);
        return new OwedPart(units, amount, unvalued);
    }
}

/// <summary>What one lending position owes of one asset: interest, which is repaid first, and the rest.</summary>
internal sealed class OwedByPosition
{
    public OwedUnits Interest { get; private init; } = new();

    public OwedUnits Borrowed { get; private init; } = new();

    public OwedByPosition Copy() => new() { Interest = Interest.Copy(), Borrowed = Borrowed.Copy() };
}
