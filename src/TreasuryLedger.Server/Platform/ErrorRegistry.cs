using System.Collections.Frozen;
using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Platform;

/// <summary>A reason for which a request is not served, over HTTP and on the command line alike.</summary>
/// <param name="Code">The name that programs may rely on; for ever.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What is wrong, in general; the detail of an answer says what is wrong in particular.</param>
/// <param name="Next">What to do next.</param>
/// <param name="Retryable">Whether the same request, sent again unchanged, may succeed.</param>
public sealed record ErrorKind(string Code, int Status, string Title, string Next, bool Retryable);

/// <summary>
/// Every code that an answer can carry: one list for HTTP answers, for the command line, for <c>GET /v1/errors</c> and
/// for the OpenAPI document. A code that is not here cannot be answered.
/// </summary>
public static class ErrorRegistry
{
    public const string JsonMalformed = "json_malformed";
    public const string MemberUnknown = "member_unknown";
    public const string MemberDuplicate = "member_duplicate";
    public const string MemberMissing = "member_missing";
    public const string ValueInvalid = "value_invalid";
    public const string IdInvalid = "id_invalid";
    public const string QueryInvalid = "query_invalid";
    public const string CursorInvalid = "cursor_invalid";
    public const string KnownAtInFuture = "known_at_in_future";
    public const string BookUnknown = "book_unknown";
    public const string IdempotencyKeyMissing = "idempotency_key_missing";
    public const string IdempotencyKeyInvalid = "idempotency_key_invalid";
    public const string RequestMalformed = "request_malformed";
    public const string KeyMissing = "key_missing";
    public const string KeyInvalid = "key_invalid";
    public const string RoleMissing = "role_missing";
    public const string ScopeExceeded = "scope_exceeded";
    public const string KeyUnknown = "key_unknown";
    public const string ApproverIsAuthor = "approver_is_author";
    public const string RouteUnknown = "route_unknown";
    public const string RequestUnknown = "request_unknown";
    public const string FigureUnknown = "figure_unknown";
    public const string ErrorUnknown = "error_unknown";
    public const string WebhookUnknown = "webhook_unknown";
    public const string SourceUnknown = "source_unknown";
    public const string PayloadUnknown = "payload_unknown";
    public const string FileUnreadable = "file_unreadable";
    public const string BreakUnknown = "break_unknown";
    public const string BreakDecided = "break_decided";
    public const string SignatureInvalid = "signature_invalid";
    public const string MessageTooOld = "message_too_old";
    public const string MessageReused = "message_reused";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string RequestTooSlow = "request_too_slow";
    public const string BodyTooLarge = "body_too_large";
    public const string ContentTypeUnsupported = "content_type_unsupported";
    public const string RateLimited = "rate_limited";
    public const string InternalError = "internal_error";
    public const string JournalDamaged = "journal_damaged";
    public const string ClockBehind = "clock_behind";
    public const string NotRecorded = "not_recorded";
    public const string OutcomeUnknown = "outcome_unknown";
    public const string PositionNotReached = "position_not_reached";
    public const string ReadModelBehind = "read_model_behind";
    public const string ReadModelStopped = "read_model_stopped";
    public const string DatabaseUnavailable = "database_unavailable";
    public const string IssuerUnavailable = "issuer_unavailable";
    public const string SecretKeyMissing = "secret_key_missing";
    public const string DatabaseNotConfigured = "database_not_configured";

    private const string Amend = "Amend the request and send it again; nothing was recorded and the key is still free.";
    private const string Register = "Register it first, or name one that is registered.";
    private const string Wait = "Send the same request again with the same key after the seconds of Retry-After.";

