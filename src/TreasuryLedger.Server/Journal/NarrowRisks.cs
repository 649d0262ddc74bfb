using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow form of limits, playbooks and alerts.</summary>
internal static class NarrowRisks
{
    /// <summary>The number of the first of them.</summary>
    public const byte First = 60;

    /// <summary>The number of the last of them.</summary>
    public const byte Last = 64;

    /// <summary>Writes one of them.</summary>
    public static void Write(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case LimitsSet { Limits: var limits }:
                to.Byte(First);
                to.Exact(limits.LoanToValueMax);
                to.Exact(limits.HealthFactorMin);
                to.Exact(limits.FallMin);
                to.Whole((long)limits.Concentrations.Length);
                foreach (var concentration in limits.Concentrations)
                {
                    to.Word(concentration.Of);
                    to.Shared(concentration.Name);
                    to.Exact(concentration.PartMax);
                }

                to.Whole((long)limits.Venues.Length);
                limits.Venues.ToList().ForEach(to.Shared);
                to.Whole(limits.PriceAgeMaxSeconds);
                break;
            case PlaybookAdopted { Bands: var bands }:
                to.Byte(First + 1);
                to.Whole((long)bands.Length);
                foreach (var band in bands)
                {
                    to.Exact(band.HealthFactorBelow);
                    to.Word(band.Action);
                    to.Exact(band.HealthFactorTarget);
                    to.Whole(band.DeadlineSeconds);
                    to.Shared(band.Approver);
                }

                break;
            case AlertRaised raised:
                to.Byte(First + 2);
                to.Word(raised.Limit);
                to.Shared(raised.Subject);
                to.Exact(raised.Allowed);
                to.Exact(raised.Is);
                to.Whole(raised.PricePosition);
                to.Whole(raised.MarketPosition);
                break;
            case AlertAcknowledged acknowledged:
                to.Byte(First + 3);
                to.Fact(acknowledged.Alert);
                break;
            case AlertResolved resolved:
                to.Byte(Last);
                to.Fact(resolved.Alert);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    /// <summary>Reads one of them.</summary>
    public static LedgerEvent Read(byte number, ref NarrowReader from) => number switch
    {
        First => new LimitsSet(new RiskLimits(
            from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(), ReadConcentrations(ref from),
            ReadVenues(ref from), from.WholeOrNot())),
        First + 1 => new PlaybookAdopted(ReadBands(ref from)),
        First + 2 => new AlertRaised(
            from.Word<LimitKind>(), from.Shared(), from.ExactOrNot(), from.ExactOrNot(), from.Whole(), from.Whole()),
        First + 3 => new AlertAcknowledged(from.Fact()),
        _ => new AlertResolved(from.Fact()),
    };

    private static ImmutableArray<ConcentrationLimit> ReadConcentrations(ref NarrowReader from)
    {
        var limits = new ConcentrationLimit[from.Fitting(from.Whole())];
        for (var i = 0; i < limits.Length; i++)
        {
            limits[i] = new ConcentrationLimit(from.Word<ConcentrationOf>(), from.SharedOrNot(), from.Exact());
        }

        return [.. limits];
    }

    private static ImmutableArray<string> ReadVenues(ref NarrowReader from)
    {
        var venues = new string[from.Fitting(from.Whole())];
        for (var i = 0; i < venues.Length; i++)
        {
            venues[i] = from.Shared();
        }

        return [.. venues];
    }

    private static ImmutableArray<PlaybookBand> ReadBands(ref NarrowReader from)
    {
        var bands = new PlaybookBand[from.Fitting(from.Whole())];
        for (var i = 0; i < bands.Length; i++)
        {
            bands[i] = new PlaybookBand(
                from.Exact(), from.Word<PlaybookAction>(), from.ExactOrNot(), from.Whole(), from.Shared());
        }

        return [.. bands];
    }
}
