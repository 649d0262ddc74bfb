using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Opens a price book or a market book; always its first entry, and only once.</summary>
public sealed record OpenBook : Command
{
    /// <summary>What it is called, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Recorded instants come from a script. Only the opening can say so, never a later entry.</summary>
    public bool ReplayedClock { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal != JournalKind.Treasury;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Texts.IsName(Name), "name", Texts.NameExpected);
        return check.Accept(new BookOpened(Name, ReplayedClock));
    }
}
