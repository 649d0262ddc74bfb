using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>What a sale would be under one method.</summary>
/// <param name="Method">The method.</param>
/// <param name="IsOwn">Whether it is the book's.</param>
/// <param name="Proceeds">What it would bring; absent if nobody knows.</param>
/// <param name="CostBasis">The cost of all units; absent if the basis of any is missing.</param>
/// <param name="RealizedGain">Proceeds less cost basis; absent if either is.</param>
/// <param name="OnLong">The part of the gain on units held long.</param>
/// <param name="BasisMissing">Whole tokens whose cost nobody knows.</param>
/// <param name="FinalFrom">From this instant on nothing would change it; absent where that is at once.</param>
/// <param name="Takes">The lots that it would take.</param>
public sealed record PlannedRow(
    LotMethod Method,
    bool IsOwn,
    Amount? Proceeds,
    Amount? CostBasis,
    Amount? RealizedGain,
    Amount OnLong,
    ExactDecimal BasisMissing,
    Instant? FinalFrom,
    ImmutableArray<TakeRow> Takes);

/// <summary>A sale that is thought of, under every method. Nothing is recorded.</summary>
/// <param name="Viewpoint">Where the answer stands: the sale would be right after everything else.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Account">From where.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Methods">The book's own method first.</param>
public sealed record PlanAnswer(
    Standpoint Viewpoint,
    AssetId Asset,
    AccountId Account,
    ExactDecimal Quantity,
    ImmutableArray<PlannedRow> Methods)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters,
        new("asset", "query", typeof(AssetId), "What would be sold.", "ETH", Required: true),
        new("account", "query", typeof(AccountId), "Where.", "wallet", Required: true),
        new("quantity", "query", typeof(ExactDecimal), "Whole tokens, more than 0.", "1.5",
            Required: true),
        new("proceeds", "query", typeof(Amount),
            "What it would bring, in the reporting currency; without it what the price book says.", "4500"),
    ];

    /// <summary>The question, once the treasury is seen.</summary>
    /// <exception cref="ProblemException">Something is missing or is not there.</exception>
    public static Func<Seen, PlanAnswer> Read(QueryReader query)
    {
        var asset = query.Value<AssetId>("asset") ?? throw QueryReader.Missing("asset");
        var account = query.Value<AccountId>("account") ?? throw QueryReader.Missing("account");
        var quantity = query.Value<ExactDecimal>("quantity") ?? throw QueryReader.Missing("quantity");
        var proceeds = query.Value<Amount>("proceeds");
        return seen => Of(seen, asset, account, quantity, proceeds);
    }

    private static PlanAnswer Of(
        Seen seen, AssetId asset, AccountId account, ExactDecimal quantity, Amount? proceeds)
    {
        var registers = seen.At.Registers;
        if (!registers.Assets.ContainsKey(asset) || !registers.Accounts.ContainsKey(account))
        {
            var isAsset = registers.Assets.ContainsKey(asset);
            throw ProblemException.Of(
                ErrorRegistry.Of(isAsset ? RefusalCode.AccountUnknown : RefusalCode.AssetUnknown).Code,
                isAsset ? $"Account {account} is not registered." : $"Asset {asset} is not registered.",
                isAsset ? ("account", account) : ("asset", asset));
        }

        if (!Core.Money.Quantity.TryFromTokens(quantity, registers.DecimalsOf(asset), out var units)
            || units.Sign <= 0 || units > Core.Money.Quantity.Max)
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.QuantityOutOfRange).Code,
                $"{quantity} {asset} cannot be sold.", ("asset", asset), ("quantity", quantity));
        }

        var own = seen.At.State.Policy.Terms.LotMethod;
        return new PlanAnswer(
            seen.Standpoint, asset, account, quantity,
            [
                .. Enum.GetValues<LotMethod>().OrderBy(method => method != own)
                    .Select(method => Row(seen, method, method == own, new Leg(account, asset, units), proceeds))
                    .OfType<PlannedRow>(),
            ]);
    }

    private static PlannedRow? Row(Seen seen, LotMethod method, bool isOwn, Leg sold, Amount? proceeds)
    {
        var choice = isOwn ? seen.Choice : seen.Choice with { Method = method };
        var at = isOwn ? seen.At : seen.Of(choice);
        return PlannedDisposal.Of(at, choice, sold, proceeds).Row is not { } row ? null : new PlannedRow(
            method, isOwn, row.Proceeds, row.CostBasis, row.RealizedGain, row.GainOn(HoldingTerm.Long),
            seen.Tokens(row.Pool, row.BasisMissing), row.FinalFrom,
            [.. row.Takes.Select(take => TakeRow.Of(seen, row.Pool, take))]);
    }
}
