using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow form of limits, playbooks, alerts and what waits for a second person.</summary>
internal static class NarrowRisks
{
    /// <summary>The number of the first of them.</summary>
    public const byte First = 60;

    /// <summary>The number of the last of them.</summary>
    public const byte Last = 67;

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
                to.Many(limits.Concentrations, concentration =>
                {
                    to.Word(concentration.Of);
                    to.Shared(concentration.Name);
                    to.Exact(concentration.PartMax);
                });
                to.Many(limits.Venues, to.Shared);
                to.Whole(limits.PriceAgeMaxSeconds);
                break;
            case PlaybookAdopted { Bands: var bands }:
                to.Byte(First + 1);
                to.Many(bands, band =>
                {
                    to.Exact(band.HealthFactorBelow);
                    to.Word(band.Action);
                    to.Exact(band.HealthFactorTarget);
                    to.Whole(band.DeadlineSeconds);
                    to.Shared(band.Approver);
                });
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
                to.Byte(First + 4);
                to.Fact(resolved.Alert);
                break;
            case FourEyesSet rule:
                to.Byte(First + 5);
                to.Exact(rule.InstructionsAbove);
                break;
            case ChangeProposed proposed:
                to.Byte(First + 6);
                NarrowEvents.Write(to, proposed.Change);
                to.Shared(proposed.ProposedBy);
                break;
            case ProposalDeclined declined:
                to.Byte(Last);
                to.Whole(declined.Proposal);
                to.Shared(declined.DeclinedBy);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    /// <summary>Reads one of them.</summary>
    public static LedgerEvent Read(byte number, ref NarrowReader from) => number switch
    {
        First => new LimitsSet(new RiskLimits(
            from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(), from.Many(ReadConcentration),
            from.Many(static (ref venue) => venue.Shared()), from.WholeOrNot())),
        First + 1 => new PlaybookAdopted(from.Many(ReadBand)),
        First + 2 => new AlertRaised(
            from.Word<LimitKind>(), from.Shared(), from.ExactOrNot(), from.ExactOrNot(), from.Whole(), from.Whole()),
        First + 3 => new AlertAcknowledged(from.Fact()),
        First + 4 => new AlertResolved(from.Fact()),
        First + 5 => new FourEyesSet(from.ExactOrNot()),
        First + 6 => new ChangeProposed(NarrowEvents.Read(ref from), from.Shared()),
        _ => new ProposalDeclined(from.Whole(), from.Shared()),
    };

    private static ConcentrationLimit ReadConcentration(ref NarrowReader from) =>
        new(from.Word<ConcentrationOf>(), from.SharedOrNot(), from.Exact());

    private static PlaybookBand ReadBand(ref NarrowReader from) =>
        new(from.Exact(), from.Word<PlaybookAction>(), from.ExactOrNot(), from.Whole(), from.Shared());
}
