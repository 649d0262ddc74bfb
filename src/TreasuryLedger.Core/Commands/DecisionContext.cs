using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Commands;

/// <summary>What a decision may read beside its own journal. Only instructions read it.</summary>
/// <param name="Prices">The treasury's price book as known now.</param>
/// <param name="Markets">The treasury's market book as known now.</param>
public sealed record DecisionContext(PriceBookView Prices, MarketBookView Markets)
{
    /// <summary>Without prices and markets: enough for observations, and where no limit is set.</summary>
    public static DecisionContext Empty { get; } = new(PriceBookView.Empty, MarketBookView.Empty);
}
