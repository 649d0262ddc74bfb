namespace TreasuryLedger.Core.Commands;

/// <summary>Puts a note to an entry: the text is the reason, which must be given.</summary>
public sealed record AnnotateEntry : Command
{
    /// <summary>The position of the entry.</summary>
    public required long Entry { get; init; }
}
