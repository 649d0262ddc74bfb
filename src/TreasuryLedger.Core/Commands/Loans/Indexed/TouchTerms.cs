using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// What the contract says of one side of an indexed position where something touches it. The units before and the index
/// that they were booked at last stand in the contract too, so no touch rests on others that are told.
/// </summary>
public sealed record TouchTerms
{
    /// <summary>The index of the touch, 1 or more, at most 27 digits after the point.</summary>
    public required ExactDecimal Index { get; init; }

    /// <summary>The index at which the units before were booked last; may be left out where there were none.</summary>
    public ExactDecimal? IndexBefore { get; init; }

    /// <summary>Scaled units before, in whole tokens, 0 or more.</summary>
    public ExactDecimal ScaledBefore { get; init; }

    /// <summary>
    /// Scaled units that came or left, in whole tokens, where the source says so; otherwise what the contract makes of
    /// the quantity.
    /// </summary>
    public ExactDecimal? ScaledMoved { get; init; }
}

/// <summary>One side of an indexed position and its touch.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Side">Supplied or owed.</param>
/// <param name="Touch">The touch.</param>
public sealed record SideTouch(AssetId Asset, InterestSide Side, TouchTerms Touch);

/// <summary>How units moved at a side.</summary>
internal enum TouchWay
{
    /// <summary>They came: supplied or borrowed.</summary>
    In,

    /// <summary>They left: withdrawn or repaid.</summary>
    Out,

    /// <summary>Supplied units came from another position.</summary>
    TransferIn,

    /// <summary>Supplied units went to another position.</summary>
    TransferOut,
}

/// <summary>Makes touches of their terms, by the contract's arithmetic (Loans/SPEC 8 to 12).</summary>
internal static class Touching
{
    private const int IndexDigits = 27;

    /// <summary>Far above any index of a market that lives.</summary>
    internal static readonly ExactDecimal IndexMax = new(BigInteger.Pow(10, 12), 0);

    /// <summary>The event of a change: with its touches, if it has any, one that holds both.</summary>
    public static LedgerEvent Event(LedgerEvent change, params ReadOnlySpan<IndexTouch?> touches) =>
        Event([change], touches);

    /// <inheritdoc cref="Event(LedgerEvent, ReadOnlySpan{IndexTouch})"/>
    public static LedgerEvent Event(ImmutableArray<LedgerEvent> changes, ReadOnlySpan<IndexTouch?> touches)
    {
        ImmutableArray<IndexTouch> touched = [.. touches.ToArray().OfType<IndexTouch>()];
        return touched.IsEmpty ? changes[0] : new PositionTouched(changes, touched);
    }

    /// <summary>
    /// Refuses to mix: units of a position come by amount, or with an index, and never in both ways. An instruction is
    /// a wish that knows no index.
    /// </summary>
    public static void Kind(Checks check, TreasuryState state, AccountId position, bool hasIndex, EntryMode mode)
    {
        var use = state.Positions.GetValueOrDefault(position);
        check.Term(
            mode == EntryMode.Observation || !hasIndex, "touch", "is for observations: nobody knows an index ahead");
        check.That(hasIndex || mode == EntryMode.Instruction || use.ByIndex == 0, () => Refusal.Of(
            RefusalCode.PositionIndexed,
            $"Position {position} has an index: give `touch` with what the contract says.",
            ("position", position),
            ("entries", use.ByIndex)));
        check.That(!hasIndex || use.ByAmount == 0, () => Refusal.Of(
            RefusalCode.PositionByAmount,
            $"Position {position} is kept by amount and takes no index. Void its {use.ByAmount} entries first, or "
                + "register another position.",
            ("position", position),
            ("entries", use.ByAmount)));
    }

