using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records, in a market book, how far a reserve is used by all, and up to when nobody is liquidated there; absent means
/// not observed.
/// </summary>
public sealed record RecordReserveUse : Command
{
    private const int Digits = 36;
    private const long MicrosecondsPerSecond = 1_000_000;

    private static readonly ExactDecimal Most = new(BigInteger.Pow(10, 24), 0);

    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>The asset there.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>What all have supplied, in whole tokens, 0 to 10^24.</summary>
    public ExactDecimal? Supplied { get; init; }

    /// <summary>What all owe, likewise.</summary>
    public ExactDecimal? Borrowed { get; init; }

    /// <summary>What can be withdrawn or borrowed, likewise.</summary>
    public ExactDecimal? Available { get; init; }

    /// <summary>Debt against it as an isolated collateral, in the base currency, two digits.</summary>
    public ExactDecimal? IsolatedDebt { get; init; }

    /// <summary>Up to this whole second (inclusive) liquidations that name it are refused.</summary>
    public Instant? GraceUntil { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.MarketBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(IdText.IsId(Market), "market", Texts.IdExpected);
        check.Term(
            Numbers().Any(term => term.Number is not null) || GraceUntil is not null,
            "supplied",
            "and all other terms are absent");
        foreach (var (field, number, digits) in Numbers())
        {
            check.Number(
                number ?? default,
                field,
                number is null
                    || (number.Value.Sign >= 0 && number <= Most && number.Value.TryMantissaAt(digits, out _)),
                $"0 to {Most}, with at most {digits} digits after the point");
        }

        check.Term(
            GraceUntil is not { } until || until.Microseconds % MicrosecondsPerSecond == 0,
            "graceUntil",
            "must be a whole second: blocks are");
        return check.Accept(
            new ReserveUseRecorded(Market, Asset, Supplied, Borrowed, Available, IsolatedDebt, GraceUntil));
    }

    private (string Field, ExactDecimal? Number, int Digits)[] Numbers() =>
    [
        ("supplied", Supplied, Digits),
        ("borrowed", Borrowed, Digits),
        ("available", Available, Digits),
        ("isolatedDebt", IsolatedDebt, 2),
    ];
}
