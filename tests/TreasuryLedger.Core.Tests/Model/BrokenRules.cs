using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Model;

/// <summary>Copies of the model's rules with one fault each, such as a product might have.</summary>
internal static class BrokenRules
{
    public static IReadOnlyDictionary<string, NaiveRules> All { get; } = new Dictionary<string, NaiveRules>
    {
        ["voids are ignored"] = new VoidsIgnored(),
        ["a voided void no longer holds"] = new VoidedVoidsLapse(),
        ["known-at is exclusive"] = new KnownExclusive(),
        ["as-of is exclusive"] = new AsOfExclusive(),
        ["the source's order is ignored"] = new SourceOrderIgnored(),
        ["the source's order is compared as text"] = new SourceOrderAsText(),
        ["recorded order decides before the fact id"] = new RecordedOrderFirst(),
        ["lots go by the order of entries, not by date"] = new DatesIgnored(),
        ["LIFO breaks ties by the earliest"] = new LifoTiesEarliest(),
        ["HIFO breaks ties by the latest"] = new HifoTiesLatest(),
        ["HIFO leaves fees out of the rank"] = new HifoWithoutFees(),
        ["HIFO ranks by a divided unit cost"] = new HifoDivided(),
        ["HIFO ranks by what is left"] = new HifoByRest(),
        ["HIFO takes lots without a cost first"] = new HifoUnknownFirst(),
        ["the last part does not take the rest"] = new ResidualDropped(),
        ["parts round to the nearest"] = new PartsToNearest(),
        ["values round down"] = new ValuesDown(),
        ["values round halves up"] = new HalvesUp(),
        ["the oldest valid price no longer values"] = new AgeExclusive(),
        ["a stale price still values"] = new StaleValues(),
        ["fees stay out of the cost"] = new CostWithoutFees(),
        ["fees stay in the proceeds"] = new ProceedsWithFees(),
        ["terms are adopted in the order of other entries"] = new TermsInOrder(),
        ["terms of one book are those of every book"] = new TermsOfAll(),
        ["HIFO ranks by the average that was laid over a lot"] = new RankLaid(),
        ["what was laid over a lot keeps the lot's own evidence"] = new OwnEvidence(),
        ["parts of a lot stay apart where pools become one"] = new PartsApart(),
        ["moves are never disposals"] = new MovesNeverDispose(),
        ["LOFO takes lots without a cost first"] = new LofoUnknownFirst(),
        ["fees that are an expense are in the cost too"] = new FeesNeverApart(),
        ["fees of a trade are borne as it is recorded"] = new SideAsRecorded(),
        ["a fee that stays with its units leaves before them"] = new FeesNeverStay(),
        ["a fee after the units leaves before them"] = new FeesNeverWait(),
        ["cash becomes lots without a cost of their own"] = new CashForNothing(),
        ["individuals look a day less ahead"] = new DayLessAhead(),
        ["companies look a day less back"] = new DayLessBack(),
        ["other days are matched before the same day"] = new SameDayLast(),
        ["the average of the year goes on into the next"] = new YearWithoutEnd(),
        ["an identification after the sale counts"] = new NeverTooLate(),
        ["lots are identified in the order of other entries"] = new IdentifiedInOrder(),
        ["missing basis is never zero"] = new NeverZero(),
        ["standing orders are lost"] = new OrdersLost(),
        ["lots by arrival go by acquisition"] = new ArrivalIgnored(),
        ["the lots that move are those of the method"] = new MovedByMethod(),
        ["lots always rank with fees"] = new RankWithFees(),
        ["an allocation forgets the lots that it names"] = new NamedForgotten(),
        ["an allocation goes by the names of accounts"] = new AllocatedByName(),
        ["the anniversary is long"] = new LongAnniversary(),
    };

    private sealed class DayLessAhead : NaiveRules
    {
        public override int DaysAhead => 29;
    }

    private sealed class DayLessBack : NaiveRules
    {
        public override int DaysBack => 9;
    }

    private sealed class SameDayLast : NaiveRules
    {
        public override bool SameDayFirst => false;
    }

    private sealed class YearWithoutEnd : NaiveRules
    {
        public override int YearOf(DateOnly day) => 2026;
    }

    private sealed class NeverTooLate : NaiveRules
    {
        public override bool IsInTime(Instant recorded, Instant now) => true;
    }

