using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>Where an instruction stands at an instant.</summary>
public enum InstructionStatus
{
    /// <summary>Nothing was done yet.</summary>
    Open,

    /// <summary>Some of the principal units were done.</summary>
    PartlyFulfilled,

    /// <summary>All principal units were done, or more.</summary>
    Fulfilled,

    /// <summary>It expired before it was fulfilled; some may have been done.</summary>
    Expired,

    /// <summary>It was cancelled before it was fulfilled; some may have been done.</summary>
    Cancelled,
}

/// <summary>How what was done differs from what was instructed. Each is an alert; none stops the fact.</summary>
public enum DeviationKind
{
    /// <summary>More units than instructed.</summary>
    More,

    /// <summary>Fulfilled, but fewer units than instructed on the other side (proceeds, destination).</summary>
    Less,

    /// <summary>Another kind of event; it fulfils nothing.</summary>
    OtherKind,

    /// <summary>Units of an account or asset that the instruction does not name.</summary>
    Elsewhere,

    /// <summary>Before the instruction's effective instant.</summary>
    TooEarly,

    /// <summary>After the instruction had ended.</summary>
    AfterEnd,
}

/// <summary>One leg of an instruction: what was instructed and what was done.</summary>
/// <param name="Role">Principal, the other side, or a fee.</param>
/// <param name="Instructed">The leg as instructed.</param>
/// <param name="Fulfilled">Smallest units done by now.</param>
public sealed record LegProgress(LegRole Role, Leg Instructed, Quantity Fulfilled);

/// <summary>A difference between what was done and what was instructed.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Entry">The position of the entry that does; for sums the newest that counts.</param>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Difference">
/// Smallest units: how many more or fewer than instructed; otherwise all units of the leg that deviates.
/// </param>
public sealed record InstructionDeviation(
    DeviationKind Kind, long Entry, AccountId Account, AssetId Asset, Quantity Difference);

