using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What a decision may read beside its own journal.</summary>
/// <param name="Prices">The treasury's price book as known now. Only instructions read it.</param>
/// <param name="Markets">The treasury's market book as known now. Only instructions read it.</param>
public sealed record DecisionContext(PriceBookView Prices, MarketBookView Markets)
{
    /// <summary>Without prices and markets: enough for observations, and where no limit is set.</summary>
    public static DecisionContext Empty { get; } = new(PriceBookView.Empty, MarketBookView.Empty);

    /// <summary>Who asks. Only instructions and <see cref="IAsksWho"/> read it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>When the entry would be recorded. Only those above read it.</summary>
    public Instant RecordedAt { get; init; }

    /// <summary>
    /// What the journal says of lending positions at an instant: touches, choices, loans. Only instructions there read
    /// it.
    /// </summary>
    public Func<Instant, PositionFacts> FactsAt { get; init; } = _ => PositionFacts.None;

    /// <summary>Entries of the same commit that <see cref="FactsAt"/> does not know yet.</summary>
    public IReadOnlyList<NarrowEntry> Pending { get; init; } = [];

    /// <summary>What the official statements of a period are that is to be sealed.</summary>
    public FrozenStatement? Frozen { get; init; }
}
