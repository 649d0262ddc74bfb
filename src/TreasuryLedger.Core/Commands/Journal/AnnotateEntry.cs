using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Puts a note to an entry: the text is the reason, which must be given.</summary>
public sealed record AnnotateEntry : Command
{
    /// <summary>The position of the entry.</summary>
    public required long Entry { get; init; }

    internal override bool BelongsTo(JournalKind journal) => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(!string.IsNullOrWhiteSpace(Reason), "reason", "is the note and must be given");
        check.Position(Entry);
        return check.Accept(new EntryAnnotated(Entry));
    }
}
