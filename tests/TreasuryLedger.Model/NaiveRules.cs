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

        if (TermsFirst && first.Event is TermsAdopted != second.Event is TermsAdopted)
        {
            return first.Event is TermsAdopted ? -1 : 1;
        }

        var (a, b) = (OrderRank(first), OrderRank(second));
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

    /// <summary>Whether terms come before all else of their instant (SPEC 12.2).</summary>
    public virtual bool TermsFirst => true;

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
    public virtual int LotOrder(LotMethod method, NaiveLot first, NaiveLot second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return method switch
        {
            LotMethod.Lifo => -Age(first, second),
            LotMethod.Hifo => ByCost(first, second) is var order && order != 0 ? order : Age(first, second),
            LotMethod.Lofo => ByLowCost(first, second) is var order && order != 0 ? order : Age(first, second),
            _ => Age(first, second),
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
