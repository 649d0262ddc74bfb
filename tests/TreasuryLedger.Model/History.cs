using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>One treasury's journal and its price book, both in recorded order.</summary>
/// <param name="Seed">What <see cref="HistoryGenerator"/> made it from.</param>
/// <param name="Treasury">The treasury's journal. Shrinking leaves gaps in the positions and renumbers nothing.</param>
/// <param name="Prices">The price book.</param>
public sealed record History(ulong Seed, ImmutableArray<Entry> Treasury, ImmutableArray<Entry> Prices)
{
    /// <summary>
    /// Whether the entry opens the journal, registers something or allocates lots, which is never taken back: the
    /// ground on which others stand.
    /// </summary>
    public static bool IsGround(Entry entry) =>
        entry?.Event is TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or BasisAllocated;

    /// <summary>The same history without one entry and without the corrections and notes that name it.</summary>
    public History Without(Entry dropped) => this with
    {
        Treasury = WithoutIn(Treasury, dropped),
        Prices = WithoutIn(Prices, dropped),
    };

    /// <summary>A page that a person can follow by hand.</summary>
    public string Describe() => string.Join('\n', [
        string.Create(CultureInfo.InvariantCulture, $"history of seed {Seed}"),
        .. Treasury.Where(entry => entry.Event is TreasuryOpened or AssetRegistered or BasisAllocated).Select(Line),
        .. Treasury.Where(entry => !IsGround(entry)).Select(Line),
        "prices",
        .. Prices.Where(entry => !IsGround(entry)).Select(Line),
    ]);

    /// <summary>The position of the entry that this one voids or speaks about, if it does.</summary>
    internal static long? Named(Entry entry) => entry.Voids ?? entry.Event switch
    {
        EvidenceAdded evidence => evidence.Entry,
        BreakOpened opened => opened.Entry,
        EntryAnnotated note => note.Entry,
        _ => null,
    };

    private static ImmutableArray<Entry> WithoutIn(ImmutableArray<Entry> journal, Entry dropped)
    {
        if (!journal.Contains(dropped))
        {
            return journal;
        }

        var gone = new HashSet<long> { dropped.Position };
        foreach (var entry in journal)
        {
            if (Named(entry) is { } named && gone.Contains(named))
            {
                gone.Add(entry.Position);
            }
        }

        return [.. journal.Where(entry => !gone.Contains(entry.Position))];
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static string Line(Entry entry)
    {
        var order = entry.SourceOrder is null ? "" : $" order {entry.SourceOrder}";
        var given = entry.FactIsGiven ? "" : " (generated)";
        var voids = entry.Voids is { } voided
            ? string.Create(CultureInfo.InvariantCulture, $" voids {voided}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Position,3} {Clock(entry.EffectiveAt)} recorded {Clock(entry.RecordedAt)} {entry.Fact}{given}")
            + $"{order}{voids} {entry.Evidence.Quality}: {Words(entry.Event)}";
    }

    private static string Clock(Instant instant) => instant.ToString();

    private static string Words(LedgerEvent happened) => happened switch
    {
        BalancesOpened opened => "BalancesOpened "
            + string.Join("; ", opened.Lots.Select(lot => $"{Words(lot.Held)} of {lot.AcquiredAt} cost {lot.Cost}"))
            + " debts " + string.Join(", ", opened.Debts.Select(Words)),
        LotsIdentified what => Short(what) + string.Join(", ", what.Lots),
        BasisAllocated all => Short(all) + string.Join(", ", all.Units) + " to " + string.Join(", ", all.Accounts),
        IHasFees costs => $"{Short(happened)} fees {string.Join(", ", costs.Fees.Select(Words))}",
        _ => Short(happened),
    };

    /// <summary>A record without the words that say nothing here.</summary>
    private static string Short(LedgerEvent happened) => happened.ToString()
        .Replace(", Fees = System.Collections.Immutable.ImmutableArray`1[TreasuryLedger.Core.Journal.Leg]", "", Ordinal)
        .Replace("Leg { Account = ", "{ ", Ordinal)
        .Replace("Chain = , Contract = , ", "", Ordinal);

    private static string Words(Leg leg) => $"{leg.Quantity} {leg.Asset} at {leg.Account}";
}
