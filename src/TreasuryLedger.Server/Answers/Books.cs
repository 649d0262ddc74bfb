using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers;

/// <summary>Where a book's name comes from.</summary>
public enum BookOrigin
{
    /// <summary>The treasury's opening.</summary>
    Opening,

    /// <summary>It is built in; terms may have been adopted for it since.</summary>
    Starter,

    /// <summary>Terms were adopted under that name.</summary>
    Adopted,
}

/// <summary>Terms of a book from an instant on.</summary>
/// <param name="From">The first instant (inclusive); absent: from the beginning.</param>
/// <param name="Entry">The entry that adopts them; absent for those that the book begins with.</param>
/// <param name="RecordedAt">When that was learned; absent as above.</param>
/// <param name="Policy">The terms.</param>
public sealed record BookTermsRow(Instant? From, long? Entry, Instant? RecordedAt, PolicyTerms Policy);

/// <summary>What was decided about the lots of a book.</summary>
/// <param name="From">The instant of its entry.</param>
/// <param name="Entry">The entry.</param>
/// <param name="RecordedAt">When that was learned.</param>
/// <param name="Hash">The chain's hash at the entry, SHA-256 in lower-case hex.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Method">In which order lots are given out, or go; absent where an order ends.</param>
/// <param name="Account">Of a standing order: the account.</param>
/// <param name="NamedLots">Of an allocation: how many lots it gives by name; its entry says which.</param>
/// <param name="Accounts">Of an allocation: who gets the others first.</param>
public sealed record BookDecisionRow(
    Instant From,
    long Entry,
    Instant RecordedAt,
    string Hash,
    string Type,
    LotMethod? Method,
    AccountId? Account,
    int? NamedLots,
    IReadOnlyList<AccountId>? Accounts)
{
    /// <summary>The decision as callers see it.</summary>
    public static BookDecisionRow Of(NarrowEntry entry, string hash)
    {
        var (order, allocated) = (entry.Event as StandingOrderGiven, entry.Event as BasisAllocated);
        return new BookDecisionRow(
            entry.EffectiveAt, entry.Position, entry.RecordedAt, hash, EventNames.Of(entry.Event).Name,
            order?.Method ?? allocated?.Method, order?.Account, allocated?.Units.Length,
            allocated?.Accounts);
    }
}

/// <summary>A book that can be asked.</summary>
/// <param name="Book">Its name.</param>
/// <param name="Origin">Where the name comes from.</param>
/// <param name="Summary">Of a starter book: what it is for.</param>
/// <param name="Policy">Its terms at asOf.</param>
/// <param name="Terms">All its terms up to asOf, in the order in which they hold.</param>
/// <param name="Decisions">Its allocation and standing orders up to asOf; absent if there are none.</param>
public sealed record BookRow(
    string Book,
    BookOrigin Origin,
    string? Summary,
    PolicyTerms Policy,
    ImmutableArray<BookTermsRow> Terms,
    IReadOnlyList<BookDecisionRow>? Decisions);

/// <summary>The books of a treasury.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Books">The official one, the starter books, then the others, by name.</param>
public sealed record BooksAnswer(Standpoint Viewpoint, ImmutableArray<BookRow> Books)
{
    /// <summary>
    /// Reads the question. Hashes are not kept in memory, so the answer asks the database for those of its entries.
    /// </summary>
    public static async Task<PendingAnswer> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var seen = await asking.SeeAsync(cancellation, Question.ReadTimes);
        return new PendingAnswer(seen.Standpoint, seen.Cost, async stop =>
        {
            var books = NamedBook.All(
                seen.View.Books.Log, seen.Opened.Policy, seen.Standpoint.AsOf, seen.View.Treasury.Head.Position);
            var decided = books.SelectMany(book => book.Decisions).Select(entry => entry.Position).ToArray();
            var hashes = decided.Length == 0 ? [] : await JournalRows.HashesAsync(
                await asking.Desk.Databases.OfAsync(asking.Treasury.Tenant, stop), asking.Treasury, decided, stop);
            return new BooksAnswer(seen.Standpoint, [.. books.Select(book => Of(book, hashes))]);
        });
    }

    private static BookRow Of(NamedBook book, Dictionary<long, string> hashes) => new(
        book.Name,
        book.Name == StarterBooks.Official ? BookOrigin.Opening
            : book.Starter is null ? BookOrigin.Adopted
            : BookOrigin.Starter,
        book.Starter?.Summary,
        book.Terms[^1].Terms,
        [
            .. book.Terms.Select(dated => new BookTermsRow(
                dated.Adopted?.EffectiveAt, dated.Adopted?.Position, dated.Adopted?.RecordedAt, dated.Terms)),
        ],
        book.Decisions.IsEmpty ? null
            : [.. book.Decisions.Select(entry => BookDecisionRow.Of(entry, hashes[entry.Position]))]);
}
