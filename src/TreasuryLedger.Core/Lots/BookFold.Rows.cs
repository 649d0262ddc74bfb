using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Lots;

/// <content>What a fold tells of lots to whoever listens; nothing of it is needed to go on.</content>
public sealed partial class BookFold
{
    private void Tell(
        NarrowEntry entry,
        Lot lot,
        AccountId account,
        AssetId asset,
        AssetId pool,
        LotOrigin origin,
        Valued value,
        Valued fees) => _sink?.Add(new Acquisition(
            lot.Id, entry.Position, entry.EffectiveAt, lot.AcquiredAt, account, asset, pool,
            new Quantity(lot.OriginalUnits), origin, value.Amount, value.IsStated, fees.Amount, value.Price,
            FeePrices(fees), lot.Quality));

    private void Tell(
        NarrowEntry entry, LotSlice part, PoolPlace from, PoolPlace to, BigInteger came, BigInteger costCame)
    {
        _sink?.Add(new LotCarried(
            part.Lot.Id, entry.Position, entry.Fact, entry.EffectiveAt, PlaceOf(from), new Quantity(part.Units),
            Cost(part.Cost), PlaceOf(to), new Quantity(came), Cost(costCame)));

        Amount? Cost(BigInteger attos) => part.Lot.HasCost ? new Amount(attos) : null;
    }

    private static LotPlace PlaceOf(PoolPlace place) => new(place.Pool, place.Named.Account, place.Named.Transfer);

    /// <summary>The prices of the fees of this entry's trade, if somebody bears them.</summary>
    private ImmutableArray<PriceUsed> FeePrices(Valued borne) => _sink is null || borne == Valued.Nothing
        ? []
        : [.. _feeValues.Select(fee => fee.Price).OfType<PriceUsed>().Distinct()];
}
