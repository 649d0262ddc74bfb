using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <content>What people decided about lots: identifications and standing orders (SPEC 13).</content>
public sealed partial class BookFold
{
    private void Decide(NarrowEntry entry)
    {
        switch (entry.Event)
        {
            case LotsIdentified what:
                _decisions = _decisions with
                {
                    Identified = _decisions.Identified.SetItem(
                        new LotId(what.Fact, what.Leg), new Identification(what, entry.RecordedAt, entry.Position)),
                };
                break;
            case StandingOrderGiven order when order.Book == _choice.Name:
                _decisions = _decisions with
                {
                    Orders = order.Method is { } method
                        ? _decisions.Orders.SetItem(order.Account, method)
                        : _decisions.Orders.Remove(order.Account),
                };
                RankAnew(place => place.Place.Account == order.Account);
                break;
            case BasisAllocated allocated when allocated.Book == _choice.Name:
                _decisions = _decisions with { Allocated = _decisions.Allocated ?? allocated };
                break;
            default:
                break;
        }
    }

    /// <summary>Takes the lots of a disposal or a move into the slices: identified ones, else by the method.</summary>
    private (BigInteger WithoutLot, FollowedIdentification Identified) TakeFor(
        NarrowEntry entry, int leg, LotPool pool, Leg what)
    {
        _slices.Clear();
        var units = what.Quantity.Units;
        var found = _decisions.Identified.IsEmpty
            ? null
            : _decisions.Identified.GetValueOrDefault(new LotId(entry.Fact, leg));
        if (found is null)
        {
            return pool.Ranking.Method == LotMethod.Specific
                ? TakeUnlessChoice(pool, units)
                : (pool.Take(units, _slices, _owner), default);
        }

        var outcome = Counts(found, entry, pool);
        var left = units;
        if (outcome == IdentificationOutcome.Followed)
        {
            (left, outcome) = TakeIdentified(found.What, pool, what);
        }

        var identified = _slices.Count;
        if (!left.IsZero)
        {
            if (pool.Ranking.Method != LotMethod.Specific)
            {
                left = pool.Take(left, _slices, _owner);
            }
            else if (outcome is IdentificationOutcome.TooLate or IdentificationOutcome.Ignored)
            {
                left = TakeUnlessChoice(pool, left).WithoutLot;
            }
            else
            {
                pool.Lack(left);
            }
        }

        return (left, new FollowedIdentification(outcome, identified));
    }

    /// <summary>
    /// Takes the lots of units that move: identified ones, else by the book's convention. A move is no disposal, so
    /// where only identified lots are disposed of, the earliest go.
    /// </summary>
    private BigInteger TakeToMove(NarrowEntry entry, LotPool pool, Leg what)
    {
        var isEarliest = _how.TransferLots == TransferLots.EarliestFirst
            || pool.Ranking.Method == LotMethod.Specific;
        if (!isEarliest || _decisions.Identified.ContainsKey(new LotId(entry.Fact, 0)))
        {
            return TakeFor(entry, 0, pool, what).WithoutLot;
        }

        _slices.Clear();
        var lots = pool.InOrder();
        lots.Sort(LotOrder.ByAcquisition);
        var missing = pool.TakeOf(lots, what.Quantity.Units, _slices, _owner);
        pool.Lack(missing);
        return missing;
    }

    private IdentificationOutcome Counts(Identification found, NarrowEntry entry, LotPool pool) =>
        _how.Identification == IdentificationRule.Ignored || pool.Ranking.Method == LotMethod.Average
            ? IdentificationOutcome.Ignored
            : _how.Identification == IdentificationRule.Recorded && found.RecordedAt > entry.EffectiveAt
                ? IdentificationOutcome.TooLate
                : IdentificationOutcome.Followed;

