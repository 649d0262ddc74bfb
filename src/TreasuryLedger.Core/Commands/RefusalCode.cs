namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Every reason for which a command is not accepted. Numbers and names are for ever; a retired one keeps its place.
/// </summary>
public enum RefusalCode
{
    /// <summary>No treasury or book was opened under this id.</summary>
    JournalNotOpened = 1,

    /// <summary>It was opened before.</summary>
    JournalAlreadyOpened = 2,

    /// <summary>The account is not registered.</summary>
    AccountUnknown = 3,

    /// <summary>An account with this id has other terms.</summary>
    AccountAlreadyRegistered = 4,

    /// <summary>The asset is not registered.</summary>
    AssetUnknown = 5,

    /// <summary>An asset with this id has other terms.</summary>
    AssetAlreadyRegistered = 6,

    /// <summary>The account is of a kind that cannot do this.</summary>
    AccountKindWrong = 7,

    /// <summary>The asset is of a kind that cannot do this.</summary>
    AssetKindWrong = 8,

    /// <summary>The quantity is zero, negative or above 2^256 - 1 smallest units.</summary>
    QuantityOutOfRange = 9,

    /// <summary>The quantity is finer than the asset's smallest unit.</summary>
    QuantityTooFine = 10,

    /// <summary>A price, ratio or amount is out of its bounds.</summary>
    NumberOutOfRange = 11,

    /// <summary>From and to are the same account.</summary>
    SameAccount = 12,

    /// <summary>One asset does not stand for the other.</summary>
    NotAStandIn = 13,

    /// <summary>No fact with this id is recorded, or it is voided.</summary>
    FactUnknown = 14,

    /// <summary>The named fact is of another kind.</summary>
    FactKindWrong = 15,

    /// <summary>No entry has this position.</summary>
    EntryUnknown = 16,

    /// <summary>The entry was voided before; correct what replaced it.</summary>
    EntryAlreadyVoided = 17,

    /// <summary>Entries that open or register cannot be corrected while others rest on them.</summary>
    EntryNotCorrectable = 18,

    /// <summary>An instruction needs units that are missing at some instant from its effective instant on.</summary>
    UnitsMissing = 19,

    /// <summary>An instruction would break the treasury's limits.</summary>
    LimitBroken = 20,

    /// <summary>This command cannot be instructed.</summary>
    NotInstructable = 21,

    /// <summary>The instruction has ended: fulfilled, cancelled or expired.</summary>
    InstructionEnded = 22,

    /// <summary>The same idempotency key came before with another payload.</summary>
    IdempotencyKeyReused = 23,

    /// <summary>A term is not valid by itself or does not fit the others: a name, id, date, policy or option.</summary>
    TermsInvalid = 24,

    /// <summary>A batch is empty or has more than 10,000 commands.</summary>
    BatchSizeOutOfRange = 25,

    /// <summary>Another command of the same atomic batch was refused, so this one was not recorded either.</summary>
    BatchRefused = 26,

    /// <summary>
    /// A scripted recorded instant was given to a journal with a real clock, or is missing or not later than the
    /// newest entry's.
    /// </summary>
    ScriptedClockWrong = 27,

    /// <summary>The command belongs to a journal of another kind.</summary>
    JournalKindWrong = 28,

    /// <summary>An asset is exchanged for itself.</summary>
    SameAsset = 29,

    /// <summary>An instruction names a fact that is recorded already with other terms.</summary>
    FactAlreadyRecorded = 30,

    /// <summary>
    /// An instruction's limits cannot be checked: a price or a market's terms are missing or too old.
    /// </summary>
    ValueMissing = 31,

    /// <summary>Another entry adopts terms for the same book at the same instant.</summary>
    TermsAlreadyAdopted = 33,

    /// <summary>
    /// A book would go from universal to per-account scope: nobody has said which lots lie at which account.
    /// </summary>
    AllocationMissing = 34,

    /// <summary>A book would turn stablecoins kept in lots into cash: no entry disposes of those lots.</summary>
    LotsNotDisposed = 35,

    /// <summary>Periods are closed, sealed and, the other way round, reopened one after the other.</summary>
    PeriodOutOfOrder = 36,

    /// <summary>The book has no closed period that ends then.</summary>
    PeriodNotClosed = 37,

    /// <summary>The period was sealed before.</summary>
    PeriodAlreadySealed = 38,

    /// <summary>The period is closed and not sealed.</summary>
    PeriodNotSealed = 39,

    /// <summary>The period was closed before it ended.</summary>
    PeriodNotOver = 40,

    /// <summary>Facts are missing up to the end of the period, so its statements cannot stand.</summary>
    PeriodIncomplete = 41,

    /// <summary>The statements of the period cannot be read yet.</summary>
    StatementNotReady = 42,

    /// <summary>The statements of the period are not those that the caller has read.</summary>
    StatementDiffers = 43,

    /// <summary>A sealed period is reopened only after somebody has asked for it.</summary>
    ReopeningNotRequested = 44,

    /// <summary>Whoever asked for something, or sealed a period, is not the second person for it.</summary>
    SecondPersonNeeded = 45,

    /// <summary>The lots of a disposal are identified no later than it happened.</summary>
    IdentificationTooLate = 46,

    /// <summary>A standing order begins before it is recorded.</summary>
    OrderBackDated = 47,

    /// <summary>The lots of the book were allocated before, for good.</summary>
    AllocationFinal = 48,

    /// <summary>An alert about the same limit of the same subject is not resolved.</summary>
    AlertOpen = 49,

    /// <summary>The alert was resolved before.</summary>
    AlertResolved = 50,

    /// <summary>The position has an index: what happens there needs what the contract says of it.</summary>
    PositionIndexed = 51,

    /// <summary>The position is kept by amount: it takes no index.</summary>
    PositionByAmount = 52,

    /// <summary>
    /// Quantity, scaled units and indices of a touch do not fit together by the contract's arithmetic.
    /// </summary>
    TouchInconsistent = 53,

    /// <summary>The arithmetic of this version of a market's contracts is not known.</summary>
    VersionUnknown = 54,

    /// <summary>Interest of a side over these indices is booked by a touch that stands.</summary>
    InterestBooked = 55,

    /// <summary>No entry proposes these terms, this allocation or this order of the official book then.</summary>
    TermsNotProposed = 56,

    /// <summary>The entry proposes nothing that waits for a second person.</summary>
    ProposalUnknown = 57,

    /// <summary>The proposal was approved, declined or withdrawn before.</summary>
    ProposalEnded = 58,
}
