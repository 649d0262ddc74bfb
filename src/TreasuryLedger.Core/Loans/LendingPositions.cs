using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Loans;

/// <summary>
/// A treasury's lending positions at an instant, from units held and owed: every registered lending position that holds
/// or owes anything, in the order of account ids.
/// </summary>
/// <param name="registers">Accounts and assets.</param>
/// <param name="valuer">How units are valued.</param>
/// <param name="markets">Liquidation thresholds and indices, as known.</param>
public sealed class LendingPositions(Registers registers, Valuer valuer, MarketBookView markets)
{
    private readonly TimeZoneInfo _zone = registers.Treasury is { } treasury
        ? TimeZoneInfo.FindSystemTimeZoneById(treasury.TimeZone)
        : TimeZoneInfo.Utc;

    /// <summary>The positions at the book's as-of instant, with the prices and thresholds of that instant.</summary>
    public ImmutableArray<LendingPosition> Of(Book book)
    {
        ArgumentNullException.ThrowIfNull(book);
        return Of(book.Balances, book.Debts, PositionFacts.None, book.Viewpoint.AsOf);
    }

    /// <summary>The positions of a book at its point, with the prices and thresholds of an instant.</summary>
    public ImmutableArray<LendingPosition> Of(BookState book, Instant at)
    {
        ArgumentNullException.ThrowIfNull(book);
        return Of(book.Balances(), book.Debts(), book.Facts, at);
    }

    private ImmutableArray<LendingPosition> Of(
        ImmutableArray<Balance> balances, ImmutableArray<DebtBalance> owed, PositionFacts facts, Instant at)
    {
        var terms = new LendingTerms(facts, markets, _zone);
        var prices = new Dictionary<AssetId, (PriceUsed?, PriceState)>();
        var positions = ImmutableArray.CreateBuilder<LendingPosition>();
        // Both are in the order of accounts, then of assets.
        for (var (i, j) = (0, 0); i < balances.Length || j < owed.Length;)
        {
            var id = j == owed.Length || (i < balances.Length && balances[i].Account.CompareTo(owed[j].Position) < 0)
                ? balances[i].Account
                : owed[j].Position;
            var (held, debts) = (i, j);
            for (; i < balances.Length && balances[i].Account == id; i++)
            {
            }

            for (; j < owed.Length && owed[j].Position == id; j++)
            {
            }

            var account = registers.Accounts[id];
            if (account.Kind == AccountKind.LendingPosition)
            {
                positions.Add(One(
                    account, balances.AsSpan(held, i - held), owed.AsSpan(debts, j - debts), at, terms, prices));
            }
        }

        return positions.ToImmutable();
    }

    /// <summary>One position from the units that it holds and owes.</summary>
    /// <param name="account">The position.</param>
    /// <param name="collateral">Units it holds, each asset once.</param>
    /// <param name="debts">Units it owes, each asset once.</param>
    /// <param name="at">The instant of prices and thresholds.</param>
    /// <param name="terms">What units have grown to since they were booked; absent: they have not.</param>
    public LendingPosition One(
        AccountRegistered account,
        IEnumerable<Balance> collateral,
        IEnumerable<DebtBalance> debts,
        Instant at,
        LendingTerms? terms = null) => One(
            account,
            [.. collateral.OrderBy(units => units.Asset)],
            [.. debts.OrderBy(units => units.Asset)],
            at,
            terms ?? new LendingTerms(PositionFacts.None, markets, _zone),
            []);

    /// <summary>Units in the order of their assets. Of many positions a price is looked up once.</summary>
    private LendingPosition One(
        AccountRegistered account,
        ReadOnlySpan<Balance> collateral,
        ReadOnlySpan<DebtBalance> debts,
        Instant at,
        LendingTerms terms,
        Dictionary<AssetId, (PriceUsed? Price, PriceState State)> prices)
    {
        var (held, owed) = (
            ImmutableArray.CreateBuilder<ValuedCollateral>(collateral.Length),
            ImmutableArray.CreateBuilder<ValuedDebt>(debts.Length));
        foreach (var units in collateral)
        {
            held.Add(Held(units));
        }

        foreach (var units in debts)
        {
            owed.Add(Owed(units));
        }

        return new LendingPosition
        {
            Account = account.Account,
            Market = account.Market,
            Collateral = held.MoveToImmutable(),
            Debts = owed.MoveToImmutable(),
        };

        Valuation Value(AssetId asset, Quantity units)
        {
            if (!prices.TryGetValue(asset, out var price))
            {
                price = prices[asset] = valuer.PriceAt(asset, at);
            }

            return valuer.Value(asset, units, price);
        }

        ValuedCollateral Held(Balance units)
        {
            var side = terms.Supplied(account, units.Asset, units.Quantity, at);
            return new ValuedCollateral(
                units.Asset, side.Quantity, Value(units.Asset, side.Quantity),
                terms.ThresholdOf(account, units.Asset, at))
            {
                IsCollateral = terms.Facts.IsCollateral(account.Account, units.Asset),
                Side = side.Accrued is null ? null : side,
            };
        }

        ValuedDebt Owed(DebtBalance units)
        {
            var side = terms.Owed(account, units.Asset, units.Quantity, at);
            return new ValuedDebt(units.Asset, side.Quantity, Value(units.Asset, side.Quantity))
            {
                Side = side.Accrued is null ? null : side,
            };
        }
    }

    /// <summary>Several positions taken as one: units of an asset added up, where they have one threshold.</summary>
    /// <remarks>
    /// A published "aggregate liquidation price" is this figure. It is no real limit: lenders look at each position
    /// alone (see the ladder).
    /// </remarks>
    /// <param name="positions">The positions; may be empty.</param>
    public static LendingPosition Together(ImmutableArray<LendingPosition> positions) => new()
    {
        Account = null,
        Market = positions.Select(position => position.Market).Distinct().Count() == 1 ? positions[0].Market : null,
        Collateral =
        [
            .. positions.SelectMany(position => position.Collateral)
                .GroupBy(item => (item.Asset, item.LiquidationThreshold, item.IsCollateral))
                .OrderBy(group => group.Key.Asset)
                .Select(group => group.First() with
                {
                    Quantity = Sum(group.Select(item => item.Quantity)),
                    Valuation = Sum(group.Select(item => item.Valuation)),
                    Side = null,
                }),
        ],
        Debts =
        [
            .. positions.SelectMany(position => position.Debts)
                .GroupBy(item => item.Asset)
                .OrderBy(group => group.Key)
                .Select(group => new ValuedDebt(
                    group.Key,
                    Sum(group.Select(item => item.Quantity)),
                    Sum(group.Select(item => item.Valuation)))),
        ],
    };

    private static Quantity Sum(IEnumerable<Quantity> parts) =>
        parts.Aggregate(Quantity.Zero, (sum, part) => sum + part);

    private static Valuation Sum(IEnumerable<Valuation> parts) => parts.Aggregate((sum, part) =>
        sum with { Value = sum.Value is { } left && part.Value is { } right ? left + right : null });
}
