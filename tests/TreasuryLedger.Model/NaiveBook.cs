using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>What is asked of a history.</summary>
/// <param name="At">As of and known at, both inclusive.</param>
/// <param name="Policy">By which policy.</param>
/// <param name="Book">If a named book is asked instead: its name.</param>
/// <param name="Method">And by another method than its own at every instant, if the question says so.</param>
public sealed record Question(Viewpoint At, PolicyTerms Policy, string? Book = null, LotMethod? Method = null)
{
    /// <summary>The same for the product.</summary>
    public BookChoice? Choice => Book is null ? Policy : new BookChoice(Book) { Method = Method };
}

/// <summary>
/// The naive model of Lots/SPEC.md: filter, sort, then one entry after the other over plain lists. Slow and short on
/// purpose, so that it can be checked by reading. It shares the stored events with the product and nothing that counts.
/// </summary>
public sealed partial class NaiveBook
{
    private static readonly Worth Nothing = new(0, EvidenceQuality.Fact, null);

    private readonly NaiveRules _rules;
    private readonly Question _question;
    private readonly Instant _asOf;
    private readonly SortedDictionary<string, BigInteger> _balances = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, BigInteger> _debts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Passage> _transit = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, NaivePool> _pools = new(StringComparer.Ordinal);
    private readonly List<string> _lines = [];
    private PolicyTerms _policy;
    private NaivePrices _prices;
    private BigInteger _costAcquired;
    private Entry _entry = null!;
    private int _turn;

    private NaiveBook(NaiveRules rules, Question question, PolicyTerms policy, NaivePrices prices)
    {
        _asOf = question.At.AsOf;
        _rules = rules;
        _question = question;
        _policy = policy;
        _prices = prices;
    }

    /// <summary>Every figure of the book as a line of text; sorted, to be laid beside another answer.</summary>
    public static IReadOnlyList<string> Answer(NaiveRules rules, History history, Question question)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(question);
        var known = rules.Known(history.Treasury, question.At.KnownAt);
        var assets = new List<AssetRegistered>();
        var staking = new List<AccountId>();
        TreasuryOpened? opened = null;
        foreach (var entry in known)
        {
            if (entry.Event is AssetRegistered asset)
            {
                assets.Add(asset);
            }

            if (entry.Event is AccountRegistered { Kind: AccountKind.Staking } account)
            {
                staking.Add(account.Account);
            }

            opened = entry.Event as TreasuryOpened ?? opened;
        }

        var policy = question.Book is null ? question.Policy : Changed(opened!.Policy, question);
        var prices = new NaivePrices(
            rules, policy, opened!.ReportingCurrency, assets, rules.Known(history.Prices, question.At.KnownAt));
        var book = new NaiveBook(rules, question, policy, prices) { StakingAccounts = staking };
        foreach (var entry in rules.Visible(history.Treasury, question.At))
        {
            book.CloseInstant(entry.EffectiveAt);
            book._entry = entry;
            book._turn++;
            book.BeginDay(entry.EffectiveAt);
            book.Happened(entry.Event);
        }

