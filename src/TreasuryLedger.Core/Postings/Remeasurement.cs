using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Measurement;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Postings;

/// <summary>
/// What a book that measures at fair value posts beside its entries: nothing happened, but a reporting date came
/// (SPEC 9). Made while the postings of entries are.
/// </summary>
public sealed class Remeasurement
{
    private readonly BookAnswer _answer;
    private readonly MeasurementFold _fold;

    /// <summary>The remeasurement of a book.</summary>
    /// <param name="answer">The book.</param>
    public Remeasurement(BookAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        (_answer, _fold) = (answer, new MeasurementFold(answer.Registers, answer.Prices));
    }

    /// <summary>The sums of every posting up to an instant, those of remeasurement included.</summary>
    /// <param name="happened">The book's entries from the first one on.</param>
    /// <param name="asOf">The instant.</param>
    public PostingTotals Totals(IEnumerable<EntryRows> happened, Instant asOf)
    {
        var totals = PostingTotals.Of(PostingFold.Of(_answer, Follow(happened)));
        totals.Add(At(asOf));
        return totals;
    }

    /// <summary>Follows the entries while their postings are made.</summary>
    /// <param name="happened">The entries of the book from the first one on.</param>
    public IEnumerable<EntryRows> Follow(IEnumerable<EntryRows> happened) => _fold.Follow(happened);

    /// <summary>Follows one entry more.</summary>
    internal void Apply(EntryRows happened) => _fold.Apply(happened);

    /// <summary>What digital assets are carried at, at the end of what was followed: at fair value or at cost. Those
    /// without a valid price stand at cost.</summary>
    /// <param name="asOf">The instant of measurement.</param>
    public Amount Carried(Instant asOf) => _fold.At(asOf, _answer.State)
        .Aggregate(Amount.Zero, (sum, one) => sum + (one.Carried ?? one.Cost));

    /// <summary>The postings at the end of what was followed; none for a book at cost.</summary>
    /// <param name="asOf">The instant of measurement.</param>
    public ImmutableArray<Posting> At(Instant asOf) => At(asOf, _answer.State);

    /// <summary>The postings at an instant up to which was followed.</summary>
    /// <param name="asOf">The instant.</param>
    /// <param name="state">The book then.</param>
    internal ImmutableArray<Posting> At(Instant asOf, BookState state)
    {
        var postings = ImmutableArray.CreateBuilder<Posting>();
        var adopted = _fold.Adoptions.GroupBy(one => one.Asset).ToDictionary(
            group => group.Key, group => group.Aggregate(Amount.Zero, (sum, one) => sum + one.Adjustment));
        var carried = _fold.At(asOf, state);
        foreach (var one in carried)
        {
            var equity = adopted.GetValueOrDefault(one.Asset);
            adopted.Remove(one.Asset);
            if (one.Remeasured is { } beyond)
            {
                Add(ChartAccount.DigitalAssetsRemeasured, one.Asset, beyond);
                Add(ChartAccount.FairValueAdoption, one.Asset, -equity);
                Add(ChartAccount.Remeasurement, one.Asset, equity - beyond);
            }
            else
            {
                // Nobody knows what it is worth: it stands at cost, and the question is open.
                postings.Add(Line(ChartAccount.UnvaluedSuspense, one.Asset, Amount.Zero));
                Add(ChartAccount.FairValueAdoption, one.Asset, -equity);
                Add(ChartAccount.Remeasurement, one.Asset, equity);
            }
        }

        // What is all gone was realized; what equity had of it went through net income.
        foreach (var (asset, equity) in adopted.OrderBy(one => one.Key))
        {
            Add(ChartAccount.FairValueAdoption, asset, -equity);
            Add(ChartAccount.Remeasurement, asset, equity);
        }

        return postings.ToImmutable();

        void Add(ChartAccount account, AssetId asset, Amount amount)
        {
            if (!amount.IsZero)
            {
                postings.Add(Line(account, asset, amount));
            }
        }
    }

    private static Posting Line(ChartAccount account, AssetId asset, Amount amount) =>
        new(account, null, null, asset, asset, Quantity.Zero, amount);
}
