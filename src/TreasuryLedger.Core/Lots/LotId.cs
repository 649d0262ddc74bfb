using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// A lot: the fact that brought it and the leg of that fact, written "fact:leg". It survives replacement, transfer and
/// wrap, because none of them changes the fact (SPEC 2.1).
/// </summary>
/// <param name="Fact">The fact of the acquisition.</param>
/// <param name="Leg">The leg within it (SPEC 2.2), 0 or more.</param>
public readonly record struct LotId(FactId Fact, int Leg) : IText<LotId>, IComparable<LotId>
{
    /// <inheritdoc/>
    public static string Expected => "a lot id: a fact id, a colon and the number of the leg";

    /// <inheritdoc/>
    public static bool TryParse(string? text, out LotId value)
    {
        value = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 0
            || !FactId.TryParse(text![..colon], out var fact)
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var leg))
        {
            return false;
        }

        value = new LotId(fact, leg);
        return value.ToString() == text; // "fact:00" would be a second text of one lot
    }

    /// <inheritdoc/>
    public int CompareTo(LotId other) =>
        Fact.CompareTo(other.Fact) is var order and not 0 ? order : Leg.CompareTo(other.Leg);

    /// <summary>The fact, a colon and the leg.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Fact}:{Leg}");
}
