using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Books;

/// <summary>
/// Random books of observations: few things and few instants, so that ties, late ones and voided ones are common.
/// </summary>
internal static class RandomBook
{
    public static readonly AssetId[] Assets = [AssetId.Parse("ETH"), AssetId.Parse("BTC")];

    public static readonly AssetId Usd = AssetId.Parse("USD");

    public const string Market = "m";

    private static readonly Instant Recorded = Instant.Parse("2030-01-01T00:00:00Z");

    /// <summary>Entries of a price book.</summary>
    public static Gen<NarrowEntry[]> Prices(int longest, int instants) => Entries(longest, instants, (asset, chance) =>
        new PriceRecorded(Assets[asset], Usd, ExactDecimal.Parse($"{chance + 1}"), null));

    /// <summary>Entries of a market book; each observes some of the terms, or none.</summary>
    public static Gen<NarrowEntry[]> Markets(int longest, int instants) => Entries(longest, instants, (asset, chance) =>
    {
        ExactDecimal? Term(int bit) => (chance & (1 << bit)) == 0 ? null : ExactDecimal.Parse($"0.{chance + 1}");
        return new MarketStateRecorded(Market, Assets[asset], Term(0), Term(1), Term(2), Term(3), Term(4));
    });

    public static Instant At(int second) => new(second * 1_000_000L);

    private static Gen<NarrowEntry[]> Entries(int longest, int instants, Func<int, int, LedgerEvent> observed) =>
        from steps in Gen.Select(
            Gen.Int[0, instants - 1], Gen.Int[0, Assets.Length - 1], Gen.Int[0, 999], Gen.Int[0, 9]).Array[0, longest]
        from comesInOrder in Gen.Bool
        select Build(comesInOrder ? [.. steps.OrderBy(step => step.Item1)] : steps, observed);

    private static NarrowEntry[] Build(
        (int At, int Asset, int Chance, int Kind)[] steps, Func<int, int, LedgerEvent> observed)
    {
        var entries = new List<NarrowEntry> { Entry(1, 0, 9, new BookOpened("test", true)) };
        var standing = new List<long>();
        foreach (var (at, asset, chance, kind) in steps)
        {
            var position = entries.Count + 1;
            var voids = kind < 3 && standing.Count > 0 ? standing[chance % standing.Count] : (long?)null;
            entries.Add(Entry(position, at, chance, kind == 0 ? new EntryVoided() : observed(asset, chance)) with
            {
                Voids = voids,
            });
            standing.Add(position);
            standing.Remove(voids ?? 0);
        }

        return [.. entries];
    }

    private static NarrowEntry Entry(long position, int at, int chance, LedgerEvent happened) => new()
    {
        Position = position,
        EffectiveAt = At(at),
        RecordedAt = new Instant(Recorded.Microseconds + (position * 10)),
        Fact = FactId.Parse($"f:{chance % 7}.{position}"),
        FactIsGiven = chance % 2 == 0,
        SourceOrder = chance % 3 == 0 ? SourceOrder.Of(chance % 5) : null,
        Source = $"s{chance % 4}",
        Quality = (EvidenceQuality)(chance % 3),
        Event = happened,
    };
}
