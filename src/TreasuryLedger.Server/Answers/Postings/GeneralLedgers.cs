using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Postings;

/// <summary>Units and amount of a chart account, exact; more than zero is a debit, less a credit.</summary>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Amount">In the reporting currency.</param>
/// <param name="Postings">How many postings stand behind it.</param>
public sealed record LedgerBalance(ExactDecimal Quantity, Amount Amount, long Postings)
{
    /// <summary>A balance as callers see it.</summary>
    internal static LedgerBalance Of(Seen seen, AssetId asset, PostingBalance balance) =>
        new(seen.Tokens(asset, balance.Quantity), balance.Amount, balance.Postings);
}

/// <summary>A posting.</summary>
/// <param name="Entry">The entry that it belongs to, by its position; absent where none happened, but the book was
/// remeasured at fair value, or disposals before the span were matched with what came in it.</param>
/// <param name="EffectiveAt">When that happened; or the reporting date, or the first instant of the span.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Place">At which account of the treasury; absent where it belongs to none.</param>
/// <param name="Transfer">In transit: the fact of the dispatch.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Quantity">Whole tokens; more than zero in debit, less in credit.</param>
/// <param name="Amount">In the reporting currency, likewise.</param>
/// <param name="Balance">The balance after it.</param>
public sealed record LedgerLine(
    long? Entry,
    Instant EffectiveAt,
    FactId? Fact,
    string? Type,
    AccountId? Place,
    FactId? Transfer,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount Amount,
    LedgerBalance Balance);

/// <summary>One chart account and asset.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Heading">Under which it stands.</param>
/// <param name="Type">What it is about.</param>
/// <param name="NormalSide">On which side its balance stands as a rule.</param>
/// <param name="Asset">The asset; stand-ins at its decimals count here.</param>
/// <param name="Opening">The balance before the first line.</param>
/// <param name="Lines">The postings in the order in which they happened.</param>
/// <param name="Closing">The balance after the last line.</param>
public sealed record LedgerAccount(
    ChartAccount Account,
    ChartHeading Heading,
    ChartType Type,
    PostingSide NormalSide,
    AssetId Asset,
    LedgerBalance Opening,
    ImmutableArray<LedgerLine> Lines,
    LedgerBalance Closing);

/// <summary>Postings by chart account over a span.</summary>
/// <param name="Viewpoint">Where the answer stands: the end of the span.</param>
/// <param name="From">Its beginning (exclusive); absent: the journal's.</param>
/// <param name="LinesLeft">Postings of the span behind those listed; ask for them with skip.</param>
/// <param name="Unvalued">How many postings up to the end say that a value is missing, listed or not.</param>
/// <param name="BasisMissing">How many say that a cost basis is missing.</param>
/// <param name="Accounts">By chart account and asset; those with a balance or a line.</param>
public sealed record GeneralLedgerAnswer(
    Standpoint Viewpoint,
    Instant? From,
    long LinesLeft,
    long Unvalued,
    long BasisMissing,
    ImmutableArray<LedgerAccount> Accounts)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters,
        .. AskedPostings.Parameters,
        new("remeasured", "query", typeof(PeriodKind),
            "Of a book at fair value: also shows what remeasurement changed at the end of each such period of the "
            + "span; without it only at its end.", "month"),
    ];

    /// <summary>Reads the question and finds where its answer stands.</summary>
    public static async Task<PendingAnswer> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var asked = AskedPostings.Read(asking.Query);
        var remeasured = asking.Query.Word<PeriodKind>("remeasured");
        var seen = await asking.SeeAsync(cancellation);
        return PendingAnswer.Of(seen, seen => Of(seen, asked.Check(seen), remeasured, asked)) with
        {
            RowsAsync = (format, stop) => LedgerStream.RowsAsync(
                seen,
                PostingsOf(seen, asked.Check(seen), remeasured),
                asked.Filter,
                (line, pool) => new LedgerRow(
                    line.Posting.Account, ChartOfAccounts.Of(line.Posting.Account).Heading, pool,
                    Line(seen, line, pool)),
                format,
                stop),
        };
    }

    private static IEnumerable<LedgerPosting<LedgerSource>> PostingsOf(
        Seen seen, Instant? from, PeriodKind? remeasured)
    {
        var asOf = seen.At.Viewpoint.AsOf;
        var ends = remeasured is not { } kind ? [] : CalendarPeriods.Of(
            kind, seen.Opened.FiscalYearStart, seen.Zone, from ?? default, asOf)
            .Select(period => period.Until.Plus(-1));
        return GeneralLedger.PostingsOf(
            TrialBalanceAnswer.AnswerOf(seen.At), end => end == asOf ? seen.At.Happened : seen.AsOf(end).Happened, from,
            [.. from is { } beginning ? [beginning] : Array.Empty<Instant>(), .. ends.Where(end => end < asOf), asOf],
            end => seen.AsOf(end).State);
    }

    private static GeneralLedgerAnswer Of(Seen seen, Instant? from, PeriodKind? remeasured, AskedPostings asked)
    {
        var ledger = GeneralLedger.Of(PostingsOf(seen, from, remeasured), asked.Filter, asked.Page);
        return new GeneralLedgerAnswer(
            seen.Standpoint, from, ledger.LinesLeft, ledger.Unvalued, ledger.BasisMissing,
            [
                .. ledger.Sections.Select(section =>
                {
                    var (account, asset) = (ChartOfAccounts.Of(section.Ledger.Account), section.Ledger.Pool);
                    return new LedgerAccount(
                        account.Account, account.Heading, account.Type, account.NormalSide, asset,
                        LedgerBalance.Of(seen, asset, section.Opening),
                        [.. section.Lines.Select(line => Line(seen, line, asset))],
                        LedgerBalance.Of(seen, asset, section.Closing));
                }),
            ]);
    }

    private static LedgerLine Line(Seen seen, GeneralLedgerLine<LedgerSource> line, AssetId asset) => new(
        line.Source.Entry?.Position, line.Source.At, line.Source.Entry?.Fact,
        line.Source.Entry is { } entry ? EventNames.Of(entry.Event).Name : null,
        line.Posting.Place, line.Posting.Transfer, line.Posting.Asset,
        seen.Tokens(line.Posting.Asset, line.Posting.Quantity), line.Posting.Amount,
        LedgerBalance.Of(seen, asset, line.Balance));
}

