using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>Interest of one side of a lending position over a span.</summary>
/// <param name="Position">The position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Side">Owed or earned.</param>
/// <param name="AccruedBefore">Whole tokens not booked yet at the beginning.</param>
/// <param name="Booked">Whole tokens booked by entries of the span.</param>
/// <param name="AccruedAfter">Whole tokens not booked yet at the end.</param>
/// <param name="Interest">Whole tokens of the span: booked, and how much more is accrued at its end.</param>
/// <param name="Value">Their worth: what was booked at its instants, what is accrued at both ends; absent without a
/// price.</param>
public sealed record InterestRow(
    AccountId Position,
    AssetId Asset,
    InterestSide Side,
    ExactDecimal AccruedBefore,
    ExactDecimal Booked,
    ExactDecimal AccruedAfter,
    ExactDecimal Interest,
    Amount? Value);

/// <summary>One command that books the accrued interest of a position with an index, as it is posted.</summary>
/// <param name="Command">Which.</param>
/// <param name="EffectiveAt">The question's instant.</param>
/// <param name="Position">The lending position.</param>
/// <param name="Sides">What the contract says of each side.</param>
public sealed record InterestCommand(
    string Command, Instant EffectiveAt, AccountId Position, ImmutableArray<InterestTouch> Sides);

/// <summary>A side of a position with an index, as a touch of it says.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Side">Supplied or owed.</param>
/// <param name="Touch">The touch.</param>
public sealed record InterestTouch(AssetId Asset, InterestSide Side, InterestTouchTerms Touch);

/// <summary>The terms of a touch that moves nothing.</summary>
/// <param name="Index">The index at the question's second.</param>
/// <param name="IndexBefore">The index at which the units were booked last.</param>
/// <param name="ScaledBefore">Scaled units, in whole tokens.</param>
public sealed record InterestTouchTerms(ExactDecimal Index, ExactDecimal IndexBefore, ExactDecimal ScaledBefore);

/// <summary>
/// The body of a batch that books what positions with an index have accrued: post it to the treasury's batches as it
/// is.
/// </summary>
/// <param name="Commands">By position.</param>
public sealed record InterestBatch(ImmutableArray<InterestCommand> Commands);

/// <summary>Interest of lending positions over a span: booked, and accrued at both ends.</summary>
/// <param name="Viewpoint">Where the answer stands; its as-of instant is the end.</param>
/// <param name="From">The beginning (exclusive); absent: before everything.</param>
/// <param name="Rows">By position, asset and side.</param>
/// <param name="Paid">Worth of what is owed for the span; absent without a price.</param>
/// <param name="Earned">Worth of what is earned in it.</param>
/// <param name="Bookings">Books what positions with an index have accrued at the end; absent if they have nothing. Of a
/// loan nothing is booked before its lender charges it: from then on it bears interest itself.</param>
public sealed record InterestAnswer(
    Standpoint Viewpoint,
    Instant? From,
    ImmutableArray<InterestRow> Rows,
    Amount? Paid,
    Amount? Earned,
    InterestBatch? Bookings)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters => [.. Question.Parameters, SpanStart.Parameter];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, InterestAnswer> Read(QueryReader query)
    {
        var from = SpanStart.Read(query);
        return seen => Of(seen, from(seen));
    }

    private static InterestAnswer Of(Seen seen, Instant? from)
    {
        var opened = seen.View.Treasury.Entries[0].EffectiveAt;
        var sides = InterestOfSpan.Of(from >= opened ? seen.AsOf(from.Value) : null, seen.At);
        Amount? Sum(InterestSide side) => sides.Where(one => one.Side == side)
            .Aggregate((Amount?)Amount.Zero, (sum, one) => sum + one.OfSpan.Value);
        ImmutableArray<InterestCommand> bookings =
        [
            .. sides.Where(one => one.AccruedAfter.Quantity.Sign > 0
                    && seen.At.State.Facts.TouchOf(one.Position, one.Asset, one.Side) is not null)
                .GroupBy(one => one.Position)
                .Select(position => Book(seen, position.Key, position)),
        ];
        return new InterestAnswer(
            seen.Standpoint,
            from,
            [
                .. sides.Select(one => new InterestRow(
                    one.Position, one.Asset, one.Side,
                    seen.Tokens(one.Asset, one.AccruedBefore.Quantity),
                    seen.Tokens(one.Asset, one.Booked.Quantity),
                    seen.Tokens(one.Asset, one.AccruedAfter.Quantity),
                    seen.Tokens(one.Asset, one.OfSpan.Quantity),
                    one.OfSpan.Value)),
            ],
            Sum(InterestSide.Debt),
            Sum(InterestSide.Supply),
            bookings.IsEmpty ? null : new InterestBatch(bookings));
    }

    private static InterestCommand Book(Seen seen, AccountId position, IEnumerable<InterestOfSide> sides)
    {
        var (facts, at) = (seen.At.State.Facts, seen.Standpoint.AsOf);
        var terms = new LendingTerms(facts, seen.At.Markets, seen.Zone);
        var account = seen.At.Registers.Accounts[position];
        return new InterestCommand("touch-position", at, position,
        [
            .. sides.Select(one =>
            {
                var last = facts.TouchOf(position, one.Asset, one.Side)!;
                return new InterestTouch(one.Asset, one.Side, new InterestTouchTerms(
                    new ExactDecimal(terms.IndexOf(account, one.Asset, one.Side, at), 27), last.Index,
                    seen.Tokens(one.Asset, last.ScaledAfter)));
            }),
        ]);
    }
}
