using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Policies;

/// <summary>What waits for a second person.</summary>
public enum ProposalKind
{
    /// <summary>An instruction that is worth more than one person gives.</summary>
    Instruction,

    /// <summary>Limits.</summary>
    Limits,

    /// <summary>A playbook.</summary>
    Playbook,

    /// <summary>Terms of a book.</summary>
    Terms,

    /// <summary>Terms of the official book.</summary>
    OfficialTerms,

    /// <summary>An allocation or a standing order of the official book.</summary>
    OfficialLots,

    /// <summary>What two persons decide.</summary>
    FourEyes,

    /// <summary>Reopening a sealed period.</summary>
    Reopening,
}

/// <summary>Something that waits for a second person.</summary>
/// <param name="Entry">The position of the entry that asks for it; what it asks for stands there.</param>
/// <param name="Kind">What it is.</param>
/// <param name="RecordedAt">Since when it waits.</param>
/// <param name="EffectiveAt">From when on it shall count; not before somebody has approved it.</param>
/// <param name="Fact">Its fact.</param>
/// <param name="ProposedBy">Who asks for it.</param>
/// <param name="NotBy">Who can not be the second person.</param>
/// <param name="Command">The command by which a second person approves it.</param>
public sealed record ProposalRow(
    long Entry,
    ProposalKind Kind,
    Instant RecordedAt,
    Instant EffectiveAt,
    FactId Fact,
    string ProposedBy,
    ImmutableArray<string> NotBy,
    string Command);

/// <summary>What waits for whom.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="FourEyes">What two persons decide at asOf; absent if nobody has said so by then.</param>
/// <param name="Proposals">What waits, in recorded order: for whoever knows it, at any instant in the world.</param>
public sealed record ProposalsAnswer(
    Standpoint Viewpoint, DatedFourEyes? FourEyes, ImmutableArray<ProposalRow> Proposals)
{
    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, ProposalsAnswer> Read(QueryReader query) => seen =>
    {
        var (log, known) = (seen.View.Books.Log, seen.View.Treasury.Head.Position);
        var risks = log.Risks(known).ToImmutableArray();
        return new ProposalsAnswer(
            seen.Standpoint,
            new RiskBook(risks.Select(RiskEntry.Of)).FourEyesAt(seen.Standpoint.AsOf),
            [
                .. risks.Where(entry => entry.Event is ChangeProposed).Select(Row)
                    .Concat(OfOfficialBook([.. log.Adoptions(known)], seen.Standpoint.KnownAt))
                    .Concat(OfPeriods([.. log.Periods(known)]))
                    .OrderBy(row => row.Entry),
            ]);
    };

    private static ProposalRow Row(NarrowEntry entry)
    {
        var proposed = (ChangeProposed)entry.Event;
        var kind = proposed.Change switch
        {
            InstructionGiven => ProposalKind.Instruction,
            LimitsSet => ProposalKind.Limits,
            PlaybookAdopted => ProposalKind.Playbook,
            TermsAdopted => ProposalKind.Terms,
            FourEyesSet => ProposalKind.FourEyes,
            _ => throw new UnreachableEventException(proposed.Change),
        };
        return Row(entry, kind, typeof(ApproveProposal), proposed.ProposedBy);
    }

    /// <summary>What is proposed of the official book can be decided until its day, unless that was done.</summary>
    private static IEnumerable<ProposalRow> OfOfficialBook(ImmutableArray<NarrowEntry> decisions, Instant knownAt)
    {
        foreach (var entry in decisions.Where(entry => entry.EffectiveAt > knownAt))
        {
            (Type Decided, Type Command, ProposalKind Kind, string By)? waits = entry.Event switch
            {
                TermsProposed terms =>
                    (typeof(TermsAdopted), typeof(AdoptTerms), ProposalKind.OfficialTerms, terms.ProposedBy),
                DecisionProposed { Decision: BasisAllocated } one =>
                    (typeof(BasisAllocated), typeof(AllocateBasis), ProposalKind.OfficialLots, one.ProposedBy),
                DecisionProposed { Decision: StandingOrderGiven } one =>
                    (typeof(StandingOrderGiven), typeof(GiveStandingOrder), ProposalKind.OfficialLots, one.ProposedBy),
                _ => null,
            };
            if (waits is { } asked
                && !decisions.Any(other => other.Event.GetType() == asked.Decided && Ends(other, entry)))
            {
                yield return Row(entry, asked.Kind, asked.Command, asked.By);
            }
        }
    }

    /// <summary>
    /// Whether a decision leaves nothing to decide of a proposal: an allocation is for good, whatever day another one
    /// names; a book has one set of terms from an instant on; of orders it is the very one that was proposed.
    /// </summary>
    private static bool Ends(NarrowEntry decided, NarrowEntry proposed) =>
        ((IOfBook)decided.Event).Book == ((IOfBook)proposed.Event).Book
        && (decided.Event is BasisAllocated
            || (decided.EffectiveAt == proposed.EffectiveAt
                && (proposed.Event is not DecisionProposed { Decision: var order } || order == decided.Event)));

    private static IEnumerable<ProposalRow> OfPeriods(ImmutableArray<NarrowEntry> entries)
    {
        var periods = ClosedPeriods.Of(entries.Select(PeriodEntry.Of));
        return from book in periods.Books
               from period in periods.Of(book)
               where period.Request is not null
               let entry = entries.First(entry => entry.Position == period.Request!.Entry)
               select Row(
                   entry, ProposalKind.Reopening, typeof(ReopenPeriod), period.Request!.RequestedBy,
                   period.Seal!.Sealed.SealedBy);
    }

    private static ProposalRow Row(
        NarrowEntry entry, ProposalKind kind, Type command, string proposedBy, params string[] others) => new(
        entry.Position,
        kind,
        entry.RecordedAt,
        entry.EffectiveAt,
        entry.Fact,
        proposedBy,
        [.. others.Prepend(proposedBy).Distinct(StringComparer.Ordinal)],
        CommandNames.Of(command));
}