    private (BigInteger Left, IdentificationOutcome Outcome) TakeIdentified(
        LotsIdentified identified, LotPool pool, Leg what)
    {
        var units = what.Quantity.Units;
        if (!identified.Lots.IsEmpty)
        {
            return TakeNamed(identified, pool, units);
        }

        var meant = pool.InOrder();
        if (identified.Filter is { } filter)
        {
            var decimals = _values.Terms(what.Asset).Decimals;
            meant.RemoveAll(lot => !IsMeant(filter, lot, decimals));
        }

        if (identified.Method is { } method)
        {
            var order = LotOrder.Of(pool.Ranking with { Method = method });
            meant = meant.ConvertAll(lot => lot with { Rank = LotOrder.RankOf(lot, pool.Ranking.CostKey) });
            meant.Sort(order);
        }

        var open = meant.Aggregate(BigInteger.Zero, (sum, lot) => sum + lot.Units);
        if (meant.Count == 0)
        {
            return (units, IdentificationOutcome.NoMatch);
        }

        if (meant.Count > 1 && open > units && identified.Method is null
            && pool.Ranking.Method == LotMethod.Specific)
        {
            return (units, IdentificationOutcome.Ambiguous);
        }

        var left = pool.TakeOf(meant, units, _slices, _owner);
        return (left, left.IsZero ? IdentificationOutcome.Followed : IdentificationOutcome.TooFewUnits);
    }

    private (BigInteger Left, IdentificationOutcome Outcome) TakeNamed(
        LotsIdentified identified, LotPool pool, BigInteger units)
    {
        var outcome = IdentificationOutcome.Followed;
        foreach (var (acquisition, leg, quantity) in identified.Lots)
        {
            var wanted = BigInteger.Min(units, quantity.Units);
            if (wanted.IsZero)
            {
                break;
            }

            var id = new LotId(acquisition, leg);
            var parts = pool.InOrder().FindAll(lot => lot.Id == id);
            var missing = parts.Count == 0 ? wanted : pool.TakeOf(parts, wanted, _slices, _owner);
            units -= wanted - missing;
            outcome = missing.IsZero ? outcome
                : parts.Count == 0 && outcome == IdentificationOutcome.Followed ? IdentificationOutcome.NoMatch
                : IdentificationOutcome.TooFewUnits;
        }

        return (units, outcome == IdentificationOutcome.Followed && !units.IsZero
            ? IdentificationOutcome.TooFewUnits
            : outcome);
    }

    /// <summary>Takes lots where there is nothing to choose: one lot, or all of them.</summary>
    private (BigInteger WithoutLot, FollowedIdentification Identified) TakeUnlessChoice(LotPool pool, BigInteger units)
    {
        if (pool.Units > units && pool.InOrder().Count > 1)
        {
            pool.Lack(units);
            return (units, new FollowedIdentification(IdentificationOutcome.Ambiguous, 0));
        }

        return (pool.Take(units, _slices, _owner), default);
    }

    private static bool IsMeant(LotFilter filter, Lot lot, int decimals) =>
        (filter.Acquisition is not { } fact || lot.Id.Fact == fact)
        && (filter.Leg is not { } leg || lot.Id.Leg == leg)
        && (filter.AcquiredFrom is not { } from || lot.AcquiredAt >= from)
        && (filter.AcquiredBefore is not { } before || lot.AcquiredAt < before)
        && (filter.UnitCost is not { } unitCost
            || (lot.HasCost
                && lot.OriginalCost == Amount.Of(new Quantity(lot.OriginalUnits), decimals, unitCost).Attos));

    private static Disposal Identified(Disposal row, FollowedIdentification identified) => row with
    {
        Identification = identified.Outcome,
        Takes = [.. row.Takes.Select((take, i) =>
            i < identified.Lots ? take with { Rule = MatchRule.Identified } : take)],
    };

    /// <summary>What became of an identification, and how many of the parts taken it gave.</summary>
    private readonly record struct FollowedIdentification(IdentificationOutcome Outcome, int Lots);
}
