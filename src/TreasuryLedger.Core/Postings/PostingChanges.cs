using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>What postings come to now less what they came to before, by chart account, place and asset.</summary>
internal sealed class PostingChanges
{
    private readonly SortedDictionary<PostingKey, (AssetId Pool, Quantity Units, Amount Amount, long Count)> _sums = [];

    /// <summary>The changes between two lists.</summary>
    public static PostingChanges Between(IEnumerable<Posting> before, IEnumerable<Posting> now)
    {
        var changes = new PostingChanges();
        foreach (var posting in before)
        {
            changes.Add(posting, isMore: false);
        }

        foreach (var posting in now)
        {
            changes.Add(posting, isMore: true);
        }

        return changes;
    }

    /// <summary>A posting that is there now, or was before.</summary>
    public void Add(Posting posting, bool isMore)
    {
        var key = new PostingKey(
            posting.Account, posting.Place ?? default, posting.Transfer ?? default, posting.Asset);
        var (_, units, amount, count) = _sums.GetValueOrDefault(key);
        units = isMore ? units + posting.Quantity : units - posting.Quantity;
        amount = isMore ? amount + posting.Amount : amount - posting.Amount;
        count += isMore ? 1 : -1;
        if (units.IsZero && amount.IsZero && count == 0)
        {
            _sums.Remove(key);
        }
        else
        {
            _sums[key] = (posting.Pool, units, amount, count);
        }
    }

    /// <summary>The changes, and how many postings each is more.</summary>
    public IEnumerable<(Posting Change, long Count)> ToPostings()
    {
        foreach (var (key, (pool, units, amount, count)) in _sums)
        {
            yield return (
                new Posting(
                    key.Account,
                    key.Place == default ? null : key.Place,
                    key.Transfer == default ? null : key.Transfer,
                    key.Asset,
                    pool,
                    units,
                    amount),
                count);
        }
    }
}
