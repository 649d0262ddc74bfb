using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Terms of a book from an instant on.</summary>
/// <param name="Adopted">The entry that adopts them; absent for those that the book begins with.</param>
/// <param name="Terms">The terms.</param>
public sealed record DatedTerms(NarrowEntry? Adopted, PolicyTerms Terms);

/// <summary>A book that can be asked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Starter">What is built in under that name, if anything is.</param>
/// <param name="Terms">Its terms, those it begins with first, in the order in which they hold.</param>
/// <param name="Decisions">Its allocation and standing orders, in the order in which they hold.</param>
public sealed record NamedBook(
    string Name, StarterBook? Starter, ImmutableArray<DatedTerms> Terms, ImmutableArray<NarrowEntry> Decisions)
{
    /// <summary>The books at a viewpoint: the official one, the starters, then the others by name.</summary>
    /// <param name="log">Its entries.</param>
    /// <param name="official">The terms of its opening.</param>
    /// <param name="asOf">The instant in the world (inclusive).</param>
    /// <param name="position">What is known: the entries up to this position (inclusive).</param>
    public static ImmutableArray<NamedBook> All(
        NarrowLogView log, PolicyTerms official, Instant asOf, long position)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(official);
        var said = log.Adoptions(position).Where(entry => entry.EffectiveAt <= asOf).ToList();
        var adopted = said.Where(entry => entry.Event is TermsAdopted)
            .ToLookup(entry => ((TermsAdopted)entry.Event).Book, StringComparer.Ordinal);
        var decided = said.Where(entry => entry.Event is BasisAllocated or StandingOrderGiven)
            .ToLookup(entry => ((IOfBook)entry.Event).Book, StringComparer.Ordinal);
        var own = adopted.Select(book => book.Key)
            .Where(name => StarterBooks.All.All(starter => starter.Name != name))
            .Order(StringComparer.Ordinal);
        return
        [
            Of(StarterBooks.Official, null),
            .. StarterBooks.All.Select(starter => Of(starter.Name, starter)),
            .. own.Select(name => Of(name, null)),
        ];

        NamedBook Of(string name, StarterBook? starter) => new(name, starter,
        [
            new DatedTerms(null, StarterBooks.TermsBefore(name, official)),
            .. adopted[name].Select(entry => new DatedTerms(entry, ((TermsAdopted)entry.Event).Terms)),
        ], [.. decided[name]]);
    }
}
