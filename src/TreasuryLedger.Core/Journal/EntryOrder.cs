namespace TreasuryLedger.Core.Journal;

/// <summary>
/// The one order in which every fold takes entries: effective instant, then the source's order, then the fact id. Of
/// one instant those that decide something come first, because it holds for all that happens at it.
/// Recorded order decides only between entries that have neither, so any order of arrival gives the same answers
/// (decision 0004).
/// </summary>
public sealed class EntryOrder : IComparer<NarrowEntry>
{
    private EntryOrder()
    {
    }

    /// <summary>The order.</summary>
    public static EntryOrder Comparer { get; } = new();

    /// <inheritdoc/>
    public int Compare(NarrowEntry? x, NarrowEntry? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var order = x.EffectiveAt.CompareTo(y.EffectiveAt);
        order = order != 0 ? order : Decides(x.Event).CompareTo(Decides(y.Event));
        order = order != 0 ? order : Rank(x).CompareTo(Rank(y));
        order = order != 0 || x.SourceOrder is null ? order : x.SourceOrder.CompareTo(y.SourceOrder);
        order = order != 0 || Rank(x) == 2 ? order : x.Fact.CompareTo(y.Fact);
        return order != 0 ? order : x.Position.CompareTo(y.Position);
    }

    /// <summary>
    /// What is decided at an instant holds for all that happens at it, an allocation before the terms that need it.
    /// </summary>
    private static int Decides(LedgerEvent happened) => happened switch
    {
        BasisAllocated => 0,
        TermsAdopted => 1,
        StandingOrderGiven => 2,
        LotsIdentified => 3,
        _ => 4,
    };

    private static int Rank(NarrowEntry entry) => entry.SourceOrder is not null ? 0 : entry.FactIsGiven ? 1 : 2;
}
