using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Which book a question asks, and what of its terms a what-if changes at every instant alike (SPEC 12.1).
/// </summary>
/// <param name="Book">Its name; absent: the official one.</param>
public sealed record BookChoice(string? Book = null)
{
    /// <summary>The official book as it is.</summary>
    public static BookChoice Official { get; } = new();

    /// <summary>The name of the book that is asked.</summary>
    public string Name => Book ?? StarterBooks.Official;

    /// <summary>Another lot method.</summary>
    public LotMethod? Method { get; init; }

    /// <summary>Another basis scope.</summary>
    public BasisScope? Scope { get; init; }

    /// <summary>Another treatment of stablecoins.</summary>
    public StablecoinTreatment? Stablecoins { get; init; }

    /// <summary>Another basis of income.</summary>
    public IncomeBasis? Income { get; init; }

    /// <summary>Another age of prices, in seconds (inclusive).</summary>
    public long? PriceAgeMaxSeconds { get; init; }

    /// <summary>Other conventions.</summary>
    public LotConventions? Conventions { get; init; }

    /// <summary>Another order of lots.</summary>
    public LotSequence? Sequence { get; init; }

    /// <summary>Another cost of units without one.</summary>
    public MissingBasis? MissingBasis { get; init; }

    /// <summary>Other fees of trades.</summary>
    public FeeBasis? Fees { get; init; }

    /// <summary>Other units at fair value.</summary>
    public FairValueTerms? FairValue { get; init; }

    /// <summary>Other moves that are disposals.</summary>
    public Treatments? Treatments { get; init; }

    /// <summary>All at cost, or what the book measures so at fair value: the usual scope if it measures nothing.
    /// </summary>
    public MeasurementBasis? Measurement { get; init; }

    /// <summary>Another reporting currency than the treasury's.</summary>
    public AssetId? Currency { get; init; }

    /// <summary>Whether it is another book than the one recorded.</summary>
    public bool IsWhatIf => this != new BookChoice(Book);

    /// <summary>The official book, with these terms instead of its own.</summary>
    public static implicit operator BookChoice?(PolicyTerms? terms) => Of(terms);

    /// <inheritdoc cref="op_Implicit"/>
    public static BookChoice? Of(PolicyTerms? terms) => terms is null ? null : new BookChoice
    {
        Method = terms.LotMethod,
        Scope = terms.BasisScope,
        Stablecoins = terms.Stablecoins,
        Income = terms.IncomeBasis,
        PriceAgeMaxSeconds = terms.PriceAgeMaxSeconds,
        Conventions = terms.Conventions ?? LotConventions.Starter,
        FairValue = terms.FairValue,
        Measurement = terms.FairValue is null ? MeasurementBasis.Cost : null,
        Treatments = terms.Treatments ?? Treatments.Starter,
    };

    /// <summary>Terms of the book with what the what-if changes.</summary>
    public PolicyTerms Change(PolicyTerms own)
    {
        ArgumentNullException.ThrowIfNull(own);
        return new PolicyTerms(
            Method ?? own.LotMethod,
            Scope ?? own.BasisScope,
            Stablecoins ?? own.Stablecoins,
            Income ?? own.IncomeBasis,
            PriceAgeMaxSeconds ?? own.PriceAgeMaxSeconds,
            Change(Conventions ?? own.Conventions),
            Measurement switch
            {
                MeasurementBasis.Cost => null,
                MeasurementBasis.FairValue => FairValue ?? own.FairValue ?? FairValueTerms.Starter,
                _ => FairValue ?? own.FairValue,
            },
            Treatments ?? own.Treatments);
    }

    private LotConventions? Change(LotConventions? own)
    {
        if (Sequence is null && MissingBasis is null && Fees is null)
        {
            return own;
        }

        var how = own ?? LotConventions.Starter;
        return how with
        {
            Sequence = Sequence ?? how.Sequence,
            MissingBasis = MissingBasis ?? how.MissingBasis,
            Fees = Fees ?? how.Fees,
        };
    }

    /// <summary>The terms before any that were adopted.</summary>
    /// <param name="official">The terms of the treasury's opening.</param>
    public PolicyTerms TermsBefore(PolicyTerms official) =>
        Change(Book is null ? official : StarterBooks.TermsBefore(Book, official));
}
