using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Model;

/// <summary>The product with something wrong between the journal and its fold.</summary>
internal static class BrokenInput
{
    public static IReadOnlyDictionary<string, Answerer> All { get; } = new Dictionary<string, Answerer>
    {
        ["the newest entry is lost"] = History(history => history with { Treasury = history.Treasury[..^1] }),
        ["the newest price is lost"] = History(history => history with { Prices = history.Prices[..^1] }),
        ["corrections of prices are lost"] = History(history => history with
        {
            Prices = [.. history.Prices.Select(entry => entry with { Voids = null })],
        }),
        ["an entry counts twice"] = History(history => history with
        {
            Treasury = [.. history.Treasury, Again(history.Treasury[^1])],
        }),
        ["a second telling counts as another fact"] = Event(happened =>
            happened is BreakOpened told ? told.Claim : happened),
        ["an instruction counts as done"] = Event(happened =>
            happened is InstructionGiven given ? given.Intended : happened),
        ["a transfer arrives when it is sent"] = Event(happened => happened is TransferDispatched sent
            ? new AssetTransferred(sent.Sent, sent.To, sent.Fees)
            : happened),
        ["a purchase loses its second fee"] = Event(happened =>
            happened is AssetAcquired { Fees.Length: > 1 } bought ? bought with { Fees = [bought.Fees[0]] } : happened),
        ["a sale is one smallest unit too many"] = Event(happened => happened is AssetSold sold
            ? sold with { Sold = sold.Sold with { Quantity = sold.Sold.Quantity + new Quantity(1) } }
            : happened),
        ["effective instants lose their microseconds"] = History(history => history with
        {
            Treasury = Mapped(history.Treasury, entry => entry with
            {
                EffectiveAt = entry.EffectiveAt.Plus(-(entry.EffectiveAt.Microseconds % 1_000_000)),
            }),
        }),
        ["adopted terms are lost"] = Event(happened =>
            happened is TermsAdopted adopted ? adopted with { Book = "nobody's" } : happened),
        ["voided terms still hold"] = History(history => history with
        {
            Treasury = Mapped(history.Treasury, entry => entry.Voids is { } voided
                && history.Treasury.Any(other => other.Position == voided && other.Event is TermsAdopted)
                    ? entry with { Voids = null }
                    : entry),
        }),
        ["every read is universal"] = Policy(terms => terms with { BasisScope = BasisScope.Universal }),
        ["stablecoins are always cash"] = Policy(terms => terms with { Stablecoins = StablecoinTreatment.CashAtPar }),
        ["income is always at fair value"] = Policy(terms => terms with { IncomeBasis = IncomeBasis.FairValue }),
        ["LIFO is read as FIFO"] = Policy(terms =>
            terms.LotMethod == LotMethod.Lifo ? terms with { LotMethod = LotMethod.Fifo } : terms),
        ["average cost is read as FIFO"] = Policy(terms =>
            terms.LotMethod == LotMethod.Average ? terms with { LotMethod = LotMethod.Fifo } : terms),
    };

    private static Answerer History(Func<History, History> wrong) =>
        (history, question) => ProductBook.Answer(wrong(history), question);

    private static Answerer Event(Func<LedgerEvent, LedgerEvent> wrong) => History(history => history with
    {
        Treasury = Mapped(history.Treasury, entry => entry with { Event = wrong(entry.Event) }),
    });

    private static Answerer Policy(Func<PolicyTerms, PolicyTerms> wrong) => (history, question) =>
        ProductBook.Answer(history, question with { Policy = wrong(question.Policy) });

    private static ImmutableArray<Entry> Mapped(ImmutableArray<Entry> journal, Func<Entry, Entry> wrong) =>
        [.. journal.Select(wrong)];

    private static Entry Again(Entry entry) => entry with
    {
        Position = entry.Position + 1,
        RecordedAt = entry.RecordedAt.Plus(1),
        Voids = null,
    };
}
