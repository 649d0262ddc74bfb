using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>Sentences about limits, the playbook, alerts and what waits for a second person.</summary>
internal static class SpecRiskVerbs
{
    /// <summary>
    /// "limits - ltv 0.7 health 1.3 fall 0.2 part asset ETH 0.5 part venue each 0.9 venue here price-age 60";
    /// "playbook - below 1.5 review within 60 by_whom cfo below 1.3 repay to 1.5 within 60 by_whom cfo";
    /// "alert a1 healthFactorMin aave is 1.2 allowed 1.3"; "acknowledge - a1"; "resolve - a1";
    /// "four-eyes - above 1_000"; "approve - l1"; "decline - l1".
    /// </summary>
    public static Command? Read(string verb, SpecLine line, Instant at, SpecWorld world) => verb switch
    {
        "limits" => Limits(line, at),
        "playbook" => Playbook(line, at),
        "alert" => new RaiseAlert
        {
            EffectiveAt = at,
            Limit = line.Enum<LimitKind>(),
            Subject = line.Word(),
            Is = line.Figure("is"),
            Allowed = line.Figure("allowed"),
        },
        "acknowledge" => new AcknowledgeAlert { EffectiveAt = at, Alert = line.Fact() },
        "four-eyes" => new SetFourEyes { EffectiveAt = at, InstructionsAbove = line.Figure("above") },
        "approve" => new ApproveProposal { EffectiveAt = at, Proposal = world.Position(line) },
        "decline" => new DeclineProposal { EffectiveAt = at, Proposal = world.Position(line) },
        "resolve" => new ResolveAlert { EffectiveAt = at, Alert = line.Fact() },
        _ => null,
    };

    private static SetLimits Limits(SpecLine line, Instant at)
    {
        var limits = new SetLimits
        {
            EffectiveAt = at,
            LoanToValueMax = line.Figure("ltv"),
            HealthFactorMin = line.Figure("health"),
            FallMin = line.Figure("fall"),
        };
        var parts = ImmutableArray.CreateBuilder<ConcentrationLimit>();
        while (line.Take("part"))
        {
            var of = line.Enum<ConcentrationOf>();
            var name = line.Word();
            parts.Add(new ConcentrationLimit(of, name == "each" ? null : name, line.Decimal()));
        }

        var venues = ImmutableArray.CreateBuilder<string>();
        while (line.Take("venue"))
        {
            venues.Add(line.Word());
        }

        return limits with
        {
            Concentrations = parts.ToImmutable(),
            Venues = venues.ToImmutable(),
            PriceAgeMaxSeconds = line.Take("price-age") ? (long)line.Decimal().Mantissa : null,
        };
    }

    private static AdoptPlaybook Playbook(SpecLine line, Instant at)
    {
        var bands = ImmutableArray.CreateBuilder<PlaybookBand>();
        while (line.Take("below"))
        {
            var below = line.Decimal();
            var action = line.Enum<PlaybookAction>();
            var target = line.Figure("to");
            line.Expect("within");
            var seconds = (long)line.Decimal().Mantissa;
            line.Expect("by_whom");
            bands.Add(new PlaybookBand(below, action, target, seconds, line.Word()));
        }

        return new AdoptPlaybook { EffectiveAt = at, Bands = bands.ToImmutable() };
    }
}
