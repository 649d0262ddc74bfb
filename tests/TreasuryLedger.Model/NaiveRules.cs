using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>
/// The rules of the naive model, each a small virtual method, so that a test can break one and show that the comparison
/// notices. Written from the texts (decisions, Lots/SPEC.md) with loops over lists: nothing here or in
/// <see cref="NaiveBook"/> calls the product's own visibility, order, registers, prices, parts or rounding.
/// </summary>
public class NaiveRules
{
    /// <summary>Known at K: recorded then or before.</summary>
    public virtual bool IsKnown(Entry entry, Instant knownAt) =>
        entry.RecordedAt.Microseconds <= knownAt.Microseconds;

    /// <summary>Happened as of E: effective then or before.</summary>
    public virtual bool HasHappened(Entry entry, Instant asOf) =>
        entry.EffectiveAt.Microseconds <= asOf.Microseconds;

    /// <summary>Whether a known entry names this one as void; a void that is void itself still holds.</summary>
    public virtual bool IsVoided(Entry entry, IReadOnlyList<Entry> known)
    {
        foreach (var other in known)
        {
            if (other.Voids == entry.Position)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Below zero if the first comes first. Effective instant; then those with an order of their source, by it and then
    /// by fact; then those whose fact was named, by it; then the others as they were recorded.
    /// </summary>
    public virtual int Order(Entry first, Entry second)
    {
        if (first.EffectiveAt.Microseconds != second.EffectiveAt.Microseconds)
        {
            return first.EffectiveAt.Microseconds < second.EffectiveAt.Microseconds ? -1 : 1;
        }

        var (a, b) = (DecisionRank(first.Event), DecisionRank(second.Event));
        if (a != b)
        {
            return a - b;
        }

        (a, b) = (OrderRank(first), OrderRank(second));
        if (a != b)
        {
            return a - b;
        }

        var order = a == 0 ? SourceOrder(first.SourceOrder!.ToString(), second.SourceOrder!.ToString()) : 0;
        if (order == 0 && a < 2)
        {
            order = string.CompareOrdinal(first.Fact.ToString(), second.Fact.ToString());
        }

        return order != 0 ? order : first.Position.CompareTo(second.Position);
    }

    /// <summary>
    /// What is decided holds for all that happens at its instant: allocations, then terms, standing orders, identified
    /// lots, and then all else (SPEC 12.2, 13.1, 13.5, 16.4).
    /// </summary>
    public virtual int DecisionRank(LedgerEvent happened) => happened switch
    {
        BasisAllocated => 0,
        TermsAdopted => 1,
        StandingOrderGiven => 2,
        LotsIdentified => 3,
        _ => 4,
    };

    /// <summary>Whether disposals look for acquisitions of other days, or of the year (SPEC 14).</summary>
    public static bool LooksAtOtherDays(LotMethod method) =>
        method is LotMethod.UkS104 or LotMethod.UkCorporate or LotMethod.TotalAverage;

    /// <summary>How many days ahead individuals look (SPEC 14.2).</summary>
    public virtual int DaysAhead => 30;

    /// <summary>How many days back companies look (SPEC 14.3).</summary>
    public virtual int DaysBack => 10;

    /// <summary>Whether what comes on a day belongs to the disposals of that day first (SPEC 14.2, 14.3).</summary>
    public virtual bool SameDayFirst => true;

    /// <summary>When the average of the year of a day is final (SPEC 14.4).</summary>
    public virtual int YearOf(DateOnly day) => day.Year;

    /// <summary>Whether an identification counts that was recorded then, for what happens now (SPEC 13.2).</summary>
    public virtual bool IsInTime(Instant recorded, Instant now) => recorded.Microseconds <= now.Microseconds;

    /// <summary>Whether missing basis is zero by decision (SPEC 16.3).</summary>
    public virtual bool IsZero(MissingBasis missing) => missing == MissingBasis.Zero;

    /// <summary>Whether the method of an account goes before the one of the book (SPEC 13.5).</summary>
    public virtual LotMethod MethodOf(LotMethod book, LotMethod? account) => account ?? book;

    /// <summary>Whether the earlier lot is the one that came earlier (SPEC 16.1).</summary>
    public virtual bool IsByArrival(LotSequence sequence) => sequence == LotSequence.Arrival;

    /// <summary>The day of an instant; the model's treasury is in UTC.</summary>
    public static DateOnly DateOf(Instant at) =>
        new DateOnly(1970, 1, 1).AddDays((int)(at.Microseconds / 86_400_000_000));

    /// <summary>Whether units were held short or long (SPEC 15).</summary>
    public virtual string Term(HoldingRule rule, Instant acquired, Instant disposed)
    {
        var whole = (disposed.Microseconds - acquired.Microseconds) / 86_400_000_000;
        var begins = DateOf(acquired).AddDays(1);
        var anniversary = begins is { Month: 2, Day: 29 }
            ? new DateOnly(begins.Year + 1, 3, 1)
            : new DateOnly(begins.Year + 1, begins.Month, begins.Day);
        var isLong = rule switch
        {
            HoldingRule.AtLeast365Days => whole >= 365,
            HoldingRule.MoreThan365Days => whole > 365,
            _ => DateOf(disposed) >= anniversary,
        };
        return isLong ? "long" : "short";
    }

    /// <summary>Whether the lots that move are the earliest (SPEC 16.1).</summary>
    public virtual bool EarliestMove(TransferLots which) => which == TransferLots.EarliestFirst;

    /// <summary>What a lot ranks by, with fees or without (SPEC 16.1).</summary>
    public virtual BigInteger RankCost(CostKey key, BigInteger cost, BigInteger fees) =>
        key == CostKey.WithoutFees ? cost - fees : cost;

    /// <summary>Whether units by name go before those by the rule where lots are allocated (SPEC 16.4).</summary>
    public virtual bool NamedFirst => true;

    /// <summary>Below zero if the first account gets lots before the second (SPEC 16.4).</summary>
    public virtual int Turn(BasisAllocated? allocated, string first, string second)
    {
        var (a, b) = (TurnOf(allocated, first), TurnOf(allocated, second));
        return a != b ? a - b : string.CompareOrdinal(first, second);
    }

    private static int TurnOf(BasisAllocated? allocated, string place)
    {
        const int listed = 1000;
        if (place.StartsWith("transit:", StringComparison.Ordinal))
        {
            return listed + 1;
        }

        for (var i = 0; i < (allocated?.Accounts.Length ?? 0); i++)
        {
            if (allocated!.Accounts[i].ToString() == place)
            {
                return i;
            }
        }

        return listed;
    }

    /// <summary>Whether terms that one book adopts are those of another (SPEC 12.2).</summary>
    public virtual bool IsOf(string adopting, string asked) => adopting == asked;

    /// <summary>What a lot ranks by once average cost was laid over it: what was acquired (SPEC 12.3).</summary>
    public virtual BigInteger? LaidRank(NaiveLot lot, BigInteger laid) => lot.RankCost;

    /// <summary>The evidence of a cost that was laid over a lot: the pool's (SPEC 12.3).</summary>
    public virtual EvidenceQuality LaidQuality(EvidenceQuality own, EvidenceQuality pool) => pool;

    /// <summary>Whether parts of a lot that lay apart become one part where places become one (SPEC 12.3).</summary>
    public virtual bool JoinsWhereMerged => true;

    /// <summary>What units of cash cost that become a lot, from what they are worth at par (SPEC 12.3).</summary>
    public virtual BigInteger Par(BigInteger worth) => worth;

    /// <summary>Whether the terms make a move a disposal (SPEC 18).</summary>
    public virtual bool IsDisposal(MoveTreatment treatment) => treatment == MoveTreatment.Disposal;

    /// <summary>When the fee in kind of a move leaves (SPEC 16.5).</summary>
    public virtual TransferFee TurnOf(TransferFee fee) => fee;

    /// <summary>A key by which transfers sort before accounts.</summary>
    public static string TransfersFirst(string place) =>
        place.StartsWith("transit:", StringComparison.Ordinal) ? " " + place : place;

    /// <summary>Known and not voided, in recorded order.</summary>
    public List<Entry> Known(IReadOnlyList<Entry> journal, Instant knownAt)
    {
        var known = new List<Entry>();
        foreach (var entry in journal)
        {
            if (IsKnown(entry, knownAt))
            {
                known.Add(entry);
            }
        }

        var standing = new List<Entry>();
        foreach (var entry in known)
        {
            if (!IsVoided(entry, known))
            {
                standing.Add(entry);
            }
        }

        return standing;
    }

    /// <summary>What counts at the viewpoint, each entry put where it belongs, one after the other.</summary>
    public List<Entry> Visible(IReadOnlyList<Entry> journal, Viewpoint at)
    {
        var sorted = new List<Entry>();
        foreach (var entry in Known(journal, at.KnownAt))
        {
            if (!HasHappened(entry, at.AsOf))
            {
                continue;
            }

            var place = sorted.Count;
            while (place > 0 && Order(sorted[place - 1], entry) > 0)
            {
                place--;
            }

            sorted.Insert(place, entry);
        }

        return sorted;
    }

    /// <summary>Below zero if the first lot goes before the second, by the method (SPEC 3).</summary>
    /// <param name="method">The method.</param>
    /// <param name="how">Which lot is the earlier one, and what costs rank by.</param>
    /// <param name="first">The first lot.</param>
    /// <param name="second">The second lot.</param>
    public virtual int LotOrder(LotMethod method, LotConventions how, NaiveLot first, NaiveLot second)
    {
        ArgumentNullException.ThrowIfNull(how);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var isByArrival = IsByArrival(how.Sequence) && !LooksAtOtherDays(method);
        var age = isByArrival ? first.Came - second.Came : Age(first, second);
        return method switch
        {
            LotMethod.Lifo => -age,
            LotMethod.Hifo => ByCost(Ranked(first), Ranked(second)) is var order && order != 0 ? order : age,
            LotMethod.Lofo => ByLowCost(Ranked(first), Ranked(second)) is var order && order != 0 ? order : age,
            _ => age,
        };

        NaiveLot Ranked(NaiveLot lot) => how.CostKey == CostKey.WithFees ? lot : lot with
        {
            RankCost = lot.RankCost is { } cost ? RankCost(how.CostKey, cost, lot.Fees) : null,
        };
    }

    /// <summary>
    /// Earlier acquired first; then the order of the entries that brought them; then the leg; parts of one lot as they
    /// came to the place (SPEC 3.1).
    /// </summary>
    public virtual int Age(NaiveLot first, NaiveLot second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Acquired.Microseconds != second.Acquired.Microseconds)
        {
            return first.Acquired.Microseconds < second.Acquired.Microseconds ? -1 : 1;
        }

        if (first.Turn != second.Turn)
        {
            return first.Turn - second.Turn;
        }

        return first.Leg != second.Leg ? first.Leg - second.Leg : first.Came - second.Came;
    }

    /// <summary>Higher cost per unit first, as acquired; without a cost last (SPEC 3.3).</summary>
    public virtual int ByCost(NaiveLot first, NaiveLot second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.RankCost is null || second.RankCost is null)
        {
            return (first.RankCost is null ? 1 : 0) - (second.RankCost is null ? 1 : 0);
        }

        return (second.RankCost.Value * first.RankUnits).CompareTo(first.RankCost.Value * second.RankUnits);
    }

