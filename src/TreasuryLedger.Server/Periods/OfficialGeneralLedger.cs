using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Drill;
using TreasuryLedger.Server.Answers.Postings;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Periods;

/// <summary>A posting by accounting date.</summary>
/// <param name="AccountingDate">The local day to which it belongs.</param>
/// <param name="Kind">Why it stands there.</param>
/// <param name="Late">Of a catch-up: the entry that was learned after its day was closed.</param>
/// <param name="Entry">The entry whose posting it is, or whose posting changed; absent where a method matched a closed
/// period anew, and no single entry did it.</param>
/// <param name="EffectiveAt">When that happened.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Place">At which account of the treasury; absent where it belongs to none.</param>
/// <param name="Transfer">In transit: the fact of the dispatch.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens; more than zero in debit, less in credit. Of a catch-up the change.</param>
/// <param name="Amount">In the reporting currency, likewise.</param>
/// <param name="Balance">The balance after it.</param>
public sealed record OfficialLedgerLine(
    DateOnly AccountingDate,
    OfficialPostingKind Kind,
    LateEntryRow? Late,
    long? Entry,
    Instant? EffectiveAt,
    FactId? Fact,
    string? Type,
    AccountId? Place,
    FactId? Transfer,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount Amount,
    LedgerBalance Balance);

/// <summary>One chart account and asset by accounting date.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Heading">Under which it stands.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Opening">The balance before the first line.</param>
/// <param name="Lines">The postings: period after period, in each what it catches up before its own.</param>
/// <param name="Closing">The balance after the last line.</param>
public sealed record OfficialLedgerAccount(
    ChartAccount Account,
    ChartHeading Heading,
    AssetId Asset,
    LedgerBalance Opening,
    ImmutableArray<OfficialLedgerLine> Lines,
    LedgerBalance Closing);

/// <summary>A posting in a stream: all accounts together, period after period.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Heading">Under which it stands.</param>
/// <param name="Pool">The asset whose lots the units share.</param>
/// <param name="Line">The posting, with the balance of account and asset after it.</param>
public sealed record OfficialLedgerRow(
    ChartAccount Account, ChartHeading Heading, AssetId Pool, OfficialLedgerLine Line);

/// <summary>Postings by chart account and accounting date over a span.</summary>
/// <param name="Viewpoint">Where the answer stands: the end of the span.</param>
/// <param name="From">Its beginning (exclusive); absent: the journal's.</param>
/// <param name="Span">The period that holds asOf.</param>
/// <param name="Ties">What everything posted up to asOf adds up to, beside the official book.</param>
/// <param name="LinesLeft">Postings of the span behind those listed; ask for them with skip.</param>
/// <param name="Unvalued">How many postings up to the end say that a value is missing, listed or not.</param>
/// <param name="BasisMissing">How many say that a cost basis is missing.</param>
/// <param name="Accounts">By chart account and asset; those with a balance or a line.</param>
public sealed record OfficialGeneralLedgerAnswer(
    Standpoint Viewpoint,
    Instant? From,
    OfficialSpanRow Span,
    ImmutableArray<TrialTie> Ties,
    long LinesLeft,
    long Unvalued,
    long BasisMissing,
    ImmutableArray<OfficialLedgerAccount> Accounts)
{
    /// <summary>Reads the question and finds where its answer stands.</summary>
    /// <param name="asking">The question.</param>
    /// <param name="read">Reads its viewpoint and book.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<PendingAnswer> AskAsync(
        Asking asking, Func<QueryReader, Question> read, CancellationToken cancellation)
    {
        var asked = AskedPostings.Read(asking.Query);
        var seen = await asking.SeeAsync(cancellation, read);
        return PendingAnswer.Of(seen, seen => Of(seen, asked.Check(seen), asked)) with
        {
            RowsAsync = (format, stop) =>
            {
                var periods = OfficialBooks.PeriodsOf(seen.View);
                var book = OfficialBooks.Of(seen.View, seen.Choice.Book, periods, seen.Cost);
                var links = new Links(seen.Standpoint, seen.Opened, "");
                return LedgerStream.RowsAsync(
                    seen,
                    new OfficialLedger(book, seen.View.Prices.Entries)
                        .Between(asked.Check(seen), seen.Standpoint.AsOf),
                    asked.Filter,
                    (line, pool) => new OfficialLedgerRow(
                        line.Posting.Account, ChartOfAccounts.Of(line.Posting.Account).Heading, pool,
                        Line(seen, periods, links, line, pool)),
                    format,
                    stop);
            },
        };
    }

    private static OfficialGeneralLedgerAnswer Of(Seen seen, Instant? from, AskedPostings asked)
    {
        var asOf = seen.Standpoint.AsOf;
        var periods = OfficialBooks.PeriodsOf(seen.View);
        var book = OfficialBooks.Of(seen.View, seen.Choice.Book, periods, seen.Cost);
        var totals = new PostingTotals();
        var ledger = GeneralLedger.Of(
            new OfficialLedger(book, seen.View.Prices.Entries).Between(from, asOf).Select(posting =>
            {
                totals.Add(posting.Posting, posting.Count);
                return posting;
            }),
            asked.Filter,
            asked.Page);
        var (state, links) = (book.At(book.QuestionAt(asOf)).State, new Links(seen.Standpoint, seen.Opened, ""));
        return new OfficialGeneralLedgerAnswer(
            seen.Standpoint, from, OfficialSpanRow.Of(book.SpanOf(asOf), book),
            [
                // Lots know cost; what stands beside it at fair value is told by the prices.
                TrialTie.Of(totals, ChartHeading.DigitalAssets, state.CostOpen + totals.Balances
                    .Where(one => one.Key.Account == ChartAccount.DigitalAssetsRemeasured)
                    .Aggregate(Amount.Zero, (sum, one) => sum + one.Value.Amount)),
                TrialTie.Of(totals, ChartHeading.RealizedGains, -state.RealizedGain),
            ],
            ledger.LinesLeft, ledger.Unvalued, ledger.BasisMissing,
            [
                .. ledger.Sections.Select(section => new OfficialLedgerAccount(
                    section.Ledger.Account, ChartOfAccounts.Of(section.Ledger.Account).Heading, section.Ledger.Pool,
                    LedgerBalance.Of(seen, section.Ledger.Pool, section.Opening),
                    [.. section.Lines.Select(line => Line(seen, periods, links, line, section.Ledger.Pool))],
                    LedgerBalance.Of(seen, section.Ledger.Pool, section.Closing))),
            ]);
    }

    private static OfficialLedgerLine Line(
        Seen seen,
        ClosedPeriods periods,
        Links links,
        GeneralLedgerLine<OfficialSource> line,
        AssetId pool)
    {
        var (source, posting) = (line.Source, line.Posting);
        var entry = source.Entry;
        return new OfficialLedgerLine(
            LocalDay.Of(source.AccountedAt, seen.Zone),
            source.Kind,
            source.Late is { } late ? LateEntryRow.Of(seen, periods, links, late.Journal, late.Entry) : null,
            entry?.Position, entry?.EffectiveAt, entry?.Fact, entry is null ? null : EventNames.Of(entry.Event).Name,
            posting.Place, posting.Transfer, posting.Asset,
            seen.Tokens(posting.Asset, posting.Quantity), posting.Amount,
            LedgerBalance.Of(seen, pool, line.Balance));
    }
}
