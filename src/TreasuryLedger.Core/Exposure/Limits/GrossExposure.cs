using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Limits;

/// <summary>Units at a place.</summary>
/// <param name="Account">Where; absent under way.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units; less than zero where some are missing.</param>
public readonly record struct PlacedUnits(AccountId? Account, AssetId Asset, Quantity Quantity);

/// <summary>What units are worth.</summary>
/// <param name="Held">What is held; absent without a valid price.</param>
/// <param name="Owed">What is owed; absent without a valid price.</param>
public readonly record struct HeldAndOwed(Amount? Held, Amount? Owed)
{
    /// <summary>Held less owed; absent if either is.</summary>
    public Amount? Net => Held - Owed;
}

/// <summary>
/// Everything that is held and owed over all places at an instant, valued: in all, by asset, by venue and by
/// counterparty (SPEC 9). What stands for an asset counts as the asset.
/// </summary>
public sealed class GrossExposure
{
    private readonly Registers _registers;
    private readonly ImmutableArray<(PlacedUnits Units, Amount? Value)> _held;
    private readonly ImmutableArray<(PlacedUnits Units, Amount? Value)> _owed;

    /// <summary>Values units.</summary>
    /// <param name="registers">Accounts and assets.</param>
    /// <param name="valuer">How units are valued.</param>
    /// <param name="held">What is held, under way included.</param>
    /// <param name="owed">What is owed.</param>
    /// <param name="at">The instant of prices.</param>
    public GrossExposure(
        Registers registers, Valuer valuer, IEnumerable<PlacedUnits> held, IEnumerable<PlacedUnits> owed, Instant at)
    {
        ArgumentNullException.ThrowIfNull(registers);
        ArgumentNullException.ThrowIfNull(valuer);
        _registers = registers;
        _held = [.. held.Select(Valued)];
        _owed = [.. owed.Select(Valued)];
        Total = Sum(_ => true);

        (PlacedUnits Units, Amount? Value) Valued(PlacedUnits units) =>
            (units, valuer.Value(units.Asset, units.Quantity, at).Value);
    }

    /// <summary>The treasury as one.</summary>
    public HeldAndOwed Total { get; }

    /// <summary>Every place where something is held or under way.</summary>
    public IEnumerable<PlacedUnits> Held => _held.Select(one => one.Units);

    /// <summary>Every place where something is owed.</summary>
    public IEnumerable<PlacedUnits> Owed => _owed.Select(one => one.Units);

    /// <summary>Assets that are held or owed, in the order of their ids.</summary>
    public IEnumerable<AssetId> Assets =>
        Held.Concat(Owed).Select(units => _registers.PoolOf(units.Asset)).Distinct().Order();

    /// <summary>Venues where something is held or owed, by name.</summary>
    public IEnumerable<string> Venues => Accounts.Select(account => account.Venue)
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Venues that hold keys or a pledge: all but those where the treasury holds the keys.</summary>
    public IEnumerable<string> Counterparties => Accounts.Where(IsWithOthers).Select(account => account.Venue)
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private IEnumerable<AccountRegistered> Accounts => Held.Concat(Owed)
        .Where(units => units.Account is not null && !units.Quantity.IsZero)
        .Select(units => _registers.Accounts[units.Account!.Value]);

    /// <summary>One asset.</summary>
    public HeldAndOwed OfAsset(AssetId pool) => Sum(units => _registers.PoolOf(units.Asset) == pool);

    /// <summary>One venue.</summary>
    public HeldAndOwed OfVenue(string venue) => Sum(units => At(units)?.Venue == venue);

    /// <summary>One counterparty: what it keeps or was pledged, and what is owed to it.</summary>
    public HeldAndOwed OfCounterparty(string venue) =>
        Sum(units => At(units) is { } account && account.Venue == venue && IsWithOthers(account));

    /// <summary>A part of what is held in all, rounded down; absent where either is unknown or nothing held.</summary>
    public ExactDecimal? PartOf(Amount? held) => held is { } part && Total.Held is { Sign: > 0 } whole
        ? ExactDecimal.RatioFloor(part.Attos, whole.Attos)
        : null;

    private static bool IsWithOthers(AccountRegistered account) => account.Kind != AccountKind.Wallet;

    private static Amount? Add(
        IEnumerable<(PlacedUnits Units, Amount? Value)> places, Func<PlacedUnits, bool> counts) =>
        places.Where(one => counts(one.Units)).Aggregate((Amount?)Amount.Zero, (sum, one) => sum + one.Value);

    private AccountRegistered? At(PlacedUnits units) =>
        units.Account is { } account ? _registers.Accounts[account] : null;

    private HeldAndOwed Sum(Func<PlacedUnits, bool> counts) => new(Add(_held, counts), Add(_owed, counts));
}
