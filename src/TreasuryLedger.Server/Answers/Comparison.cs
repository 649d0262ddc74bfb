using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>An exact amount of two books.</summary>
/// <param name="Book">Of the one that is compared.</param>
/// <param name="With">Of the one it is compared with.</param>
/// <param name="Difference">What the first one has more.</param>
public sealed record ComparedRow(Amount Book, Amount With, Amount Difference)
{
    /// <summary>The amounts as callers see them.</summary>
    public static ComparedRow Of(ComparedAmount amount) => new(amount.Book, amount.With, amount.Difference);
}

/// <summary>One of two books.</summary>
/// <param name="Book">Its name.</param>
/// <param name="Policy">Its terms at asOf.</param>
/// <param name="IsWhatIf">Whether the question changes its terms.</param>
/// <param name="Disposals">How many there were.</param>
/// <param name="Incomplete">How many of them lack proceeds or basis; what lacks one is in no amount.</param>
public sealed record ComparedBook(string Book, PolicyTerms Policy, bool IsWhatIf, long Disposals, long Incomplete);

/// <summary>The realized gain of one asset in one period.</summary>
/// <param name="Period">The period's name, e.g. 2026-02.</param>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Asset">The asset whose lots were disposed of.</param>
/// <param name="RealizedGain">On units whose cost and proceeds are known.</param>
public sealed record ComparedGainRow(
    string Period, Instant From, Instant Until, AssetId Asset, ComparedRow RealizedGain);

/// <summary>The known cost of the open lots of one asset.</summary>
/// <param name="Asset">The asset whose lots they are.</param>
/// <param name="Cost">The cost.</param>
public sealed record ComparedCostRow(AssetId Asset, ComparedRow Cost);

/// <summary>A disposal at which the books differ; one of them may have none there.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="Leg">The leg of the fact.</param>
/// <param name="At">When.</param>
/// <param name="Asset">The asset whose lots it took.</param>
/// <param name="Gain">On units whose cost and proceeds are known.</param>
/// <param name="Cost">The known cost that it took.</param>
/// <param name="Book">The lots that it took in the one book.</param>
/// <param name="With">The lots that it took in the other.</param>
/// <param name="Reasons">What differs.</param>
/// <param name="Rules">By which rules: those in which the books differ by then.</param>
public sealed record ComparedDisposalRow(
    FactId Fact,
    long Entry,
    int Leg,
    Instant At,
    AssetId Asset,
    ComparedRow Gain,
    ComparedRow Cost,
    ImmutableArray<TakeRow> Book,
    ImmutableArray<TakeRow> With,
    ImmutableArray<DisposalDifference> Reasons,
    ImmutableArray<BookRule> Rules);

/// <summary>An entry whose lots cost more in one of the books.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Cost">The known cost of its lots.</param>
/// <param name="Rules">By which rules: those on costs in which the books differ by then.</param>
public sealed record ComparedAcquisitionRow(
    FactId Fact, long Entry, Instant At, string Type, ComparedRow Cost, ImmutableArray<BookRule> Rules);