    private sealed class IdentifiedInOrder : NaiveRules
    {
        public override int DecisionRank(LedgerEvent happened) =>
            happened is LotsIdentified ? base.DecisionRank(new EntryVoided()) : base.DecisionRank(happened);
    }

    private sealed class NeverZero : NaiveRules
    {
        public override bool IsZero(MissingBasis missing) => false;
    }

    private sealed class OrdersLost : NaiveRules
    {
        public override LotMethod MethodOf(LotMethod book, LotMethod? account) => book;
    }

    private sealed class ArrivalIgnored : NaiveRules
    {
        public override bool IsByArrival(LotSequence sequence) => false;
    }

    private sealed class MovedByMethod : NaiveRules
    {
        public override bool EarliestMove(TransferLots which) => false;
    }

    private sealed class RankWithFees : NaiveRules
    {
        public override BigInteger RankCost(CostKey key, BigInteger cost, BigInteger fees) => cost;
    }

    private sealed class NamedForgotten : NaiveRules
    {
        public override bool NamedFirst => false;
    }

    private sealed class AllocatedByName : NaiveRules
    {
        public override int Turn(BasisAllocated? allocated, string first, string second) =>
            string.CompareOrdinal(first, second);
    }

    private sealed class LongAnniversary : NaiveRules
    {
        public override string Term(HoldingRule rule, Instant acquired, Instant disposed) =>
            base.Term(rule, acquired, disposed.Plus(86_400_000_000));
    }

    private sealed class LofoUnknownFirst : NaiveRules
    {
        public override int ByLowCost(NaiveLot first, NaiveLot second) => ByCost(second, first);
    }

    private sealed class FeesNeverApart : NaiveRules
    {
        public override bool IsApart(FeeBasis fees) => false;
    }

    private sealed class SideAsRecorded : NaiveRules
    {
        public override bool GotBears(ExchangeFee side, bool isAcquisition) => isAcquisition;
    }

    private sealed class MovesNeverDispose : NaiveRules
    {
        public override bool IsDisposal(MoveTreatment treatment) => false;
    }

    private sealed class FeesNeverStay : NaiveRules
    {
        public override TransferFee TurnOf(TransferFee fee) =>
            fee == TransferFee.Rehomed ? TransferFee.BeforeTransfer : fee;
    }

    private sealed class FeesNeverWait : NaiveRules
    {
        public override TransferFee TurnOf(TransferFee fee) =>
            fee == TransferFee.AfterTransfer ? TransferFee.BeforeTransfer : fee;
    }

    private sealed class VoidsIgnored : NaiveRules
    {
        public override bool IsVoided(Entry entry, IReadOnlyList<Entry> known) => false;
    }

    private sealed class VoidedVoidsLapse : NaiveRules
    {
        public override bool IsVoided(Entry entry, IReadOnlyList<Entry> known) =>
            known.Any(other => other.Voids == entry.Position && !IsVoided(other, known));
    }

    private sealed class KnownExclusive : NaiveRules
    {
        public override bool IsKnown(Entry entry, Instant knownAt) =>
            History.IsGround(entry) || entry.RecordedAt < knownAt;
    }

    private sealed class AsOfExclusive : NaiveRules
    {
        public override bool HasHappened(Entry entry, Instant asOf) => entry.EffectiveAt < asOf;
    }

    private sealed class SourceOrderIgnored : NaiveRules
    {
        public override int Order(Entry first, Entry second) =>
            base.Order(first with { SourceOrder = null }, second with { SourceOrder = null });
    }

    private sealed class SourceOrderAsText : NaiveRules
    {
        public override int Order(Entry first, Entry second) =>
            first.EffectiveAt == second.EffectiveAt && first.SourceOrder is not null && second.SourceOrder is not null
                && string.CompareOrdinal(first.SourceOrder.ToString(), second.SourceOrder.ToString()) is var text
                && text != 0
                    ? text
                    : base.Order(first, second);
    }

    private sealed class RecordedOrderFirst : NaiveRules
    {
        public override int Order(Entry first, Entry second) => first.EffectiveAt == second.EffectiveAt
            ? first.Position.CompareTo(second.Position)
            : base.Order(first, second);
    }

    private sealed class DatesIgnored : NaiveRules
    {
        public override int Age(NaiveLot first, NaiveLot second) => first.Turn.CompareTo(second.Turn);
    }

