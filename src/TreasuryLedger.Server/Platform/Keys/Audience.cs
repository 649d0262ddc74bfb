using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>Whom a route serves. A route that does not say it serves nobody.</summary>
/// <param name="Roles">Each of them.</param>
public sealed record Audience(ImmutableArray<Role> Roles)
{
    /// <summary>Whoever has any role at all.</summary>
    public static Audience Everybody { get; } = new([.. Enum.GetValues<Role>()]);

    private static readonly ImmutableArray<Role> Readers = [Role.Accountant, Role.Compliance, Role.Risk, Role.Admin];

    private static readonly ImmutableArray<Role> Takers = [Role.Accountant, Role.Compliance, Role.Admin];

    /// <summary>What a custodian sees beside entries: units, never what they cost.</summary>
    private static readonly FrozenSet<string> Custody = FrozenSet.Create(
        StringComparer.Ordinal,
        "getTreasury", "getBalances", "getInstructions", "listTransfers", "sumTransfers", "listShortfalls",
        "sumShortfalls", "listEntries", "sumEntries", "listMovements", "getEntry", "getHead", "getRequest",
        "listJournals");

    private static readonly FrozenDictionary<Type, ImmutableArray<Role>> Recorders = Table();

    /// <summary>Whom a route serves that asks.</summary>
    public static Audience Of(OperationText text) => text.Tag switch
    {
        Documentation.ErrorTag => Everybody,
        Documentation.ExportTag => new(
            text.Id.StartsWith("exportExposure", StringComparison.Ordinal) ? Readers : Takers),
        Documentation.KeyTag => text.Id is "listKeys" or "listAccess" ? new([Role.Compliance, Role.Admin])
            : text.Id == "rotateKey" ? Everybody // whoever holds the key
            : new([Role.Admin]),
        Documentation.WebhookTag => new(
            text.Id.StartsWith("list", StringComparison.Ordinal) ? [Role.Compliance, Role.Admin] : [Role.Admin]),
        _ => new(Custody.Contains(IdOf(text)) ? [Role.Custodian, .. Readers] : Readers),
    };

    /// <summary>The operation; journals of other kinds answer it under a name that ends with their kind.</summary>
    public static string IdOf(OperationText? text)
    {
        var id = text?.Id ?? "";
        var kind = JournalAddress.Kinds.FirstOrDefault(kind => id.EndsWith($"Of{kind}", StringComparison.Ordinal));
        return kind == JournalKind.Treasury ? id : id[..^$"Of{kind}".Length];
    }

    /// <summary>Who may record a command.</summary>
    public static Audience Of(Type command) => new(Recorders.GetValueOrDefault(command, []));

    /// <summary>Whom a route serves that takes a body: a command, or a batch, of which each command is asked.</summary>
    public static Audience OfBody(Type body) =>
        body == typeof(Batch) ? Everybody
        : body == typeof(KeyTerms) || body == typeof(Webhooks.WebhookTerms) ? new([Role.Admin])
        : body == typeof(Loans.AaveImportRequest) ? new([Role.Accountant])
        : body == typeof(Facts.SourceTerms) ? new([Role.Accountant, Role.Admin])
        : body == typeof(Reconciliation.SourceStatement) || body == typeof(Reconciliation.BreakDecision)
            ? new([Role.Accountant])
        : body == typeof(Facts.FireblocksMessage) ? Everybody // whoever can sign it
        : body == typeof(JsonElement) ? new([Role.Custodian, Role.Accountant]) // a file, or nothing
        : Of(body);

    /// <summary>The roles as the wire names them.</summary>
    public override string ToString() => string.Join(", ", Roles.Select(WordConverterFactory.WordOf));

    private static FrozenDictionary<Type, ImmutableArray<Role>> Table()
    {
        var table = new Dictionary<Type, ImmutableArray<Role>>();
        // What happens to units is told by whoever holds them, or by whoever keeps the books after them.
        Give([Role.Custodian, Role.Accountant],
            typeof(AcquireAsset), typeof(SellToExchange), typeof(TransferAsset), typeof(TransferToExchange),
            typeof(ConfirmArrival), typeof(WrapAsset), typeof(UnwrapAsset), typeof(DepositCollateral),
            typeof(WithdrawCollateral), typeof(Borrow), typeof(Repay), typeof(AccrueInterest),
            typeof(RecordLiquidation), typeof(ReceiveYield), typeof(PayFee), typeof(CancelInstruction),
            typeof(TouchPosition), typeof(TransferSupply), typeof(ForgiveDebt), typeof(ChooseEMode),
            typeof(SwitchCollateral), typeof(LockUnits));
        Give([Role.Accountant],
            typeof(OpenBalances), typeof(ContributeCapital), typeof(IdentifyLots), typeof(GiveStandingOrder),
            typeof(AllocateBasis), typeof(HandOverUnits), typeof(TakeOverUnits), typeof(AdoptTerms),
            typeof(ClosePeriod), typeof(SealPeriod), typeof(RequestReopening), typeof(ReopenPeriod));
        Give([Role.Accountant, Role.Risk],
            typeof(RecordPrice), typeof(RecordMarketState), typeof(SetMarketVersion), typeof(RecordReserve),
            typeof(ConfigureReserve), typeof(RecordReserveUse), typeof(ConfigureEMode), typeof(AgreeLoanTerms),
            typeof(CorrectEntry));
        Give([Role.Risk, Role.Admin], typeof(SetLimits), typeof(AdoptPlaybook), typeof(SetFourEyes));
        // Whoever might have asked for a policy or keeps the books; a custodian asks and is not the second person.
        Give([Role.Accountant, Role.Risk, Role.Admin], typeof(ApproveProposal));
        Give([Role.Custodian, Role.Accountant, Role.Risk, Role.Admin], typeof(DeclineProposal));
        Give([Role.Accountant, Role.Risk], typeof(RaiseAlert), typeof(AcknowledgeAlert), typeof(ResolveAlert));
        Give([Role.Admin], typeof(OpenTreasury), typeof(OpenBook));
        Give([Role.Accountant, Role.Admin], typeof(RegisterAccount), typeof(RegisterAsset));
        Give([.. Everybody.Roles], typeof(AnnotateEntry));
        return table.ToFrozenDictionary();

        void Give(ImmutableArray<Role> roles, params Type[] commands)
        {
            foreach (var command in commands)
            {
                table.Add(command, roles);
            }
        }
    }
}
