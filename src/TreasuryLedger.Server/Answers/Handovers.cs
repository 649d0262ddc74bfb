using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>Units of one lot that were handed over.</summary>
/// <param name="Lot">Its name in the treasury.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="AcquiredAt">When it was acquired.</param>
/// <param name="Cost">Its cost; absent if nobody knows it.</param>
public sealed record HandoverLotRow(LotId Lot, ExactDecimal Quantity, Instant AcquiredAt, Amount? Cost);

/// <summary>What one treasury says of a handover.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When the units left or came.</param>
/// <param name="Account">From where, or to where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Amount">What goes along: cost, or value where it is a disposal; absent if nobody knows.</param>
/// <param name="Lots">The lots that left or came; none where it is money.</param>
public sealed record HandoverHalfRow(
    long Entry,
    Instant At,
    AccountId Account,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount? Amount,
    ImmutableArray<HandoverLotRow> Lots)
{
    /// <summary>A half as callers see it.</summary>
    public static HandoverHalfRow? Of(HandoverHalf? half) => half is null ? null : new(
        half.Entry.Position, half.Entry.EffectiveAt, half.What.Account, half.What.Asset,
        half.Tokens(half.What.Quantity), half.Amount,
        [
            .. half.Lots.Select(lot => new HandoverLotRow(
                lot.LotId, half.Tokens(lot.Quantity), lot.AcquiredAt, lot.Cost)),
        ]);
}

/// <summary>Both halves of a handover.</summary>
/// <param name="Fact">What happened: the same in both journals.</param>
/// <param name="From">The treasury that gave the units.</param>
/// <param name="To">The treasury that got them.</param>
/// <param name="Given">What the giving treasury says; absent if it says nothing, or is out of sight.</param>
/// <param name="Taken">What the receiving one says; absent likewise.</param>
/// <param name="IsOtherSeen">Whether the caller may see the other treasury, and there is one.</param>
/// <param name="Agrees">Whether the halves agree.</param>
/// <param name="Differences">Why they do not.</param>
public sealed record HandoverRow(
    FactId Fact,
    string From,
    string To,
    HandoverHalfRow? Given,
    HandoverHalfRow? Taken,
    bool IsOtherSeen,
    bool Agrees,
    ImmutableArray<HandoverDifference> Differences);

/// <summary>Handovers between treasuries of the same owners, both halves of each side by side.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Differing">How many do not agree.</param>
/// <param name="Handovers">By fact.</param>
public sealed record HandoversAnswer(Standpoint Viewpoint, int Differing, ImmutableArray<HandoverRow> Handovers)
{
    /// <summary>What the question takes.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters,
        new("with", "query", typeof(string),
            "One more treasury to look at, which may have recorded a half of which this one knows nothing. Those that "
            + "this one names are looked at anyway.", "second"),
    ];

    /// <summary>
    /// Reads the question. Where it names no known-at instant the answer stands at one that the treasuries have in
    /// common, so that a half told last is there whoever is asked.
    /// </summary>
    public static async Task<PendingAnswer> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var with = asking.Query.Text("with");
        Question question = null!;
        var seen = await asking.SeeAsync(cancellation, query => question = Question.Read(query));
        var own = seen.Standpoint.Treasury;
        var names = HandoverHalf.OthersOf(seen.At).Append(with).OfType<string>().Where(name => name != own).Distinct()
            .Where(asking.Grant.Covers).ToList();
        if (question.KnownAt is null)
        {
            var others = new List<TreasuryView>();
            foreach (var name in names)
            {
                others.AddRange(await ViewAsync(asking, name, null, cancellation) is { } view ? [view] : []);
            }

            question = question with { KnownAt = CommonInstant(seen.View, others) };
            seen = await asking.Desk.Lookout.SeeAsync(asking.Treasury, question, cancellation);
        }

        return new PendingAnswer(seen.Standpoint, seen.Cost, async stop =>
        {
            var mine = HandoverHalf.AllOf(seen.At);
            var others = new SortedDictionary<string, ImmutableSortedDictionary<FactId, HandoverHalf>>(
                StringComparer.Ordinal);
            foreach (var name in names)
            {
                if (await ViewAsync(asking, name, seen.Standpoint.KnownAt, stop) is { } view)
                {
                    others[name] = HalvesOf(view, seen);
                }
            }

            var rows = mine.Values
                .Select(half => Row(own, half, others.GetValueOrDefault(half.Other)))
                .Concat(others.SelectMany(other => other.Value.Values
                    .Where(half => half.Other == own && !mine.ContainsKey(half.Entry.Fact))
                    .Select(half => Row(other.Key, half, mine))))
                .OrderBy(row => row.Fact).ToImmutableArray();
            return new HandoversAnswer(seen.Standpoint, rows.Count(row => !row.Agrees), rows);
        });
    }

    /// <summary>
    /// The newest instant that any of the treasuries has settled; under a replayed clock the newest that all of those
    /// scripts have reached which go on after this one began. Another kind of clock means nothing to it.
    /// </summary>
    private static Instant CommonInstant(TreasuryView own, IEnumerable<TreasuryView> others)
    {
        var (opened, isReplayed) = (own.Treasury.Entries[0].RecordedAt, own.Treasury.Head.ReplayedClock);
        var newest = others.Where(other => other.Treasury.Head.ReplayedClock == isReplayed)
            .Select(other => other.KnownAt).Append(own.KnownAt);
        return isReplayed ? newest.Where(at => at >= opened).Min() : newest.Max();
    }

    /// <summary>
    /// Another treasury; absent if there is none of that name then, or if its script has not come so far.
    /// </summary>
    private static async Task<TreasuryView?> ViewAsync(
        Asking asking, string name, Instant? knownAt, CancellationToken cancellation)
    {
        var key = JournalAddress.KeyOf(JournalKind.Treasury, asking.Treasury.Tenant, name);
        try
        {
            return await asking.Desk.Lookout.ReadAsync(key, knownAt, 0, cancellation);
        }
        catch (ProblemException problem)
            when (problem.Problem.Code == ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code
                || problem.Problem.Code == ErrorRegistry.KnownAtInFuture)
        {
            return null;
        }
    }

    /// <summary>Its halves at the same viewpoint, in the same book or else its official one.</summary>
    private static ImmutableSortedDictionary<FactId, HandoverHalf> HalvesOf(TreasuryView view, Seen seen)
    {
        var isNamed = NamedBook.All(
            view.Books.Log, ((TreasuryOpened)view.Treasury.Entries[0].Event).Policy, seen.Standpoint.AsOf,
            view.Treasury.Head.Position).Any(book => book.Name == seen.Choice.Name);
        return HandoverHalf.AllOf(view.At(
            seen.Standpoint.AsOf, isNamed ? seen.Choice : seen.Choice with { Book = null }, seen.Cost));
    }

    private static HandoverRow Row(
        string treasury, HandoverHalf half, ImmutableSortedDictionary<FactId, HandoverHalf>? others)
    {
        var other = others?.GetValueOrDefault(half.Entry.Fact);
        var (given, taken) = half.IsGiven ? (half, other) : (other, half);
        var (from, to) = half.IsGiven ? (treasury, half.Other) : (half.Other, treasury);
        var differences = others is null ? [] : half.Against(treasury, other);
        return new HandoverRow(
            half.Entry.Fact, from, to, HandoverHalfRow.Of(given), HandoverHalfRow.Of(taken), others is not null,
            others is not null && differences.IsEmpty, differences);
    }
}
