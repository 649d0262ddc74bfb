using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Forms;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Lists.Derived;

/// <content>Reports that auditors take along, row by row with the evidence of each.</content>
public static partial class DerivedLists
{
    private static DerivedList<DisposalPart, LotGainRow> LotGains() => new(
        "gains-by-lot", "realized-gains/lots", "listGainsByLot", "Realized gains and losses, short and long, by lot",
        "A row for each lot that a disposal took, and one for units without a lot, with the evidence of the disposal. "
        + "Amounts are exact.")
    {
        Answer = typeof(LotGainsAnswer),
        Filters = new FilterText("Disposed of")
        {
            Kind = ("kind", WordsOf<DisposalKind>(), "For what."),
            Amount = "proceeds",
            Complete = ("complete", "Whether proceeds and cost are known."),
            HasLot = true,
            HasGain = true,
            HasQuality = true,
            HasEntry = true,
        },
        Read = stand => DerivedRows.OfFold(stand, happened => happened.Rows.Disposals.SelectMany(row => row.Parts)),
        FactsOf = row => new DerivedFacts(
            row.Row.Disposal.Asset, ListRows.Word(row.Row.Disposal.Kind), row.Row.Disposal.At, row.Entry)
        {
            Pool = row.Row.Disposal.Pool,
            Account = row.Row.Disposal.Account,
            Lots = row.Row.Take is { } take ? [take.LotId] : [],
            Quality = row.Row.Quality,
            Amount = row.Row.Proceeds,
            Gain = row.Row.Gain,
            IsComplete = row.Row.Gain is not null,
        },
        RowOf = LotGainRow.Of,
        Evidence = new(
            (asking, _) => asking.Treasury, part => part.Disposal.Entry,
            (row, entry) => row with
            {
                Source = entry.Source,
                Reference = entry.Evidence.Reference,
                PayloadHash = entry.Evidence.PayloadHash,
            }),
        Page = (seen, rows, next) => new LotGainsAnswer(seen.Standpoint, rows, next),
        Columns = AnswerTable.ColumnsOf<LotGainRow>(),
        Count = (tallies, part) =>
        {
            var tally = tallies.Of(part.Disposal.Pool, part.Take?.Term is { } known ? ListRows.Word(known) : null);
            tally.Quantity = (tally.Quantity ?? default) + part.Quantity;
            tally.BasisMissing = (tally.BasisMissing ?? default) + (part.Cost is null ? part.Quantity : Quantity.Zero);
            tally.Figures = (tally.Figures ?? default) + FiguresOf(part);
        },
    };

    private static DerivedList<OpenLot, ValuedLotRow> ValuedLots() => new(
        "open-lots", "unrealized-gains/lots", "listOpenLots", "Open lots with what they are worth at asOf",
        "Each with the price that values it, the price's source and age, and the unrealized gain, exact. A missing or "
        + "stale price is a visible state, never a guess.")
    {
        Answer = typeof(ValuedLotsAnswer),
        Filters = OfAcquired,
        Read = OpenLots,
        FactsOf = FactsOf,
        RowOf = ValuedLotOf,
        Page = (seen, rows, next) => new ValuedLotsAnswer(seen.Standpoint, rows, next),
        Columns = AnswerTable.ColumnsOf<ValuedLotRow>(),
        Count = Lots().Count,
    };

    private static DerivedList<Flow, FlowRow> Flows() => new(
        "flows", "income-and-expenses", "listFlows", "Income, interest, fees and contributions",
        "A row for each, with the price that valued it and its evidence. What disposals gained is not among them.")
    {
        Answer = typeof(FlowsAnswer),
        Filters = new FilterText("Happened")
        {
            Kind = ("kind", WordsOf<FlowKind>(), "From where."),
            Amount = "value",
            Complete = ("complete", "Whether the value is known."),
            HasQuality = true,
            HasEntry = true,
        },
        Read = stand => DerivedRows.OfFold(stand, happened => Flow.Of(happened.Rows)),
        FactsOf = row => new DerivedFacts(row.Row.Asset, ListRows.Word(row.Row.Kind), row.Row.At, row.Entry)
        {
            Account = row.Row.Account,
            Quality = row.Row.Quality,
            Amount = row.Row.Value,
            IsComplete = row.Row.Value is not null,
        },
        RowOf = (stand, flow) => flow.Row(stand),
        Evidence = new(
            (asking, _) => asking.Treasury, flow => flow.Entry,
            (row, entry) => row with
            {
                Source = entry.Source,
                Reference = entry.Evidence.Reference,
                PayloadHash = entry.Evidence.PayloadHash,
            }),
        Page = (seen, rows, next) => new FlowsAnswer(seen.Standpoint, rows, next),
        Columns = AnswerTable.ColumnsOf<FlowRow>(),
        Count = (tallies, flow) =>
        {
            var tally = tallies.Of(flow.Asset, ListRows.Word(flow.Kind));
            tally.Quantity = (tally.Quantity ?? default) + flow.Quantity;
            tally.Cost = (tally.Cost ?? default(Amount)) + (flow.Value ?? default);
        },
    };

