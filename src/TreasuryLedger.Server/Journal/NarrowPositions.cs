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
        70 => new PositionTouched(from.Many(NarrowEvents.Read), from.Many(ReadTouch)),
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
            from.ExactOrNot(), ReadFlag(ref from), ReadFlag(ref from), ReadFlag(ref from), ReadFlag(ref from)),
        80 => new ReserveUseRecorded(
            from.Shared(), from.Asset(), from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(),
            from.AtOrNot()),
        _ => new EModeConfigured(
            from.Shared(), from.Byte(), from.Exact(), from.Exact(), from.Exact(), ReadAssets(ref from),
            ReadAssets(ref from), ReadAssets(ref from), from.Flag()),
    };

    /// <summary>Writes an event with its number.</summary>
    public static void Write(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case PositionTouched touched:
                to.Byte(70);
                to.Many(touched.Changes, change => NarrowEvents.Write(to, change));
                to.Many(touched.Touches, touch => Write(to, touch));
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
                to.Reserve(77, updated.Market, updated.Asset);
                to.Exact(updated.LiquidityIndex);
                to.Exact(updated.VariableBorrowIndex);
                to.Exact(updated.LiquidityRate);
                to.Exact(updated.VariableBorrowRate);
                break;
            case ReserveConfigured reserve:
                to.Reserve(78, reserve.Market, reserve.Asset);
                to.Exact(reserve.ProtocolFee);
                to.Exact(reserve.ReserveFactor);
                to.Exact(reserve.SupplyCap);
                to.Exact(reserve.BorrowCap);
                to.Exact(reserve.DebtCeiling);
                to.OrNot(reserve.IsPaused, to.Flag);
                to.OrNot(reserve.IsFrozen, to.Flag);
                to.OrNot(reserve.IsSiloed, to.Flag);
                to.OrNot(reserve.IsBorrowableInIsolation, to.Flag);
                break;
            case ReserveUseRecorded use:
                to.Reserve(80, use.Market, use.Asset);
                to.Exact(use.Supplied);
                to.Exact(use.Borrowed);
                to.Exact(use.Available);
                to.Exact(use.IsolatedDebt);
                to.At(use.GraceUntil);
                break;
            case EModeConfigured mode:
                to.Byte(79);
                to.Shared(mode.Market);
                to.Byte((byte)mode.Category);
                to.Exact(mode.LoanToValueMax);
                to.Exact(mode.LiquidationThreshold);
                to.Exact(mode.LiquidationBonus);
                to.Many(mode.Collateral, to.Id);
                to.Many(mode.Borrowable, to.Id);
                to.Many(mode.LoanToValueZero, to.Id);
                to.Flag(mode.IsIsolated);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void Write(NarrowWriter to, IndexTouch touch)
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

    private static IndexTouch ReadTouch(ref NarrowReader from) => new(
        from.Account(), from.Asset(), from.Word<InterestSide>(), new Quantity(from.Number()), from.Exact(),
        new Quantity(from.Number()), from.Exact(), new Quantity(from.Number()), new Quantity(from.Number()));

    private static ImmutableArray<AssetId> ReadAssets(ref NarrowReader from) =>
        from.Many(static (ref asset) => asset.Asset());

    private static bool? ReadFlag(ref NarrowReader from) => from.OrNot(static (ref flag) => flag.Flag());
}
