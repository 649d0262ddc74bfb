using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Postings;

/// <summary>Why units and cost of an asset went up or down in a roll-forward.</summary>
public enum RollForwardKind
{
    /// <summary>Was there when the journal began.</summary>
    Opened,

    /// <summary>Put in by owners.</summary>
    Contributed,

    /// <summary>Acquired in a trade.</summary>
    Acquired,

    /// <summary>Came as yield.</summary>
    Yield,

    /// <summary>Came as interest on supplied units.</summary>
    SupplyInterest,

    /// <summary>Borrowed.</summary>
    Borrowed,

    /// <summary>Came from another treasury of the same owners.</summary>
    TakenOver,

    /// <summary>Came as a new lot from where the terms of the book make a move a disposal.</summary>
    Relocated,

    /// <summary>Became, or came from, units of another asset with their cost; also what was cash and is in lots now.
    /// </summary>
    Converted,

    /// <summary>Sold at a venue.</summary>
    Sale,

    /// <summary>Given for another asset.</summary>
    Payment,

    /// <summary>Paid as a fee.</summary>
    Fee,

    /// <summary>Given back to a lender.</summary>
    Repayment,

    /// <summary>Seized by a lender.</summary>
    Liquidation,

    /// <summary>Turned back into cash.</summary>
    Conversion,

    /// <summary>Handed over to another treasury of the same owners.</summary>
    Handover,

    /// <summary>Went to where the terms of the book make that a disposal.</summary>
    Relocation,

    /// <summary>Cost that disposals before the span gave back or took, because of what came in it; only under methods
    /// that look at other days.</summary>
    Rematched,
}

/// <summary>Units and cost that one kind of movement brought or took.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Quantity">Smallest units, more than zero for what came, less for what left.</param>
/// <param name="Cost">Their known cost, likewise.</param>
public sealed record RollForwardMovement(RollForwardKind Kind, Quantity Quantity, Amount Cost);

/// <summary>One asset in a roll-forward.</summary>
/// <param name="Asset">Whose lots these are; stand-ins count here.</param>
/// <param name="OpeningQuantity">Smallest units held and in transit at the beginning.</param>
/// <param name="OpeningCost">The known cost of its open lots then.</param>
/// <param name="Movements">By kind; only those that happened.</param>
/// <param name="Transferred">Smallest units that went from place to place: as many came as left.</param>
/// <param name="ClosingQuantity">Smallest units held and in transit at the end.</param>
/// <param name="ClosingCost">The known cost of its open lots then.</param>
/// <param name="Proceeds">Proceeds of disposed units whose cost is known.</param>
/// <param name="CostBasis">The cost of disposed units whose proceeds are known.</param>
/// <param name="Gains">What disposals gained that gained anything.</param>
/// <param name="Losses">What disposals lost that lost anything, less than zero.</param>
/// <param name="Incomplete">How many disposals lack proceeds or basis.</param>
/// <param name="CostMissing">How many lots came in without a cost.</param>
public sealed record RollForwardRow(
    AssetId Asset,
    Quantity OpeningQuantity,
    Amount OpeningCost,
    ImmutableArray<RollForwardMovement> Movements,
    Quantity Transferred,
    Quantity ClosingQuantity,
    Amount ClosingCost,
    Amount Proceeds,
    Amount CostBasis,
    Amount Gains,
    Amount Losses,
    int Incomplete,
    int CostMissing)
{
    /// <summary>Proceeds less cost basis, as printed: the same as in the statement of realized gains.</summary>
    public Amount RealizedGain => Proceeds - CostBasis;

    /// <summary>What rounding left: closing cost less opening cost and movements; nothing in exact figures.</summary>
    public Amount CostRounding => Movements.Aggregate(
        ClosingCost - OpeningCost, (left, movement) => left - movement.Cost);

    /// <summary>What rounding left: the realized gain less gains and losses; nothing in exact figures.</summary>
    public Amount GainRounding => RealizedGain - Gains - Losses;

    /// <summary>The cost that came.</summary>
    public Amount Added => Movements.Aggregate(
        Amount.Zero, (sum, movement) => movement.Cost.Sign > 0 ? sum + movement.Cost : sum);

    /// <summary>The cost that left, less than zero.</summary>
    public Amount Removed => Movements.Aggregate(
        Amount.Zero, (sum, movement) => movement.Cost.Sign < 0 ? sum + movement.Cost : sum);

    /// <summary>Each figure rounded half to even.</summary>
    internal RollForwardRow RoundTo(int digits) => this with
    {
        OpeningCost = OpeningCost.RoundTo(digits),
        Movements = [.. Movements.Select(movement => movement with { Cost = movement.Cost.RoundTo(digits) })],
        ClosingCost = ClosingCost.RoundTo(digits),
        Proceeds = Proceeds.RoundTo(digits),
        CostBasis = CostBasis.RoundTo(digits),
        Gains = Gains.RoundTo(digits),
        Losses = Losses.RoundTo(digits),
    };
}

