using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <content>What the books post where their terms change (SPEC 3.6).</content>
public sealed partial class PostingFold
{
    /// <summary>
    /// From here on cost stands where the new terms want it: what moved says so itself; what was cash and is in lots
    /// now is taken from the book.
    /// </summary>
    private void Adopt(NarrowEntry entry, BookState state)
    {
        var before = _values;
        (_policy, _values) = (state.Policy, new EntryValues(_registers, state.Policy, _prices));
        var inLotsNow = default(AssetId);
        foreach (var held in state.Balances().Where(held => IsInLotsNow(held.Asset)))
        {
            Carry(held.Account, default, held.Asset, held.Quantity);
        }

        foreach (var way in state.InTransit(entry.EffectiveAt).Where(way => IsInLotsNow(way.Asset)))
        {
            Carry(default, way.Fact, way.Asset, way.Remaining);
        }

        foreach (var pool in state.Pools().Where(pool => IsInLotsNow(pool.Pool)))
        {
            inLotsNow = pool.Pool;
            Cost(new LotsPlace(pool.Pool, pool.Pool, pool.Account, pool.InTransit), pool.OpenCost.Attos);
            if (!pool.Deficit.IsZero)
            {
                // Units that left without having been there have no cost; what they were as cash is nobody's gain.
                var par = Amount.Of(pool.Deficit, _registers.DecimalsOf(pool.Pool), ExactDecimal.One);
                Add(ChartAccount.BasisMissing, pool.Account ?? default, pool.Pool, default, -par.Attos);
            }
        }

        // Movements of cash were rounded one by one, lots are at par as a whole.
        if (inLotsNow != default)
        {
            Add(ChartAccount.CashDifferences, default, inLotsNow, default, _lines.AmountLeft());
        }

        bool IsInLotsNow(AssetId asset) => before.Terms(asset).IsCash && !_values.Terms(asset).IsCash;

        void Carry(AccountId place, FactId transfer, AssetId asset, Quantity units)
        {
            var terms = before.Terms(asset);
            var par = Amount.Of(units, terms.Decimals, ExactDecimal.One);
            Post(AccountOf(place, transfer, isCash: true), -units, -par);
            Post(AccountOf(place, transfer, isCash: false), units, Amount.Zero);

            void Post(ChartAccount account, Quantity change, Amount amount) => _lines.Add(
                new PostingKey(account, place, transfer, asset), terms.Pool, change.Units, amount.Attos);
        }
    }
}
