using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>The lists whose rows follow from a treasury's book.</summary>
public static partial class DerivedLists
{
    /// <summary>Every list with its sums.</summary>
    public static AnswerRoute[] All { get; } =
    [
        .. Lots().Routes(), .. Acquisitions().Routes(), .. Disposals().Routes(), .. Transfers().Routes(),
        .. Shortfalls().Routes(), .. Alerts().Routes(), .. LotGains().Routes(), .. ValuedLots().Routes(),
        .. Flows().Routes(), .. PriceEvidence().Routes(),
    ];

    private static DerivedList<Disposal, DisposalRow> Disposals() => new(
        "disposals", "disposals", "getDisposals", "Disposals with the lots they took",
        "Sales, payments in kind, fees in kind, repayments and liquidations, in the order in which they happened. "
        + "Those of a row of realized gains: its asset as `asset`, its `from` as `effectiveFrom`, its `until` as "
        + "`effectiveUntil`.")
    {
        Answer = typeof(DisposalsAnswer),
        Plain = DisposalsAnswer.Of,
        Filters = new FilterText("Disposed of")
        {
            Kind = ("kind", WordsOf<DisposalKind>(), "For what."),
            Amount = "proceeds",
            Complete = ("complete", "Whether proceeds and the cost of every unit are known."),
            HasLot = true,
            HasGain = true,
            HasQuality = true,
            HasEntry = true,
        },
        Read = stand => DerivedRows.OfFold(stand, happened => happened.Rows.Disposals),
        FactsOf = row => new DerivedFacts(row.Row.Asset, ListRows.Word(row.Row.Kind), row.Row.At, row.Entry)
        {
            Pool = row.Row.Pool,
            Account = row.Row.Account,
            Lots = row.Row.Takes.Select(take => take.LotId),
            Quality = row.Row.Quality,
            Amount = row.Row.Proceeds,
            Gain = row.Row.RealizedGain,
            IsComplete = row.Row.IsComplete,
        },
        RowOf = (stand, disposal) => DisposalsAnswer.Row(stand.Seen, disposal),
        Page = (seen, rows, next) => new DisposalsAnswer(seen.Standpoint, rows, next),
        Columns =
        [
            ("disposal", row => new LotId(row.Fact, row.Leg).ToString()), ("entry", row => $"{row.Entry}"),
            ("at", row => row.At.ToString()), ("account", row => row.Account.ToString()),
            ("asset", row => row.Asset.ToString()), ("pool", row => row.Pool.ToString()),
            ("quantity", row => row.Quantity.ToString()), ("kind", row => ListRows.Word(row.Kind)),
            ("proceeds", row => row.Proceeds?.ToString()), ("costBasis", row => row.CostBasis?.ToString()),
            ("realizedGain", row => row.RealizedGain?.ToString()), ("matchedGain", row => row.MatchedGain?.ToString()),
            ("basisMissing", row => row.BasisMissing.ToString()),
            ("lots", row => string.Join(' ', row.Takes.Select(take => take.LotId))),
            ("price", row => row.Price is null ? null : $"{row.Price.Position}"),
            ("quality", row => ListRows.Word(row.Quality)), ("isComplete", row => row.IsComplete ? "true" : "false"),
        ],
        Count = (tallies, disposal) =>
        {
            var tally = tallies.Of(disposal.Pool);
            tally.Quantity = (tally.Quantity ?? default) + disposal.Quantity;
            tally.BasisMissing = (tally.BasisMissing ?? default) + disposal.BasisMissing;
            tally.Figures = (tally.Figures ?? default) + GainTotals.Of(disposal);
        },
    };

