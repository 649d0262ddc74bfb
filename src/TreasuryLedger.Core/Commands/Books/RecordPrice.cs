using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records an observed price in a price book.</summary>
public sealed record RecordPrice : Command
{
    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>In what; another asset.</summary>
    public required AssetId Currency { get; init; }

    /// <summary>Currency per whole token, more than 0.</summary>
    public required ExactDecimal Price { get; init; }

    /// <summary>
    /// If the price closes a session: its other prices, each more than 0, the low not above the high.
    /// </summary>
    public SessionPrices? Session { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.PriceBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Different(Asset, Currency);
        check.Number(Price, "price", Price.Sign > 0, "more than 0");
        if (Session is { } session)
        {
            check.Number(session.Open, "open", session.Open.Sign > 0, "more than 0");
            check.Number(session.High, "high", session.High >= session.Low, $"at least the low, {session.Low}");
            check.Number(session.Low, "low", session.Low.Sign > 0, "more than 0");
        }

        return check.Accept(new PriceRecorded(Asset, Currency, Price, Session));
    }
}