    /// <summary>The touch of a side; absent without terms, or where something was refused.</summary>
    /// <param name="check">The checks of the command.</param>
    /// <param name="at">The side.</param>
    /// <param name="terms">What the contract says; absent for a position by amount.</param>
    /// <param name="moved">Smallest units that moved, 0 or more.</param>
    /// <param name="way">How they moved.</param>
    public static IndexTouch? Of(
        Checks check,
        (AccountId Position, AssetId Asset, InterestSide Side) at,
        TouchTerms? terms,
        Quantity moved,
        TouchWay way)
    {
        if (terms is null)
        {
            return null;
        }

        var index = Index(check, "index", terms.Index);
        var scaledBefore = check.Units(at.Asset, terms.ScaledBefore, least: 0);
        check.Term(
            terms.IndexBefore is not null || scaledBefore.IsZero,
            "indexBefore",
            "is needed where scaled units were before");
        var indexBefore = Index(check, "indexBefore", terms.IndexBefore ?? terms.Index);
        var scaledMoved = terms.ScaledMoved is { } stated ? check.Units(at.Asset, stated, least: 0) : (Quantity?)null;
        check.Number(terms.IndexBefore ?? terms.Index, "indexBefore", indexBefore <= index, "not more than index");
        if (check.First is not null)
        {
            return null;
        }

        try
        {
            return Made(check, at, (scaledBefore, indexBefore, index, scaledMoved?.Units), moved, way);
        }
        catch (AaveRevertException reverted)
        {
            Refuse(check, at, $"the contract would revert with {reverted.Message}");
            return null;
        }
    }

    private static IndexTouch? Made(
        Checks check,
        (AccountId Position, AssetId Asset, InterestSide Side) at,
        (Quantity Before, BigInteger IndexBefore, BigInteger Index, BigInteger? Moved) scaled,
        Quantity moved,
        TouchWay way)
    {
        var isOut = way is TouchWay.Out or TouchWay.TransferOut;
        var change = scaled.Moved ?? ScaledOf(at.Side, way, moved.Units, scaled.Index);
        var after = new Quantity(isOut ? scaled.Before.Units - change : scaled.Before.Units + change);
        if (after.Sign < 0)
        {
            Refuse(check, at, "more scaled units would leave than were there");
            return null;
        }

        var grown = Balance(at.Side, after.Units, scaled.Index)
            - Balance(at.Side, scaled.Before.Units, scaled.IndexBefore)
            + (isOut ? moved.Units : -moved.Units);
        // Each of at most two roundings takes less than one scaled unit, which is worth an index of units.
        var lossMax = at.Side == InterestSide.Supply ? 2 * ((scaled.Index / WadRayMath.Ray) + 2) : 0;
        if (grown < -lossMax)
        {
            Refuse(check, at, "quantity, scaled units and indices do not fit together");
            return null;
        }

        check.NotBooked(
            new PositionSide(at.Position, at.Asset, at.Side),
            new ExactDecimal(scaled.Before.IsZero ? scaled.Index : scaled.IndexBefore, IndexDigits),
            new ExactDecimal(scaled.Index, IndexDigits));
        return new IndexTouch(
            at.Position, at.Asset, at.Side, scaled.Before, new ExactDecimal(scaled.IndexBefore, IndexDigits), after,
            new ExactDecimal(scaled.Index, IndexDigits), new Quantity(BigInteger.Max(grown, 0)),
            new Quantity(BigInteger.Max(-grown, 0)));
    }

    private static BigInteger ScaledOf(InterestSide side, TouchWay way, BigInteger units, BigInteger index) =>
        (side, way) switch
        {
            (InterestSide.Debt, TouchWay.In) => TokenMath.DebtMinted(units, index),
            (InterestSide.Debt, _) => TokenMath.DebtBurned(units, index),
            (_, TouchWay.In) => TokenMath.SupplyMinted(units, index),
            (_, TouchWay.Out) => TokenMath.SupplyBurned(units, index),
            _ => TokenMath.SupplyMoved(units, index),
        };

    private static BigInteger Balance(InterestSide side, BigInteger scaled, BigInteger index) =>
        side == InterestSide.Supply ? TokenMath.SupplyBalance(scaled, index) : TokenMath.DebtBalance(scaled, index);

    private static BigInteger Index(Checks check, string field, ExactDecimal index)
    {
        var isExact = index.TryMantissaAt(IndexDigits, out var ray);
        check.Number(
            index,
            field,
            isExact && index >= ExactDecimal.One && index <= IndexMax,
            $"1 to {IndexMax}, with at most {IndexDigits} digits after the point");
        return ray;
    }

    private static void Refuse(
        Checks check, (AccountId Position, AssetId Asset, InterestSide Side) at, string why) =>
        check.That(false, () => Refusal.Of(
            RefusalCode.TouchInconsistent,
            $"The touch of {at.Asset} ({at.Side}) at {at.Position} cannot be right: {why}.",
            ("position", at.Position),
            ("asset", at.Asset),
            ("side", at.Side)));
}
