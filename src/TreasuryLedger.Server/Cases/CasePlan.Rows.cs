using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Cases;

/// <content>The command that a row is.</content>
public sealed partial class CasePlan
{
    private Command Movement(TimelineRow row) => row.Event switch
    {
        "capital_in" => new ContributeCapital
        {
            EffectiveAt = row.EffectiveAt,
            Account = At(row.To),
            Asset = Asset(row),
            Quantity = Tokens(row),
        },
        "borrow" => new Borrow
        {
            EffectiveAt = row.EffectiveAt,
            Position = At(row.From),
            Asset = Asset(row),
            Quantity = Tokens(row),
            To = At(row.To),
        },
        "repay" => new Repay
        {
            EffectiveAt = row.EffectiveAt,
            Position = At(row.To),
            Asset = Asset(row),
            Quantity = Tokens(row),
            From = At(row.From),
        },
        "transfer" when _places[row.To].Kind == AccountKind.Exchange => new TransferToExchange
        {
            EffectiveAt = row.EffectiveAt,
            From = At(row.From),
            To = At(row.To),
            Asset = Asset(row),
            Quantity = Tokens(row),
        },
        "transfer" => new TransferAsset
        {
            EffectiveAt = row.EffectiveAt,
            From = At(row.From),
            To = At(row.To),
            Asset = Asset(row),
            Quantity = Tokens(row),
        },
        "supply_interest" => new ReceiveYield
        {
            EffectiveAt = row.EffectiveAt,
            Account = At(row.To),
            Asset = Asset(row),
            Quantity = Tokens(row),
        },
        "sell" => new SellToExchange
        {
            EffectiveAt = row.EffectiveAt,
            Account = At(row.From),
            Asset = Asset(row),
            Quantity = Tokens(row),
            ProceedsAsset = _case.File.SettlementAsset,
            ProceedsQuantity = row.Amount!.Value,
        },
        _ => throw new CaseFolderException($"timeline.csv, row {row.Row}: no rule for the event '{row.Event}'."),
    };

    private DepositCollateral Deposit(TimelineRow row) => new()
    {
        EffectiveAt = row.EffectiveAt,
        From = At(row.From),
        Position = At(row.To),
        Asset = Asset(row),
        Quantity = Tokens(row),
    };

    private WithdrawCollateral Withdraw(TimelineRow row) => new()
    {
        EffectiveAt = row.EffectiveAt,
        Position = At(row.From),
        To = At(row.To),
        Asset = Asset(row),
        Quantity = Tokens(row),
    };

    private OpenBalances OpeningBalance(TimelineRow row) => new()
    {
        EffectiveAt = row.EffectiveAt,
        Lots =
        [
            new OpeningLotTerms(
                At(row.To),
                Asset(row),
                Tokens(row),
                row.EffectiveAt,
                new CurrencyAmount(_case.File.Currency.ToString(), Exact(row.Amount!.Value))),
        ],
        Debts = [],
    };

    private AccountId At(string place) => _places.TryGetValue(place, out var account)
        ? account.Account
        : throw new CaseFolderException($"case.json has no account for the place '{place}'.");

    private string MarketAt(string place) => _places[place].Market
        ?? throw new CaseFolderException($"case.json has no market for the place '{place}'.");

    private static ExactDecimal Tokens(TimelineRow row) => row.Quantity
        ?? throw new CaseFolderException($"timeline.csv, row {row.Row}: the quantity is missing.");

    private static Amount Exact(ExactDecimal value) => Amount.TryFrom(value, out var amount)
        ? amount
        : throw new CaseFolderException($"'{value}' has more than 18 digits after the point.");
}
