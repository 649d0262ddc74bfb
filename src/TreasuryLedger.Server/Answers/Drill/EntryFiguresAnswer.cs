using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>What an entry brought forth.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Evidence">The entry.</param>
/// <param name="Counts">Whether it counts: it happened by asOf and nothing known voids it.</param>
/// <param name="Figures">Its lots, disposals, moves, incomes, expenses, contributions and liquidations.</param>
public sealed record EntryFiguresAnswer(
    Standpoint Viewpoint, EvidenceRow Evidence, bool Counts, ImmutableArray<FigureRow> Figures) : ITold
{
    /// <summary>The answer.</summary>
    /// <exception cref="ProblemException">There is no such entry at this viewpoint.</exception>
    public static async Task<EntryFiguresAnswer> OfAsync(
        Asking asking, Seen seen, long position, CancellationToken cancellation)
    {
        var head = seen.Standpoint.Positions.Treasury;
        if (position > head || seen.At.Log.Find(position) is not { } entry)
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
                $"{asking.Treasury.Journal} has the positions 1 to {head} at this viewpoint.",
                ("head", head));
        }

        var links = Links.Of(seen, asking.Query);
        var evidence = await EvidenceBook.RowAsync(
            asking.Desk.Databases, asking.Treasury, position, head, cancellation);
        return new EntryFiguresAnswer(
            seen.Standpoint,
            EvidenceRow.Of(evidence, links.Entry(position)),
            evidence.VoidedBy is null && entry.EffectiveAt <= seen.Standpoint.AsOf,
            seen.At.RowsOf(entry) is { } happened ? FigureRow.Of(seen, happened.Rows, links) : []);
    }

    /// <inheritdoc/>
    public Tree Tell() => Tree.Of(
        Evidence.Tell("entry").Text,
        [
            .. Evidence.Tell("entry").Below,
            new Tree(Counts ? $"brought forth {Figures.Length} figures" : "does not count at this viewpoint"),
            .. Figures.Select(figure => Tree.Of(figure.Tell().Text, new Tree(figure.Path))),
        ]);
}
