using System.Collections.Immutable;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>A lot that was already held when the journal began.</summary>
/// <param name="Held">Where, of what, how many units.</param>
/// <param name="AcquiredAt">When it was acquired in truth.</param>
/// <param name="Cost">Its whole cost, fees included; absent if nobody knows it.</param>
public sealed record OpeningLot(Leg Held, Instant AcquiredAt, CurrencyAmount? Cost);

/// <summary>What the treasury held and owed when the journal began, with the original lots.</summary>
/// <param name="Lots">Units held.</param>
/// <param name="Debts">Units owed at lending positions.</param>
public sealed record BalancesOpened(ImmutableArray<OpeningLot> Lots, ImmutableArray<Leg> Debts) : LedgerEvent;

/// <summary>Owners put units in.</summary>
/// <param name="Received">What came, and where.</param>
/// <param name="Value">What it was worth, the cost of its lot; absent for money and for cash at par.</param>
public sealed record CapitalContributed(Leg Received, CurrencyAmount? Value) : LedgerEvent;

/// <summary>Units were acquired for other units or money.</summary>
/// <param name="Received">The units acquired, before any fee in kind.</param>
/// <param name="Paid">What was given for them, without fees.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record AssetAcquired(Leg Received, Leg Paid, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;

/// <summary>Units held at an exchange were sold there.</summary>
/// <param name="Sold">The units sold; its account is the exchange.</param>
/// <param name="Proceeds">What came for them, before fees.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record AssetSold(Leg Sold, Leg Proceeds, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;

/// <summary>Units moved between two accounts of the treasury in one instant.</summary>
/// <param name="Sent">What left, and from where.</param>
/// <param name="To">Where the same units arrived.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record AssetTransferred(Leg Sent, AccountId To, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;

/// <summary>Units left one account for another and are in transit until they arrive.</summary>
/// <param name="Sent">What left, and from where.</param>
/// <param name="To">Where it is going.</param>
/// <param name="ExpectedBy">After this instant (exclusive) what has not arrived is overdue; absent if nobody
/// said.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record TransferDispatched(Leg Sent, AccountId To, Instant? ExpectedBy, ImmutableArray<Leg> Fees)
    : LedgerEvent, IHasFees;

/// <summary>Units of a transfer arrived, all or some.</summary>
/// <param name="Transfer">The fact of the dispatch.</param>
/// <param name="Received">What arrived, and where.</param>
public sealed record TransferArrived(FactId Transfer, Leg Received) : LedgerEvent;

/// <summary>Units came as yield: staking, supply interest, rewards.</summary>
/// <param name="Received">What came, and where.</param>
/// <param name="Value">What it was worth if the source says so; otherwise the price book does.</param>
public sealed record YieldReceived(Leg Received, CurrencyAmount? Value) : LedgerEvent;

/// <summary>A fee was paid that belongs to no other entry: gas, custody, subscription.</summary>
/// <param name="Paid">What left, and from where.</param>
public sealed record FeePaid(Leg Paid) : LedgerEvent;

/// <summary>Units of an asset became units of another that stands for it, or back.</summary>
/// <param name="From">What went in.</param>
/// <param name="To">What came out, at the same account.</param>
public sealed record AssetWrapped(Leg From, Leg To) : LedgerEvent;

/// <summary>Units at an account cannot leave before an instant: staked, vested or pledged by contract.</summary>
/// <param name="Locked">How many, and where.</param>
/// <param name="Until">From this instant on (inclusive) they are free.</param>
public sealed record UnitsLocked(Leg Locked, Instant Until) : LedgerEvent;
