using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow form of what is decided about lots, and of terms with conventions.</summary>
internal static class NarrowDecisions
{
    private const byte WithConventions = 40;

    /// <summary>Writes terms with conventions: the event as it is without them, then these.</summary>
    public static void Write(NarrowWriter to, LedgerEvent without, LotConventions how)
    {
        to.Byte(WithConventions);
        NarrowEvents.Write(to, without);
        to.Word(how.Fees);
        to.Word(how.ExchangeFee);
        to.Word(how.TransferFee);
        to.Word(how.TransferLots);
        to.Word(how.Sequence);
        to.Word(how.CostKey);
        to.Word(how.MissingBasis);
        to.Word(how.Identification);
        to.Word(how.Holding);
        to.Word(how.Handover);
    }

    /// <summary>Reads the conventions of an event that was read without them.</summary>
    public static LedgerEvent ReadOpened(LedgerEvent without, ref NarrowReader from)
    {
        var how = new LotConventions(
            from.Word<FeeBasis>(), from.Word<ExchangeFee>(), from.Word<TransferFee>(), from.Word<TransferLots>(),
            from.Word<LotSequence>(), from.Word<CostKey>(), from.Word<MissingBasis>(),
            from.Word<IdentificationRule>(), from.Word<HoldingRule>(), from.Word<HandoverTreatment>());
        return NarrowTerms.With(without, how);
    }

    /// <summary>Writes what is decided.</summary>
    public static void Write(NarrowWriter to, LedgerEvent happened)
    {
        switch (happened)
        {
            case LotsIdentified identified:
                to.Byte(42);
                to.Fact(identified.Fact);
                to.Whole((long)identified.Leg);
                to.Many(identified.Lots, lot => Write(to, lot));
                to.Flag(identified.Filter is not null);
                if (identified.Filter is { } filter)
                {
                    to.OrNot(filter.Acquisition, to.Fact);
                    to.Whole((long?)filter.Leg);
                    to.At(filter.AcquiredFrom);
                    to.At(filter.AcquiredBefore);
                    to.Exact(filter.UnitCost);
                }

                to.OrNot(identified.Method, to.Word);
                break;
            case StandingOrderGiven order:
                to.Byte(43);
                to.Shared(order.Book);
                to.Id(order.Account);
                to.OrNot(order.Method, to.Word);
                break;
            case BasisAllocated allocated:
                to.Byte(44);
                to.Shared(allocated.Book);
                to.Many(allocated.Units, units =>
                {
                    to.Id(units.Account);
                    Write(to, units.Units);
                });
                to.Word(allocated.Method);
                to.Many(allocated.Accounts, to.Id);
                break;
            case DecisionProposed proposed:
                to.Byte(49);
                NarrowEvents.Write(to, proposed.Decision);
                to.Shared(proposed.ProposedBy);
                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    /// <summary>Reads what is decided.</summary>
    public static LedgerEvent Read(byte number, ref NarrowReader from) => number switch
    {
        42 => new LotsIdentified(
            from.Fact(), Leg(from.Whole()), from.Many(ReadLot), ReadFilter(ref from), ReadMethod(ref from)),
        43 => new StandingOrderGiven(from.Shared(), from.Account(), ReadMethod(ref from)),
        49 => new DecisionProposed(NarrowEvents.Read(ref from), from.Shared()),
        _ => new BasisAllocated(
            from.Shared(), from.Many(static (ref units) => new AllocatedUnits(units.Account(), ReadLot(ref units))),
            from.Word<LotMethod>(), from.Many(static (ref account) => account.Account())),
    };

    private static void Write(NarrowWriter to, LotUnits lot)
    {
        to.Fact(lot.Acquisition);
        to.Whole((long)lot.Leg);
        to.Number(lot.Quantity.Units);
    }

    private static LotMethod? ReadMethod(ref NarrowReader from) =>
        from.OrNot(static (ref reader) => reader.Word<LotMethod>());

    private static LotUnits ReadLot(ref NarrowReader from) =>
        new(from.Fact(), Leg(from.Whole()), new Quantity(from.Number()));

    private static LotFilter? ReadFilter(ref NarrowReader from)
    {
        if (!from.Flag())
        {
            return null;
        }

        return new LotFilter(
            from.OrNot(static (ref reader) => reader.Fact()), from.WholeOrNot() is { } leg ? Leg(leg) : null,
            from.AtOrNot(), from.AtOrNot(), from.ExactOrNot());
    }

    private static int Leg(long number) =>
        number <= int.MaxValue ? (int)number : throw new NarrowException("no event has so many legs");
}
