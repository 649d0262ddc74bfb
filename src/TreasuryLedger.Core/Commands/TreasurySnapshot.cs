using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// All that a state holds of its journal, as plain values in one order: what <see cref="TreasuryState.Of"/> makes of it
/// decides as the state did, and two states of one journal at one position have the same.
/// </summary>
public sealed record TreasurySnapshot
{
    /// <summary>What kind of journal.</summary>
    public required JournalKind Kind { get; init; }

    /// <summary>The newest position.</summary>
    public required long Position { get; init; }

    /// <summary>When the newest entry was recorded.</summary>
    public required Instant RecordedAt { get; init; }

    /// <summary>Whether recorded instants come from a script.</summary>
    public required bool ReplayedClock { get; init; }

    /// <summary>The opening of a treasury.</summary>
    public required TreasuryOpened? Opened { get; init; }

    /// <summary>By id. Those whose registration was voided stay.</summary>
    public required ImmutableArray<NameSnapshot<AccountId, AccountRegistered>> Accounts { get; init; }

    /// <summary>By id. Those whose registration was voided stay.</summary>
    public required ImmutableArray<NameSnapshot<AssetId, AssetRegistered>> Assets { get; init; }

    /// <summary>By fact.</summary>
    public required ImmutableArray<InstructionSnapshot> Instructions { get; init; }

    /// <summary>Free units, then owed ones; by account, then by asset. None without changes.</summary>
    public required ImmutableArray<UnitsSnapshot> Units { get; init; }

    /// <summary>By book, then by instant. Those that were voided are left out.</summary>
    public required ImmutableArray<AdoptionSnapshot> Adoptions { get; init; }

    /// <summary>Entries about periods, in recorded order.</summary>
    public required ImmutableArray<PeriodEntry> Periods { get; init; }

    /// <summary>
    /// Entries about limits, the playbook, alerts, what two persons decide and what waits for a second one, in recorded
    /// order. Those voided are left out.
    /// </summary>
    public required ImmutableArray<RiskEntry> Risks { get; init; }

    /// <summary>By position: how those are kept to which anything has happened.</summary>
    public required ImmutableArray<PositionSnapshot> Positions { get; init; }

    /// <summary>By side: over which indices its interest is booked. None without any.</summary>
    public required ImmutableArray<BookedSnapshot> Booked { get; init; }
}

/// <summary>A standing entry that adopts terms for a book, allocates its lots, or proposes something for it.</summary>
/// <param name="Adopted">What it says.</param>
/// <param name="At">From when on.</param>
/// <param name="By">Its position.</param>
public sealed record AdoptionSnapshot(LedgerEvent Adopted, Instant At, long By)
{
    /// <summary>The book's name.</summary>
    public string Book => ((IOfBook)Adopted).Book;

    /// <summary>The terms, if it adopts any.</summary>
    public PolicyTerms? Terms => (Adopted as TermsAdopted)?.Terms;
}

/// <summary>How a lending position is kept.</summary>
/// <param name="Position">Which.</param>
/// <param name="Use">By how many entries.</param>
public sealed record PositionSnapshot(AccountId Position, PositionUse Use);

/// <summary>Which interest of a side of an indexed position is booked.</summary>
/// <param name="Side">Which side.</param>
/// <param name="Steps">By index.</param>
public sealed record BookedSnapshot(PositionSide Side, ImmutableArray<IndexStep> Steps);

/// <summary>An id and who uses it.</summary>
/// <param name="Id">The id.</param>
/// <param name="Registered">Its registration; absent if that was voided.</param>
/// <param name="By">The position of the last entry that registered it.</param>
/// <param name="Uses">Standing entries that name it.</param>
/// <param name="FirstUse">No standing entry before this position names it.</param>
/// <param name="IsExact">Whether the one at that position does.</param>
public sealed record NameSnapshot<TId, TEvent>(
    TId Id, TEvent? Registered, long By, long Uses, long FirstUse, bool IsExact);

/// <summary>An instruction and what was done by now.</summary>
/// <param name="Fact">Its fact.</param>
/// <param name="At">Its effective instant.</param>
/// <param name="Given">Its terms; absent if it was voided.</param>
/// <param name="Cancellations">How many stand.</param>
/// <param name="Principal">Principal units done.</param>
/// <param name="Held">Changes of units held.</param>
/// <param name="Owed">Changes of units owed.</param>
public sealed record InstructionSnapshot(
    FactId Fact,
    Instant At,
    InstructionGiven? Given,
    int Cancellations,
    ImmutableArray<Movement> Principal,
    ImmutableArray<Movement> Held,
    ImmutableArray<Movement> Owed);

/// <summary>Units of one asset at one account over effective time.</summary>
/// <param name="AreOwed">Owed, or held and free.</param>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Instants">When they change, in microseconds, growing.</param>
/// <param name="Changes">By how many smallest units, never 0; empty if they are <paramref name="Wide"/>.</param>
/// <param name="Wide">The changes, if all taken as positive add up to more than 2^126; otherwise empty.</param>
public sealed record UnitsSnapshot(
    bool AreOwed,
    AccountId Account,
    AssetId Asset,
    ImmutableArray<long> Instants,
    ImmutableArray<Int128> Changes,
    ImmutableArray<BigInteger> Wide);
