using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow form of terms that say more than the first ones did: the event without it, then that.</summary>
internal static class NarrowTerms
{
    private const byte WithFairValue = 45;
    private const byte WithTreatments = 46;

    /// <summary>Writes an event whose terms say more than the first ones did.</summary>
    /// <returns>Whether they do; otherwise nothing is written.</returns>
    public static bool WroteMore(NarrowWriter to, LedgerEvent happened)
    {
        switch (TermsOf(happened))
        {
            case { Treatments: { } treatments } terms:
                Write(to, With(happened, terms with { Treatments = null }), treatments);
                return true;
            case { FairValue: { } scope } terms:
                Write(to, With(happened, terms with { FairValue = null }), scope);
                return true;
            case { Conventions: { } how } terms:
                NarrowDecisions.Write(to, With(happened, terms with { Conventions = null }), how);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads what is measured at fair value, for an event that was read without.</summary>
    public static LedgerEvent ReadOpened(LedgerEvent without, ref NarrowReader from)
    {
        var scope = new FairValueTerms(
            from.Word<FairValueScope>(), from.Word<FairValueScope>(), from.Word<FairValueScope>(),
            from.Word<FairValueScope>(), from.Word<FairValueScope>(), ReadAssets(ref from), ReadAssets(ref from));
        return With(without, Needed(without) with { FairValue = scope });
    }

    /// <summary>Reads which moves are disposals, for an event that was read without.</summary>
    public static LedgerEvent ReadTreated(LedgerEvent without, ref NarrowReader from)
    {
        var treatments = new Treatments(
            from.Word<MoveTreatment>(), from.Word<MoveTreatment>(), from.Word<MoveTreatment>(),
            from.Word<MoveTreatment>(), from.Word<MoveTreatment>());
        return With(without, Needed(without) with { Treatments = treatments });
    }

    /// <summary>The event with the conventions that it was read without.</summary>
    public static LedgerEvent With(LedgerEvent without, LotConventions how) =>
        With(without, Needed(without) with { Conventions = how });

    private static LedgerEvent With(LedgerEvent happened, PolicyTerms terms) => happened switch
    {
        TreasuryOpened opened => opened with { Policy = terms },
        TermsAdopted adopted => adopted with { Terms = terms },
        TermsProposed proposed => proposed with { Terms = terms },
        _ => throw new UnreachableEventException(happened),
    };

    private static PolicyTerms? TermsOf(LedgerEvent happened) => happened switch
    {
        TreasuryOpened opened => opened.Policy,
        TermsAdopted adopted => adopted.Terms,
        TermsProposed proposed => proposed.Terms,
        _ => null,
    };

    private static PolicyTerms Needed(LedgerEvent happened) =>
        TermsOf(happened) ?? throw new NarrowException("what more is said belongs to terms");

    private static void Write(NarrowWriter to, LedgerEvent without, FairValueTerms scope)
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

    private static void Write(NarrowWriter to, LedgerEvent without, Treatments treatments)
    {
        to.Byte(WithTreatments);
        NarrowEvents.Write(to, without);
        to.Word(treatments.Wraps);
        to.Word(treatments.Receipts);
        to.Word(treatments.Collateral);
        to.Word(treatments.Staking);
        to.Word(treatments.Bridges);
    }

    private static ImmutableArray<AssetId>? ReadAssets(ref NarrowReader from) => from.OrNot(
        static (ref reader) => reader.Many(static (ref one) => one.Asset()));
}
