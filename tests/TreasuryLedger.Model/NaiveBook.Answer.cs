using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>Balances, debts, transfers and shortfalls, and how every figure is written down.</summary>
public sealed partial class NaiveBook
{
    private readonly SortedDictionary<string, (Instant From, BigInteger Deepest, BigInteger Latest)> _short =
        new(StringComparer.Ordinal);

    private Instant? _instant;

    private static void Add(SortedDictionary<string, BigInteger> sums, string key, BigInteger change) =>
        sums[key] = sums.GetValueOrDefault(key) + change;

    private static string Name(NaiveLot lot) => string.Create(CultureInfo.InvariantCulture, $"{lot.Fact}:{lot.Leg}");

    private string Name(int leg) => Name(_entry, leg);

    private static string Name(Entry entry, int leg) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.Fact}:{leg}");

    private void Held(Leg leg, int sign)
    {
        Add(_balances, $"{leg.Account} {leg.Asset}", sign * leg.Quantity.Units);
        Posted(leg, At(leg), sign);
    }

    private void Dispatched(TransferDispatched dispatched)
    {
        var passage = PassageOf(_entry.Fact, dispatched.Sent);
        passage.Sent += dispatched.Sent.Quantity.Units;
        passage.Dispatch = (dispatched.Sent.Account, dispatched.To, _entry.EffectiveAt, dispatched.ExpectedBy);
        Posted(dispatched.Sent, InTransit(_entry.Fact), 1);
    }

    private void Arrived(TransferArrived arrived)
    {
        PassageOf(arrived.Transfer, arrived.Received).Arrived += arrived.Received.Quantity.Units;
        Posted(arrived.Received, InTransit(arrived.Transfer), -1);
    }

    private Passage PassageOf(FactId transfer, Leg leg)
    {
        var key = $"{transfer} {leg.Asset}";
        if (!_transit.TryGetValue(key, out var passage))
        {
            passage = new Passage();
            _transit.Add(key, passage);
        }

        return passage;
    }

    private void Posted(Leg leg, string place, int sign)
    {
        if (!_prices.IsCash(leg.Asset))
        {
            Pool(leg, place).Balance += sign * leg.Quantity.Units;
        }
    }

    private void Owed(Leg leg, int sign) => Add(_debts, $"{leg.Account} {leg.Asset}", sign * leg.Quantity.Units);

    /// <summary>Entries of one instant count together: looked at when the next begins (SPEC 8.1).</summary>
    private void CloseInstant(Instant? next)
    {
        if (_instant is { } now && next != now)
        {
            Look("units", _balances, now);
            Look("debt", _debts, now);
        }

        _instant = next;
    }

    private void Look(string side, SortedDictionary<string, BigInteger> sums, Instant now)
    {
        foreach (var (key, units) in sums)
        {
            var name = $"{key} {side}";
            var wasShort = _short.TryGetValue(name, out var open);
            if (units < 0)
            {
                _short[name] = wasShort
                    ? (open.From, BigInteger.Max(open.Deepest, -units), -units)
                    : (now, -units, -units);
            }
            else if (wasShort)
            {
                Line("shortfall", name, "from", open.From, "until", now, "deepest", open.Deepest, "latest", 0);
                _short.Remove(name);
            }
        }
    }

    private void Flow(string what, string kind, int leg, Leg units, Worth worth) => Line(
        what, kind, Name(leg), "at", _entry.EffectiveAt, units.Account, units.Asset, units.Quantity,
        "value", worth.Attos, Worse(worth.Quality, _entry.Evidence.Quality), worth.Price);

    private void Line(params ReadOnlySpan<object?> words) => _lines.Add(Words.Line(words));

    private List<string> Lines()
    {
        foreach (var (name, open) in _short)
        {
            Line("shortfall", name, "from", open.From, "until", null, "deepest", open.Deepest, "latest", open.Latest);
        }

        Sums("balance", _balances);
        Sums("debt", _debts);
        foreach (var (key, passage) in _transit)
        {
            InTransit(key, passage);
        }

        CloseWindows();
        foreach (var pool in _pools.Values)
        {
            OpenLots(pool);
        }

        // SPEC 9: counted here when it came; the product's side adds up what is open and what disposals took.
        Line("cost", _costAcquired, _costAcquired, "conserved", true);
        _lines.Sort(StringComparer.Ordinal);
        return _lines;
    }

    private void Sums(string what, SortedDictionary<string, BigInteger> sums)
    {
        foreach (var (key, units) in sums)
        {
            if (!units.IsZero)
            {
                Line(what, key, units);
            }
        }
    }

    private void InTransit(string key, Passage passage)
    {
        if (passage.Sent == passage.Arrived)
        {
            return;
        }

        var dispatch = passage.Dispatch;
        var isOverdue = passage.Sent > passage.Arrived && dispatch?.ExpectedBy < _asOf;
        Line("transit", key, dispatch?.From, dispatch?.To, dispatch?.At, dispatch?.ExpectedBy, passage.Sent,
            passage.Arrived, isOverdue);
    }

    /// <summary>Under average cost the pool's cost is laid over its lots by the rule for parts (SPEC 3.4).</summary>
    private void OpenLots(NaivePool pool)
    {
        pool.Lots.Sort(_rules.Age);
        var (units, cost) = (pool.KnownUnits, pool.KnownCost);
        var (openUnits, openCost) = (BigInteger.Zero, BigInteger.Zero);
        foreach (var lot in pool.Lots)
        {
            var (open, quality) = (lot.Cost, lot.Quality);
            if (pool.IsAveraging && open is not null)
            {
                open = _rules.Part(cost, lot.Units, units);
                (units, cost, quality) = (units - lot.Units, cost - open.Value, pool.KnownQuality);
            }

            openUnits += lot.Units;
            openCost += open ?? 0;
            Line("open", pool.Name, Name(lot), "of", lot.Acquired, "units", lot.Units, lot.RankUnits, "cost", open,
                lot.RankCost, quality, lot.Price);
        }

        if (!openUnits.IsZero || !pool.Deficit.IsZero || !pool.Balance.IsZero)
        {
            Line("pool", pool.Name, "balance", pool.Balance, "open", openUnits, "deficit", pool.Deficit,
                "cost", openCost);
        }
    }
}
