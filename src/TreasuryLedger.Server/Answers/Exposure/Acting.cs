using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>What acting on a breach would have been, beside what was done in fact.</summary>
/// <param name="Price">The price of the collateral then.</param>
/// <param name="Sell">Whole tokens to sell for the target; absent if no sale reaches it.</param>
/// <param name="Repay">Whole tokens of debt that the sale repays.</param>
/// <param name="Proceeds">What the sale brings.</param>
/// <param name="RealizedGain">What it gains in the book, right then; absent if the cost of any unit is missing.</param>
/// <param name="SoldInFact">Of as many units, those that were sold since then up to the viewpoint.</param>
/// <param name="ProceedsInFact">What these brought; absent if that of any sale is missing.</param>
/// <param name="Advantage">Proceeds of as many units then, less what they brought in fact.</param>
public sealed record ActingRow(
    ExactDecimal? Price,
    ExactDecimal? Sell,
    ExactDecimal? Repay,
    Amount? Proceeds,
    Amount? RealizedGain,
    ExactDecimal? SoldInFact,
    Amount? ProceedsInFact,
    Amount? Advantage);

/// <summary>Plans a sale at the beginning of a breach, and finds what was sold in fact.</summary>
/// <param name="target">What the sale shall reach.</param>
/// <param name="terms">How it is carried out.</param>
internal sealed class Acting(
    Func<int, PlanTarget> target, Func<AaveAccount, int, int, SaleTerms> terms)
{
    /// <summary>What acting would have been; absent without figures then.</summary>
    public ActingRow? At(SeenExposure exposure, TreasuryAt then, Breach breach)
    {
        var accounts = SeenExposure.AccountsOf(exposure.Seen, exposure.Asked, then);
        var account = accounts.Whole.Where(one => one.Key.ToString() == breach.Subject)
            .Select(one => one.Value).FirstOrDefault();
        if (account is null
            || DeleveragingAnswer.Sells(account, -1) is not { } sells
            || DeleveragingAnswer.Repays(account, -1) is not { } repays)
        {
            return null;
        }

        var price = Shown.Price(account.Reserve(sells).Price8);
        if (DeleveragingPlan.Sell(account, terms(account, sells, repays), target(sells)) is not { } sale)
        {
            return new ActingRow(price, null, null, null, null, null, null, null);
        }

        var (asset, money) = (accounts.Assets[sells], accounts.Assets[repays]);
        var debt = account.Reserve(repays);
        var proceeds = Shown.Base(sale.Received * debt.Price8 / debt.Unit);
        var gain = PlannedDisposal.Of(
            then, exposure.Seen.Choice, new Leg(AccountId.Parse(breach.Subject), asset, new Quantity(sale.Sold)),
            proceeds).Row?.RealizedGain;
        var (units, brought) = InFact(exposure.Seen, then.Registers.PoolOf(asset), breach.From, sale.Sold);
        return new ActingRow(
            price,
            exposure.Seen.Tokens(asset, new Quantity(sale.Sold)),
            exposure.Seen.Tokens(money, new Quantity(sale.Repaid)),
            proceeds,
            gain,
            exposure.Seen.Tokens(asset, new Quantity(units)),
            brought,
            units == sale.Sold && brought is { } got ? proceeds - got : null);
    }

    /// <summary>The first sales after an instant, until so many units were sold; the last counts in part.</summary>
    private static (BigInteger Units, Amount? Proceeds) InFact(
        Seen seen, AssetId pool, Instant after, BigInteger most)
    {
        var (units, proceeds) = (BigInteger.Zero, (Amount?)Amount.Zero);
        foreach (var sold in seen.At.HappenedAfter(after).SelectMany(rows => rows.Rows.Disposals)
            .Where(row => row.Kind == DisposalKind.Sale && row.Pool == pool))
        {
            if (units == most)
            {
                break;
            }

            var part = BigInteger.Min(most - units, sold.Quantity.Units);
            proceeds = proceeds is { } sum && sold.Proceeds is { } all
                ? sum + new Amount(all.Attos * part / sold.Quantity.Units)
                : null;
            units += part;
        }

        return (units, proceeds);
    }
}
