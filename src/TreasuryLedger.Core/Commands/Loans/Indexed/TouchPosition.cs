using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Books the interest of sides of an indexed position, while nothing else moves.</summary>
public sealed record TouchPosition : Command
{
    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Its sides, each once, one or more.</summary>
    public required ImmutableArray<SideTouch> Sides { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Account(Position, Place.Lending);
        Touching.Kind(check, state, Position, hasIndex: true, Mode);
        var sides = check.Each("sides", Sides, side => side);
        check.Term(
            sides.Length > 0 && sides.All(side => side.Touch is not null)
                && sides.DistinctBy(side => (side.Asset, side.Side)).Count() == sides.Length,
            "sides",
            "must name each side once, and at least one");
        var touches = sides.Select(side =>
        {
            check.Asset(side.Asset);
            return Touching.Of(check, (Position, side.Asset, side.Side), side.Touch, Quantity.Zero, TouchWay.In);
        });
        return check.Accept(new PositionTouched([], [.. touches.OfType<IndexTouch>()]));
    }
}