    private static DerivedList<PriceUse, PriceUseRow> PriceEvidence() => new(
        "price-evidence", "price-evidence", "listPriceEvidence", "Every use of a price, with its evidence",
        "What a price valued, its source, its age then, and where it is written. A price at position 0 is par by "
        + "definition.")
    {
        Answer = typeof(PriceEvidenceAnswer),
        Filters = new FilterText("Used")
        {
            Kind = ("kind", WordsOf<PricedKind>(), "What it valued."),
            Amount = "value",
            HasQuality = true,
            HasEntry = true,
        },
        Read = stand => DerivedRows.OfFold(stand, happened => PriceUse.Of(happened.Rows)),
        FactsOf = row => new DerivedFacts(row.Row.Asset, ListRows.Word(row.Row.Kind), row.Row.At, row.Entry)
        {
            Quality = row.Row.Price.Quality,
            Amount = row.Row.Value,
        },
        RowOf = (stand, use) => use.Row(stand),
        Evidence = new(
            (asking, stand) => JournalAddress.KeyOf(
                JournalKind.PriceBook, asking.Treasury.Tenant, stand.Seen.Opened.PriceBook),
            use => use.Price.Position,
            (row, entry) => row with
            {
                Reference = entry.Evidence.Reference,
                PayloadHash = entry.Evidence.PayloadHash,
            }),
        Page = (seen, rows, next) => new PriceEvidenceAnswer(seen.Standpoint, rows, next),
        Columns = AnswerTable.ColumnsOf<PriceUseRow>(),
        Count = (tallies, use) => tallies.Of(use.Asset, ListRows.Word(use.Kind)),
    };

    private static GainTotals FiguresOf(DisposalPart part)
    {
        var one = new GainTotals { Disposals = 1, Incomplete = part.Gain is null ? 1 : 0 };
        return part.Gain is not { } gain
            ? part.Cost is { } unvalued
                ? one with { CostUnvalued = unvalued }
                : one with { ProceedsWithoutBasis = part.Proceeds ?? Amount.Zero }
            : one with
            {
                Proceeds = part.Proceeds!.Value,
                CostBasis = part.Cost!.Value,
                OnDerived = part.Quality == EvidenceQuality.Derived ? gain : Amount.Zero,
                OnAssumed = part.Quality == EvidenceQuality.Assumed ? gain : Amount.Zero,
                OnLong = part.Take?.Term == HoldingTerm.Long ? gain : Amount.Zero,
            };
    }

    private static ValuedLotRow ValuedLotOf(DerivedStand stand, OpenLot lot)
    {
        var (seen, at) = (stand.Seen, stand.Seen.At);
        var asOf = seen.Standpoint.AsOf;
        var (value, price, state) = at.Valuer.Value(lot.Pool, lot.Remaining, asOf);
        return new ValuedLotRow(
            lot.LotId, lot.Pool, lot.Account, lot.InTransit, lot.AcquiredAt, lot.Entry,
            seen.Tokens(lot.Pool, lot.Remaining), lot.Cost, value, value - lot.Cost,
            Core.Lots.Holding.Of(lot.AcquiredAt, asOf, HoldingRule.MoreThanOneYear, seen.Zone),
            PriceRow.Of(price, asOf), state, price?.Quality > lot.Quality ? price.Quality : lot.Quality,
            stand.Links.Lot(lot.LotId));
    }
}
