using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>Where postings are added up: one chart account and one pool, wherever they are.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Pool">The asset whose lots the units share; all units of it have its decimals.</param>
public readonly record struct PostingLedger(ChartAccount Account, AssetId Pool) : IComparable<PostingLedger>
{
    /// <summary>In the order of the chart, then of assets.</summary>
    public int CompareTo(PostingLedger other) =>
        Account.CompareTo(other.Account) is var order and not 0 ? order : Pool.CompareTo(other.Pool);
}

/// <summary>What postings add up to, exactly.</summary>
/// <param name="Quantity">Smallest units: debits less credits.</param>
/// <param name="Amount">Debits less credits.</param>
/// <param name="Postings">How many.</param>
public readonly record struct PostingBalance(Quantity Quantity, Amount Amount, long Postings)
{
    /// <summary>With one posting more.</summary>
    public static PostingBalance operator +(PostingBalance balance, Posting posting)
    {
        ArgumentNullException.ThrowIfNull(posting);
        return new PostingBalance(
            balance.Quantity + posting.Quantity, balance.Amount + posting.Amount, balance.Postings + 1);
    }
}

/// <summary>Running sums of postings by chart account and pool.</summary>
public sealed class PostingTotals
{
    private readonly SortedDictionary<PostingLedger, PostingBalance> _balances = [];

    /// <summary>By chart account and pool; some may be zero.</summary>
    public IReadOnlyDictionary<PostingLedger, PostingBalance> Balances => _balances;

    /// <summary>How many postings say that a value is missing.</summary>
    public long Unvalued => Count(ChartAccount.UnvaluedSuspense);

    /// <summary>How many postings say that a cost basis is missing.</summary>
    public long BasisMissing => Count(ChartAccount.BasisMissing);

    /// <summary>The sums of entries.</summary>
    public static PostingTotals Of(IEnumerable<EntryPostings> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var totals = new PostingTotals();
        foreach (var entry in entries)
        {
            totals.Add(entry.Postings);
        }

        return totals;
    }

    /// <summary>Adds postings.</summary>
    public void Add(ImmutableArray<Posting> postings)
    {
        foreach (var posting in postings)
        {
            var ledger = new PostingLedger(posting.Account, posting.Pool);
            _balances[ledger] = _balances.GetValueOrDefault(ledger) + posting;
        }
    }

    /// <summary>The exact amount under a heading: debits less credits.</summary>
    public Amount AmountOf(ChartHeading heading) => _balances
        .Where(balance => ChartOfAccounts.Of(balance.Key.Account).Heading == heading)
        .Aggregate(Amount.Zero, (sum, balance) => sum + balance.Value.Amount);

    private long Count(ChartAccount account) =>
        _balances.Where(balance => balance.Key.Account == account).Sum(balance => balance.Value.Postings);
}