    private sealed class LifoTiesEarliest : NaiveRules
    {
        public override int LotOrder(LotMethod method, LotConventions how, NaiveLot first, NaiveLot second) =>
            method == LotMethod.Lifo && first.Acquired == second.Acquired
                ? Age(first, second)
                : base.LotOrder(method, how, first, second);
    }

    private sealed class HifoTiesLatest : NaiveRules
    {
        public override int LotOrder(LotMethod method, LotConventions how, NaiveLot first, NaiveLot second) =>
            method == LotMethod.Hifo && ByCost(first, second) == 0
                ? -Age(first, second)
                : base.LotOrder(method, how, first, second);
    }

    private sealed class HifoWithoutFees : NaiveRules
    {
        public override int ByCost(NaiveLot first, NaiveLot second) => base.ByCost(Bare(first), Bare(second));

        private static NaiveLot Bare(NaiveLot lot) => lot with { RankCost = lot.RankCost - lot.Fees };
    }

    private sealed class HifoDivided : NaiveRules
    {
        public override int ByCost(NaiveLot first, NaiveLot second) => base.ByCost(Divided(first), Divided(second));

        private static NaiveLot Divided(NaiveLot lot) =>
            lot with { RankCost = lot.RankCost / lot.RankUnits, RankUnits = 1 };
    }

    private sealed class HifoByRest : NaiveRules
    {
        public override int ByCost(NaiveLot first, NaiveLot second) => base.ByCost(Rest(first), Rest(second));

        private static NaiveLot Rest(NaiveLot lot) => lot with { RankCost = lot.Cost, RankUnits = lot.Units };
    }

    private sealed class HifoUnknownFirst : NaiveRules
    {
        public override int ByCost(NaiveLot first, NaiveLot second) =>
            first.RankCost is null == second.RankCost is null
                ? base.ByCost(first, second)
                : -base.ByCost(first, second);
    }

    private sealed class ResidualDropped : NaiveRules
    {
        public override BigInteger Part(BigInteger whole, BigInteger part, BigInteger units) =>
            Floor(whole / units * part, 1);
    }

    private sealed class PartsToNearest : NaiveRules
    {
        public override BigInteger Part(BigInteger whole, BigInteger part, BigInteger units) =>
            HalfEven(whole * part, units);
    }

    private sealed class ValuesDown : NaiveRules
    {
        public override BigInteger Round(BigInteger numerator, BigInteger denominator) =>
            Floor(numerator, denominator);
    }

    private sealed class HalvesUp : NaiveRules
    {
        public override BigInteger Round(BigInteger numerator, BigInteger denominator) =>
            Floor((numerator * 2) + denominator, denominator * 2);
    }

    private sealed class AgeExclusive : NaiveRules
    {
        public override bool IsYoung(Instant observed, Instant now, long ageMaxSeconds) =>
            now.Microseconds - observed.Microseconds < ageMaxSeconds * 1_000_000;
    }

    private sealed class StaleValues : NaiveRules
    {
        public override bool IsYoung(Instant observed, Instant now, long ageMaxSeconds) => true;
    }

    private sealed class CostWithoutFees : NaiveRules
    {
        public override BigInteger? CostWithFees(BigInteger? value, BigInteger? fees) => value;
    }

    private sealed class TermsInOrder : NaiveRules
    {
        public override int DecisionRank(LedgerEvent happened) =>
            happened is TermsAdopted ? base.DecisionRank(new EntryVoided()) : base.DecisionRank(happened);
    }

    private sealed class TermsOfAll : NaiveRules
    {
        public override bool IsOf(string adopting, string asked) => true;
    }

    private sealed class RankLaid : NaiveRules
    {
        public override BigInteger? LaidRank(NaiveLot lot, BigInteger laid) => laid;
    }

    private sealed class OwnEvidence : NaiveRules
    {
        public override EvidenceQuality LaidQuality(EvidenceQuality own, EvidenceQuality pool) => own;
    }

    private sealed class PartsApart : NaiveRules
    {
        public override bool JoinsWhereMerged => false;
    }

    private sealed class CashForNothing : NaiveRules
    {
        public override BigInteger Par(BigInteger worth) => 0;
    }

    private sealed class ProceedsWithFees : NaiveRules
    {
        public override BigInteger? ProceedsAfterFees(BigInteger? value, BigInteger? fees) => value;
    }
}
