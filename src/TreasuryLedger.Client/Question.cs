using System.Globalization;

namespace TreasuryLedger.Client;

/// <summary>Where a question stands: as of one instant, as known at another, both inclusive.</summary>
/// <param name="AsOf">The instant in the world; absent: now.</param>
/// <param name="KnownAt">The instant in the ledger; absent: the newest settled one.</param>
/// <param name="MinPosition">
/// The answer knows at least this entry of the journal: the position that a write answered, to read what one wrote.
/// </param>
public sealed record Viewpoint(DateTimeOffset? AsOf = null, DateTimeOffset? KnownAt = null, long? MinPosition = null)
{
    /// <summary>The parameters of the address.</summary>
    internal IEnumerable<(string Name, string Value)> Parameters()
    {
        if (AsOf is { } asOf)
        {
            yield return ("asOf", LedgerJson.Text(asOf));
        }

        if (KnownAt is { } knownAt)
        {
            yield return ("knownAt", LedgerJson.Text(knownAt));
        }

        if (MinPosition is { } position)
        {
            yield return ("minPosition", position.ToString(CultureInfo.InvariantCulture));
        }
    }
}

/// <summary>A question with one answer.</summary>
/// <typeparam name="TAnswer">What it answers.</typeparam>
/// <param name="Path">Its path behind a journal's address.</param>
public sealed record Question<TAnswer>(string Path);

/// <summary>A list, which comes in pages.</summary>
/// <typeparam name="TPage">A page.</typeparam>
/// <typeparam name="TRow">A row.</typeparam>
/// <param name="Path">Its path behind a journal's address.</param>
/// <param name="Rows">The rows of a page.</param>
/// <param name="Next">The cursor of the page behind it; absent on the last one.</param>
public sealed record ListQuestion<TPage, TRow>(
    string Path, Func<TPage, IReadOnlyList<TRow>> Rows, Func<TPage, string?> Next);

/// <summary>The questions of this client. Others are asked by a <see cref="Question{TAnswer}"/> of one's own.</summary>
public static class Questions
{
    /// <summary>What the treasury is and how it stands.</summary>
    public static Question<TreasuryAnswer> Treasury { get; } = new("");

    /// <summary>Units held and owed, by account and asset.</summary>
    public static Question<BalancesAnswer> Balances { get; } = new("balances");

    /// <summary>Realized gains.</summary>
    public static Question<RealizedGainsAnswer> RealizedGains { get; } = new("realized-gains");

    /// <summary>Unrealized gains.</summary>
    public static Question<UnrealizedGainsAnswer> UnrealizedGains { get; } = new("unrealized-gains");

    /// <summary>Lending positions: collateral, debt, health.</summary>
    public static Question<PositionsAnswer> Positions { get; } = new("positions");

    /// <summary>Where the journal stands.</summary>
    public static Question<JournalHeadAnswer> Head { get; } = new("head");

    /// <summary>Entries in recorded order.</summary>
    public static ListQuestion<EntriesAnswer, EntryRow> Entries { get; } =
        new("entries", page => page.Entries, page => page.Next);

    /// <summary>Changes of units.</summary>
    public static ListQuestion<MovementsAnswer, MovementRow> Movements { get; } =
        new("movements", page => page.Movements, page => page.Next);

    /// <summary>Open lots.</summary>
    public static ListQuestion<LotsAnswer, LotRow> Lots { get; } =
        new("lots", page => page.Lots, page => page.Next);

    /// <summary>Disposals with the lots that they took.</summary>
    public static ListQuestion<DisposalsAnswer, DisposalRow> Disposals { get; } =
        new("disposals", page => page.Disposals, page => page.Next);

    /// <summary>Transfers and whether they arrived.</summary>
    public static ListQuestion<TransfersAnswer, TransferRow> Transfers { get; } =
        new("transfers", page => page.Transfers, page => page.Next);

    /// <summary>One entry.</summary>
    /// <param name="position">Its position.</param>
    public static Question<EntryAnswer> Entry(long position) =>
        new(string.Create(CultureInfo.InvariantCulture, $"entries/{position}"));
}
