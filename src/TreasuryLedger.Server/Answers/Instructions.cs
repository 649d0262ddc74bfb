using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Answers;

/// <summary>One leg of an instruction.</summary>
/// <param name="Role">Principal, the other side, or a fee.</param>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Instructed">Whole tokens instructed.</param>
/// <param name="Fulfilled">Whole tokens done by now.</param>
public sealed record InstructionLegRow(
    LegRole Role, AccountId Account, AssetId Asset, ExactDecimal Instructed, ExactDecimal Fulfilled);

/// <summary>A difference between what was done and what was instructed: an alert.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Entry">The entry that differs; for sums the newest that counts.</param>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Difference">Whole tokens more or fewer than instructed; otherwise all that deviates.</param>
public sealed record DeviationRow(
    DeviationKind Kind, long Entry, AccountId Account, AssetId Asset, ExactDecimal Difference);

/// <summary>An instruction and what became of it.</summary>
/// <param name="Fact">Its fact, which observations name to fulfil it.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="RecordedAt">When it was given.</param>
/// <param name="EffectiveAt">When it shall be done.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="EndedAt">When it ended; absent while it stands.</param>
/// <param name="Reserves">Whether its units are kept for it while it stands.</param>
/// <param name="ExpiresAt">From this instant on (inclusive) it is over; absent if it stands until cancelled.</param>
/// <param name="Legs">Principal, the other side, then fees.</param>
/// <param name="Deviations">What differs.</param>
public sealed record InstructionRow(
    FactId Fact,
    long Entry,
    Instant RecordedAt,
    Instant EffectiveAt,
    InstructionStatus Status,
    Instant? EndedAt,
    bool Reserves,
    Instant? ExpiresAt,
    ImmutableArray<InstructionLegRow> Legs,
    ImmutableArray<DeviationRow> Deviations);

/// <summary>Instructions with their progress.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Instructions">In recorded order, effective ones and those still to come.</param>
public sealed record InstructionsAnswer(Standpoint Viewpoint, ImmutableArray<InstructionRow> Instructions)
{
    /// <summary>The answer.</summary>
    public static InstructionsAnswer Of(Seen seen)
    {
        var known = VisibleEntries.KnownAt(
            seen.View.Treasury.Log.Memory.Instructions(), seen.Standpoint.KnownAt);
        return new InstructionsAnswer(
            seen.Standpoint,
            [.. InstructionProgress.At(known, seen.Standpoint.AsOf).Select(progress => Row(seen, progress))]);
    }

    private static InstructionRow Row(Seen seen, InstructionProgress progress)
    {
        var given = (InstructionGiven)progress.Given.Event;
        return new InstructionRow(
            progress.Given.Fact,
            progress.Given.Position,
            progress.Given.RecordedAt,
            progress.Given.EffectiveAt,
            progress.Status,
            progress.EndedAt,
            given.Reserves,
            given.ExpiresAt,
            [
                .. progress.Legs.Select(leg => new InstructionLegRow(
                    leg.Role, leg.Instructed.Account, leg.Instructed.Asset,
                    seen.Tokens(leg.Instructed.Asset, leg.Instructed.Quantity),
                    seen.Tokens(leg.Instructed.Asset, leg.Fulfilled))),
            ],
            [
                .. progress.Deviations.Select(deviation => new DeviationRow(
                    deviation.Kind, deviation.Entry, deviation.Account, deviation.Asset,
                    seen.Tokens(deviation.Asset, deviation.Difference))),
            ]);
    }
}
