using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records which efficiency mode an indexed position chose.</summary>
public sealed record ChooseEMode : Command
{
    private const int CategoryMax = 255;

    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>The mode's number, 0 to 255; 0: none.</summary>
    public required int Category { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Account(Position, Place.Lending);
        check.Number(
            new ExactDecimal(Category, 0), "category", Category is >= 0 and <= CategoryMax, $"0 to {CategoryMax}");
        return check.Accept(new EModeChosen(Position, Category));
    }
}