    /// <summary>Lower cost per unit first, as acquired; without a cost last all the same.</summary>
    public virtual int ByLowCost(NaiveLot first, NaiveLot second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.RankCost is null || second.RankCost is null ? ByCost(first, second) : ByCost(second, first);
    }

    /// <summary>Whether fees of trades are an expense and in neither cost nor proceeds (SPEC 16.1).</summary>
    public virtual bool IsApart(FeeBasis fees) => fees == FeeBasis.Expense;

    /// <summary>Of two assets in lots, whether the one that is acquired bears the fees (SPEC 16.1).</summary>
    public virtual bool GotBears(ExchangeFee side, bool isAcquisition) =>
        side == ExchangeFee.Acquired || (side == ExchangeFee.AsRecorded && isAcquisition);

    /// <summary>What a part of the units takes of a cost or of proceeds; the last takes the rest (SPEC 4.1).</summary>
    public virtual BigInteger Part(BigInteger whole, BigInteger part, BigInteger units) =>
        part == units ? whole : Floor(whole * part, units);

    /// <summary>Whether a price observed then may value something now; the oldest age still may (SPEC 5.1).</summary>
    public virtual bool IsYoung(Instant observed, Instant now, long ageMaxSeconds) =>
        now.Microseconds - observed.Microseconds <= ageMaxSeconds * 1_000_000;

