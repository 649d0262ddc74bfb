using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// What the limits of a treasury say to where an instruction brings units, how old its prices are, and how much would
/// then be in one place (SPEC.md 5.4 to 5.6).
/// </summary>
internal static class PlaceQuestions
{
    /// <summary>The first refusal, or <c>null</c>.</summary>
    /// <inheritdoc cref="InstructionQuestions.Ask"/>
    public static Refusal? Ask(TreasuryState state, LedgerEvent intended, Instant at, DecisionContext context)
    {
        var treasury = state.Registers.Treasury!;
        var limits = new RiskBook(state.Risks).LimitsAt(treasury, at);
        var valuer = new Valuer(
            state.Registers, LotTerms.Of(state, StarterBooks.Official, at), treasury.ReportingCurrency, context.Prices);
        return AskForVenues(state.Registers, intended, limits)
            ?? AskForAges(valuer, intended, limits, at)
            ?? AskForParts(state, intended, limits, valuer, at);
    }

    private static Refusal? AskForVenues(Registers registers, LedgerEvent intended, RiskLimits limits)
    {
        if (limits.Venues.IsEmpty)
        {
            return null;
        }

        var coming = Movements.Held(intended).Concat(Movements.Owed(intended))
            .Where(movement => movement.Change.Sign > 0)
            .Select(movement => movement.Account)
            .Concat(intended is TransferDispatched sent ? [sent.To] : []);
        foreach (var account in coming)
        {
            if (registers.Accounts[account].Venue is var venue && !limits.Venues.Contains(venue))
            {
                return Refusal.Of(
                    RefusalCode.LimitBroken,
                    $"Account {account} is at {venue}; the treasury allows {string.Join(", ", limits.Venues)}.",
                    ("account", account),
                    ("venue", venue),
                    ("venuesAllowed", string.Join(", ", limits.Venues)));
            }
        }

        return null;
    }

    private static Refusal? AskForAges(Valuer valuer, LedgerEvent intended, RiskLimits limits, Instant at)
    {
        if (limits.PriceAgeMaxSeconds is not { } most)
        {
            return null;
        }

        foreach (var asset in Movements.Held(intended).Concat(Movements.Owed(intended))
            .Select(movement => movement.Asset).Distinct().Order())
        {
            if (LimitCheck.AgeOf(valuer, asset, at) is not { } age)
            {
                return Missing(asset, at, $"there is no price of {asset}");
            }

            if (age > new ExactDecimal(most, 0))
            {
                return Refusal.Of(
                    RefusalCode.LimitBroken,
                    $"The latest price of {asset} is {age} seconds old at {at}; the treasury's limit is {most}.",
                    ("asset", asset),
                    ("at", at),
                    ("priceAgeSeconds", age),
                    ("priceAgeMaxSeconds", most));
            }
        }

        return null;
    }

    /// <summary>
    /// A part that the instruction makes larger may not be beyond its limit afterwards: what makes it smaller is never
    /// refused. Free units count; units under way are not known here.
    /// </summary>
    private static Refusal? AskForParts(
        TreasuryState state, LedgerEvent intended, RiskLimits limits, Valuer valuer, Instant at)
    {
        if (limits.Concentrations.IsEmpty)
        {
            return null;
        }

        var only = RiskLimits.None with { Concentrations = limits.Concentrations };
        var (before, after) = (Gross(state, [], valuer, at), Gross(state, Movements.Held(intended), valuer, at));
        if (after.Total.Held is null)
        {
            var asset = after.Held.First(units => valuer.Value(units.Asset, units.Quantity, at).Value is null).Asset;
            return Missing(asset, at, $"there is no valid price of {asset}");
        }

        // What stood at an infinitely low limit before tells each part's size then.
        var none = only with
        {
            Concentrations = [.. only.Concentrations.Select(limit => limit with { PartMax = default })],
        };
        var was = Broken(none, before).ToDictionary(one => (one.Limit, one.Subject), one => one.Is);
        foreach (var broken in Broken(only, after))
        {
            if (!(was.GetValueOrDefault((broken.Limit, broken.Subject)) >= broken.Is))
            {
                var name = char.ToLowerInvariant(broken.Limit.ToString()[0]) + broken.Limit.ToString()[1..];
                return Refusal.Of(
                    RefusalCode.LimitBroken,
                    $"{broken.Subject} would be {broken.Is} of what is held at {at}; the treasury's limit is "
                        + $"{name} {broken.Allowed}.",
                    ("subject", broken.Subject),
                    ("at", at),
                    ("part", broken.Is!.Value),
                    (name, broken.Allowed!.Value));
            }
        }

        return null;

        IEnumerable<BrokenLimit> Broken(RiskLimits limit, GrossExposure gross) => LimitCheck.Broken(
            limit, gross, new Exposure.Aave.PositionAccounts([], []), state.Registers, valuer, at);
    }

    private static GrossExposure Gross(
        TreasuryState state, ImmutableArray<Movement> moved, Valuer valuer, Instant at) => new(
        state.Registers,
        valuer,
        from place in state.Free
            .SelectMany(account => account.Value.Select(units =>
                new Movement(account.Key, units.Key, Timeline.SumAt(units.Value, at))))
            .Concat(moved)
        group place.Change by (place.Account, place.Asset) into units
        let sum = units.Aggregate(Quantity.Zero, (all, change) => all + change)
        where sum.Sign > 0
        select new PlacedUnits(units.Key.Account, units.Key.Asset, sum),
        [],
        at);

    private static Refusal Missing(AssetId asset, Instant at, string reason) => Refusal.Of(
        RefusalCode.ValueMissing,
        $"The limits cannot be checked at {at}: {reason}. Record it first.",
        ("at", at),
        ("asset", asset),
        ("missing", "price"));
}
