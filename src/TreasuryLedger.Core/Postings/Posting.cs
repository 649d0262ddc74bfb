using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>One line of an entry in the books: units and amount of one asset at one chart account and place.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Place">At which account of the treasury; absent where it belongs to none.</param>
/// <param name="Transfer">In transit: the fact of the dispatch.</param>
/// <param name="Asset">Of what, as the entry names it; for pooled cost the pool.</param>
/// <param name="Pool">The asset whose lots these units share.</param>
/// <param name="Quantity">Smallest units: more than zero in debit, less than zero in credit.</param>
/// <param name="Amount">In the reporting currency: more than zero in debit, less than zero in credit.</param>
public sealed record Posting(
    ChartAccount Account,
    AccountId? Place,
    FactId? Transfer,
    AssetId Asset,
    AssetId Pool,
    Quantity Quantity,
    Amount Amount);

/// <summary>An entry in the books.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Postings">
/// Its lines by chart account, place, transfer and asset, each of these once; none for entries that move nothing. They
/// add up to zero in units of every asset and in the reporting currency.
/// </param>
public sealed record EntryPostings(NarrowEntry Entry, ImmutableArray<Posting> Postings);
