using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>A report whose restatement is asked for.</summary>
public enum RestatedReport
{
    /// <summary>Realized gain by period and asset, as printed.</summary>
    RealizedGains,

    /// <summary>Every open lot.</summary>
    OpenLots,

    /// <summary>Every chart account, as printed.</summary>
    TrialBalance,
}

/// <summary>A number of a report that entries changed.</summary>
/// <param name="Row">
/// Its row: period and asset; lot, asset and, where the scope is the account, the account; or chart account and asset.
/// </param>
/// <param name="Column">Its column, as the report names it; of a trial balance debits less credits.</param>
/// <param name="Before">As known at the earlier instant; zero where there was no such row.</param>
/// <param name="After">As known at the later one.</param>
/// <param name="Difference">After less before: what the effects add up to, exactly.</param>
/// <param name="Effects">In the order in which the entries were learned.</param>
public sealed record RestatedNumber(
    string Row,
    string Column,
    ExactDecimal Before,
    ExactDecimal After,
    ExactDecimal Difference,
    ImmutableArray<RestatedEffect> Effects);

/// <summary>What one entry did to a number of a report.</summary>
/// <param name="Journal">Where it stands.</param>
/// <param name="Position">Its entry.</param>
/// <param name="RecordedAt">When it was learned.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Effect">The number with it less the number without it.</param>
public sealed record RestatedEffect(
    RestatedJournal Journal, long Position, Instant RecordedAt, FactId Fact, string Type, ExactDecimal Effect);

/// <summary>Which report, and over which spans.</summary>
/// <param name="Kind">The report.</param>
/// <param name="Period">The spans of realized gains.</param>
internal sealed record AskedReport(RestatedReport Kind, GainPeriod Period)
{
    /// <summary>Most entries between the two known-at instants that may have changed a report.</summary>
    private const int EntriesMax = 1_000;

    /// <summary>The parameters that name it.</summary>
    public static ParameterText[] Parameters =>
    [
        new("report", "query", typeof(RestatedReport),
            "Explain a whole report beside the figure: each number that changed, and by which entries. "
            + $"At most {EntriesMax} entries may have changed it in between; a trial balance is folded anew for each.",
            "realizedGains"),
        new("period", "query", typeof(GainPeriod),
            "With report=realizedGains, over which spans; without it: all.", "month"),
    ];

    /// <summary>Reads both parameters; absent if no report is named.</summary>
    /// <exception cref="ProblemException">One is not of its form, or a span is named without its report.</exception>
    public static AskedReport? Read(QueryReader query)
    {
        var (kind, period) = (query.Word<RestatedReport>("report"), query.Word<GainPeriod>("period"));
        return period is not null && kind != RestatedReport.RealizedGains
            ? throw ProblemException.Of(
                ErrorRegistry.QueryInvalid, "The parameter 'period' belongs to report=realizedGains.",
                ("parameter", "period"))
            : kind is { } named ? new AskedReport(named, period ?? GainPeriod.All) : null;
    }

    /// <summary>The numbers that entries changed since an earlier known-at instant.</summary>
    /// <exception cref="ProblemException">More entries than allowed may have changed it.</exception>
    public ImmutableArray<RestatedNumber> Between(Seen seen, Instant knownAt1)
    {
        var steps = -1;
        var cells = ReportRestatement.Of(
            RestatementStep.Between(
                seen.View.Books,
                seen.View.Prices.Entries.Skip(seen.View.Prices.Log.CountAt(knownAt1)),
                seen.Standpoint.AsOf, knownAt1, seen.Standpoint.KnownAt, seen.Choice, seen.Cost),
            treasury => ++steps <= EntriesMax ? NumbersOf(seen, treasury) : throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                $"More than {EntriesMax} entries in between may have changed the report: bring knownAt1 and knownAt2 "
                + "nearer to each other.",
                ("parameter", "knownAt1")));
        return
        [
            .. cells.Select(cell => new RestatedNumber(
                cell.Cell.Row, cell.Cell.Column, cell.Before, cell.After, cell.Difference,
                [
                    .. cell.Effects.Select(effect => new RestatedEffect(
                        effect.Journal, effect.Entry.Position, effect.Entry.RecordedAt, effect.Entry.Fact,
                        EventNames.Of(effect.Entry.Event).Name, effect.Effect)),
                ])),
        ];
    }

    private Dictionary<ReportCell, ExactDecimal> NumbersOf(Seen seen, TreasuryAt treasury)
    {
        var cells = new Dictionary<ReportCell, ExactDecimal>();
        switch (Kind)
        {
            case RestatedReport.RealizedGains:
                var periods = RealizedGainsAnswer.PeriodsOf(seen, Period, treasury.State.GainDays());
                foreach (var row in RealizedGains.Of(treasury.State, periods, seen.Digits, seen.Zone).Rows)
                {
                    var name = $"{row.Period.Name} {row.Asset}";
                    cells[new(name, "quantity")] = seen.Tokens(row.Asset, row.Figures.Quantity);
                    cells[new(name, "proceeds")] = row.Figures.Proceeds.ToExact();
                    cells[new(name, "costBasis")] = row.Figures.CostBasis.ToExact();
                    cells[new(name, "realizedGain")] = row.Figures.Gain.ToExact();
                }

                break;
            case RestatedReport.OpenLots:
                // Parts of one lot that were converted apart may lie at one place.
                var lots = treasury.State.OpenLots().GroupBy(lot => (lot.LotId, lot.Pool, lot.Account, lot.InTransit));
                foreach (var (at, parts) in lots.Select(parts => (parts.Key, parts.ToList())))
                {
                    var place = at.Account?.ToString() ?? at.InTransit?.ToString();
                    var name = $"{at.LotId} {at.Pool}{(place is null ? "" : $" {place}")}";
                    cells[new(name, "quantity")] = seen.Tokens(
                        at.Pool, parts.Aggregate(Quantity.Zero, (sum, part) => sum + part.Remaining));
                    cells[new(name, "cost")] = parts
                        .Aggregate(Amount.Zero, (sum, part) => sum + (part.Cost ?? Amount.Zero)).ToExact();
                }

                break;
            case RestatedReport.TrialBalance:
                var book = new BookAnswer(treasury.State, treasury.Registers, treasury.Prices);
                var postings = PostingTotals.Of(PostingFold.Of(book, treasury.Happened));
                foreach (var row in TrialBalance.Of(postings, seen.Digits).Rows)
                {
                    var name = $"{ListRows.Word(row.Account)} {row.Asset}";
                    cells[new(name, "quantity")] = seen.Tokens(row.Asset, row.Quantity);
                    cells[new(name, "balance")] = row.Balance.ToExact();
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(treasury), Kind, "No such report.");
        }

        return cells;
    }
}
