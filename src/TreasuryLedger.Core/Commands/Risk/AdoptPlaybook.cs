using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Adopts the treasury's playbook from an instant on: what is to be done when the health factor of a lending position
/// enters a band, how much of it, until when, and who approves.
/// </summary>
public sealed record AdoptPlaybook : Command, IAsksWho
{
    private const int BandsMax = 20;

    /// <summary>From the highest bound to the lowest, at most 20; none ends the playbook.</summary>
    public required ImmutableArray<PlaybookBand> Bands { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var bands = check.Each("bands", Bands, band =>
        {
            check.Number(
                band.HealthFactorBelow, "healthFactorBelow", band.HealthFactorBelow.Sign > 0, "more than 0");
            check.Term(
                band.HealthFactorTarget is null == band.Action is PlaybookAction.Review,
                "healthFactorTarget",
                "belongs to every action but a review");
            check.Term(
                band.HealthFactorTarget is null || band.HealthFactorTarget >= band.HealthFactorBelow,
                "healthFactorTarget",
                "must not be below healthFactorBelow: the action would end inside its band");
            check.Term(
                band.DeadlineSeconds is >= 0 and <= Checks.PriceAgeMaxSecondsMax,
                "deadlineSeconds",
                $"must be 0 to {Checks.PriceAgeMaxSecondsMax} (ten years)");
            check.Term(Texts.IsName(band.Approver), "approver", Texts.NameExpected);
            return band;
        });
        check.Term(bands.Length <= BandsMax, "bands", $"must be at most {BandsMax}");
        check.Term(
            bands.Zip(bands.Skip(1)).All(pair => pair.First.HealthFactorBelow > pair.Second.HealthFactorBelow),
            "bands",
            "must stand from the highest bound to the lowest");
        return check.Accept(new PlaybookAdopted(bands));
    }
}
