using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;
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

/// <summary>A book that can be asked.</summary>
/// <param name="Book">Its name.</param>
/// <param name="Origin">Where the name comes from.</param>
/// <param name="Summary">Of a starter book: what it is for.</param>
/// <param name="Policy">Its terms at asOf.</param>
/// <param name="Terms">All its terms up to asOf, in the order in which they hold.</param>
public sealed record BookRow(
    string Book, BookOrigin Origin, string? Summary, PolicyTerms Policy, ImmutableArray<BookTermsRow> Terms);

/// <summary>The books of a treasury.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Books">The official one, the starter books, then the others, by name.</param>
public sealed record BooksAnswer(Standpoint Viewpoint, ImmutableArray<BookRow> Books)
{
    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, BooksAnswer> Read(QueryReader query) => seen => new BooksAnswer(
        seen.Standpoint,
        [
            .. NamedBook.All(
                seen.View.Books.Log, seen.Opened.Policy, seen.Standpoint.AsOf, seen.View.Treasury.Head.Position)
                .Select(book => new BookRow(
                    book.Name,
                    book.Name == StarterBooks.Official ? BookOrigin.Opening
                        : book.Starter is null ? BookOrigin.Adopted
                        : BookOrigin.Starter,
                    book.Starter?.Summary,
                    book.Terms[^1].Terms,
                    [
                        .. book.Terms.Select(dated => new BookTermsRow(
                            dated.Adopted?.EffectiveAt, dated.Adopted?.Position, dated.Adopted?.RecordedAt,
                            dated.Terms)),
                    ])),
        ]);
}
