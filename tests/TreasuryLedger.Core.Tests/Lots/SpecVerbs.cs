using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>The verbs of a specification and the events they stand for.</summary>
internal static class SpecVerbs
{
    private static readonly AccountId Loan = AccountId.Parse("loan");

    public static LedgerEvent Read(string verb, SpecLine line)
    {
        if (verb == "arrive")
        {
            line.Expect("of");
            var transfer = FactId.Parse(line.Word());
            var (what, many) = line.Units();
            return new TransferArrived(transfer, One(what, many, line));
        }

        if (verb == "adopt")
        {
            return new TermsAdopted(SpecCase.Book, SpecCase.Policies(line));
        }

        if (verb == "close")
        {
            return Period(line);
        }

        if (verb is "identify" or "allocate" or "order")
        {
            return Decide(verb, line);
        }

        var (asset, units) = line.Units();
        return verb switch
        {
            "hand" => new UnitsHandedOver(One(asset, units, line), "another", []),
            "take" => TakeOver(asset, units, line),
            "open" => Open(asset, units, line),
            "owe" => new BalancesOpened([], [new Leg(Loan, asset, units)]),
            "contribute" => Contribute(asset, units, line),
            "acquire" or "sell" => Trade(verb, asset, units, line),
            "move" or "send" or "deposit" or "withdraw" => Move(verb, asset, units, line),
            "yield" => Yield(asset, units, line),
            "pay" => new FeePaid(One(asset, units, line)),
            "wrap" => Wrap(asset, units, line),
            "borrow" or "repay" => Lend(verb, asset, units, line),
            "interest" => new InterestAccrued(
                new Leg(Loan, asset, units), line.Word() switch
                {
                    "owed" => InterestSide.Debt,
                    "earned" => InterestSide.Supply,
                    var side => throw new FormatException($"Interest is owed or earned, not {side}."),
                }),
            "liquidate" => Liquidate(asset, units, line),
            _ => throw new FormatException($"'{verb}' is no verb: {line}"),
        };
    }

    /// <summary>The time zone of the treasury.</summary>
    public static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");

    private static PeriodClosed Period(SpecLine line)
    {
        line.Expect("from");
        var from = Day(line);
        line.Expect("until");
        return new PeriodClosed(StarterBooks.Official, from, Day(line));
    }

    private static Instant Day(SpecLine line) => LocalDay.StartOf(
        DateOnly.ParseExact(line.Word(), "yyyy-MM-dd", CultureInfo.InvariantCulture), Zone);

    /// <summary>
    /// "identify I of S takes B 1 ETH", or "... cost 100" or "... by hifo"; "order O hifo at w1";
    /// "allocate P by hifo to w1 w2", before it lots "A 1 ETH at w1".
    /// </summary>
    private static LedgerEvent Decide(string verb, SpecLine line)
    {
        switch (verb)
        {
            case "order":
                var method = Method(line.Word());
                return new StandingOrderGiven(SpecCase.Book, line.At(), method);
            case "allocate":
                var units = new List<AllocatedUnits>();
                while (!line.Take("by"))
                {
                    var lot = Lot(line);
                    units.Add(new AllocatedUnits(line.At(), lot));
                }

                var rule = Method(line.Word());
                var accounts = line.Take("to") ? line.Rest().Split(' ').Select(AccountId.Parse) : [];
                return new BasisAllocated(SpecCase.Book, [.. units], rule, [.. accounts]);
            default:
                line.Expect("of");
                var fact = FactId.Parse(line.Word());
                if (line.Take("cost"))
                {
                    var cost = ExactDecimal.Parse(line.Word());
                    return new LotsIdentified(fact, 0, [], new LotFilter(null, null, null, null, cost), null);
                }

                if (line.Take("by"))
                {
                    return new LotsIdentified(fact, 0, [], null, Method(line.Word()));
                }

                line.Expect("takes");
                return new LotsIdentified(fact, 0, [Lot(line)], null, null);
        }

        static LotMethod Method(string word) => Enum.Parse<LotMethod>(word, ignoreCase: true);

        static LotUnits Lot(SpecLine line)
        {
            var fact = FactId.Parse(line.Word());
            return new LotUnits(fact, 0, line.Units().Units);
        }
    }

