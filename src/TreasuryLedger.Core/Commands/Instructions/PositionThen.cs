using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// A lending position with the units that an instruction would leave there: an account of its market as exposure makes
/// it, so that both come to the same figures.
/// </summary>
/// <param name="state">The state before the instruction.</param>
/// <param name="position">Which.</param>
/// <param name="valuer">Prices.</param>
/// <param name="context">Markets, and what the journal says of the position.</param>
internal sealed class PositionThen(
    TreasuryState state, AccountId position, Valuer valuer, DecisionContext context)
{
    private readonly AccountRegistered _account = state.Registers.Accounts[position];

    private readonly LendingPositions _positions = new(state.Registers, valuer, context.Markets);

    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(state.Registers.Treasury!.TimeZone);

    /// <summary>The position at an instant.</summary>
    /// <param name="held">Units it would hold, each asset once.</param>
    /// <param name="owed">Units it would owe, each asset once.</param>
    /// <param name="at">The instant.</param>
    public (LendingPosition Position, PositionAccounts Accounts) At(
        IEnumerable<Movement> held, IEnumerable<Movement> owed, Instant at)
    {
        var (supplied, debts) = (held.ToList(), owed.ToList());
        var known = FactsAt(at);
        var facts = known with
        {
            Touches = known.Touches.SetItems(Touched(known, (supplied, debts), at)
                .Select(touch => KeyValuePair.Create(new PositionSide(position, touch.Asset, touch.Side), touch))),
        };
        var made = _positions.One(
            _account,
            supplied.Select(units => new Balance(position, units.Asset, units.Change)),
            debts.Select(units => new DebtBalance(position, units.Asset, units.Change)),
            at,
            new LendingTerms(facts, context.Markets, _zone));
        return (made, PositionAccounts.Of([made], state.Registers, context.Markets, at, version: null, facts));
    }

    /// <summary>With what the same commit brings; what it voids still counts.</summary>
    private PositionFacts FactsAt(Instant at) => context.Pending
        .Where(entry => entry.EffectiveAt <= at)
        .Order(EntryOrder.Comparer)
        .Aggregate(context.FactsAt(at), Followed);

    /// <summary>As the fold has it, but a touch from before the last one of its side is no news.</summary>
    private PositionFacts Followed(PositionFacts facts, NarrowEntry entry)
    {
        var told = entry.Event is not PositionTouched touched ? entry : entry with
        {
            Event = touched with
            {
                Touches =
                [
                    .. touched.Touches.Where(touch =>
                        facts.TouchOf(touch.Position, touch.Asset, touch.Side) is not { } last
                        || last.Index <= touch.Index),
                ],
            },
        };
        var after = facts.After(told);
        return entry.Event is LoanTermsAgreed { Position: var loan }
            ? after.Begin(entry.EffectiveAt, loan, OwedBy(loan, entry.EffectiveAt))
            : after.Bear(entry, OwedAt(entry.EffectiveAt));
    }

    private IEnumerable<(AssetId Asset, Quantity Owed)> OwedBy(AccountId account, Instant at) =>
        state.Owed.GetValueOrDefault(account, ImmutableDictionary<AssetId, Timeline>.Empty)
            .Select(units => (units.Key, Timeline.SumAt(units.Value, at)));

    private Func<AccountId, AssetId, Quantity> OwedAt(Instant at) => (account, asset) =>
        Timeline.SumAt(state.Owed.GetValueOrDefault(account)?.GetValueOrDefault(asset), at);

    /// <summary>
    /// The sides of an indexed position as they would be: units beyond those of the last touch came or left at the
    /// index of the instant, as the contract rounds.
    /// </summary>
    private List<IndexTouch> Touched(
        PositionFacts facts, (List<Movement> Held, List<Movement> Owed) units, Instant at)
    {
        var sides = facts.Touches.Keys.Where(side => side.Position == position).ToList();
        if (sides.Count == 0)
        {
            return [];
        }

        var terms = new LendingTerms(facts, context.Markets, _zone);
        return sides
            .Concat(units.Held.Select(one => new PositionSide(position, one.Asset, InterestSide.Supply)))
            .Concat(units.Owed.Select(one => new PositionSide(position, one.Asset, InterestSide.Debt)))
            .Distinct()
            .Select(side =>
            {
                var now = (side.Side == InterestSide.Supply ? units.Held : units.Owed)
                    .Where(one => one.Asset == side.Asset)
                    .Aggregate(Quantity.Zero, (sum, one) => sum + one.Change);
                return Touched(
                    side, facts.Touches.GetValueOrDefault(side), now.Units,
                    terms.IndexOf(_account, side.Asset, side.Side, at));
            })
            .ToList();
    }

    private static IndexTouch Touched(PositionSide side, IndexTouch? last, BigInteger units, BigInteger index)
    {
        var isSupply = side.Side == InterestSide.Supply;
        var scaled = last?.ScaledAfter.Units ?? 0;
        var then = last is null ? index : LendingTerms.Ray(last.Index);
        var moved = units
            - (isSupply ? TokenMath.SupplyBalance(scaled, then) : TokenMath.DebtBalance(scaled, then));
        var change = (isSupply, moved.Sign) switch
        {
            (true, > 0) => TokenMath.SupplyMinted(moved, index),
            (true, < 0) => -TokenMath.SupplyBurned(-moved, index),
            (false, > 0) => TokenMath.DebtMinted(moved, index),
            (false, < 0) => -TokenMath.DebtBurned(-moved, index),
            _ => 0,
        };
        var after = new Quantity(BigInteger.Max(0, scaled + change));
        var exact = new ExactDecimal(then, 27);
        return last is null
            ? new IndexTouch(
                side.Position, side.Asset, side.Side, Quantity.Zero, exact, after, exact, Quantity.Zero, Quantity.Zero)
            : last with { ScaledAfter = after };
    }
}
