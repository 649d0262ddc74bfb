using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// A command that decides something of one book. That of the official book is proposed by one person and decided by
/// another, for a time that is neither past nor closed (SPEC.md 3.11).
/// </summary>
public interface IBookDecision : IAsksWho
{
    /// <summary>The book's name.</summary>
    string Book { get; }

    /// <summary>For the official book: the position of the entry that proposes the same; absent: this does.</summary>
    long? Proposal { get; }
}

/// <summary>What decisions about books check alike.</summary>
internal static class BookDecision
{
    /// <summary>Whether it is about the official book.</summary>
    public static bool IsOfficial(this IBookDecision command) => command.Book == StarterBooks.Official;

    /// <summary>
    /// Refuses a proposal for any other book, and for the official one what is past or closed, what has no reason, and
    /// what one person would decide alone.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="check">Keeps the first refusal.</param>
    /// <param name="state">The journal.</param>
    /// <param name="context">Who asks, and when.</param>
    /// <param name="decided">What it would record.</param>
    public static void CheckPersons<TCommand>(
        this TCommand command, Checks check, TreasuryState state, DecisionContext context, LedgerEvent decided)
        where TCommand : Command, IBookDecision
    {
        check.Term(command.IsOfficial() || command.Proposal is null, "proposal", "is for the official book");
        if (!command.IsOfficial())
        {
            return;
        }

        // Told again under it, a proposal would meet itself: the key of the request is what it is repeated by.
        check.Term(command.Fact is null, "fact", "must be left out: what the official book decides is proposed first");
        var open = ClosedPeriods.Of(state.Periods).OpenFrom(command.Book) ?? default;
        var earliest = Instant.Latest(open, context.RecordedAt);
        check.Term(
            command.EffectiveAt >= earliest,
            "effectiveAt",
            $"is {command.EffectiveAt}; the official book changes neither in closed periods nor in the past, so not "
            + $"before {earliest}");
        check.Term(command.Reason is not null, "reason", "must say why the official book changes");
        if (command.Proposal is not { } position || check.First is not null)
        {
            return;
        }

        var proposal = state.ProposalAt(position);
        var proposer = proposal?.At == command.EffectiveAt ? ProposerOf(proposal.Adopted, decided) : null;
        check.That(proposer is not null, () => Refusal.Of(
            RefusalCode.TermsNotProposed,
            $"Entry {position} proposes nothing of the kind for the official book from {command.EffectiveAt} on.",
            ("proposal", position),
            ("effectiveAt", command.EffectiveAt)));
        check.That(proposer != context.Actor, () => Refusal.Of(
            RefusalCode.SecondPersonNeeded,
            $"{context.Actor} proposed this (entry {position}); somebody else has to decide it.",
            ("actor", context.Actor),
            ("entry", position)));
    }

    /// <summary>The decision, or, of the official book without a proposal, a proposal of it.</summary>
    public static LedgerEvent Recorded(this IBookDecision command, LedgerEvent decided, DecisionContext context) =>
        !command.IsOfficial() || command.Proposal is not null ? decided
        : decided is TermsAdopted adopted ? new TermsProposed(adopted.Book, adopted.Terms, context.Actor)
        : new DecisionProposed(decided, context.Actor);

    private static string? ProposerOf(LedgerEvent proposed, LedgerEvent decided) => (proposed, decided) switch
    {
        (TermsProposed terms, TermsAdopted adopted) when terms.Terms == adopted.Terms => terms.ProposedBy,
        (DecisionProposed one, _) when EventContent.Alike(one.Decision, decided) => one.ProposedBy,
        _ => null,
    };
}
