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
    /// <summary>With a posting more.</summary>
    /// <param name="posting">The posting.</param>
    /// <param name="count">How many postings it is more; one that changes another is none.</param>
    public PostingBalance With(Posting posting, long count = 1)
    {
        ArgumentNullException.ThrowIfNull(posting);
        return new PostingBalance(Quantity + posting.Quantity, Amount + posting.Amount, Postings + count);
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
            Add(posting);
        }
    }

    /// <summary>Adds a posting.</summary>
    /// <param name="posting">The posting.</param>
    /// <param name="count">How many postings it is more; one that changes another is none.</param>
    public void Add(Posting posting, long count = 1)
    {
        ArgumentNullException.ThrowIfNull(posting);
        var ledger = new PostingLedger(posting.Account, posting.Pool);
        _balances[ledger] = _balances.GetValueOrDefault(ledger).With(posting, count);
    }

    /// <summary>The exact amount under a heading: debits less credits.</summary>
    public Amount AmountOf(ChartHeading heading) => _balances
        .Where(balance => ChartOfAccounts.Of(balance.Key.Account).Heading == heading)
        .Aggregate(Amount.Zero, (sum, balance) => sum + balance.Value.Amount);

    private long Count(ChartAccount account) =>
        _balances.Where(balance => balance.Key.Account == account).Sum(balance => balance.Value.Postings);
}