/// <summary>A posting in a stream: all accounts together, in the order in which they come.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Heading">Under which it stands.</param>
/// <param name="Pool">The asset whose lots the units share.</param>
/// <param name="Line">The posting, with the balance of account and asset after it.</param>
public sealed record LedgerRow(ChartAccount Account, ChartHeading Heading, AssetId Pool, LedgerLine Line);

/// <summary>Which postings a general ledger is asked for.</summary>
/// <param name="From">Where its span begins.</param>
/// <param name="Filter">Which postings are listed.</param>
/// <param name="Page">Which of those.</param>
internal sealed record AskedPostings(Func<Seen, Instant?> From, PostingFilter Filter, PostingPage Page)
{
    private const int LinesMax = 10_000;
    private const int LinesUnasked = 1_000;

    /// <summary>The parameters.</summary>
    public static ParameterText[] Parameters =>
    [
        SpanStart.Parameter,
        new("account", "query", typeof(ChartAccount), "Only this chart account.", "realizedGains"),
        new("heading", "query", typeof(ChartHeading), "Only chart accounts under this heading.", "digitalAssets"),
        new("place", "query", typeof(AccountId), "Only postings at this account of the treasury.", "custody"),
        new("asset", "query", typeof(AssetId), "Only postings of this asset and of what shares its lots.", "ETH"),
        new("skip", "query", typeof(long),
            "In pages: passes over so many postings of the span, in the order in which they happened; they count to "
            + "the opening balances.", "0"),
        new("limit", "query", typeof(long),
            $"In pages: lists so many postings, 1 to {LinesMax}; without it {LinesUnasked}.", "100"),
    ];

    /// <summary>Reads them.</summary>
    /// <exception cref="ProblemException">One is not of its form.</exception>
    public static AskedPostings Read(QueryReader query) => new(
        SpanStart.Read(query),
        new PostingFilter(
            query.Word<ChartAccount>("account"), query.Word<ChartHeading>("heading"), query.Value<AccountId>("place"),
            query.Value<AssetId>("asset")),
        new PostingPage(
            query.Number("skip", 0, long.MaxValue) ?? 0, query.Number("limit", 1, LinesMax) ?? LinesUnasked));

    /// <summary>
    /// Where the span begins. An empty answer would say that nothing was posted; of what nobody registered, nobody
    /// knows.
    /// </summary>
    /// <exception cref="ProblemException">
    /// The question names an asset or account that is not registered, or a beginning after the end.
    /// </exception>
    public Instant? Check(Seen seen)
    {
        var registers = seen.At.Registers;
        Require("asset", Filter.Asset, Filter.Asset is not { } asset || registers.Assets.ContainsKey(asset));
        Require("place", Filter.Place, Filter.Place is not { } place || registers.Accounts.ContainsKey(place));
        return From(seen);

        void Require(string name, object? value, bool holds)
        {
            if (!holds)
            {
                throw ProblemException.Of(
                    ErrorRegistry.QueryInvalid,
                    $"The parameter '{name}' is {value}, which is not registered as known at "
                    + $"{seen.Standpoint.KnownAt}.",
                    ("parameter", name),
                    (name, value!));
            }
        }
    }
}