/// <summary>
/// An instruction and what became of it, derived on read: observations are never refused for what they do to an
/// instruction (SPEC.md 6).
/// </summary>
/// <param name="Given">The instruction's entry.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="EndedAt">When it ended; absent while it stands.</param>
/// <param name="Legs">Its legs in the order principal, other side, fees.</param>
/// <param name="Deviations">What differs, in the order of the entries that differ.</param>
public sealed record InstructionProgress(
    NarrowEntry Given,
    InstructionStatus Status,
    Instant? EndedAt,
    ImmutableArray<LegProgress> Legs,
    ImmutableArray<InstructionDeviation> Deviations)
{
    /// <summary>Every instruction that is known, with its progress at an instant, in recorded order.</summary>
    /// <remarks>
    /// An instruction is known from the moment it is recorded: its effective instant says when it shall be done and may
    /// lie after <paramref name="asOf"/>. What was done, and cancellations, count up to <paramref name="asOf"/>.
    /// </remarks>
    /// <param name="known">Entries that are known and not voided (<see cref="VisibleEntries.KnownAt"/>).</param>
    /// <param name="asOf">Inclusive.</param>
    public static ImmutableArray<InstructionProgress> At(IReadOnlyCollection<NarrowEntry> known, Instant asOf)
    {
        var touching = known
            .Where(entry => entry.EffectiveAt <= asOf && Touched(entry) is not null)
            .Order<NarrowEntry>(EntryOrder.Comparer)
            .ToLookup(entry => Touched(entry)!.Value);
        return
        [
            .. known
                .Where(entry => entry.Event is InstructionGiven)
                .OrderBy(entry => entry.Position)
                .Select(entry => Of(entry, (InstructionGiven)entry.Event, touching[entry.Fact], asOf)),
        ];
    }

    private static FactId? Touched(NarrowEntry entry) =>
        entry.Event is InstructionCancelled cancelled ? cancelled.Instruction : entry.Fulfils;

    private static InstructionProgress Of(
        NarrowEntry entry, InstructionGiven given, IEnumerable<NarrowEntry> touching, Instant asOf)
    {
        var course = new Course(entry, given);
        foreach (var touch in touching)
        {
            course.ExpireAt(touch.EffectiveAt);
            course.Take(touch);
        }

        course.ExpireAt(asOf);
        return course.Progress();
    }

    /// <summary>One instruction's life in the order of what touches it.</summary>
    private sealed class Course(NarrowEntry entry, InstructionGiven given)
    {
        private readonly ImmutableArray<(LegRole Role, Leg Leg)> _instructed = InstructionLegs.Of(given.Intended);
        private readonly Dictionary<(bool IsFee, AccountId Account, AssetId Asset), Quantity> _done = [];
        private readonly List<InstructionDeviation> _deviations = [];
        private InstructionStatus _status = InstructionStatus.Open;
        private Instant? _endedAt;
        private long _newest = entry.Position;

        public void ExpireAt(Instant at)
        {
            if (given.ExpiresAt is { } expiry && expiry <= at)
            {
                End(InstructionStatus.Expired, expiry);
            }
        }

        public void Take(NarrowEntry touch)
        {
            if (touch.Event is InstructionCancelled)
            {
                End(InstructionStatus.Cancelled, touch.EffectiveAt);
                return;
            }

            var legs = InstructionLegs.Of(touch.Event);
            if (!InstructionLegs.SameKind(given.Intended, touch.Event))
            {
                Deviate(DeviationKind.OtherKind, touch.Position, legs[0].Leg, legs[0].Leg.Quantity);
                return;
            }

            _newest = touch.Position;
            foreach (var (role, leg) in legs)
            {
                Count(touch, role, leg);
            }

            if (_endedAt is null)
            {
                var principal = _instructed[0];
                _status = Done(principal) >= principal.Leg.Quantity ? InstructionStatus.Fulfilled
                    : Done(principal).Sign > 0 ? InstructionStatus.PartlyFulfilled
                    : InstructionStatus.Open;
                _endedAt = _status == InstructionStatus.Fulfilled ? touch.EffectiveAt : null;
            }
        }

        public InstructionProgress Progress()
        {
            foreach (var instructed in _instructed)
            {
                var difference = Done(instructed) - instructed.Leg.Quantity;
                var isLess = difference.Sign < 0 && _status == InstructionStatus.Fulfilled
                    && instructed.Role == LegRole.Counter;
                if (difference.Sign > 0 || isLess)
                {
                    Deviate(
                        isLess ? DeviationKind.Less : DeviationKind.More,
                        _newest,
                        instructed.Leg,
                        isLess ? -difference : difference);
                }
            }

            return new InstructionProgress(
                entry,
                _status,
                _endedAt,
                [.. _instructed.Select(leg => new LegProgress(leg.Role, leg.Leg, Done(leg)))],
                [.. _deviations]);
        }

        private void Count(NarrowEntry touch, LegRole role, Leg leg)
        {
            var key = KeyOf(role, leg);
            _done[key] = _done.GetValueOrDefault(key) + leg.Quantity;
            // Fees are rarely known beforehand: one that was not instructed is no deviation.
            if (role != LegRole.Fee && !_instructed.Any(own => KeyOf(own.Role, own.Leg) == key))
            {
                Deviate(DeviationKind.Elsewhere, touch.Position, leg, leg.Quantity);
            }

            if (role == LegRole.Principal && touch.EffectiveAt < entry.EffectiveAt)
            {
                Deviate(DeviationKind.TooEarly, touch.Position, leg, leg.Quantity);
            }

            if (role == LegRole.Principal && _endedAt is not null)
            {
                Deviate(DeviationKind.AfterEnd, touch.Position, leg, leg.Quantity);
            }
        }

        private Quantity Done((LegRole Role, Leg Leg) leg) => _done.GetValueOrDefault(KeyOf(leg.Role, leg.Leg));

        private void Deviate(DeviationKind kind, long position, Leg leg, Quantity difference) =>
            _deviations.Add(new InstructionDeviation(kind, position, leg.Account, leg.Asset, difference));

        private void End(InstructionStatus status, Instant at)
        {
            if (_endedAt is null)
            {
                (_status, _endedAt) = (status, at);
            }
        }

        private static (bool IsFee, AccountId Account, AssetId Asset) KeyOf(LegRole role, Leg leg) =>
            (role == LegRole.Fee, leg.Account, leg.Asset);
    }
}
