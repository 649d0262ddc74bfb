using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What commands about lots check alike.</summary>
internal static class LotTerms
{
    /// <summary>Refuses what is no name of a book.</summary>
    public static void CheckBook(Checks check, string book) =>
        check.Term(Texts.IsBookId(book), "book", Texts.BookIdExpected);

    /// <summary>Refuses a method that does not put lots into an order.</summary>
    public static void CheckOrder(Checks check, LotMethod? method) => check.Term(
        method is null or LotMethod.Fifo or LotMethod.Lifo or LotMethod.Hifo or LotMethod.Lofo,
        "method",
        "must put lots into an order: fifo, lifo, hifo or lofo");

    /// <summary>The terms of a book at an instant.</summary>
    public static PolicyTerms Of(TreasuryState state, string book, Instant at) =>
        state.AdoptionsOf(book).LastOrDefault(one => one.At <= at)?.Terms
        ?? StarterBooks.TermsBefore(book, state.Registers.Treasury!.Policy);
}