    private static readonly ImmutableArray<ErrorKind> OfRequests =
    [
        new(JsonMalformed, 400, "The body is not JSON that can be read", Amend, false),
        new(MemberUnknown, 400, "The body has a member that is not known here", Amend, false),
        new(MemberDuplicate, 400, "The body has a member twice", Amend, false),
        new(MemberMissing, 400, "The body lacks a member", Amend, false),
        new(ValueInvalid, 400, "A value of the body is not of its form", Amend, false),
        new(IdInvalid, 400, "The id of a treasury or book is not of its form",
            "Use lower-case letters, digits and . _ -, at most 63, starting with a letter or digit.", false),
        new(QueryInvalid, 400, "A parameter of the query is unknown, doubled or not of its form",
            "See the parameters of this route in the OpenAPI document.", false),
        new(CursorInvalid, 400, "The cursor does not belong to this question, or it was changed",
            "Use the cursor as it was given, with the same filters, order and instants; or begin without one.", false),
        new(KnownAtInFuture, 400, "The known-at instant lies in the future",
            "Ask for an instant that has passed, or leave knownAt out for the newest settled one.", false),
        new(IdempotencyKeyMissing, 400, "A write needs the header Idempotency-Key",
            "Send a key that names this request and no other; repeat it whenever the request is repeated.", false),
        new(IdempotencyKeyInvalid, 400, "The idempotency key is not of its form",
            $"Use {WriteEndpoints.IdempotencyKeyForm}.", false),
        new(RequestMalformed, 400, "The request cannot be read", Amend, false),
        new(KeyMissing, 401, "The request carries no key",
            "Send Authorization: Bearer tlk_...; the server's command 'keys create' makes one.", false),
        new(KeyInvalid, 401, "The key or token does not work: not known, not approved yet, expired or revoked",
            "Use another; the server's command 'keys create' makes keys.", false),
        new(SignatureInvalid, 401, "The message is not signed by whom its address names",
            "Sign the body as it is sent, with a key of the source's terms; ask who runs the server for them.", false),
        new(RoleMissing, 403, "The key has none of the roles that this is for",
            "Use a key with one of the roles in the numbers, or ask an admin for one.", false),
        new(ScopeExceeded, 403, "The key is limited to other treasuries or accounts",
            "Ask about what the key is for, or ask an admin for another key.", false),
        new(ApproverIsAuthor, 403, "Whoever asked for it cannot approve it", "Ask somebody else to approve it.", false),
        new(KeyUnknown, 404, "No key has this id, or not this standing", "See GET /v1/keys.", false),
        new(RouteUnknown, 404, "Nothing is served at this address", "See the routes in the OpenAPI document.", false),
        new(RequestUnknown, 404, "No request with this key recorded anything here",
            "It recorded nothing: send it again with the same key.", false),
        new(FigureUnknown, 404, "No figure has this name at this viewpoint",
            "Look for it in the lists; it may not have happened by asOf, or not have been known at knownAt.", false),
        new(SourceUnknown, 404, "No source of this name is registered for the treasury",
            "Register it (PUT .../sources/{source}); see GET .../sources.", false),
        new(BreakUnknown, 404, "No break has this id", "See GET .../breaks.", false),
        new(PayloadUnknown, 404, "Nothing with this hash was received", "See GET .../payloads.", false),
        new(ErrorUnknown, 404, "No error has this code", "See GET /v1/errors.", false),
        new(WebhookUnknown, 404, "The treasury has no such webhook", "See GET .../webhooks.", false),
        new(MethodNotAllowed, 405, "This address does not serve that method", "See the header Allow.", false),
        new(RequestTooSlow, 408, "The request arrived too slowly", "Send it again with the same key.", true),
        new(BodyTooLarge, 413, "The body is larger than this route takes",
            "Split the batch; a batch is atomic only in itself.", false),
        new(ContentTypeUnsupported, 415, "The body is not application/json in UTF-8, or it is compressed",
            "Send Content-Type: application/json in UTF-8 without Content-Encoding.", false),
        new(BreakDecided, 409, "The break is not open any more, or somebody decided on it in the same moment",
            "Look at it again (GET .../breaks) and decide anew.", false),
        new(MessageReused, 409, "A message with this id came before, and said something else",
            "Give each message an id of its own.", false),
        new(MessageTooOld, 422, "The message is older than messages are believed, or from the future",
            "Import what it tells as a file, or let the source's terms believe messages for longer.", false),
        new(FileUnreadable, 422, "The file cannot be read at all; nothing of it was recorded",
            "Look at the line in the numbers: it must be text in UTF-8, with each column once and whole JSON.", false),
        new(BookUnknown, 422, "The treasury has no book of this name at that viewpoint",
            "Name one of those that are in the numbers, or adopt terms for it (POST .../books).", false),
        new(RateLimited, 429, "Too many requests of one key or tenant",
            "Send it again after the seconds of Retry-After; a batch or an import takes many facts in one request.",
            true),
        new(InternalError, 500, "Something is wrong inside the server",
            "Look the request up by its key before sending it again, and tell who runs the server.", false),
        new(JournalDamaged, 500, "The stored journal is not what was recorded, so nothing can be proven from it",
            "Tell who runs the server: the command 'verify' names the first fault.", false),
        new(ClockBehind, 503, "The database's clock is behind the newest entry", Wait, true),
        new(NotRecorded, 503, "Nothing was recorded, for a reason that passes", Wait, true),
        new(OutcomeUnknown, 503, "Nobody knows yet whether the request was recorded",
            "Look it up at .../requests/{idempotencyKey}, or send the same request again with the same key: it records "
            + "at most once.", true),
        new(PositionNotReached, 503, "The journal does not reach the position that was asked for", Wait, true),
        new(ReadModelBehind, 503, "The tables of this list do not reach the known-at instant yet", Wait, true),
        new(ReadModelStopped, 503, "The tables of this list end before an entry that cannot be applied",
            "Ask for an earlier knownAt, and tell who runs the server: its command 'rebuild' repairs tables.", false),
        new(DatabaseUnavailable, 503, "The database does not answer", Wait, true),
        new(IssuerUnavailable, 503, "The issuer of tokens does not answer", Wait, true),
        new(SecretKeyMissing, 503, "This server has no key, or not the right one, for the secrets of webhooks",
            "Tell who runs the server: its settings Webhooks:Keys:<name> must hold the keys that seal them.", false),
        new(DatabaseNotConfigured, 503, "This server does not reach the database that has the tenant's journals",
            "Tell who runs the server: its setting Database:Shards must name each database of the ledger.", true),
    ];

