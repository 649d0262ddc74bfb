using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>Where a posting goes. In the order of chart accounts, places, transfers, assets.</summary>
internal readonly record struct PostingKey(ChartAccount Account, AccountId Place, FactId Transfer, AssetId Asset)
    : IComparable<PostingKey>
{
    public int CompareTo(PostingKey other)
    {
        var order = Account.CompareTo(other.Account);
        order = order != 0 ? order : Place.CompareTo(other.Place);
        order = order != 0 ? order : Transfer.CompareTo(other.Transfer);
        return order != 0 ? order : Asset.CompareTo(other.Asset);
    }
}

/// <summary>The lines of one entry while they are made; few, so that they are looked up one by one.</summary>
internal sealed class PostingLines
{
    private readonly List<Line> _lines = [];

    public void Clear() => _lines.Clear();

    /// <summary>Adds to the line of a key; what stays at zero is no line unless it is an open question.</summary>
    public void Add(in PostingKey key, AssetId pool, BigInteger units, BigInteger attos)
    {
        for (var i = 0; i < _lines.Count; i++)
        {
            var line = _lines[i];
            if (line.Key == key)
            {
                _lines[i] = line with { Units = line.Units + units, Attos = line.Attos + attos };
                return;
            }
        }

        _lines.Add(new Line(key, pool, units, attos));
    }

    /// <summary>The first line at a chart account, if there is one.</summary>
    public (PostingKey Key, AssetId Pool)? First(ChartAccount account)
    {
        foreach (var line in _lines)
        {
            if (line.Key.Account == account)
            {
                return (line.Key, line.Pool);
            }
        }

        return null;
    }

    /// <summary>What the amounts lack to zero.</summary>
    public BigInteger AmountLeft()
    {
        var sum = BigInteger.Zero;
        foreach (var line in _lines)
        {
            sum += line.Attos;
        }

        return -sum;
    }

    /// <summary>The assets whose units do not add up to zero, and what they lack.</summary>
    public List<(AssetId Asset, AssetId Pool, BigInteger Units)> UnitsLeft()
    {
        var sums = new List<(AssetId Asset, AssetId Pool, BigInteger Units)>();
        foreach (var line in _lines)
        {
            var known = sums.FindIndex(sum => sum.Asset == line.Key.Asset);
            var units = (known < 0 ? BigInteger.Zero : sums[known].Units) - line.Units;
            var left = (line.Key.Asset, line.Pool, units);
            if (known < 0)
            {
                sums.Add(left);
            }
            else
            {
                sums[known] = left;
            }
        }

        sums.RemoveAll(sum => sum.Units.IsZero);
        return sums;
    }

    /// <summary>The lines in order.</summary>
    public ImmutableArray<Posting> ToPostings()
    {
        _lines.RemoveAll(line =>
            line.Units.IsZero && line.Attos.IsZero && !ChartOfAccounts.IsOpenQuestion(line.Key.Account));
        _lines.Sort((x, y) => x.Key.CompareTo(y.Key));
        var postings = ImmutableArray.CreateBuilder<Posting>(_lines.Count);
        foreach (var (key, pool, units, attos) in _lines)
        {
            postings.Add(new Posting(
                key.Account,
                key.Place == default ? null : key.Place,
                key.Transfer == default ? null : key.Transfer,
                key.Asset,
                pool,
                new Quantity(units),
                new Amount(attos)));
        }

        return postings.MoveToImmutable();
    }

    private readonly record struct Line(PostingKey Key, AssetId Pool, BigInteger Units, BigInteger Attos);
}
