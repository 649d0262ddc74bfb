using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Statements;

/// <summary>Why the two halves of a handover do not agree (SPEC 10).</summary>
public enum HandoverDifference
{
    /// <summary>The other treasury has no such fact.</summary>
    HalfMissing,

    /// <summary>The halves do not name each other.</summary>
    Treasury,

    /// <summary>They are about different assets.</summary>
    Asset,

    /// <summary>Other units came than left.</summary>
    Units,

    /// <summary>Units came before they left.</summary>
    CameFirst,

    /// <summary>They cost something else, or brought something else.</summary>
    Amount,

    /// <summary>One of the halves leaves open what they cost.</summary>
    AmountMissing,

    /// <summary>Lots of other dates or other costs came than left.</summary>
    Lots,
}

/// <summary>Units of one lot that were handed over.</summary>
/// <param name="LotId">Its name in the treasury.</param>
/// <param name="Quantity">Smallest units.</param>
/// <param name="AcquiredAt">When it was acquired.</param>
/// <param name="Cost">Its cost; absent if nobody knows it.</param>
public sealed record HandoverLot(LotId LotId, Quantity Quantity, Time.Instant AcquiredAt, Amount? Cost);

/// <summary>What one treasury says of a handover, in one of its books.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="Other">The treasury that it names as the other one.</param>
/// <param name="IsGiven">Whether it gave the units.</param>
/// <param name="What">Of what, from where or to where, how many.</param>
/// <param name="Decimals">Of the asset there: the other treasury may have registered it otherwise.</param>
/// <param name="Amount">What goes along: cost, or value where it is a disposal; absent if nobody knows.</param>
/// <param name="IsCash">Whether it is money in that book, which has no lots.</param>
/// <param name="IsAtCost">Whether the units bring what they cost.</param>
/// <param name="Lots">The lots that left or came.</param>
public sealed record HandoverHalf(
    NarrowEntry Entry,
    string Other,
    bool IsGiven,
    Leg What,
    int Decimals,
    Amount? Amount,
    bool IsCash,
    bool IsAtCost,
    ImmutableArray<HandoverLot> Lots)
{
    /// <summary>Every half of a treasury, by fact.</summary>
    public static ImmutableSortedDictionary<FactId, HandoverHalf> AllOf(TreasuryAt at)
    {
        ArgumentNullException.ThrowIfNull(at);
        return at.Happened.Where(rows => rows.Entry.Event is UnitsHandedOver or UnitsTakenOver)
            .Select(rows => Of(at, rows)).ToImmutableSortedDictionary(half => half.Entry.Fact, half => half);
    }

    /// <summary>The treasuries that the halves of one name, each once.</summary>
    public static IEnumerable<string> OthersOf(TreasuryAt at)
    {
        ArgumentNullException.ThrowIfNull(at);
        return at.Entries.Select(entry => entry.Event switch
        {
            UnitsHandedOver given => given.Treasury,
            UnitsTakenOver taken => taken.Treasury,
            _ => null,
        }).OfType<string>().Distinct(StringComparer.Ordinal);
    }

    /// <summary>Why it does not agree with the other half.</summary>
    /// <param name="treasury">Whose this one is.</param>
    /// <param name="other">The other half; absent if there is none.</param>
    public ImmutableArray<HandoverDifference> Against(string treasury, HandoverHalf? other)
    {
        if (other is null)
        {
            return [HandoverDifference.HalfMissing];
        }

        var (gave, got) = IsGiven ? (this, other) : (other, this);
        var areLotsKnown = gave is { IsAtCost: true, IsCash: false } && !got.IsCash;
        return
        [
            .. new[]
            {
                (IsGiven == other.IsGiven || other.Other != treasury, HandoverDifference.Treasury),
                (gave.What.Asset != got.What.Asset, HandoverDifference.Asset),
                (gave.Tokens(gave.What.Quantity) != got.Tokens(got.What.Quantity), HandoverDifference.Units),
                (got.Entry.EffectiveAt < gave.Entry.EffectiveAt, HandoverDifference.CameFirst),
                (gave.Amount is { } left && got.Amount is { } came && left != came, HandoverDifference.Amount),
                (gave.Amount is null || got.Amount is null, HandoverDifference.AmountMissing),
                (areLotsKnown && !gave.ByDate().SequenceEqual(got.ByDate()), HandoverDifference.Lots),
            }.Where(difference => difference.Item1).Select(difference => difference.Item2),
        ];
    }

    /// <summary>Units as whole tokens.</summary>
    public ExactDecimal Tokens(Quantity quantity) => quantity.ToTokens(Decimals);

    private static HandoverHalf Of(TreasuryAt at, EntryRows rows)
    {
        var given = rows.Entry.Event as UnitsHandedOver;
        var taken = rows.Entry.Event as UnitsTakenOver;
        var what = given?.Sent ?? taken!.Received;
        // Terms that were adopted later say nothing of it.
        var policy = rows.State().Policy;
        var valuer = new Valuer(at.Registers, policy.Terms, policy.ReportingCurrency, at.Prices);
        var isCash = valuer.IsCash(what.Asset);
        var left = given is null ? null : rows.Rows.Disposals.FirstOrDefault(disposal => disposal.Leg == 0);
        ImmutableArray<HandoverLot> lots = left is not null
            ?
            [
                .. left.Takes.Select(take => new HandoverLot(
                    take.LotId, take.Quantity, take.AcquiredAt, take.Cost)),
            ]
            :
            [
                .. rows.Rows.Lots.Select(lot => new HandoverLot(
                    lot.LotId, lot.Quantity, lot.AcquiredAt, lot.Cost)),
            ];
        var amount = isCash ? valuer.Value(what.Asset, what.Quantity, rows.Entry.EffectiveAt).Value
            : left is not null ? left.Proceeds
            : lots.Aggregate((Amount?)Money.Amount.Zero, (sum, lot) => sum + lot.Cost);
        return new HandoverHalf(
            rows.Entry, given?.Treasury ?? taken!.Treasury, given is not null, what,
            at.Registers.DecimalsOf(what.Asset), amount, isCash,
            (policy.Terms.Conventions ?? LotConventions.Starter).Handover == HandoverTreatment.AtCost, lots);
    }

    /// <summary>
    /// Units and cost by acquisition: names and parts of lots are each treasury's own. Without a cost is not cost zero.
    /// </summary>
    private IEnumerable<(Time.Instant AcquiredAt, ExactDecimal Quantity, Amount? Cost)> ByDate() =>
        Lots.GroupBy(lot => lot.AcquiredAt).OrderBy(day => day.Key).Select(day => (
            day.Key,
            Tokens(day.Aggregate(Quantity.Zero, (sum, lot) => sum + lot.Quantity)),
            day.Aggregate((Amount?)Money.Amount.Zero, (sum, lot) => sum + lot.Cost)));
}