    private static DerivedList<Acquisition, AcquisitionRow> Acquisitions() => new(
        "acquisitions", "acquisitions", "listAcquisitions", "Lots as they came in, with how their cost was made",
        "Those that are gone too, in the order in which they came. Each leads to everything that used it.")
    {
        Answer = typeof(AcquisitionsAnswer),
        Filters = new FilterText("Came in")
        {
            Kind = ("origin", WordsOf<LotOrigin>(), "Where it comes from."),
            Amount = "cost",
            Complete = ("complete", "Whether the cost is known."),
            HasQuality = true,
            HasEntry = true,
        },
        Read = stand => DerivedRows.OfFold(stand, happened => happened.Rows.Lots),
        FactsOf = row => new DerivedFacts(row.Row.Asset, ListRows.Word(row.Row.Origin), row.Row.At, row.Entry)
        {
            Pool = row.Row.Pool,
            Account = row.Row.Account == default ? null : row.Row.Account,
            Quality = row.Row.Quality,
            Amount = row.Row.Cost,
            IsComplete = row.Row.Cost is not null,
        },
        RowOf = AcquisitionRow.Of,
        Page = (seen, rows, next) => new AcquisitionsAnswer(seen.Standpoint, rows, next),
        Columns =
        [
            ("lotId", row => row.LotId.ToString()), ("entry", row => $"{row.Entry}"), ("at", row => row.At.ToString()),
            ("acquiredAt", row => row.AcquiredAt.ToString()), ("account", row => row.Account?.ToString()),
            ("asset", row => row.Asset.ToString()), ("pool", row => row.Pool.ToString()),
            ("origin", row => ListRows.Word(row.Origin)), ("quantity", row => row.Quantity.ToString()),
            ("value", row => row.Value?.ToString()), ("fees", row => row.Fees?.ToString()),
            ("cost", row => row.Cost?.ToString()), ("isStated", row => row.IsStated ? "true" : "false"),
            ("price", row => row.Price is null ? null : $"{row.Price.Position}"),
            ("quality", row => ListRows.Word(row.Quality)),
        ],
        Count = (tallies, lot) =>
        {
            var tally = tallies.Of(lot.Pool);
            tally.Quantity = (tally.Quantity ?? default) + lot.Quantity;
            tally.BasisMissing = (tally.BasisMissing ?? default) + (lot.Cost is null ? lot.Quantity : Quantity.Zero);
            tally.Cost = (tally.Cost ?? default(Amount)) + (lot.Cost ?? default);
        },
    };

    private static DerivedList<TransferInTransit, TransferRow> Transfers() => new(
        "transfers", "transfers", "getTransfers", "Transfers, under way and done",
        "Without any parameter of lists only those under way, or of which too much arrived. As a list all of them, in "
        + "the order in which they were sent: also those that arrived in full or at once.")
    {
        Answer = typeof(TransfersAnswer),
        Plain = TransfersAnswer.Of,
        Filters = new FilterText("Sent")
        {
            Kind = ("status", WordsOf<TransferStatus>(), "Where it stands."),
            HasEntry = true,
        },
        Read = stand => DerivedRows.OfFold(stand, happened => TransferStates.Of(stand.Seen.At, happened)),
        FactsOf = row => new DerivedFacts(
            row.Row.Asset, ListRows.Word(TransferStates.StatusOf(row.Row)), row.Entry!.EffectiveAt, row.Entry)
        {
            Account = row.Row.From,
            OtherAccount = row.Row.To,
        },
        RowOf = (stand, transfer) => TransfersAnswer.Row(stand.Seen, transfer),
        Page = (seen, rows, next) => new TransfersAnswer(seen.Standpoint, rows, next),
        Columns =
        [
            ("fact", row => row.Fact.ToString()), ("asset", row => row.Asset.ToString()),
            ("from", row => row.From?.ToString()), ("to", row => row.To?.ToString()),
            ("sentAt", row => row.SentAt?.ToString()), ("expectedBy", row => row.ExpectedBy?.ToString()),
            ("sent", row => row.Sent.ToString()), ("arrived", row => row.Arrived.ToString()),
            ("remaining", row => row.Remaining.ToString()), ("overdue", row => row.Overdue ? "true" : "false"),
        ],
        Count = (tallies, transfer) =>
        {
            var tally = tallies.Of(transfer.Asset);
            tally.Quantity = (tally.Quantity ?? default) + transfer.Sent;
            tally.Arrived = (tally.Arrived ?? default) + transfer.Arrived;
        },
    };

    private static IReadOnlyList<string> WordsOf<T>()
        where T : struct, Enum => [.. WordConverterFactory.WordsOf(typeof(T))];
}