    private static Leg One(AssetId asset, Quantity units, SpecLine line) => new(line.At(), asset, units);

    private static CapitalContributed Contribute(AssetId asset, Quantity units, SpecLine line)
    {
        var value = line.Stated("worth");
        return new CapitalContributed(One(asset, units, line), value);
    }

    private static YieldReceived Yield(AssetId asset, Quantity units, SpecLine line)
    {
        var value = line.Stated("worth");
        return new YieldReceived(One(asset, units, line), value);
    }

    /// <summary>"take H 3 ETH lot 1 2024-05-01 cost 1000 USD lot ..."</summary>
    private static UnitsTakenOver TakeOver(AssetId asset, Quantity units, SpecLine line)
    {
        var lots = new List<TakenOverLot>();
        while (line.Take("lot"))
        {
            var (quantity, acquired) = (TestJournal.Units(asset, line.Word()), line.Instant());
            lots.Add(new TakenOverLot(quantity, acquired, line.Stated("cost"), null));
        }

        return new UnitsTakenOver(One(asset, units, line), "another", [.. lots]);
    }

    private static BalancesOpened Open(AssetId asset, Quantity units, SpecLine line)
    {
        line.Expect("acquired");
        var acquiredAt = line.Instant();
        var cost = line.Stated("cost");
        return new BalancesOpened([new OpeningLot(One(asset, units, line), acquiredAt, cost)], []);
    }

    private static LedgerEvent Trade(string verb, AssetId asset, Quantity units, SpecLine line)
    {
        line.Expect("for");
        var (other, otherUnits) = line.Units();
        var fees = line.Fees();
        var at = line.At();
        var (main, against) = (new Leg(at, asset, units), new Leg(at, other, otherUnits));
        return verb == "acquire"
            ? new AssetAcquired(main, against, Legs(fees, at))
            : new AssetSold(main, against, Legs(fees, at));
    }

    private static LedgerEvent Move(string verb, AssetId asset, Quantity units, SpecLine line)
    {
        line.Expect("from");
        var from = AccountId.Parse(line.Word());
        line.Expect("to");
        var to = AccountId.Parse(line.Word());
        var expectedBy = line.Take("by") ? line.Instant() : (Time.Instant?)null;
        var (sent, fees) = (new Leg(from, asset, units), Legs(line.Fees(), from));
        return verb switch
        {
            "move" => new AssetTransferred(sent, to, fees),
            "send" => new TransferDispatched(sent, to, expectedBy, fees),
            "deposit" => new CollateralDeposited(sent, to, fees),
            _ => new CollateralWithdrawn(sent, to, fees),
        };
    }

    private static AssetWrapped Wrap(AssetId asset, Quantity units, SpecLine line)
    {
        line.Expect("into");
        var (into, received) = line.Units();
        var at = line.At();
        return new AssetWrapped(new Leg(at, asset, units), new Leg(at, into, received));
    }

    private static LedgerEvent Lend(string verb, AssetId asset, Quantity units, SpecLine line)
    {
        line.Expect("from");
        var from = AccountId.Parse(line.Word());
        line.Expect("to");
        var to = AccountId.Parse(line.Word());
        return verb == "borrow"
            ? new DebtBorrowed(new Leg(from, asset, units), to, Legs(line.Fees(), to))
            : new DebtRepaid(new Leg(to, asset, units), from, Legs(line.Fees(), from));
    }

    private static LiquidationRecorded Liquidate(AssetId asset, Quantity units, SpecLine line)
    {
        line.Expect("for");
        var (debt, covered) = line.Units();
        var bonus = line.Take("bonus") ? TestJournal.Units(asset, line.Word()) : Quantity.Zero;
        var protocolFee = line.Take("protocol") ? TestJournal.Units(asset, line.Word()) : Quantity.Zero;
        var at = line.At();
        return new LiquidationRecorded(new Leg(at, asset, units), new Leg(at, debt, covered), bonus, protocolFee);
    }

    private static ImmutableArray<Leg> Legs(ImmutableArray<(AssetId Asset, Quantity Units)> fees, AccountId at) =>
        [.. fees.Select(fee => new Leg(at, fee.Asset, fee.Units))];
}