/// <summary>
/// Two books and where they differ, in exact amounts: the gains of the disposals add up to the difference of realized
/// gain; the cost of acquisitions less that of disposals to the difference of open cost.
/// </summary>
/// <param name="Viewpoint">Where the answer stands; its policy is that of the first book.</param>
/// <param name="Book">The one that is compared.</param>
/// <param name="With">The one it is compared with.</param>
/// <param name="RealizedGain">On units whose cost and proceeds are known.</param>
/// <param name="CostAcquired">The known cost of everything acquired.</param>
/// <param name="CostOpen">The known cost of open lots.</param>
/// <param name="Gains">Realized gain by period and asset; they add up to the whole.</param>
/// <param name="Open">Open cost by asset; they add up to the whole.</param>
/// <param name="Disposals">Those whose gain or cost differs, in the order of the fold.</param>
/// <param name="Acquisitions">Entries whose lots differ in cost, in the order of the fold.</param>
public sealed record ComparisonAnswer(
    Standpoint Viewpoint,
    ComparedBook Book,
    ComparedBook With,
    ComparedRow RealizedGain,
    ComparedRow CostAcquired,
    ComparedRow CostOpen,
    ImmutableArray<ComparedGainRow> Gains,
    ImmutableArray<ComparedCostRow> Open,
    ImmutableArray<ComparedDisposalRow> Disposals,
    ImmutableArray<ComparedAcquisitionRow> Acquisitions)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Times,
        new("book", "query", typeof(string), "The book that is compared; without it the official one.", "official"),
        new("with", "query", typeof(string),
            "The book that it is compared with; without it the same one, for a what-if.", "us-gaap"),
        new("period", "query", typeof(GainPeriod), "Over which spans gains are shown; without it: all.", "month"),
        new("method", "query", typeof(LotMethod), "What if: another lot method than that of `with`.", "hifo"),
        new("scope", "query", typeof(BasisScope), "What if: another basis scope than that of `with`.", "universal"),
        new("stablecoins", "query", typeof(StablecoinTreatment),
            "What if: another treatment of stablecoins than that of `with`.", "lots"),
        new("income", "query", typeof(IncomeBasis), "What if: another basis of income than that of `with`.", "zero"),
        Question.CurrencyParameter,
        Question.MeasurementParameter("the other book's"),
        .. Question.Conventions("those of `with`"),
    ];

    /// <summary>The question of the first book: what the what-if changes belongs to the other.</summary>
    public static Question ReadBook(QueryReader query) => Question.Read(query) with
    {
        Method = null,
        Scope = null,
        Stablecoins = null,
        Income = null,
        Sequence = null,
        MissingBasis = null,
        Fees = null,
        Moves = null,
        Measurement = null,
    };

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, ComparisonAnswer> Read(QueryReader query)
    {
        var whole = Question.Read(query);
        var with = whole.Choice with { Book = query.Text("with") ?? whole.Book };
        var period = query.Word<GainPeriod>("period") ?? GainPeriod.All;
        return seen => Of(seen, with, period);
    }

    private static ComparisonAnswer Of(Seen seen, BookChoice with, GainPeriod period)
    {
        var other = seen.Of(with);
        var days = seen.At.State.GainDays().Union(other.State.GainDays()).Order().ToImmutableArray();
        var rules = RulesOf(seen, with);
        var compared = BookComparison.Of(
            seen.At, other, RealizedGainsAnswer.PeriodsOf(seen, period, days), seen.Zone);
        return new ComparisonAnswer(
            seen.Standpoint,
            Side(seen.Choice, seen.At),
            Side(with, other),
            ComparedRow.Of(compared.RealizedGain),
            ComparedRow.Of(compared.CostAcquired),
            ComparedRow.Of(compared.CostOpen),
            [
                .. compared.Gains.Select(row => new ComparedGainRow(
                    row.Period.Name, row.Period.From, row.Period.Until, row.Asset, ComparedRow.Of(row.Gain))),
            ],
            [.. compared.Open.Select(row => new ComparedCostRow(row.Asset, ComparedRow.Of(row.Cost)))],
            [
                .. compared.Disposals.Select(row => new ComparedDisposalRow(
                    row.Entry.Fact, row.Entry.Position, row.Leg, row.Entry.EffectiveAt, row.Asset,
                    ComparedRow.Of(row.Gain), ComparedRow.Of(row.Cost), Takes(row.Book, row.BookCame),
                    Takes(row.With, row.WithCame), row.Reasons, rules.OfDisposal(row.Entry.EffectiveAt))),
            ],
            [
                .. compared.Acquisitions.Select(row => new ComparedAcquisitionRow(
                    row.Entry.Fact, row.Entry.Position, row.Entry.EffectiveAt, EventNames.Of(row.Entry.Event).Name,
                    ComparedRow.Of(row.Cost), rules.OfAcquisition(row.Entry.EffectiveAt))),
            ]);

        ImmutableArray<TakeRow> Takes(Disposal? disposal, ImmutableArray<Instant?> came) => disposal is null ? [] :
        [
            .. disposal.Takes.Zip(
                came, (take, at) => TakeRow.Of(seen, disposal.Pool, take) with { CameAt = at }),
        ];
    }

    /// <summary>In which rules the books differ.</summary>
    internal static BookRules RulesOf(Seen seen, BookChoice with) => BookRules.Between(
        NamedBook.All(
            seen.View.Books.Log, seen.Opened.Policy, seen.Standpoint.AsOf, seen.View.Treasury.Head.Position),
        seen.Choice, with);

    internal static ComparedBook Side(BookChoice choice, TreasuryAt at) => new(
        choice.Book ?? StarterBooks.Official, at.State.Policy.Terms, choice.IsWhatIf, at.State.DisposalCount,
        at.State.IncompleteCount);
}
