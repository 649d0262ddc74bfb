using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records, in a market book, a reserve's indices and rates right after it was updated. They grow from there.
/// </summary>
public sealed record RecordReserve : Command
{
    private const int Digits = 27;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>The asset there.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Units that a scaled unit supplied is worth, 1 or more, at most 27 digits after the point.</summary>
    public required ExactDecimal LiquidityIndex { get; init; }

    /// <summary>Units that a scaled unit owed is worth, likewise.</summary>
    public required ExactDecimal VariableBorrowIndex { get; init; }

    /// <summary>Yearly rate of supply, 0 to 100 (inclusive), at most 27 digits after the point.</summary>
    public required ExactDecimal LiquidityRate { get; init; }

    /// <summary>Yearly rate of debt, likewise.</summary>
    public required ExactDecimal VariableBorrowRate { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.MarketBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(IdText.IsId(Market), "market", Texts.IdExpected);
        check.Term(
            EffectiveAt.Microseconds % MicrosecondsPerSecond == 0, "effectiveAt", "must be a whole second: blocks are");
        var most = Touching.IndexMax;
        Number(check, "liquidityIndex", LiquidityIndex, ExactDecimal.One, most);
        Number(check, "variableBorrowIndex", VariableBorrowIndex, ExactDecimal.One, most);
        Number(check, "liquidityRate", LiquidityRate, ExactDecimal.Zero, new ExactDecimal(100, 0));
        Number(check, "variableBorrowRate", VariableBorrowRate, ExactDecimal.Zero, new ExactDecimal(100, 0));
        return check.Accept(new ReserveUpdated(
            Market, Asset, LiquidityIndex, VariableBorrowIndex, LiquidityRate, VariableBorrowRate));
    }

    private static void Number(
        Checks check, string field, ExactDecimal number, ExactDecimal least, ExactDecimal most) =>
        check.Number(
            number,
            field,
            number >= least && number <= most && number.TryMantissaAt(Digits, out _),
            $"{least} to {most}, with at most {Digits} digits after the point");
}
