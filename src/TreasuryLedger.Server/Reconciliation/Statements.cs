using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Reconciliation;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>What a source says of one account over a stretch of time, to be held against the ledger.</summary>
/// <param name="Source">Who says it.</param>
/// <param name="Account">Of which account.</param>
/// <param name="From">The first instant of its lines (inclusive).</param>
/// <param name="Until">The last one (inclusive).</param>
/// <param name="Lines">Every change of units that the source knows in that time.</param>
/// <param name="Balances">Units held at instants.</param>
/// <param name="Rules">When lines are taken to be the same.</param>
/// <param name="KnownAt">What the ledger knew at this instant; absent: by now.</param>
/// <param name="Record">Keep the breaks that are found, and close those that are found no more; absent: only
/// say what differs.</param>
public sealed record SourceStatement(
    string Source,
    AccountId Account,
    Instant From,
    Instant Until,
    ImmutableArray<SourceLine> Lines,
    ImmutableArray<SourceBalance>? Balances = null,
    SourceRules? Rules = null,
    Instant? KnownAt = null,
    bool? Record = null);

/// <summary>A line of a statement.</summary>
/// <param name="Reference">The source's own name for it.</param>
/// <param name="At">When.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Change">Whole tokens, more than zero in, less than zero out.</param>
/// <param name="Fact">The fact it is about, if its id is known.</param>
public sealed record SourceLine(string Reference, Instant At, AssetId Asset, ExactDecimal Change, FactId? Fact = null);

/// <summary>Units that a source says are held.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="At">When.</param>
/// <param name="Quantity">Whole tokens.</param>
public sealed record SourceBalance(AssetId Asset, Instant At, ExactDecimal Quantity);

/// <summary>When lines of both sides are taken to be the same.</summary>
/// <param name="WindowSeconds">How far apart they may be (inclusive); without it an hour.</param>
/// <param name="Tolerance">How many whole tokens they may differ (inclusive); without it none.</param>
/// <param name="GroupMax">How many lines may make up one, 1 to 12; without it 8.</param>
public sealed record SourceRules(int? WindowSeconds = null, ExactDecimal? Tolerance = null, int? GroupMax = null);

/// <summary>In what way statement and ledger differ.</summary>
public enum BreakKind
{
    /// <summary>The source tells a line that the ledger does not have.</summary>
    MissingInLedger,

    /// <summary>The ledger has an entry that the source does not tell.</summary>
    MissingAtSource,

    /// <summary>Both tell the same fact with other units.</summary>
    QuantityDiffers,

    /// <summary>Other units are held.</summary>
    BalanceDiffers,

    /// <summary>Two sources told one fact differently; the ledger keeps both tellings.</summary>
    FactConflict,
}

/// <summary>A difference that somebody has to look at.</summary>
/// <param name="Id">The same whenever the same difference is found.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Source">Which source.</param>
/// <param name="Account">Which account; absent for a conflict of several.</param>
/// <param name="Asset">Of what; absent likewise.</param>
/// <param name="At">When it happened in the world.</param>
/// <param name="References">Lines of the statement.</param>
/// <param name="Entries">Entries of the ledger.</param>
/// <param name="Told">Whole tokens as the source has them.</param>
/// <param name="Recorded">Whole tokens as the ledger has them.</param>
/// <param name="Suggestion">A command that would mend it, if that is what happened: for a person to check.</param>
public sealed record Break(
    string Id,
    BreakKind Kind,
    string Source,
    AccountId? Account,
    AssetId? Asset,
    Instant At,
    ImmutableArray<string> References,
    ImmutableArray<long> Entries,
    ExactDecimal? Told,
    ExactDecimal? Recorded,
    JsonElement? Suggestion);

/// <summary>Lines that tell the same.</summary>
/// <param name="Kind">How they were matched.</param>
/// <param name="Asset">Of what.</param>
/// <param name="References">Lines of the statement.</param>
/// <param name="Entries">Entries of the ledger.</param>
/// <param name="Difference">Whole tokens of the statement less those of the ledger.</param>
public sealed record MatchedLines(
    MatchKind Kind,
    AssetId Asset,
    ImmutableArray<string> References,
    ImmutableArray<long> Entries,
    ExactDecimal Difference);

/// <summary>A statement held against the ledger.</summary>
/// <param name="Source">Which source.</param>
/// <param name="Account">Which account.</param>
/// <param name="AsOf">Up to which instant in the world.</param>
/// <param name="KnownAt">What the ledger knew when.</param>
/// <param name="Position">The newest entry that counted.</param>
/// <param name="Matches">What tells the same; no line is in two.</param>
/// <param name="Breaks">What does not.</param>
/// <param name="Opened">Breaks that are new, if they are kept.</param>
/// <param name="Resolved">Breaks that were open and are found no more, if they are kept.</param>
public sealed record ReconciliationAnswer(
    string Source,
    AccountId Account,
    Instant AsOf,
    Instant KnownAt,
    long Position,
    ImmutableArray<MatchedLines> Matches,
    ImmutableArray<Break> Breaks,
    int Opened,
    int Resolved);