    /// <summary>The refusals of the rules. Enum names may change, these codes never.</summary>
    private static readonly FrozenDictionary<RefusalCode, ErrorKind> OfRules = new Dictionary<RefusalCode, ErrorKind>
    {
        [RefusalCode.JournalNotOpened] = new("journal_not_opened", 404, "No treasury or book was opened under this id",
            "Open it first, or correct the id.", false),
        [RefusalCode.JournalAlreadyOpened] = new("journal_already_opened", 409, "It was opened before",
            "Use it as it is, or open another one.", false),
        [RefusalCode.AccountUnknown] = new("account_unknown", 422, "The account is not registered", Register, false),
        [RefusalCode.AccountAlreadyRegistered] = new("account_already_registered", 409,
            "An account with this id has other terms", "Use the account as it is, or register another id.", false),
        [RefusalCode.AssetUnknown] = new("asset_unknown", 422, "The asset is not registered", Register, false),
        [RefusalCode.AssetAlreadyRegistered] = new("asset_already_registered", 409,
            "An asset with this id has other terms", "Use the asset as it is, or register another id.", false),
        [RefusalCode.AccountKindWrong] = new("account_kind_wrong", 422, "The account is of a kind that cannot do this",
            Amend, false),
        [RefusalCode.AssetKindWrong] = new("asset_kind_wrong", 422, "The asset is of a kind that cannot do this",
            Amend, false),
        [RefusalCode.QuantityOutOfRange] = new("quantity_out_of_range", 422,
            "The quantity is zero, negative or above 2^256 - 1 smallest units", Amend, false),
        [RefusalCode.QuantityTooFine] = new("quantity_too_fine", 422,
            "The quantity is finer than the asset's smallest unit",
            "Write it with at most the asset's decimals; nothing is ever rounded.", false),
        [RefusalCode.NumberOutOfRange] = new("number_out_of_range", 422,
            "A price, ratio or amount is out of its bounds", Amend, false),
        [RefusalCode.SameAccount] = new("same_account", 422, "From and to are the same account", Amend, false),
        [RefusalCode.NotAStandIn] = new("not_a_stand_in", 422, "One asset does not stand for the other",
            "Register the asset with standsFor, or record the exchange as an acquisition.", false),
        [RefusalCode.FactUnknown] = new("fact_unknown", 422, "No fact with this id stands in the journal",
            "Record the fact first, or correct the id.", false),
        [RefusalCode.FactKindWrong] = new("fact_kind_wrong", 422, "The named fact is of another kind", Amend, false),
        [RefusalCode.EntryUnknown] = new("entry_unknown", 404, "No entry has this position",
            "Name a position from 1 to the journal's head.", false),
        [RefusalCode.EntryAlreadyVoided] = new("entry_already_voided", 409, "The entry was voided before",
            "Correct what replaced it.", false),
        [RefusalCode.EntryNotCorrectable] = new("entry_not_correctable", 422, "Other entries rest on this one",
            "Correct the entries that rest on it first, or annotate it.", false),
        [RefusalCode.UnitsMissing] = new("units_missing", 422, "The instruction needs units that are missing",
            "Instruct less, later, or from another account; the broken instants are in the numbers.", false),
        [RefusalCode.LimitBroken] = new("limit_broken", 422, "The instruction would break a limit of the treasury",
            "Instruct less, or change the position first.", false),
        [RefusalCode.NotInstructable] = new("not_instructable", 422, "This command cannot be instructed",
            "Send it as an observation when it has happened.", false),
        [RefusalCode.InstructionEnded] = new("instruction_ended", 422,
            "The instruction has ended: fulfilled, cancelled or expired",
            "Send the observation without naming it, or instruct again.", false),
        [RefusalCode.IdempotencyKeyReused] = new("idempotency_key_reused", 409,
            "The same idempotency key came before with another payload",
            "Use a new key for a new request; the first one's entry is in the numbers.", false),
        [RefusalCode.TermsInvalid] = new("terms_invalid", 422, "A time zone, date or policy is not valid",
            Amend, false),
        [RefusalCode.BatchSizeOutOfRange] = new("batch_size_out_of_range", 422,
            "A batch is empty or has more than 10,000 commands", "Split it; a batch is atomic only in itself.", false),
        [RefusalCode.BatchRefused] = new("batch_refused", 422, "Another command of the same batch was refused",
            "Amend the command that was refused; nothing of the batch was recorded.", false),
        [RefusalCode.ScriptedClockWrong] = new("scripted_clock_wrong", 422,
            "A scripted recorded instant is missing, too early, or not allowed here",
            "Only journals opened with replayedClock take one, later than the newest entry's.", false),
        [RefusalCode.JournalKindWrong] = new("journal_kind_wrong", 422,
            "The command belongs to a journal of another kind", "Send it to a treasury or book of its kind.", false),
        [RefusalCode.SameAsset] = new("same_asset", 422, "An asset is exchanged for itself", Amend, false),
        [RefusalCode.FactAlreadyRecorded] = new("fact_already_recorded", 409,
            "The instruction names a fact that is recorded already with other terms",
            "Instruct under a new fact id, or observe what happened.", false),
        [RefusalCode.ValueMissing] = new("value_missing", 422,
            "The limits cannot be checked: a price or a market's terms are missing or too old",
            "Record the price or the terms in the treasury's books first.", false),
        [RefusalCode.TermsNotProposed] = new("terms_not_proposed", 422,
            "No entry proposes this for the official book from then on",
            "Propose it without a proposal member; somebody else sends the same and names that entry.", false),
        [RefusalCode.ProposalUnknown] = new("proposal_unknown", 404,
            "The entry proposes nothing that waits for a second person", "See GET .../proposals.", false),
        [RefusalCode.ProposalEnded] = new("proposal_ended", 409,
            "The proposal was approved, declined or withdrawn before",
            "See the entry that is in the numbers; propose it again if it is still wanted.", false),
        [RefusalCode.TermsAlreadyAdopted] = new("terms_already_adopted", 409,
            "The book has an entry that adopts terms at this instant",
            "Correct that entry, which is in the numbers, or adopt from another day on.", false),
        [RefusalCode.AllocationMissing] = new("allocation_missing", 422,
            "A book cannot go from universal to per-account scope: nobody has said which lots lie at which account",
            "Allocate the lots of the book first (POST .../basis-allocations), keep the scope, or use the name of a "
            + "starter book that is per account from the beginning (GET .../books).", false),
        [RefusalCode.LotsNotDisposed] = new("lots_not_disposed", 422,
            "A book cannot turn stablecoins that it keeps in lots into cash: no entry disposes of those lots",
            "Keep the treatment, or use a book that has stablecoins as cash from the beginning (GET .../books).",
            false),
        [RefusalCode.PeriodOutOfOrder] = new("period_out_of_order", 422,
            "Periods are closed and sealed in order, without gaps, and reopened from the last one back",
            "Name the period that is in the numbers first (GET .../periods).", false),
        [RefusalCode.PeriodNotClosed] = new("period_not_closed", 422, "The book has no closed period that ends then",
            "Close it first, or correct its end (GET .../periods).", false),
        [RefusalCode.PeriodAlreadySealed] = new("period_already_sealed", 409, "The period was sealed before",
            "Use the seal as it is, or ask to reopen the period.", false),
        [RefusalCode.PeriodNotSealed] = new("period_not_sealed", 422, "The period is closed and not sealed",
            "Reopen it without a request.", false),
        [RefusalCode.PeriodNotOver] = new("period_not_over", 422, "The period was closed before it ended",
            "Reopen it and close it again.", false),
        [RefusalCode.PeriodIncomplete] = new("period_incomplete", 422,
            "Units, values or cost bases are missing up to the end of the period",
            "Record what is missing, reopen the period and close it again; the numbers say how much and where.",
            false),
        [RefusalCode.StatementNotReady] = new("statement_not_ready", 409,
            "What the period's statements say cannot be read yet",
            "Seal the period in a request of its own, after the one that closed it.", false),
        [RefusalCode.StatementDiffers] = new("statement_differs", 409,
            "The statements of the period are not those that were read",
            "Read them again (GET .../periods/statement) and seal what they are now.", false),
        [RefusalCode.ReopeningNotRequested] = new("reopening_not_requested", 422,
            "A sealed period is reopened only after somebody asked for it",
            "Ask for it, and let another person reopen it, naming the request's entry.", false),
        [RefusalCode.SecondPersonNeeded] = new("second_person_needed", 422,
            "Who asked for it, or sealed the period, is not the second person for it", "Let somebody else do it.",
            false),
        [RefusalCode.IdentificationTooLate] = new("identification_too_late", 422,
            "The lots of a disposal are identified no later than it happened",
            "State when they were identified in truth, with evidence; otherwise the method decides.", false),
        [RefusalCode.OrderBackDated] = new("order_back_dated", 422,
            "A standing order cannot begin before it is recorded",
            "Let it begin later; a book whose terms say identification: attested takes older ones too.", false),
        [RefusalCode.AllocationFinal] = new("allocation_final", 409,
            "The lots of the book were allocated to accounts before, and that is final",
            "Use the allocation that is in the numbers, or another book.", false),
        [RefusalCode.AlertOpen] = new("alert_open", 409, "An alert about the same is not resolved",
            "Acknowledge or resolve the alert that is in the numbers.", false),
        [RefusalCode.AlertResolved] = new("alert_resolved", 409, "The alert was resolved before",
            "Leave it as it is; the limit raises a new one when it is broken again.", false),
        [RefusalCode.PositionIndexed] = new("position_indexed", 422,
            "The position has an index, so units alone do not say what happened",
            "Give `touch` with the index and the scaled units that the contract had before.", false),
        [RefusalCode.PositionByAmount] = new("position_by_amount", 422,
            "The position is kept by amount and takes no index",
            "Leave `touch` out, or register another position for what has an index.", false),
        [RefusalCode.TouchInconsistent] = new("touch_inconsistent", 422,
            "Quantity, scaled units and indices do not fit together by the contract's arithmetic",
            "Read them from the chain again: all belong to one log and to the state before it.", false),
        [RefusalCode.VersionUnknown] = new("version_unknown", 422,
            "The arithmetic of this version of the contracts is not known",
            "Use one of the versions that the numbers name.", false),
        [RefusalCode.InterestBooked] = new("interest_booked", 422,
            "Interest between these indices is booked by a touch that stands",
            "Say with `indexBefore` where the last touch ended, or void the touch that books too much.", false),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ErrorKind> ByCode =
        OfRequests.Concat(OfRules.Values).ToFrozenDictionary(kind => kind.Code, StringComparer.Ordinal);

    /// <summary>All of them, by status and code.</summary>
    public static ImmutableArray<ErrorKind> All { get; } =
    [
        .. ByCode.Values.OrderBy(kind => kind.Status).ThenBy(kind => kind.Code, StringComparer.Ordinal),
    ];

    /// <summary>The error of a refusal.</summary>
    /// <exception cref="KeyNotFoundException">A code was added without a row; a test holds this.</exception>
    public static ErrorKind Of(RefusalCode code) => OfRules[code];

    /// <summary>The error with a code.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static ErrorKind Of(string code) => ByCode[code];

    /// <summary>The error with a code, or <c>null</c>.</summary>
    public static ErrorKind? Find(string code) => ByCode.GetValueOrDefault(code);
}
