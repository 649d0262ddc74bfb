using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// The stored name of every event, pinned by hand: a name and its shape are for ever, whatever the class is called
/// later. A changed shape gets a new name with the next version, and the old one stays readable.
/// </summary>
public static class EventNames
{
    private static readonly EventName[] Pinned =
    [
        Pin<TreasuryOpened>("treasury_opened_v1"),
        Pin<BookOpened>("book_opened_v1"),
        Pin<AccountRegistered>("account_registered_v1"),
        Pin<AssetRegistered>("asset_registered_v1"),
        Pin<BalancesOpened>("balances_opened_v1"),
        Pin<CapitalContributed>("capital_contributed_v1"),
        Pin<AssetAcquired>("asset_acquired_v1"),
        Pin<AssetSold>("asset_sold_v1"),
        Pin<AssetTransferred>("asset_transferred_v1"),
        Pin<TransferDispatched>("transfer_dispatched_v1"),
        Pin<TransferArrived>("transfer_arrived_v1"),
        Pin<YieldReceived>("yield_received_v1"),
        Pin<FeePaid>("fee_paid_v1"),
        Pin<AssetWrapped>("asset_wrapped_v1"),
        Pin<CollateralDeposited>("collateral_deposited_v1"),
        Pin<CollateralWithdrawn>("collateral_withdrawn_v1"),
        Pin<DebtBorrowed>("debt_borrowed_v1"),
        Pin<DebtRepaid>("debt_repaid_v1"),
        Pin<InterestAccrued>("interest_accrued_v1"),
        Pin<LiquidationRecorded>("liquidation_recorded_v1"),
        Pin<PriceRecorded>("price_recorded_v1"),
        Pin<MarketStateRecorded>("market_state_recorded_v1"),
        Pin<EntryVoided>("entry_voided_v1"),
        Pin<EntryAnnotated>("entry_annotated_v1"),
        Pin<EvidenceAdded>("evidence_added_v1"),
        Pin<BreakOpened>("break_opened_v1"),
        Pin<InstructionGiven>("instruction_given_v1"),
        Pin<InstructionCancelled>("instruction_cancelled_v1"),
        Pin<TermsAdopted>("terms_adopted_v1"),
        Pin<PeriodClosed>("period_closed_v1"),
        Pin<PeriodSealed>("period_sealed_v1"),
        Pin<ReopeningRequested>("reopening_requested_v1"),
        Pin<PeriodReopened>("period_reopened_v1"),
        Pin<UnitsHandedOver>("units_handed_over_v1"),
        Pin<LotsIdentified>("lots_identified_v1"),
        Pin<StandingOrderGiven>("standing_order_given_v1"),
        Pin<BasisAllocated>("basis_allocated_v1"),
        Pin<LimitsSet>("limits_set_v1"),
        Pin<PlaybookAdopted>("playbook_adopted_v1"),
        Pin<AlertRaised>("alert_raised_v1"),
        Pin<AlertAcknowledged>("alert_acknowledged_v1"),
        Pin<AlertResolved>("alert_resolved_v1"),
        Pin<PositionTouched>("position_touched_v1"),
        Pin<DebtForgiven>("debt_forgiven_v1"),
        Pin<EModeChosen>("emode_chosen_v1"),
        Pin<CollateralSwitched>("collateral_switched_v1"),
        Pin<LoanTermsAgreed>("loan_terms_agreed_v1"),
        Pin<UnitsLocked>("units_locked_v1"),
        Pin<MarketVersionSet>("market_version_set_v1"),
        Pin<ReserveUpdated>("reserve_updated_v1"),
        Pin<ReserveConfigured>("reserve_configured_v1"),
        Pin<EModeConfigured>("emode_configured_v1"),
        Pin<UnitsTakenOver>("units_taken_over_v1"),
        Pin<TermsProposed>("terms_proposed_v1"),
        Pin<DecisionProposed>("decision_proposed_v1"),
        Pin<FourEyesSet>("four_eyes_set_v1"),
        Pin<ChangeProposed>("change_proposed_v1"),
        Pin<ProposalDeclined>("proposal_declined_v1"),
        Pin<ReserveUseRecorded>("reserve_use_recorded_v1"),
    ];

    private static readonly FrozenDictionary<Type, EventName> ByType = Pinned.ToFrozenDictionary(pin => pin.Type);

    private static readonly FrozenDictionary<string, EventName> ByName =
        Pinned.ToFrozenDictionary(pin => pin.Name, StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<EventName> All => Pinned;

    /// <summary>The pinned name of an event.</summary>
    /// <exception cref="UnreachableEventException">Nobody pinned it: it must not be stored.</exception>
    public static EventName Of(LedgerEvent happened) =>
        ByType.GetValueOrDefault(happened.GetType()) ?? throw new UnreachableEventException(happened);

    /// <summary>
    /// The event of a stored name; <c>null</c> if the name is not known to this version of the program.
    /// </summary>
    public static EventName? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>
    /// The stored names that a caller means by a name: itself, or without a version each of its versions.
    /// </summary>
    public static string[] Named(string name) =>
    [
        .. Pinned.Select(pinned => pinned.Name).Where(stored =>
            stored == name || stored[..stored.LastIndexOf("_v", StringComparison.Ordinal)] == name),
    ];

    private static EventName Pin<TEvent>(string name)
        where TEvent : LedgerEvent =>
        new(name, typeof(TEvent), typeof(Stored<TEvent>), EventName.ReadOne<TEvent>);
}

/// <summary>One line of the table.</summary>
/// <param name="Name">The stored name, its version included.</param>
/// <param name="Type">The event.</param>
/// <param name="StoredType">What the event store holds: the entry with such an event.</param>
/// <param name="Read">Reads its stored members.</param>
public sealed record EventName(string Name, Type Type, Type StoredType, EventReader Read)
{
    /// <summary>Reads a value where the reader stands, once and not first its extent.</summary>
    internal static LedgerEvent ReadOne<TEvent>(ref Utf8JsonReader reader, JsonSerializerOptions options)
        where TEvent : LedgerEvent =>
        ((JsonConverter<TEvent>)options.GetConverter(typeof(TEvent))).Read(ref reader, typeof(TEvent), options)
            ?? throw new JsonException("An event is never null.");
}

/// <summary>Reads an event; the reader stands where it begins, and then on its end.</summary>
/// <exception cref="JsonException">It is not of the shape.</exception>
public delegate LedgerEvent EventReader(ref Utf8JsonReader reader, JsonSerializerOptions options);

/// <summary>An entry as the event store holds it: one store event for one entry.</summary>
public interface IStored
{
    /// <summary>The entry.</summary>
    Entry Entry { get; }
}

/// <summary>
/// An entry with one kind of event. The event store keeps a name for each type, so the kind is part of the type.
/// </summary>
/// <typeparam name="TEvent">The kind of event.</typeparam>
/// <param name="Entry">The entry.</param>
public sealed record Stored<TEvent>(Entry Entry) : IStored
    where TEvent : LedgerEvent
{
    /// <summary>The event.</summary>
    public TEvent Event => (TEvent)Entry.Event;
}
