using System.Collections.Frozen;
using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// The names of the commands on the wire, pinned by hand: they enter payload hashes, so a renamed class must not change
/// them.
/// </summary>
public static class CommandNames
{
    /// <summary>Every command with its name, in the order of the slices.</summary>
    public static ImmutableArray<(string Name, Type Command)> All { get; } =
    [
        ("open-treasury", typeof(OpenTreasury)),
        ("open-book", typeof(OpenBook)),
        ("register-account", typeof(RegisterAccount)),
        ("register-asset", typeof(RegisterAsset)),
        ("open-balances", typeof(OpenBalances)),
        ("contribute-capital", typeof(ContributeCapital)),
        ("receive-yield", typeof(ReceiveYield)),
        ("pay-fee", typeof(PayFee)),
        ("acquire-asset", typeof(AcquireAsset)),
        ("sell-to-exchange", typeof(SellToExchange)),
        ("transfer-asset", typeof(TransferAsset)),
        ("transfer-to-exchange", typeof(TransferToExchange)),
        ("confirm-arrival", typeof(ConfirmArrival)),
        ("wrap-asset", typeof(WrapAsset)),
        ("unwrap-asset", typeof(UnwrapAsset)),
        ("deposit-collateral", typeof(DepositCollateral)),
        ("withdraw-collateral", typeof(WithdrawCollateral)),
        ("borrow", typeof(Borrow)),
        ("repay", typeof(Repay)),
        ("accrue-interest", typeof(AccrueInterest)),
        ("record-liquidation", typeof(RecordLiquidation)),
        ("record-price", typeof(RecordPrice)),
        ("record-market-state", typeof(RecordMarketState)),
        ("touch-position", typeof(TouchPosition)),
        ("transfer-supply", typeof(TransferSupply)),
        ("forgive-debt", typeof(ForgiveDebt)),
        ("choose-emode", typeof(ChooseEMode)),
        ("switch-collateral", typeof(SwitchCollateral)),
        ("agree-loan-terms", typeof(AgreeLoanTerms)),
        ("lock-units", typeof(LockUnits)),
        ("set-market-version", typeof(SetMarketVersion)),
        ("record-reserve", typeof(RecordReserve)),
        ("configure-reserve", typeof(ConfigureReserve)),
        ("configure-emode", typeof(ConfigureEMode)),
        ("record-reserve-use", typeof(RecordReserveUse)),
        // Before corrections, which nest commands: the schema of what comes first is not nested there again.
        ("take-over-units", typeof(TakeOverUnits)),
        ("correct-entry", typeof(CorrectEntry)),
        ("annotate-entry", typeof(AnnotateEntry)),
        ("cancel-instruction", typeof(CancelInstruction)),
        ("adopt-terms", typeof(AdoptTerms)),
        ("identify-lots", typeof(IdentifyLots)),
        ("give-standing-order", typeof(GiveStandingOrder)),
        ("allocate-basis", typeof(AllocateBasis)),
        ("hand-over-units", typeof(HandOverUnits)),
        ("close-period", typeof(ClosePeriod)),
        ("seal-period", typeof(SealPeriod)),
        ("request-reopening", typeof(RequestReopening)),
        ("reopen-period", typeof(ReopenPeriod)),
        ("set-limits", typeof(SetLimits)),
        ("adopt-playbook", typeof(AdoptPlaybook)),
        ("raise-alert", typeof(RaiseAlert)),
        ("acknowledge-alert", typeof(AcknowledgeAlert)),
        ("resolve-alert", typeof(ResolveAlert)),
        ("set-four-eyes", typeof(SetFourEyes)),
        ("approve-proposal", typeof(ApproveProposal)),
        ("decline-proposal", typeof(DeclineProposal)),
    ];

    private static readonly FrozenDictionary<Type, string> ByType =
        All.ToFrozenDictionary(named => named.Command, named => named.Name);

    private static readonly FrozenDictionary<string, Type> ByName =
        All.ToFrozenDictionary(named => named.Name, named => named.Command, StringComparer.Ordinal);

    /// <summary>The name of a command's type.</summary>
    /// <exception cref="KeyNotFoundException">The type has none; a test holds that every command has one.</exception>
    public static string Of(Type command) => ByType[command];

    /// <summary>The command with a name, or <c>null</c>.</summary>
    public static Type? Find(string name) => ByName.GetValueOrDefault(name);
}
