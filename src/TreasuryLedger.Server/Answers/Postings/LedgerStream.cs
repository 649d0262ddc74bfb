using System.Runtime.CompilerServices;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Server.Answers.Forms;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Lists.Derived;

namespace TreasuryLedger.Server.Answers.Postings;

/// <summary>General ledgers as they are streamed: every posting, with nothing in memory but the balances.</summary>
internal static class LedgerStream
{
    /// <summary>The postings of a span as rows.</summary>
    /// <param name="seen">Where it stands.</param>
    /// <param name="postings">Every posting up to the end of the span, from the first one on.</param>
    /// <param name="filter">Which are listed.</param>
    /// <param name="rowOf">A row.</param>
    /// <param name="format">In which form.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async IAsyncEnumerable<byte[]> RowsAsync<T, TRow>(
        Seen seen,
        IEnumerable<LedgerPosting<T>> postings,
        PostingFilter filter,
        Func<GeneralLedgerLine<T>, AssetId, TRow> rowOf,
        ListFormat format,
        [EnumeratorCancellation] CancellationToken cancellation)
        where TRow : class
    {
        var text = new ListText<TRow>(format, AnswerTable.ColumnsOf<TRow>());
        yield return text.Begin(new DerivedBegin(seen.Standpoint));
        var count = 0L;
        foreach (var piece in text.Rows(Lines(postings, filter).Select(line =>
        {
            count++;
            seen.Cost.Write(1);
            return rowOf(line, line.Posting.Pool);
        })))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return piece;
        }

        await Task.CompletedTask;
        yield return text.End(count);
    }

    private static IEnumerable<GeneralLedgerLine<T>> Lines<T>(
        IEnumerable<LedgerPosting<T>> postings, PostingFilter filter)
    {
        var balances = new Dictionary<PostingLedger, PostingBalance>();
        foreach (var (source, posting, count, isBefore) in postings.Where(one => filter.Passes(one.Posting)))
        {
            var ledger = new PostingLedger(posting.Account, posting.Pool);
            var balance = balances[ledger] = balances.GetValueOrDefault(ledger).With(posting, count);
            if (!isBefore)
            {
                yield return new GeneralLedgerLine<T>(source, posting, balance);
            }
        }
    }
}
