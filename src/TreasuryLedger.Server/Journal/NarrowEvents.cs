using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The events of narrow entries. Each has a number for ever; its members stand in the order of its declaration. A
/// change of any shape needs a new <see cref="NarrowBlock.Version"/>: what is stored is then derived again.
/// </summary>
internal static class NarrowEvents
{
    /// <summary>Whether events of a number move units and state no value beside them.</summary>
    public static bool OnlyMoves(byte number) =>
        number is (>= 7 and <= 11) or (>= 13 and <= 20) or 70 or 71;

    /// <summary>Writes an event.</summary>
    /// <exception cref="UnreachableEventException">It has no form here: it must not be recorded.</exception>
    public static void Write(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or TermsAdopted
                or TermsProposed:
                WriteRegistration(to, happened);
                break;
            case LotsIdentified or StandingOrderGiven or BasisAllocated or DecisionProposed:
                NarrowDecisions.Write(to, happened);
                break;
            case IOfRisk:
                NarrowRisks.Write(to, happened);
                break;
            case PositionTouched or DebtForgiven or EModeChosen or CollateralSwitched or LoanTermsAgreed
                or UnitsLocked or MarketVersionSet or ReserveUpdated or ReserveConfigured or ReserveUseRecorded
                or EModeConfigured:
                NarrowPositions.Write(to, happened);
                break;
            case PriceRecorded or MarketStateRecorded:
                WriteBook(to, happened);
                break;
            case EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened or InstructionGiven
                or InstructionCancelled:
                WriteOfJournal(to, happened);
                break;
            case CollateralDeposited or CollateralWithdrawn or DebtBorrowed or DebtRepaid or InterestAccrued
                or LiquidationRecorded:
                WriteLoan(to, happened);
                break;
            case PeriodClosed or PeriodSealed or ReopeningRequested or PeriodReopened:
                WritePeriod(to, happened);
                break;
            default:
                WriteHolding(to, happened);
                break;
        }
    }

    /// <summary>Reads an event.</summary>
    /// <exception cref="NarrowException">It is none that this version knows.</exception>
    public static LedgerEvent Read(ref NarrowReader from) => from.Byte() switch
    {
        1 => new TreasuryOpened(
            from.Shared(), from.Shared(), from.Shared(), from.Asset(), from.Shared(), from.Shared(),
            ReadTerms(ref from), new InstructionLimits(from.ExactOrNot(), from.ExactOrNot()), from.Flag(), from.Flag()),
        2 => new BookOpened(from.Shared(), from.Flag()),
        3 => new AccountRegistered(from.Account(), from.Word<AccountKind>(), from.Shared(), from.SharedOrNot()),
        4 => new AssetRegistered(
            from.Asset(), from.Word<AssetKind>(), from.Byte(), from.SharedOrNot(), from.SharedOrNot(),
            from.AssetOrNot(), from.Flag() ? new StandIn(from.Asset(), from.Word<StandInKind>()) : null),
        5 => new BalancesOpened(from.Many(ReadLot), from.Legs()),
        6 => new CapitalContributed(from.Leg(), from.MoneyOrNot()),
        7 => new AssetAcquired(from.Leg(), from.Leg(), from.Legs()),
        8 => new AssetSold(from.Leg(), from.Leg(), from.Legs()),
        9 => new AssetTransferred(from.Leg(), from.Account(), from.Legs()),
        10 => new TransferDispatched(from.Leg(), from.Account(), from.AtOrNot(), from.Legs()),
        11 => new TransferArrived(from.Fact(), from.Leg()),
        12 => new YieldReceived(from.Leg(), from.MoneyOrNot()),
        13 => new FeePaid(from.Leg()),
        14 => new AssetWrapped(from.Leg(), from.Leg()),
        15 => new CollateralDeposited(from.Leg(), from.Account(), from.Legs()),
        16 => new CollateralWithdrawn(from.Leg(), from.Account(), from.Legs()),
        17 => new DebtBorrowed(from.Leg(), from.Account(), from.Legs()),
        18 => new DebtRepaid(from.Leg(), from.Account(), from.Legs()),
        19 => new InterestAccrued(from.Leg(), from.Word<InterestSide>()),
        20 => new LiquidationRecorded(
            from.Leg(), from.Leg(), new Quantity(from.Number()), new Quantity(from.Number())),
        21 => new PriceRecorded(
            from.Asset(), from.Asset(), from.Exact(),
            from.Flag() ? new SessionPrices(from.Exact(), from.Exact(), from.Exact()) : null),
        22 => new MarketStateRecorded(
            from.Shared(), from.Asset(), from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(), from.ExactOrNot(),
            from.ExactOrNot()),
        23 => new EntryVoided(),
        24 => new EntryAnnotated(from.Whole()),
        25 => new EvidenceAdded(from.Whole()),
        26 => new BreakOpened(from.Whole(), from.At(), Read(ref from)),
        27 => new InstructionGiven(Read(ref from), from.Flag(), from.AtOrNot()),
        28 => new InstructionCancelled(from.Fact()),
        29 => new TermsAdopted(from.Shared(), ReadTerms(ref from)),
        30 => new PeriodClosed(from.Shared(), from.At(), from.At()),
        31 => new PeriodSealed(
            from.Shared(), from.At(), from.At(), from.Whole(), from.At(), from.Whole(), from.Shared(), from.Shared(),
            from.Shared()),
        32 => new ReopeningRequested(from.Shared(), from.At(), from.At(), from.Whole(), from.Shared()),
        33 => new PeriodReopened(from.Shared(), from.At(), from.At(), from.Whole(), from.WholeOrNot()),
        40 => NarrowDecisions.ReadOpened(Read(ref from), ref from),
        41 => new UnitsHandedOver(from.Leg(), from.Shared(), from.Legs()),
        45 => NarrowTerms.ReadOpened(Read(ref from), ref from),
        46 => NarrowTerms.ReadTreated(Read(ref from), ref from),
        47 => new UnitsTakenOver(from.Leg(), from.Shared(), from.Many(static (ref lot) => new TakenOverLot(
            new Quantity(lot.Number()), lot.At(), lot.MoneyOrNot(), lot.SharedOrNot()))),
        48 => new TermsProposed(from.Shared(), ReadTerms(ref from), from.Shared()),
        ((>= 42 and <= 44) or 49) and var number => NarrowDecisions.Read(number, ref from),
        >= NarrowRisks.First and <= NarrowRisks.Last and var number => NarrowRisks.Read(number, ref from),
        >= 70 and <= 80 and var number => NarrowPositions.Read(number, ref from),
        var number => throw new NarrowException($"there is no event {number}"),
    };

    private static PolicyTerms ReadTerms(ref NarrowReader from) => new(
        from.Word<LotMethod>(), from.Word<BasisScope>(), from.Word<StablecoinTreatment>(), from.Word<IncomeBasis>(),
        from.Whole());

    private static OpeningLot ReadLot(ref NarrowReader from) => new(from.Leg(), from.At(), from.MoneyOrNot());

    private static void WriteRegistration(NarrowWriter to, LedgerEvent happened)
    {
        if (NarrowTerms.WroteMore(to, happened))
        {
            return;
        }

        switch (happened)
        {
            case TreasuryOpened opened:
                to.Byte(1);
                to.Shared(opened.Name);
                to.Shared(opened.TimeZone);
                to.Shared(opened.FiscalYearStart);
                to.Id(opened.ReportingCurrency);
                to.Shared(opened.PriceBook);
                to.Shared(opened.MarketBook);
                Write(to, opened.Policy);
                to.Exact(opened.Limits.LoanToValueMax);
                to.Exact(opened.Limits.HealthFactorMin);
                to.Flag(opened.ReplayedClock);
                to.Flag(opened.Illustrative);
                break;
            case BookOpened book:
                to.Byte(2);
                to.Shared(book.Name);
                to.Flag(book.ReplayedClock);
                break;
            case AccountRegistered account:
                to.Byte(3);
                to.Id(account.Account);
                to.Word(account.Kind);
                to.Shared(account.Venue);
                to.Shared(account.Market);
                break;
            case AssetRegistered asset:
                to.Byte(4);
                to.Id(asset.Asset);
                to.Word(asset.Kind);
                to.Byte((byte)asset.Decimals);
                to.Shared(asset.Chain);
                to.Shared(asset.Contract);
                to.Shared(asset.ParCurrency?.ToString());
                to.Flag(asset.StandsFor is not null);
                if (asset.StandsFor is { } standIn)
                {
                    to.Id(standIn.Asset);
                    to.Word(standIn.Kind);
                }

                break;
            case TermsProposed proposed:
                to.Byte(48);
                to.Shared(proposed.Book);
                Write(to, proposed.Terms);
                to.Shared(proposed.ProposedBy);
                break;
            case TermsAdopted adopted:
                to.Byte(29);
                to.Shared(adopted.Book);
                Write(to, adopted.Terms);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void Write(NarrowWriter to, PolicyTerms terms)
    {
        to.Word(terms.LotMethod);
        to.Word(terms.BasisScope);
        to.Word(terms.Stablecoins);
        to.Word(terms.IncomeBasis);
        to.Whole(terms.PriceAgeMaxSeconds);
    }

    private static void WriteHolding(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case BalancesOpened opened:
                to.Byte(5);
                to.Many(opened.Lots, lot =>
                {
                    to.Leg(lot.Held);
                    to.Whole(lot.AcquiredAt.Microseconds);
                    to.Money(lot.Cost);
                });
                to.Legs(opened.Debts);
                break;
            case CapitalContributed contributed:
                Write(to, 6, contributed.Received);
                to.Money(contributed.Value);
                break;
            case AssetAcquired acquired:
                Write(to, 7, acquired.Received, acquired.Paid);
                to.Legs(acquired.Fees);
                break;
            case AssetSold sold:
                Write(to, 8, sold.Sold, sold.Proceeds);
                to.Legs(sold.Fees);
                break;
            case AssetTransferred sent:
                Write(to, 9, sent.Sent, sent.To, sent.Fees);
                break;
            case TransferDispatched sent:
                Write(to, 10, sent.Sent);
                to.Id(sent.To);
                to.At(sent.ExpectedBy);
                to.Legs(sent.Fees);
                break;
            case TransferArrived arrived:
                to.Byte(11);
                to.Fact(arrived.Transfer);
                to.Leg(arrived.Received);
                break;
            case YieldReceived earned:
                Write(to, 12, earned.Received);
                to.Money(earned.Value);
                break;
            case FeePaid fee:
                Write(to, 13, fee.Paid);
                break;
            case AssetWrapped wrapped:
                Write(to, 14, wrapped.From, wrapped.To);
                break;
            case UnitsHandedOver handover:
                Write(to, 41, handover.Sent);
                to.Shared(handover.Treasury);
                to.Legs(handover.Fees);
                break;
            case UnitsTakenOver taken:
                Write(to, 47, taken.Received);
                to.Shared(taken.Treasury);
                to.Many(taken.Lots, lot =>
                {
                    to.Number(lot.Quantity.Units);
                    to.Whole(lot.AcquiredAt.Microseconds);
                    to.Money(lot.Cost);
                    to.Shared(lot.Book);
                });
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void WriteLoan(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case CollateralDeposited deposit:
                Write(to, 15, deposit.Deposited, deposit.Position, deposit.Fees);
                break;
            case CollateralWithdrawn back:
                Write(to, 16, back.Withdrawn, back.To, back.Fees);
                break;
            case DebtBorrowed borrowed:
                Write(to, 17, borrowed.Owed, borrowed.To, borrowed.Fees);
                break;
            case DebtRepaid repaid:
                Write(to, 18, repaid.Repaid, repaid.From, repaid.Fees);
                break;
            case InterestAccrued accrued:
                Write(to, 19, accrued.Interest);
                to.Word(accrued.Side);
                break;
            case LiquidationRecorded liquidation:
                Write(to, 20, liquidation.Seized, liquidation.Covered);
                to.Number(liquidation.Bonus.Units);
                to.Number(liquidation.ProtocolFee.Units);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void WriteBook(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case PriceRecorded price:
                to.Byte(21);
                to.Id(price.Asset);
                to.Id(price.Currency);
                to.Exact(price.Price);
                to.Flag(price.Session is not null);
                if (price.Session is { } session)
                {
                    to.Exact(session.Open);
                    to.Exact(session.High);
                    to.Exact(session.Low);
                }

                break;
            case MarketStateRecorded state:
                to.Reserve(22, state.Market, state.Asset);
                to.Exact(state.LoanToValueMax);
                to.Exact(state.LiquidationThreshold);
                to.Exact(state.LiquidationBonus);
                to.Exact(state.BorrowRate);
                to.Exact(state.SupplyRate);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void WriteOfJournal(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case EntryVoided:
                to.Byte(23);
                break;
            case EntryAnnotated note:
                to.Byte(24);
                to.Whole(note.Entry);
                break;
            case EvidenceAdded evidence:
                to.Byte(25);
                to.Whole(evidence.Entry);
                break;
            case BreakOpened opened:
                to.Byte(26);
                to.Whole(opened.Entry);
                to.Whole(opened.ClaimedEffectiveAt.Microseconds);
                Write(to, opened.Claim);
                break;
            case InstructionGiven given:
                to.Byte(27);
                Write(to, given.Intended);
                to.Flag(given.Reserves);
                to.At(given.ExpiresAt);
                break;
            case InstructionCancelled cancelled:
                to.Byte(28);
                to.Fact(cancelled.Instruction);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void WritePeriod(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case PeriodClosed closed:
                Write(to, 30, closed.Book, closed.From, closed.Until);
                break;
            case PeriodSealed seal:
                Write(to, 31, seal.Book, seal.From, seal.Until);
                to.Whole(seal.Closing);
                to.Whole(seal.KnownAt.Microseconds);
                to.Whole(seal.PricePosition);
                to.Shared(seal.CalculationVersion);
                to.Shared(seal.StatementHash);
                to.Shared(seal.SealedBy);
                break;
            case ReopeningRequested asked:
                Write(to, 32, asked.Book, asked.From, asked.Until);
                to.Whole(asked.Seal);
                to.Shared(asked.RequestedBy);
                break;
            case PeriodReopened reopened:
                Write(to, 33, reopened.Book, reopened.From, reopened.Until);
                to.Whole(reopened.Closing);
                to.Whole(reopened.Request);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    private static void Write(NarrowWriter to, byte number, string book, Instant from, Instant until)
    {
        to.Byte(number);
        to.Shared(book);
        to.Whole(from.Microseconds);
        to.Whole(until.Microseconds);
    }

    private static void Write(NarrowWriter to, byte number, Leg leg)
    {
        to.Byte(number);
        to.Leg(leg);
    }

    private static void Write(NarrowWriter to, byte number, Leg leg, Leg other)
    {
        Write(to, number, leg);
        to.Leg(other);
    }

    private static void Write(NarrowWriter to, byte number, Leg leg, AccountId other, ImmutableArray<Leg> fees)
    {
        Write(to, number, leg);
        to.Id(other);
        to.Legs(fees);
    }
}
