using System.Numerics;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>Assets over all places in whole tokens, and what of them cannot leave.</summary>
internal sealed class ExposedPlaces
{
    private readonly Seen _seen;
    private readonly GrossExposure _gross;

    public ExposedPlaces(Seen seen, GrossExposure gross)
    {
        (_seen, _gross) = (seen, gross);
        Locks =
        [
            .. Pledges().Concat(Reservations()).Concat(Transfers()).Concat(Bound())
                .OrderBy(one => one.Asset).ThenBy(one => one.Reason).ThenBy(one => one.Account)
                .ThenBy(one => one.Fact),
        ];
    }

    /// <summary>What cannot leave, by asset, reason and place.</summary>
    public IReadOnlyList<LockRow> Locks { get; }

    /// <summary>Every place where something is held or under way.</summary>
    public IEnumerable<PlacedUnits> Held => _gross.Held;

    private Registers Registers => _seen.At.Registers;

    /// <summary>One asset with all that stands for it.</summary>
    public AssetExposureRow Asset(AssetId pool)
    {
        var worth = _gross.OfAsset(pool);
        var held = _gross.Held.Where(units => Registers.PoolOf(units.Asset) == pool).ToList();
        var there = held.Where(units => units.Account is not null).ToList();
        var pledged = there.Where(units => IsPosition(units.Account!.Value)).ToList();
        var kept = Locks.Where(one => Registers.PoolOf(one.Asset) == pool).ToLookup(one => one.Reason);
        var reserved = Sum(kept[LockReason.Reserved]);
        return new AssetExposureRow(
            pool,
            Tokens(there),
            Tokens(pledged),
            Tokens(held.Where(units => units.Account is null)),
            Tokens(_gross.Owed.Where(units => Registers.PoolOf(units.Asset) == pool)),
            worth.Held,
            worth.Net,
            _gross.PartOf(worth.Held),
            reserved,
            Minus(
                Minus(Tokens(there.Where(units => !IsPosition(units.Account!.Value))), reserved),
                Sum(kept[LockReason.Locked])));
    }

    private static ExactDecimal Minus(ExactDecimal from, ExactDecimal less)
    {
        from.TryMantissaAt(ExactDecimal.ScaleMax, out var whole);
        less.TryMantissaAt(ExactDecimal.ScaleMax, out var part);
        return new ExactDecimal(whole - part, ExactDecimal.ScaleMax);
    }

    private static ExactDecimal Sum(IEnumerable<LockRow> locks) => locks.Aggregate(
        ExactDecimal.Zero, (sum, one) => Minus(sum, Minus(ExactDecimal.Zero, one.Quantity)));

    private bool IsPosition(AccountId account) => Registers.Accounts[account].Kind == AccountKind.LendingPosition;

    private IEnumerable<LockRow> Pledges()
    {
        var owing = _gross.Owed.Where(units => units.Quantity.Sign > 0).Select(units => units.Account).ToHashSet();
        return
            from units in _gross.Held
            where units.Quantity.Sign > 0 && owing.Contains(units.Account)
            select new LockRow(
                units.Asset, units.Account, _seen.Tokens(units.Asset, units.Quantity), LockReason.Pledged, null, null);
    }

    private IEnumerable<LockRow> Reservations()
    {
        var known = VisibleEntries.KnownAt(
            _seen.View.Treasury.Log.Memory.Instructions(), _seen.Standpoint.KnownAt);
        foreach (var progress in InstructionProgress.At(known, _seen.Standpoint.AsOf))
        {
            var (_, instructed, done) = progress.Legs[0];
            if (progress is { EndedAt: null, Given: { Event: InstructionGiven { Reserves: true } given } entry }
                && given.Intended is not DebtBorrowed
                && entry.EffectiveAt <= _seen.Standpoint.AsOf
                && (instructed.Quantity - done).Sign > 0)
            {
                yield return new LockRow(
                    instructed.Asset, instructed.Account,
                    _seen.Tokens(instructed.Asset, instructed.Quantity - done), LockReason.Reserved, given.ExpiresAt,
                    entry.Fact);
            }
        }
    }

    private IEnumerable<LockRow> Transfers() =>
        from way in _seen.At.State.InTransit(_seen.Standpoint.AsOf)
        where way.Remaining.Sign > 0
        select new LockRow(
            way.Asset, way.To, _seen.Tokens(way.Asset, way.Remaining), LockReason.InTransit, way.ExpectedBy, way.Fact);

    private IEnumerable<LockRow> Bound() =>
        from one in _seen.At.State.Facts.Locks
        where one.Until > _seen.Standpoint.AsOf && !IsPosition(one.Locked.Account)
        select new LockRow(
            one.Locked.Asset, one.Locked.Account, _seen.Tokens(one.Locked.Asset, one.Locked.Quantity),
            LockReason.Locked, one.Until, null);

    private ExactDecimal Tokens(IEnumerable<PlacedUnits> units)
    {
        // What stands for an asset may have other decimals: added up at the finest.
        var sum = BigInteger.Zero;
        foreach (var one in units)
        {
            sum += one.Quantity.Units
                * PowerOfTen.Of(ExactDecimal.ScaleMax - Registers.DecimalsOf(one.Asset));
        }

        return new ExactDecimal(sum, ExactDecimal.ScaleMax);
    }
}