    /// <summary>What the lot of an acquisition costs: the value of the trade and its fees (SPEC 5.5).</summary>
    public virtual BigInteger? CostWithFees(BigInteger? value, BigInteger? fees) => value + fees;

    /// <summary>What a disposal brings: the value of the trade less its fees (SPEC 5.5).</summary>
    public virtual BigInteger? ProceedsAfterFees(BigInteger? value, BigInteger? fees) => value - fees;

    /// <summary>Units times price, at 10^-18 of the currency (SPEC 5.1).</summary>
    public virtual BigInteger Round(BigInteger numerator, BigInteger denominator) => HalfEven(numerator, denominator);

    /// <summary>Rounded down.</summary>
    public static BigInteger Floor(BigInteger numerator, BigInteger denominator)
    {
        var quotient = numerator / denominator;
        return quotient * denominator > numerator ? quotient - 1 : quotient;
    }

    /// <summary>To the nearest; a tie goes to the even one.</summary>
    public static BigInteger HalfEven(BigInteger numerator, BigInteger denominator)
    {
        var below = Floor(numerator, denominator);
        var rest = numerator - (below * denominator);
        if (rest * 2 == denominator)
        {
            return below.IsEven ? below : below + 1;
        }

        return rest * 2 > denominator ? below + 1 : below;
    }

    private static int OrderRank(Entry entry)
    {
        if (entry.SourceOrder is not null)
        {
            return 0;
        }

        return entry.FactIsGiven ? 1 : 2;
    }

    /// <summary>Number by number; of two that begin alike the shorter comes first.</summary>
    private static int SourceOrder(string first, string second)
    {
        var (left, right) = (first.Split('.'), second.Split('.'));
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            var (a, b) = (Number(left[i]), Number(right[i]));
            if (a != b)
            {
                return a < b ? -1 : 1;
            }
        }

        return left.Length - right.Length;
    }

    private static BigInteger Number(string digits) =>
        BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
