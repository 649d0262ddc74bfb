namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Voids an entry and may put another observation in its place; the replacement keeps the fact of what it replaces and
/// is checked as if the voided entry had never been there.
/// </summary>
public sealed record CorrectEntry : Command
{
    /// <summary>The position of the entry that shall have no effect any more.</summary>
    public required long Entry { get; init; }

    /// <summary>
    /// What is true instead: an observation with its own instant, source and evidence. Absent: nothing is.
    /// </summary>
    public Command? Replacement { get; init; }
}