        book.CloseInstant(null);
        return book.Lines();
    }

    private void Happened(LedgerEvent happened)
    {
        switch (happened)
        {
            case BalancesOpened opened:
                Opened(opened);
                break;
            case CapitalContributed contributed:
                Contributed(contributed);
                break;
            case AssetAcquired bought:
                Held(bought.Received, 1);
                Held(bought.Paid, -1);
                Trade(new Side(bought.Paid, 1), new Side(bought.Received, 0), isAcquisition: true, bought.Fees);
                break;
            case AssetSold sold:
                Held(sold.Sold, -1);
                Held(sold.Proceeds, 1);
                Trade(new Side(sold.Sold, 0), new Side(sold.Proceeds, 1), isAcquisition: false, sold.Fees);
                break;
            case YieldReceived yield:
                Held(yield.Received, 1);
                Income("yield", yield.Received, yield.Value);
                break;
            case FeePaid fee:
                Held(fee.Paid, -1);
                Expense("fee", 0, fee.Paid);
                break;
            case AssetWrapped wrapped:
                Wrapped(wrapped.From, wrapped.To);
                break;
            default:
                MovedOrLent(happened);
                break;
        }
    }

    private void MovedOrLent(LedgerEvent happened)
    {
        switch (happened)
        {
            case AssetTransferred transfer:
                Moved(transfer.Sent, transfer.To, transfer.Fees, Staking(transfer.Sent.Account, transfer.To));
                break;
            case CollateralDeposited deposit:
                Moved(deposit.Deposited, deposit.Position, deposit.Fees, Treatments.Collateral);
                break;
            case CollateralWithdrawn withdrawal:
                Moved(withdrawal.Withdrawn, withdrawal.To, withdrawal.Fees, Treatments.Collateral);
                break;
            case TransferDispatched dispatched:
                Held(dispatched.Sent, -1);
                Dispatched(dispatched);
                Go(
                    dispatched.Sent, InTransit(_entry.Fact), dispatched.Fees,
                    Staking(dispatched.Sent.Account, dispatched.To));
                break;
            case TransferArrived arrived:
                Held(arrived.Received, 1);
                Arrived(arrived);
                MoveLots(arrived.Received, InTransit(arrived.Transfer), At(arrived.Received));
                break;
            case DebtBorrowed borrowed:
                Borrowed(borrowed);
                break;
            case DebtRepaid repaid:
                Repaid(repaid);
                break;
            case InterestAccrued { Side: InterestSide.Supply } earned:
                Held(earned.Interest, 1);
                Income("supply-interest", earned.Interest, null);
                break;
            case InterestAccrued owed:
                Owed(owed.Interest, 1);
                Flow("expense", "interest", 0, owed.Interest, Value(owed.Interest));
                break;
            case LiquidationRecorded liquidation:
                Liquidated(liquidation);
                break;
            case TermsAdopted adopted:
                Adopted(adopted);
                break;
            case StandingOrderGiven order:
                Ordered(order);
                break;
            case LotsIdentified identified:
                _identified[(identified.Fact, identified.Leg)] = (identified, _entry.RecordedAt);
                break;
            case BasisAllocated allocated when _rules.IsOf(allocated.Book, _question.Book ?? "official"):
                _allocated ??= allocated;
                break;
            default:
                break; // nothing moves: registrations, voids, evidence, breaks, notes, instructions
        }
    }

    private void Opened(BalancesOpened opened)
    {
        for (var i = 0; i < opened.Lots.Length; i++)
        {
            var (held, acquired, cost) = opened.Lots[i];
            Held(held, 1);
            if (!_prices.IsCash(held.Asset))
            {
                var worth = cost is null ? Nothing with { Attos = null } : _prices.Of(cost, acquired);
                Acquire(held, i, worth, acquired);
            }
        }

        foreach (var debt in opened.Debts)
        {
            Owed(debt, 1);
        }
    }

    private void Contributed(CapitalContributed contributed)
    {
        var received = contributed.Received;
        Held(received, 1);
        var worth = Stated(contributed.Value, received);
        Flow("contribution", "", 0, received, worth);
        if (!_prices.IsCash(received.Asset))
        {
            Acquire(received, 0, worth, _entry.EffectiveAt);
        }
    }

    /// <summary>One value for both sides; what is given leaves, what came comes, fees leave (SPEC 5).</summary>
    private void Trade(Side given, Side got, bool isAcquisition, ImmutableArray<Leg> fees)
    {
        var (cashGiven, cashGot) = (_prices.IsCash(given.Leg.Asset), _prices.IsCash(got.Leg.Asset));
        if (cashGiven && cashGot)
        {
            CashDifference(given, got);
            OtherFees(fees);
            return;
        }

        var first = cashGiven || (!cashGot && isAcquisition) ? given : got;
        var second = first == given ? got : given;
        var value = Value(first.Leg);
        value = value.Attos is null ? Value(second.Leg) : value;
        var values = new List<Worth>();
        var sum = Nothing;
        foreach (var fee in fees)
        {
            var worth = FeeInTrade(fee, value, given.Leg, got.Leg);
            values.Add(worth);
            sum = new Worth(sum.Attos + worth.Attos, Worse(sum.Quality, worth.Quality), sum.Price ?? worth.Price);
        }

        var isApart = _rules.IsApart(How.Fees);
        sum = isApart ? Nothing : sum;
        var gotBears = cashGiven || (!cashGot && _rules.GotBears(How.ExchangeFee, isAcquisition));
        var after = value with { Quality = Worse(value.Quality, sum.Quality), Price = value.Price ?? sum.Price };
        if (!cashGiven)
        {
            var proceeds = gotBears ? value : after with { Attos = _rules.ProceedsAfterFees(value.Attos, sum.Attos) };
            Dispose(isAcquisition ? "payment" : "sale", given.Leg, given.Number, proceeds);
        }

        if (!cashGot)
        {
            var cost = gotBears ? after with { Attos = _rules.CostWithFees(value.Attos, sum.Attos) } : value;
            Acquire(got.Leg, got.Number, cost, _entry.EffectiveAt, gotBears ? sum.Attos : 0);
        }

        for (var i = 0; i < fees.Length; i++)
        {
            Held(fees[i], -1);
            if (!_prices.IsCash(fees[i].Asset))
            {
                Dispose("fee", fees[i], 2 + i, values[i]);
            }

            if (isApart)
            {
                Flow("expense", "fee", 2 + i, fees[i], values[i]);
            }
        }
    }

    /// <summary>By the price book; without a price there, by the trade's own value (SPEC 5.7).</summary>
    private Worth FeeInTrade(Leg fee, Worth value, Leg given, Leg got)
    {
        var worth = Value(fee);
        if (worth.Attos is not null || value.Attos is null)
        {
            return worth;
        }

        foreach (var side in new[] { given, got })
        {
            if (_prices.Pool(side.Asset) == _prices.Pool(fee.Asset))
            {
                return value with { Attos = _rules.Round(value.Attos.Value * fee.Quantity.Units, side.Quantity.Units) };
            }
        }

        return worth;
    }

    private void OtherFees(ImmutableArray<Leg> fees)
    {
        for (var i = 0; i < fees.Length; i++)
        {
            Held(fees[i], -1);
            Expense("fee", 2 + i, fees[i]);
        }
    }

    /// <summary>Units that leave for nothing: an expense, and a disposal if they are no cash (SPEC 5.6, 5.7).</summary>
    private void Expense(string kind, int number, Leg paid)
    {
        var worth = Value(paid);
        if (!_prices.IsCash(paid.Asset))
        {
            Dispose("fee", paid, number, worth);
        }

        Flow("expense", kind, number, paid, worth);
    }

    private void Wrapped(Leg from, Leg to)
    {
        Held(from, -1);
        Held(to, 1);
        var (cashFrom, cashTo) = (_prices.IsCash(from.Asset), _prices.IsCash(to.Asset));
        if (cashFrom && cashTo)
        {
            CashDifference(new Side(from, 0), new Side(to, 1));
        }
        else if (cashFrom)
        {
            Acquire(to, 1, Value(from), _entry.EffectiveAt);
        }
        else if (cashTo)
        {
            Dispose("conversion", from, 0, Value(to));
        }
        else if (IsDisposal(from.Asset, to.Asset))
        {
            var value = Value(from);
            value = value.Attos is null ? Value(to) : value;
            Dispose("conversion", from, 0, value);
            Renew(from, to, 1, value, At(to));
        }
        else if (_prices.Pool(from.Asset) != _prices.Pool(to.Asset) || from.Quantity.Units != to.Quantity.Units)
        {
            Convert(from, to, At(to), 1);
        }
    }

    private void CashDifference(Side given, Side got)
    {
        var difference = Value(got.Leg).Attos!.Value - Value(given.Leg).Attos!.Value;
        if (difference > 0)
        {
            Flow("income", "cash-difference", 0, got.Leg, Nothing with { Attos = difference });
        }
        else if (difference < 0)
        {
            Flow("expense", "cash-difference", given.Number, given.Leg, Nothing with { Attos = -difference });
        }
    }

    private void Borrowed(DebtBorrowed borrowed)
    {
        OtherFees(borrowed.Fees);
        var came = borrowed.Owed with { Account = borrowed.To };
        Owed(borrowed.Owed, 1);
        Held(came, 1);
        if (!_prices.IsCash(came.Asset))
        {
            Acquire(came, 0, Value(came), _entry.EffectiveAt);
        }
    }

    private void Repaid(DebtRepaid repaid)
    {
        OtherFees(repaid.Fees);
        var gave = repaid.Repaid with { Account = repaid.From };
        Owed(repaid.Repaid, -1);
        Held(gave, -1);
        if (!_prices.IsCash(gave.Asset))
        {
            Dispose("repayment", gave, 0, Value(gave));
        }
    }

    /// <summary>Proceeds are the debt covered; bonus and fee are in the gain already (SPEC 8.3).</summary>
    private void Liquidated(LiquidationRecorded liquidation)
    {
        var (seized, covered) = (liquidation.Seized, liquidation.Covered);
        Held(seized, -1);
        Owed(covered, -1);
        var value = Value(covered);
        var bonus = Value(seized with { Quantity = liquidation.Bonus });
        var protocol = Value(seized with { Quantity = liquidation.ProtocolFee });
        Line("liquidation", Name(0), seized.Account, seized.Asset, seized.Quantity,
            "covered", covered.Asset, covered.Quantity, value.Attos,
            "bonus", liquidation.Bonus, bonus.Attos, "protocol", liquidation.ProtocolFee, protocol.Attos,
            Worse(_entry.Evidence.Quality, Worse(value.Quality, bonus.Quality)), bonus.Price);
        if (!_prices.IsCash(seized.Asset))
        {
            Dispose("liquidation", seized, 0, value);
        }
        else
        {
            var beyond = value with { Attos = Value(seized).Attos - value.Attos };
            if (beyond.Attos is not { IsZero: true })
            {
                Flow("expense", "liquidation-excess", 0, seized, beyond);
            }
        }
    }

    /// <summary>Income in kind at its value or, by policy, at nothing; cash is worth what it is (SPEC 8.4).</summary>
    private void Income(string kind, Leg received, CurrencyAmount? stated)
    {
        var isCash = _prices.IsCash(received.Asset);
        var worth = !isCash && _policy.IncomeBasis == IncomeBasis.Zero
            ? Nothing
            : Stated(stated, received);
        Flow("income", kind, 0, received, worth);
        if (!isCash)
        {
            Acquire(received, 0, worth, _entry.EffectiveAt);
        }
    }

    /// <summary>What the source states; where that cannot be converted, what the price book says (SPEC 5.2).</summary>
    private Worth Stated(CurrencyAmount? stated, Leg received)
    {
        var worth = stated is null || _prices.IsCash(received.Asset)
            ? new Worth(null, EvidenceQuality.Fact, null)
            : _prices.Of(stated, _entry.EffectiveAt);
        return worth.Attos is null ? Value(received) : worth;
    }

    private Worth Value(Leg leg) => _prices.Of(leg.Asset, leg.Quantity.Units, _entry.EffectiveAt);

    private sealed record Side(Leg Leg, int Number);

    private sealed class Passage
    {
        public (AccountId From, AccountId To, Instant At, Instant? ExpectedBy)? Dispatch { get; set; }

        public BigInteger Sent { get; set; }

        public BigInteger Arrived { get; set; }
    }
}
