using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow form of terms that say more than the first ones did: the event without it, then that.</summary>
internal static class NarrowTerms
{
    private const byte WithFairValue = 45;

    /// <summary>Writes what is measured at fair value.</summary>
    public static void Write(NarrowWriter to, LedgerEvent without, FairValueTerms scope)
    {
        to.Byte(WithFairValue);
        NarrowEvents.Write(to, without);
        to.Word(scope.Tokens);
        to.Word(scope.Wrapped);
        to.Word(scope.Receipts);
        to.Word(scope.Stablecoins);
        to.Word(scope.Pledged);
        to.OrNot(scope.AssetsIn, assets => to.Many(assets, to.Id));
        to.OrNot(scope.AssetsOut, assets => to.Many(assets, to.Id));
    }

    /// <summary>Reads it for an event that was read without.</summary>
    public static LedgerEvent ReadOpened(LedgerEvent without, ref NarrowReader from)
    {
        var scope = new FairValueTerms(
            from.Word<FairValueScope>(), from.Word<FairValueScope>(), from.Word<FairValueScope>(),
            from.Word<FairValueScope>(), from.Word<FairValueScope>(), ReadAssets(ref from), ReadAssets(ref from));
        return without switch
        {
            TreasuryOpened opened => opened with { Policy = opened.Policy with { FairValue = scope } },
            TermsAdopted adopted => adopted with { Terms = adopted.Terms with { FairValue = scope } },
            _ => throw new NarrowException("a scope belongs to terms"),
        };
    }

    private static ImmutableArray<AssetId>? ReadAssets(ref NarrowReader from) => from.OrNot(
        static (ref reader) => reader.Many(static (ref one) => one.Asset()));
}
