using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The narrow form of events about indexed positions, loans and what lending markets run (see
/// <see cref="NarrowEvents"/>).
/// </summary>
internal static class NarrowPositions
{
    /// <summary>Reads the event of a number; the number itself was read.</summary>
    public static LedgerEvent Read(byte number, ref NarrowReader from) => number switch
    {
        70 => ReadTouched(ref from),
        71 => new DebtForgiven(from.Leg()),
        72 => new EModeChosen(from.Account(), from.Byte()),
        73 => new CollateralSwitched(from.Account(), from.Asset(), from.Flag()),
        74 => new LoanTermsAgreed(
            from.Account(), from.Exact(), from.SharedOrNot(), from.Word<DayCount>(), from.ExactOrNot(),
            from.ExactOrNot(), from.AtOrNot(), (int?)from.WholeOrNot()),
        75 => new UnitsLocked(from.Leg(), from.At()),
        76 => new MarketVersionSet(from.Shared(), from.Shared()),
        77 => new ReserveUpdated(
            from.Shared(), from.Asset(), from.Exact(), from.Exact(), from.Exact(), from.Exact()),
        78 => new ReserveConfigured(
            from.Shared(), from.Asset(), from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(),
            from.ExactOrNot(), FlagOrNot(ref from), FlagOrNot(ref from), FlagOrNot(ref from), FlagOrNot(ref from)),
        _ => new EModeConfigured(
            from.Shared(), from.Byte(), from.Exact(), from.Exact(), from.Exact(), Assets(ref from), Assets(ref from),
            Assets(ref from), from.Flag()),
    };

    /// <summary>Writes an event with its number.</summary>
    public static void Write(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case PositionTouched touched:
                WriteTouched(to, touched);
                break;
            case DebtForgiven forgiven:
                to.Byte(71);
                to.Leg(forgiven.Forgiven);
                break;
            case EModeChosen chosen:
                to.Byte(72);
                to.Id(chosen.Position);
                to.Byte((byte)chosen.Category);
                break;
            case CollateralSwitched switched:
                to.Byte(73);
                to.Id(switched.Position);
                to.Id(switched.Asset);
                to.Flag(switched.IsCollateral);
                break;
            case LoanTermsAgreed terms:
                to.Byte(74);
                to.Id(terms.Position);
                to.Exact(terms.Rate);
                to.Shared(terms.FloatingMarket);
                to.Word(terms.Days);
                to.Exact(terms.MarginCallLoanToValue);
                to.Exact(terms.LiquidationLoanToValue);
                to.At(terms.MaturesAt);
                to.Whole(terms.RecallNoticeDays);
                break;
            case UnitsLocked locked:
                to.Byte(75);
                to.Leg(locked.Locked);
                to.Whole(locked.Until.Microseconds);
                break;
            default:
                WriteBook(to, happened);
                break;
        }
    }

    private static void WriteBook(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case MarketVersionSet set:
                to.Byte(76);
                to.Shared(set.Market);
                to.Shared(set.Version);
                break;
            case ReserveUpdated updated:
                to.Byte(77);
                to.Shared(updated.Market);
                to.Id(updated.Asset);
                to.Exact(updated.LiquidityIndex);
                to.Exact(updated.VariableBorrowIndex);
                to.Exact(updated.LiquidityRate);
                to.Exact(updated.VariableBorrowRate);
                break;
            case ReserveConfigured reserve:
                to.Byte(78);
                to.Shared(reserve.Market);
                to.Id(reserve.Asset);
                to.Exact(reserve.ProtocolFee);
                to.Exact(reserve.ReserveFactor);
                to.Exact(reserve.SupplyCap);
                to.Exact(reserve.BorrowCap);
                to.Exact(reserve.DebtCeiling);
                Flag(to, reserve.IsPaused);
                Flag(to, reserve.IsFrozen);
                Flag(to, reserve.IsSiloed);
                Flag(to, reserve.IsBorrowableInIsolation);
                break;
            case EModeConfigured mode:
                to.Byte(79);
                to.Shared(mode.Market);
                to.Byte((byte)mode.Category);
                to.Exact(mode.LoanToValueMax);
                to.Exact(mode.LiquidationThreshold);
                to.Exact(mode.LiquidationBonus);
                Assets(to, mode.Collateral);
                Assets(to, mode.Borrowable);
                Assets(to, mode.LoanToValueZero);
                to.Flag(mode.IsIsolated);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static PositionTouched ReadTouched(ref NarrowReader from)
    {
        var changes = new LedgerEvent[from.Fitting(from.Whole())];
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] = NarrowEvents.Read(ref from);
        }

        var touches = new IndexTouch[from.Fitting(from.Whole())];
        for (var i = 0; i < touches.Length; i++)
        {
            touches[i] = new IndexTouch(
                from.Account(), from.Asset(), from.Word<InterestSide>(), new Quantity(from.Number()), from.Exact(),
                new Quantity(from.Number()), from.Exact(), new Quantity(from.Number()), new Quantity(from.Number()));
        }

        return new PositionTouched([.. changes], [.. touches]);
    }

    private static void WriteTouched(NarrowWriter to, PositionTouched touched)
    {
        to.Byte(70);
        to.Whole(touched.Changes.Length);
        foreach (var change in touched.Changes)
        {
            NarrowEvents.Write(to, change);
        }

        to.Whole(touched.Touches.Length);
        foreach (var touch in touched.Touches)
        {
            to.Id(touch.Position);
            to.Id(touch.Asset);
            to.Word(touch.Side);
            to.Number(touch.ScaledBefore.Units);
            to.Exact(touch.IndexBefore);
            to.Number(touch.ScaledAfter.Units);
            to.Exact(touch.Index);
            to.Number(touch.Interest.Units);
            to.Number(touch.Lost.Units);
        }
    }

    private static ImmutableArray<AssetId> Assets(ref NarrowReader from)
    {
        var assets = new AssetId[from.Fitting(from.Whole())];
        for (var i = 0; i < assets.Length; i++)
        {
            assets[i] = from.Asset();
        }

        return [.. assets];
    }

    private static void Assets(NarrowWriter to, ImmutableArray<AssetId> assets)
    {
        to.Whole(assets.Length);
        foreach (var asset in assets)
        {
            to.Id(asset);
        }
    }

    private static bool? FlagOrNot(ref NarrowReader from) => from.Flag() ? from.Flag() : null;

    private static void Flag(NarrowWriter to, bool? flag)
    {
        to.Flag(flag is not null);
        if (flag is { } known)
        {
            to.Flag(known);
        }
    }
}
