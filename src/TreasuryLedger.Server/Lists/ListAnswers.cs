using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists;

/// <summary>A page of entries in recorded order.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Entries">The page.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record EntriesAnswer(JournalStandpoint Viewpoint, ImmutableArray<EntryRow> Entries, string? Next);

/// <summary>A change of units at one account.</summary>
/// <param name="Entry">The entry that says so.</param>
/// <param name="Leg">Its number within the entry, from 0 on.</param>
/// <param name="Side">What it is about.</param>
/// <param name="Account">Where; the lending position for a debt.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens, more than zero in, less than zero out.</param>
/// <param name="EffectiveAt">When it happened.</param>
/// <param name="RecordedAt">When the journal learned it.</param>
/// <param name="Type">The pinned name of the entry's event.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Quality">How much a figure may rest on it.</param>
/// <param name="VoidedBy">The entry known by then that voids it, if one does.</param>
public sealed record MovementRow(
    long Entry,
    int Leg,
    MovementSide Side,
    AccountId Account,
    AssetId Asset,
    ExactDecimal Quantity,
    Instant EffectiveAt,
    Instant RecordedAt,
    string Type,
    FactId Fact,
    string Source,
    EvidenceQuality Quality,
    long? VoidedBy);

/// <summary>A page of movements in recorded order.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Movements">The page.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record MovementsAnswer(JournalStandpoint Viewpoint, ImmutableArray<MovementRow> Movements, string? Next);

/// <summary>A recorded price.</summary>
/// <param name="Entry">The entry that says so.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Currency">In what.</param>
/// <param name="Price">Currency per whole token.</param>
/// <param name="EffectiveAt">When it was true.</param>
/// <param name="RecordedAt">When the book learned it.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Quality">How much a figure may rest on it.</param>
/// <param name="VoidedBy">The entry known by then that voids it, if one does.</param>
public sealed record RecordedPriceRow(
    long Entry,
    AssetId Asset,
    AssetId Currency,
    ExactDecimal Price,
    Instant EffectiveAt,
    Instant RecordedAt,
    FactId Fact,
    string Source,
    EvidenceQuality Quality,
    long? VoidedBy);

/// <summary>A page of prices in recorded order.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Prices">The page.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record PricesAnswer(JournalStandpoint Viewpoint, ImmutableArray<RecordedPriceRow> Prices, string? Next);

/// <summary>What the movements of one asset add up to.</summary>
/// <param name="Side">What they are about.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Movements">How many.</param>
/// <param name="In">Whole tokens that came.</param>
/// <param name="Out">Whole tokens that left, not negative.</param>
/// <param name="Net">In less out.</param>
public sealed record MovementSum(
    MovementSide Side, AssetId Asset, long Movements, ExactDecimal In, ExactDecimal Out, ExactDecimal Net);

/// <summary>What a filtered list of entries adds up to.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Entries">How many entries match.</param>
/// <param name="Sums">Their movements that match, by side and asset.</param>
public sealed record EntrySumsAnswer(JournalStandpoint Viewpoint, long Entries, ImmutableArray<MovementSum> Sums);
