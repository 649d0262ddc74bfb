using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists.Derived;

/// <content>Lists of what a book holds at the viewpoint: whole in memory, in an order of their own.</content>
public static partial class DerivedLists
{
    /// <summary>
    /// What was listed of a book, kept as long as the book is: the pages behind the first cost nothing but themselves.
    /// </summary>
    private static readonly ConditionalWeakTable<BookState, Holding> Held = [];

    private static DerivedList<OpenLot, LotRow> Lots() => new(
        "lots", "lots", "getLots", "Open lots with their cost",
        "Derived by the policy of the question; no entry depends on one. Lots that are gone are among acquisitions.")
    {
        Answer = typeof(LotsAnswer),
        Plain = LotsAnswer.Of,
        Filters = OfAcquired,
        Read = OpenLots,
        FactsOf = FactsOf,
        RowOf = (stand, lot) => LotsAnswer.Row(stand.Seen, lot),
        Page = (seen, rows, next) => new LotsAnswer(seen.Standpoint, seen.At.State.CostOpen, rows, next),
        Columns =
        [
            ("lotId", row => row.LotId.ToString()), ("asset", row => row.Asset.ToString()),
            ("account", row => row.Account?.ToString()), ("inTransit", row => row.InTransit?.ToString()),
            ("acquiredAt", row => row.AcquiredAt.ToString()), ("entry", row => $"{row.Entry}"),
            ("original", row => row.Original.ToString()), ("remaining", row => row.Remaining.ToString()),
            ("originalCost", row => row.OriginalCost?.ToString()), ("cost", row => row.Cost?.ToString()),
            ("price", row => row.Price is null ? null : $"{row.Price.Position}"),
            ("quality", row => ListRows.Word(row.Quality)),
        ],
        Count = (tallies, lot) =>
        {
            var tally = tallies.Of(lot.Pool);
            tally.Quantity = (tally.Quantity ?? default) + lot.Remaining;
            tally.BasisMissing = (tally.BasisMissing ?? default)
                + (lot.Cost is null ? lot.Remaining : Core.Money.Quantity.Zero);
            tally.Cost = (tally.Cost ?? default(Core.Money.Amount)) + (lot.Cost ?? default);
        },
    };

    private static DerivedList<Shortfall, ShortfallRow> Shortfalls() => new(
        "shortfalls", "shortfalls", "getShortfalls", "Where and when units were missing",
        "A shortfall heals when the missing fact is recorded.")
    {
        Answer = typeof(ShortfallsAnswer),
        Plain = ShortfallsAnswer.Of,
        Filters = new FilterText("Begun")
        {
            Kind = ("kind", WordsOf<ShortfallKind>(), "Units held, or debt."),
            Complete = ("ended", "Whether nothing is missing any more at asOf."),
        },
        Read = stand => DerivedRows.OfState(stand, Of(stand).Shortfalls.Value, _ => null),
        FactsOf = row => new DerivedFacts(row.Row.Asset, ListRows.Word(row.Row.Kind), row.Row.From, null)
        {
            Account = row.Row.Account,
            IsComplete = row.Row.Until is not null,
        },
        RowOf = (stand, missing) => ShortfallsAnswer.Row(stand.Seen, missing),
        Page = (seen, rows, next) => new ShortfallsAnswer(seen.Standpoint, rows, next),
        Columns =
        [
            ("account", row => row.Account.ToString()), ("asset", row => row.Asset.ToString()),
            ("kind", row => ListRows.Word(row.Kind)), ("from", row => row.From.ToString()),
            ("until", row => row.Until?.ToString()), ("deepest", row => row.Deepest.ToString()),
            ("latest", row => row.Latest.ToString()),
        ],
        Count = (tallies, missing) => tallies.Of(missing.Asset, ListRows.Word(missing.Kind)),
    };

    private static DerivedList<Alert, AlertRow> Alerts() => new(
        "alerts", "alerts", "listAlerts", "What needs attention, and since when",
        "Derived at the viewpoint: an alert ends with its cause, and one about a limit that was raised not before "
        + "somebody resolves it. Ordered by since when; those of which nobody can tell come first.")
    {
        Answer = typeof(AlertsAnswer),
        Filters = new FilterText("Begun")
        {
            Kind = ("code", WordsOf<AlertCode>(), "What it is about."),
        },
        Read = stand => DerivedRows.OfState(stand, AlertRow.Derive(stand.Seen), _ => null),
        FactsOf = row => new DerivedFacts(row.Row.Asset, ListRows.Word(row.Row.Code), row.Row.Since, null)
        {
            Account = row.Row.Account,
        },
        RowOf = AlertRow.Of,
        Page = (seen, rows, next) => new AlertsAnswer(seen.Standpoint, rows, next),
        Columns =
        [
            ("code", row => ListRows.Word(row.Code)), ("since", row => row.Since?.ToString()),
            ("asset", row => row.Asset?.ToString()), ("account", row => row.Account?.ToString()),
            ("fact", row => row.Fact?.ToString()), ("entry", row => $"{row.Entry}"),
            ("quantity", row => row.Quantity?.ToString()), ("count", row => $"{row.Count}"),
            ("limit", row => row.Limit is { } limit ? ListRows.Word(limit.Limit) : null),
            ("subject", row => row.Limit?.Subject), ("allowed", row => row.Limit?.Allowed?.ToString()),
            ("is", row => row.Limit?.Is?.ToString()), ("path", row => row.Path),
        ],
        Count = (tallies, alert) => tallies.Of(null, ListRows.Word(alert.Code)),
    };

    /// <summary>What open lots are asked by, whatever is shown of them.</summary>
    private static FilterText OfAcquired => new("Acquired")
    {
        Amount = "cost of what is left",
        Complete = ("complete", "Whether the cost is known."),
        HasQuality = true,
        HasEntry = true,
    };

    private static IEnumerable<DerivedRow<OpenLot>> OpenLots(DerivedStand stand) => DerivedRows.OfState(
        stand, Of(stand).Lots.Value, lot => stand.Seen.At.Log.Find(lot.Entry));

    private static DerivedFacts FactsOf(DerivedRow<OpenLot> row) =>
        new(row.Row.Pool, "", row.Row.AcquiredAt, row.Entry)
        {
            Account = row.Row.Account,
            Quality = row.Row.Quality,
            Amount = row.Row.Cost,
            IsComplete = row.Row.Cost is not null,
        };

    private static Holding Of(DerivedStand stand) =>
        Held.GetValue(stand.Seen.At.State, static state => new Holding(state));

    private sealed class Holding(BookState state)
    {
        public Lazy<ImmutableArray<OpenLot>> Lots { get; } = new(() => state.OpenLots());

        public Lazy<ImmutableArray<Shortfall>> Shortfalls { get; } = new(state.Shortfalls);
    }
}
