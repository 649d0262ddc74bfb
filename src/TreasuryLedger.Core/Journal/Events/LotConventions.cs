namespace TreasuryLedger.Core.Journal;

/// <summary>Who bears the fees of a trade.</summary>
public enum FeeBasis
{
    /// <summary>Cost and proceeds: an acquisition adds them, a sale takes them off.</summary>
    InBasis,

    /// <summary>Nobody: they are an expense beside it.</summary>
    Expense,
}

/// <summary>Which side of a trade between two assets in lots bears its fees.</summary>
public enum ExchangeFee
{
    /// <summary>As the entry says it: an acquisition adds them to cost, a sale takes them from proceeds.</summary>
    AsRecorded,

    /// <summary>What is disposed of: they are taken from its proceeds (26 CFR 1.1001-7).</summary>
    Disposed,

    /// <summary>What is acquired: they are added to its cost.</summary>
    Acquired,
}

/// <summary>When the fee in kind of units that move leaves its lots.</summary>
public enum TransferFee
{
    /// <summary>Before the units: it takes the lots that the method gives first.</summary>
    BeforeTransfer,

    /// <summary>After the units: it takes what they leave.</summary>
    AfterTransfer,

    /// <summary>With the units: it is no disposal, and what it cost stays with the units that move.</summary>
    Rehomed,
}

/// <summary>Which lots move with units that go from place to place.</summary>
public enum TransferLots
{
    /// <summary>Those that the method would dispose of.</summary>
    ByMethod,

    /// <summary>The earliest acquired.</summary>
    EarliestFirst,
}

/// <summary>Which lot counts as the earlier one.</summary>
public enum LotSequence
{
    /// <summary>The one acquired earlier, wherever it lay.</summary>
    Acquisition,

    /// <summary>The one that came to the place earlier: what a broker sees.</summary>
    Arrival,
}

/// <summary>By what highest and lowest cost rank.</summary>
public enum CostKey
{
    /// <summary>Whole cost per unit, fees included.</summary>
    WithFees,

    /// <summary>Price per unit, without the fees that are in its cost.</summary>
    WithoutFees,
}

/// <summary>What units without a cost cost when they are disposed of.</summary>
public enum MissingBasis
{
    /// <summary>Nobody knows: the figures are incomplete.</summary>
    Incomplete,

    /// <summary>Nothing: all that they bring is gain. Terms that say so are the recorded decision.</summary>
    Zero,
}

/// <summary>Which identifications of lots count.</summary>
public enum IdentificationRule
{
    /// <summary>Those that this journal recorded no later than the disposal happened.</summary>
    Recorded,

    /// <summary>Also those recorded later that happened no later, as their evidence attests.</summary>
    Attested,

    /// <summary>None.</summary>
    Ignored,
}

/// <summary>When holding was long.</summary>
public enum HoldingRule
{
    /// <summary>More than one year: from the day one year after the day after acquisition on.</summary>
    MoreThanOneYear,

    /// <summary>At least 365 days.</summary>
    AtLeast365Days,

    /// <summary>More than 365 days.</summary>
    MoreThan365Days,
}

/// <summary>What it is when units go to another treasury of the same owners.</summary>
public enum HandoverTreatment
{
    /// <summary>No disposal: lots leave with date and cost.</summary>
    AtCost,

    /// <summary>A disposal at what the units are worth.</summary>
    Disposal,
}

/// <summary>
/// What laws, agencies and tools disagree on, as terms of a book. Each first value is what holds where a book says
/// nothing.
/// </summary>
/// <param name="Fees">Fees of trades: in cost and proceeds, or an expense.</param>
/// <param name="ExchangeFee">Which side of a trade between two assets bears them.</param>
/// <param name="TransferFee">Whether a fee in kind leaves before the units that it moves.</param>
/// <param name="TransferLots">Which lots move.</param>
/// <param name="Sequence">Order by acquisition or by arrival.</param>
/// <param name="CostKey">By what highest and lowest cost rank.</param>
/// <param name="MissingBasis">Unknown, or zero by decision.</param>
/// <param name="Identification">Which identifications of lots count.</param>
/// <param name="Holding">When holding was long.</param>
/// <param name="Handover">What units that go to another treasury of the same owners are.</param>
public sealed record LotConventions(
    FeeBasis Fees = FeeBasis.InBasis,
    ExchangeFee ExchangeFee = ExchangeFee.AsRecorded,
    TransferFee TransferFee = TransferFee.BeforeTransfer,
    TransferLots TransferLots = TransferLots.ByMethod,
    LotSequence Sequence = LotSequence.Acquisition,
    CostKey CostKey = CostKey.WithFees,
    MissingBasis MissingBasis = MissingBasis.Incomplete,
    IdentificationRule Identification = IdentificationRule.Recorded,
    HoldingRule Holding = HoldingRule.MoreThanOneYear,
    HandoverTreatment Handover = HandoverTreatment.AtCost)
{
    /// <summary>What holds where a book says nothing.</summary>
    public static LotConventions Starter { get; } = new();
}