/// <summary>
/// How units and cost of every digital asset went from opening to closing, each asset once (SPEC 8).
/// It costs its span: opening and closing are those of the books, movements are those of the entries in between.
/// </summary>
/// <param name="Rows">By asset; those with units, cost or a movement.</param>
public sealed record RollForward(ImmutableArray<RollForwardRow> Rows)
{
    /// <summary>The exact roll-forward of a span.</summary>
    /// <param name="before">The book at its beginning; absent: the journal's.</param>
    /// <param name="entries">The entries after the beginning and up to the end, in the order of the fold.</param>
    /// <param name="after">The book at its end.</param>
    public static RollForward Of(BookState? before, IEnumerable<EntryRows> entries, BookState after)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(after);
        var assets = new SortedDictionary<AssetId, RollForwardAsset>();
        EntryValues? values = null;
        foreach (var pool in before?.Pools() ?? [])
        {
            Of(pool.Pool).Open(pool);
        }

        foreach (var (entry, rows, state) in entries)
        {
            values ??= Values((before ?? state()).Policy);
            if (entry.Event is TermsAdopted)
            {
                var now = Values(state().Policy);
                foreach (var added in InLotsNow(values, now, state()))
                {
                    Of(added.Pool).Add(RollForwardKind.Converted, added.Balance, added.OpenCost);
                }

                values = now;
            }

            foreach (var lot in rows.Acquisitions.Where(lot => lot.Origin != LotOrigin.Cash))
            {
                Of(lot.Pool).Add(KindOf(entry.Event, lot.Origin), lot.Quantity, lot.Cost);
            }

            foreach (var disposal in rows.Disposals)
            {
                Of(disposal.Pool).Add(disposal);
            }

            foreach (var moved in rows.Moves.Where(IsConversion))
            {
                Of(moved.From.Pool).Add(RollForwardKind.Converted, -moved.Left, -moved.Cost);
                Of(moved.To.Pool).Add(RollForwardKind.Converted, moved.Reached, moved.Cost);
            }

            foreach (var sent in Transferred(entry.Event, rows).Where(sent => !values.Terms(sent.Asset).IsCash))
            {
                Of(values.Terms(sent.Asset).Pool).Transfer(sent.Quantity);
            }
        }

        foreach (var pool in after.Pools())
        {
            Of(pool.Pool).Close(pool);
        }

        // Terms that follow end what waits (Lots/SPEC 14.6): so what the book looked at when the span began decides.
        if (before is { Policy.IsWindowed: true })
        {
            assets.Values.ToList().ForEach(asset => asset.Rematch());
        }

        return new RollForward([
            .. assets.Select(asset => asset.Value.ToRow(asset.Key)).Where(row =>
                row is not { OpeningQuantity.IsZero: true, OpeningCost.IsZero: true, Movements.IsEmpty: true }),
        ]);

        EntryValues Values(BookPolicy policy) => new(after.Registers, policy, PriceBookView.Empty);

        RollForwardAsset Of(AssetId pool) => assets.TryGetValue(pool, out var asset)
            ? asset
            : assets[pool] = new RollForwardAsset();
    }

    /// <summary>A total over the rows.</summary>
    public Amount Sum(Func<RollForwardRow, Amount> figure) =>
        Rows.Aggregate(Amount.Zero, (sum, row) => sum + figure(row));

    /// <summary>Rows rounded to the currency's digits; what rounding leaves stands in columns of its own.</summary>
    public RollForward RoundTo(int digits) => new([.. Rows.Select(row => row.RoundTo(digits))]);

    /// <summary>What was cash and is in lots now: it came into them with units and cost.</summary>
    private static IEnumerable<PoolTotals> InLotsNow(EntryValues was, EntryValues now, BookState state) =>
        state.Pools().Where(pool => was.Terms(pool.Pool).IsCash && !now.Terms(pool.Pool).IsCash);

    /// <summary>Whether units became others; lots that only went from place to place are none.</summary>
    private static bool IsConversion(LotsMoved moved) =>
        moved.From.Pool != moved.To.Pool || moved.Left != moved.Reached;

    private static RollForwardKind KindOf(LedgerEvent happened, LotOrigin origin) => happened switch
    {
        _ when origin == LotOrigin.Relocation => RollForwardKind.Relocated,
        PositionTouched when origin == LotOrigin.Income => RollForwardKind.SupplyInterest,
        PositionTouched when origin == LotOrigin.Borrowing => RollForwardKind.Borrowed,
        BalancesOpened => RollForwardKind.Opened,
        UnitsTakenOver => RollForwardKind.TakenOver,
        CapitalContributed => RollForwardKind.Contributed,
        YieldReceived => RollForwardKind.Yield,
        InterestAccrued => RollForwardKind.SupplyInterest,
        DebtBorrowed => RollForwardKind.Borrowed,
        AssetAcquired or AssetSold => RollForwardKind.Acquired,
        _ => RollForwardKind.Converted,
    };

    /// <summary>What went from place to place and is neither disposed of nor a new lot.</summary>
    private static IEnumerable<Leg> Transferred(LedgerEvent happened, BookRows rows) =>
        rows.Acquisitions.Any(lot => lot.Origin == LotOrigin.Relocation) ? [] : Transferred(happened);

    private static IEnumerable<Leg> Transferred(LedgerEvent happened) => happened switch
    {
        AssetTransferred transfer => [transfer.Sent],
        TransferDispatched dispatched => [dispatched.Sent],
        TransferArrived arrived => [arrived.Received],
        CollateralDeposited deposit => [deposit.Deposited],
        CollateralWithdrawn back => [back.Withdrawn],
        PositionTouched touched => touched.Changes.SelectMany(Transferred),
        _ => [],
    };
}
