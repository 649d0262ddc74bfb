using System.Collections.Immutable;
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
        return without switch
        {
            TreasuryOpened opened => opened with { Policy = opened.Policy with { Conventions = how } },
            TermsAdopted adopted => adopted with { Terms = adopted.Terms with { Conventions = how } },
            _ => throw new NarrowException("conventions belong to terms"),
        };
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
                to.Whole((long)identified.Lots.Length);
                foreach (var lot in identified.Lots)
                {
                    Write(to, lot);
                }

                to.Flag(identified.Filter is not null);
                if (identified.Filter is { } filter)
                {
                    to.Flag(filter.Acquisition is not null);
                    if (filter.Acquisition is { } acquisition)
                    {
                        to.Fact(acquisition);
                    }

                    to.Whole((long?)filter.Leg);
                    to.At(filter.AcquiredFrom);
                    to.At(filter.AcquiredBefore);
                    to.Exact(filter.UnitCost);
                }

                Write(to, identified.Method);
                break;
            case StandingOrderGiven order:
                to.Byte(43);
                to.Shared(order.Book);
                to.Id(order.Account);
                Write(to, order.Method);
                break;
            case BasisAllocated allocated:
                to.Byte(44);
                to.Shared(allocated.Book);
                to.Whole((long)allocated.Units.Length);
                foreach (var (account, lot) in allocated.Units)
                {
                    to.Id(account);
                    Write(to, lot);
                }

                to.Word(allocated.Method);
                to.Whole((long)allocated.Accounts.Length);
                foreach (var account in allocated.Accounts)
                {
                    to.Id(account);
                }

                break;
            default:
                throw new UnreachableEventException(happened);
        }
    }

    /// <summary>Reads what is decided.</summary>
    public static LedgerEvent Read(byte number, ref NarrowReader from) => number switch
    {
        42 => new LotsIdentified(
            from.Fact(), Leg(from.Whole()), ReadLots(ref from), ReadFilter(ref from), ReadMethod(ref from)),
        43 => new StandingOrderGiven(from.Shared(), from.Account(), ReadMethod(ref from)),
        _ => new BasisAllocated(
            from.Shared(), ReadAllocated(ref from), from.Word<LotMethod>(), ReadAccounts(ref from)),
    };

    private static void Write(NarrowWriter to, LotUnits lot)
    {
        to.Fact(lot.Acquisition);
        to.Whole((long)lot.Leg);
        to.Number(lot.Quantity.Units);
    }

    private static void Write(NarrowWriter to, LotMethod? method)
    {
        to.Flag(method is not null);
        if (method is { } own)
        {
            to.Word(own);
        }
    }

    private static LotMethod? ReadMethod(ref NarrowReader from) => from.Flag() ? from.Word<LotMethod>() : null;

    private static LotUnits ReadLot(ref NarrowReader from) =>
        new(from.Fact(), Leg(from.Whole()), new Quantity(from.Number()));

    private static ImmutableArray<LotUnits> ReadLots(ref NarrowReader from)
    {
        var lots = new LotUnits[from.Fitting(from.Whole())];
        for (var i = 0; i < lots.Length; i++)
        {
            lots[i] = ReadLot(ref from);
        }

        return [.. lots];
    }

    private static LotFilter? ReadFilter(ref NarrowReader from)
    {
        if (!from.Flag())
        {
            return null;
        }

        return new LotFilter(
            from.Flag() ? from.Fact() : null, from.WholeOrNot() is { } leg ? Leg(leg) : null, from.AtOrNot(),
            from.AtOrNot(), from.ExactOrNot());
    }

    private static int Leg(long number) =>
        number <= int.MaxValue ? (int)number : throw new NarrowException("no event has so many legs");

    private static ImmutableArray<AllocatedUnits> ReadAllocated(ref NarrowReader from)
    {
        var units = new AllocatedUnits[from.Fitting(from.Whole())];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = new AllocatedUnits(from.Account(), ReadLot(ref from));
        }

        return [.. units];
    }

    private static ImmutableArray<AccountId> ReadAccounts(ref NarrowReader from)
    {
        var accounts = new AccountId[from.Fitting(from.Whole())];
        for (var i = 0; i < accounts.Length; i++)
        {
            accounts[i] = from.Account();
        }

        return [.. accounts];
    }
}
