using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records, in a market book, how a reserve is configured beside its terms as collateral; absent means not observed.
/// </summary>
public sealed record ConfigureReserve : Command
{
    private static readonly ExactDecimal CapMax = new(BigInteger.Pow(2, 40), 0);

    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>The asset there.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>The protocol's part of a liquidation bonus, 0 to 1 (inclusive).</summary>
    public ExactDecimal? ProtocolFee { get; init; }

    /// <summary>The protocol's part of the interest, 0 to 1 (inclusive).</summary>
    public ExactDecimal? ReserveFactor { get; init; }

    /// <summary>Most that may be supplied, in whole tokens, 0 to 2^40; 0: no limit.</summary>
    public ExactDecimal? SupplyCap { get; init; }

    /// <summary>Most that may be borrowed, likewise.</summary>
    public ExactDecimal? BorrowCap { get; init; }

    /// <summary>Most debt against it as an isolated collateral, 0 to 2^40, two digits; 0: not isolated.</summary>
    public ExactDecimal? DebtCeiling { get; init; }

    /// <summary>Whether nothing can be done with it.</summary>
    public bool? IsPaused { get; init; }

    /// <summary>Whether nothing new may be supplied or borrowed.</summary>
    public bool? IsFrozen { get; init; }

    /// <summary>Whether who borrows it may borrow nothing else.</summary>
    public bool? IsSiloed { get; init; }

    /// <summary>Whether it may be borrowed against an isolated collateral.</summary>
    public bool? IsBorrowableInIsolation { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.MarketBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(IdText.IsId(Market), "market", Texts.IdExpected);
        check.Term(
            Numbers().Any(term => term.Number is not null)
                || IsPaused is not null || IsFrozen is not null || IsSiloed is not null
                || IsBorrowableInIsolation is not null,
            "protocolFee",
            "and all other terms are absent");
        foreach (var (field, number, most, digits) in Numbers())
        {
            check.Number(
                number ?? default,
                field,
                number is null
                    || (number.Value.Sign >= 0 && number <= most && number.Value.TryMantissaAt(digits, out _)),
                $"0 to {most}, with at most {digits} digits after the point");
        }

        return check.Accept(new ReserveConfigured(
            Market, Asset, ProtocolFee, ReserveFactor, SupplyCap, BorrowCap, DebtCeiling, IsPaused, IsFrozen, IsSiloed,
            IsBorrowableInIsolation));
    }

    private (string Field, ExactDecimal? Number, ExactDecimal Most, int Digits)[] Numbers() =>
    [
        ("protocolFee", ProtocolFee, ExactDecimal.One, 4),
        ("reserveFactor", ReserveFactor, ExactDecimal.One, 4),
        ("supplyCap", SupplyCap, CapMax, 0),
        ("borrowCap", BorrowCap, CapMax, 0),
        ("debtCeiling", DebtCeiling, CapMax, 2),
    ];
}
