using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>One command of a batch, as it is posted; what a command does not take is absent.</summary>
/// <param name="Command">Which.</param>
/// <param name="EffectiveAt">When it happens: the question's instant.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Position">The lending position.</param>
/// <param name="From">Where units leave.</param>
/// <param name="To">Where units come.</param>
/// <param name="Account">Where is sold, or swapped.</param>
/// <param name="ProceedsAsset">For what is sold.</param>
/// <param name="ProceedsQuantity">For how many whole tokens, fees taken.</param>
/// <param name="PaidAccount">Where a swap takes what it gives.</param>
/// <param name="PaidAsset">What a swap gives.</param>
/// <param name="PaidQuantity">How many whole tokens of it.</param>
/// <param name="Mode">Instruction; absent: it happened.</param>
public sealed record PlanCommand(
    string Command,
    Instant EffectiveAt,
    AssetId Asset,
    ExactDecimal Quantity,
    AccountId? Position = null,
    AccountId? From = null,
    AccountId? To = null,
    AccountId? Account = null,
    AssetId? ProceedsAsset = null,
    ExactDecimal? ProceedsQuantity = null,
    AccountId? PaidAccount = null,
    AssetId? PaidAsset = null,
    ExactDecimal? PaidQuantity = null,
    EntryMode? Mode = null);

/// <summary>The body of a batch: post it to the treasury's batches as it is, first as a dry run.</summary>
/// <param name="Commands">In order; all or none.</param>
public sealed record PlanBatch(ImmutableArray<PlanCommand> Commands);

/// <summary>What a planned sale gains in the official book.</summary>
/// <param name="Proceeds">Worth of what comes.</param>
/// <param name="CostBasis">Cost of the units; absent if that of any is missing.</param>
/// <param name="RealizedGain">Proceeds less cost basis; absent likewise.</param>
/// <param name="Takes">The lots that it takes.</param>
public sealed record PlannedGain(
    Amount Proceeds, Amount? CostBasis, Amount? RealizedGain, ImmutableArray<TakeRow> Takes);

/// <summary>Each way to the target as a batch; absent where there is none, or none can be said beforehand.</summary>
/// <param name="Repay">Repays from the account.</param>
/// <param name="Add">Adds collateral from the account.</param>
/// <param name="Sale">
/// Withdraws to the account, sells there and repays, round by round. As an instruction only the first withdrawal:
/// what comes of it cannot be instructed before it is there.
/// </param>
/// <param name="Gain">What the sale gains; adding and repaying gain nothing.</param>
public sealed record PlanBatches(PlanBatch? Repay, PlanBatch? Add, PlanBatch? Sale, PlannedGain? Gain);

/// <summary>Says plans as commands.</summary>
/// <param name="exposure">The treasury.</param>
/// <param name="position">The position.</param>
/// <param name="via">Where units pass through.</param>
/// <param name="mode">Whether commands are instructions.</param>
internal sealed class PlanBatchMaker(SeenExposure exposure, AccountId position, AccountId via, EntryMode mode)
{
    private bool IsInstruction => mode == EntryMode.Instruction;

    private Instant At => exposure.Seen.Standpoint.AsOf;

    /// <summary>
    /// Whether what happens can be told without the contract's indices; an instruction always can.
    /// </summary>
    private bool CanTell => IsInstruction
        || exposure.Seen.At.State.Facts.Touches.Keys.All(side => side.Position != position);

    public PlanBatch? Repay(int? debt, BigInteger? units) => Batch(debt, units, (asset, quantity) =>
        new PlanCommand("repay", At, asset, quantity, Position: position, From: via));

    public PlanBatch? Add(int? collateral, BigInteger? units) => Batch(collateral, units, (asset, quantity) =>
        new PlanCommand("deposit-collateral", At, asset, quantity, Position: position, From: via));

    public PlanBatch? Sell(int sells, int repays, SalePlan sale)
    {
        if (!CanTell)
        {
            return null;
        }

        var (asset, money) = (exposure.Accounts.Assets[sells], exposure.Accounts.Assets[repays]);
        PlanCommand Withdrawal(SaleRound round) => new(
            "withdraw-collateral", At, asset, exposure.Tokens(sells, round.Sold), Position: position, To: via);
        return IsInstruction
            ? new PlanBatch([Withdrawal(sale.Rounds[0]) with { Mode = mode }])
            : new PlanBatch(
            [
                .. sale.Rounds.SelectMany(round => (PlanCommand[])
                [
                    Withdrawal(round),
                    Sale(
                        (asset, exposure.Tokens(sells, round.Sold)), (money, exposure.Tokens(repays, round.Received))),
                    new PlanCommand(
                        "repay", At, money, exposure.Tokens(repays, round.Repaid), Position: position, From: via),
                ]).Where(command => command.Quantity.Sign > 0),
            ]);
    }

    /// <summary>What a sale gains in the treasury's own book, right after everything else.</summary>
    public PlannedGain Gain(AaveAccount account, int sells, int repays, SalePlan sale)
    {
        var debt = account.Reserve(repays);
        var proceeds = Shown.Base(Uint256.MulDiv(sale.Received, debt.Price8, debt.Unit));
        var sold = new Leg(position, exposure.Accounts.Assets[sells], new Quantity(sale.Sold));
        var row = PlannedDisposal.Of(exposure.Seen.At, exposure.Seen.Choice, sold, proceeds).Row;
        return new PlannedGain(
            proceeds, row?.CostBasis, row?.RealizedGain,
            row is null ? [] : [.. row.Takes.Select(take => TakeRow.Of(exposure.Seen, row.Pool, take))]);
    }

    /// <summary>At an exchange it is a sale; elsewhere one asset is swapped for the other.</summary>
    private PlanCommand Sale((AssetId Asset, ExactDecimal Tokens) sold, (AssetId Asset, ExactDecimal Tokens) came) =>
        exposure.Seen.At.Registers.Accounts[via].Kind == AccountKind.Exchange
            ? new PlanCommand(
                "sell-to-exchange", At, sold.Asset, sold.Tokens, Account: via, ProceedsAsset: came.Asset,
                ProceedsQuantity: came.Tokens)
            : new PlanCommand(
                "acquire-asset", At, came.Asset, came.Tokens, Account: via, PaidAccount: via, PaidAsset: sold.Asset,
                PaidQuantity: sold.Tokens);

    private PlanBatch? Batch(int? reserve, BigInteger? units, Func<AssetId, ExactDecimal, PlanCommand> make) =>
        !CanTell || reserve is not { } id || units is not { Sign: > 0 } some ? null : new PlanBatch(
        [
            make(exposure.Accounts.Assets[id], exposure.Tokens(id, some)) with { Mode = IsInstruction ? mode : null },
        ]);
}
