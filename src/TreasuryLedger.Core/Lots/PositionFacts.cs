using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>One side of one asset at a lending position.</summary>
/// <param name="Position">Which.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Side">Supplied or owed.</param>
public readonly record struct PositionSide(AccountId Position, AssetId Asset, InterestSide Side);

/// <summary>What a position owed from an instant on.</summary>
/// <param name="At">The instant.</param>
/// <param name="Owed">Smallest units, those of interest included.</param>
public readonly record struct OwedSince(Instant At, Quantity Owed);

/// <summary>Units that are locked until an instant.</summary>
/// <param name="From">When the lock begins.</param>
/// <param name="Locked">How many, and where.</param>
/// <param name="Until">From then on they are free.</param>
public sealed record UnitLock(Instant From, Leg Locked, Instant Until);

/// <summary>
/// What is known of lending positions beside units, at a point of a fold: the last touch of each indexed side, what was
/// chosen, the terms of loans and what they bear interest on. Found in a question's state, so nothing is folded for it.
/// </summary>
/// <param name="Touches">The last touch of each side.</param>
/// <param name="EModes">The efficiency mode of positions that chose one, or none again.</param>
/// <param name="Switches">Whether supply is collateral, where somebody said so.</param>
/// <param name="Loans">The terms of loans, the earliest first.</param>
/// <param name="Bearing">What a loan owed since interest was booked last, the earliest first.</param>
/// <param name="Locks">Locks, also those that are over, the earliest first.</param>
public sealed record PositionFacts(
    ImmutableDictionary<PositionSide, IndexTouch> Touches,
    ImmutableDictionary<AccountId, int> EModes,
    ImmutableDictionary<(AccountId Position, AssetId Asset), bool> Switches,
    ImmutableDictionary<AccountId, ImmutableArray<(Instant From, LoanTermsAgreed Terms)>> Loans,
    ImmutableDictionary<(AccountId Position, AssetId Asset), ImmutableArray<OwedSince>> Bearing,
    ImmutableArray<UnitLock> Locks)
{
    /// <summary>Nothing.</summary>
    public static PositionFacts None { get; } = new(
        ImmutableDictionary<PositionSide, IndexTouch>.Empty,
        ImmutableDictionary<AccountId, int>.Empty,
        ImmutableDictionary<(AccountId Position, AssetId Asset), bool>.Empty,
        ImmutableDictionary<AccountId, ImmutableArray<(Instant From, LoanTermsAgreed Terms)>>.Empty,
        ImmutableDictionary<(AccountId Position, AssetId Asset), ImmutableArray<OwedSince>>.Empty,
        []);

    /// <summary>The last touch of a side; absent if it has no index.</summary>
    public IndexTouch? TouchOf(AccountId position, AssetId asset, InterestSide side) =>
        Touches.GetValueOrDefault(new PositionSide(position, asset, side));

    /// <summary>Whether supply counts as collateral: it does unless somebody said otherwise.</summary>
    public bool IsCollateral(AccountId position, AssetId asset) =>
        Switches.GetValueOrDefault((position, asset), true);

    /// <summary>The facts after the next entry that says some.</summary>
    internal PositionFacts After(NarrowEntry entry) => entry.Event switch
    {
        PositionTouched touched => this with
        {
            Touches = Touches.SetItems(touched.Touches.Select(touch => KeyValuePair.Create(
                new PositionSide(touch.Position, touch.Asset, touch.Side), touch))),
        },
        EModeChosen chosen => this with { EModes = EModes.SetItem(chosen.Position, chosen.Category) },
        CollateralSwitched switched => this with
        {
            Switches = Switches.SetItem((switched.Position, switched.Asset), switched.IsCollateral),
        },
        LoanTermsAgreed terms => this with
        {
            Loans = Loans.SetItem(terms.Position, Loans.GetValueOrDefault(terms.Position, [])
                .Add((entry.EffectiveAt, terms))),
        },
        UnitsLocked locked => this with { Locks = Locks.Add(new(entry.EffectiveAt, locked.Locked, locked.Until)) },
        _ => this,
    };

    /// <summary>A loan that begins bears interest on what is owed already.</summary>
    /// <param name="at">When its terms begin.</param>
    /// <param name="position">Whose.</param>
    /// <param name="owed">What it owes, by asset.</param>
    internal PositionFacts Begin(
        Instant at, AccountId position, IEnumerable<(AssetId Asset, Quantity Owed)> owed) => this with
        {
            Bearing = Bearing.SetItems(owed
                .Where(one => !Bearing.ContainsKey((position, one.Asset)))
                .Select(one => KeyValuePair.Create(
                    (position, one.Asset), ImmutableArray.Create(new OwedSince(at, one.Owed))))),
        };

    /// <summary>
    /// What a loan owes changed: interest runs on the new units from then on. Where it is booked, it runs anew.
    /// </summary>
    /// <param name="entry">The next entry.</param>
    /// <param name="owed">What a position owes of an asset after it.</param>
    internal PositionFacts Bear(NarrowEntry entry, Func<AccountId, AssetId, Quantity> owed)
    {
        var bearing = Bearing;
        foreach (var (position, asset, _) in Movements.Owed(entry.Event))
        {
            if (!Loans.ContainsKey(position))
            {
                continue;
            }

            var since = new OwedSince(entry.EffectiveAt, owed(position, asset));
            bearing = bearing.SetItem((position, asset), entry.Event is InterestAccrued
                ? [since]
                : bearing.GetValueOrDefault((position, asset), []).Add(since));
        }

        return this with { Bearing = bearing };
    }
}
