using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// A period of a book was closed: what is recorded from now on has its accounting date behind it (Periods/SPEC.md).
/// </summary>
/// <param name="Book">The book's name.</param>
/// <param name="From">The first instant of the period (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
public sealed record PeriodClosed(string Book, Instant From, Instant Until) : LedgerEvent;

/// <summary>A closed period of a book was sealed: its statements stand, and what they were is told by a hash.</summary>
/// <param name="Book">The book's name.</param>
/// <param name="From">The first instant of the period (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Closing">The entry that closed it: the statements know the journal up to here (inclusive).</param>
/// <param name="KnownAt">When that was recorded: the known-at instant of the statements (inclusive).</param>
/// <param name="PricePosition">The position of the price book at that instant.</param>
/// <param name="CalculationVersion">The version of the rules that derived the statements.</param>
/// <param name="StatementHash">SHA-256 of the statements, lower-case hex.</param>
/// <param name="SealedBy">Who sealed it; that person cannot reopen it.</param>
public sealed record PeriodSealed(
    string Book,
    Instant From,
    Instant Until,
    long Closing,
    Instant KnownAt,
    long PricePosition,
    string CalculationVersion,
    string StatementHash,
    string SealedBy) : LedgerEvent;

/// <summary>Somebody asked to reopen a sealed period. Nothing changes until a second person does.</summary>
/// <param name="Book">The book's name.</param>
/// <param name="From">The first instant of the period (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Seal">The entry that sealed it.</param>
/// <param name="RequestedBy">Who asked; that person cannot reopen it.</param>
public sealed record ReopeningRequested(
    string Book, Instant From, Instant Until, long Seal, string RequestedBy) : LedgerEvent;

/// <summary>
/// The last closed period of a book is open again. Whoever knows this entry sees no closing of it; whoever does not
/// still sees what was sealed.
/// </summary>
/// <param name="Book">The book's name.</param>
/// <param name="From">The first instant of the period (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Closing">The entry that had closed it.</param>
/// <param name="Request">Of a sealed period: the entry by which another person asked for it.</param>
public sealed record PeriodReopened(
    string Book, Instant From, Instant Until, long Closing, long? Request) : LedgerEvent;
