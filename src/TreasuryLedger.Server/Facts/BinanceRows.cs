using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Rows of Binance: spot trades, deposits, withdrawals and transfers between sub-accounts, as its API answers them
/// (myTrades, capital/deposit/hisrec, capital/withdraw/history, sub-account/universalTransfer and
/// sub-account/sub/transfer/history) and as its statement files write them. Both name a fact alike, so together they
/// are one. Files know seconds and no numbers of trades; so entries have the second, the source's own time beside it.
/// </summary>
/// <param name="terms">
/// Accounts: <c>spot</c> is the one that the files are of; sub-accounts by e-mail, addresses of one's own by their
/// text. Assets: each coin that is traded.
/// </param>
/// <param name="source">The source's id.</param>
internal sealed class BinanceRows(SourceTerms terms, string source)
{
    private const string Spot = "spot";
    private const int TransactionIdMax = 150;

    private readonly Dictionary<string, Fill> _fills = new(StringComparer.Ordinal);
    private (string Second, string Pair) _last;
    private int _block;

    /// <summary>What a row says.</summary>
    public ReadRow Read(SourceRow row)
    {
        try
        {
            return row switch
            {
                { Problem: { } problem } => new ReadRow(row, null, problem),
                _ when Has(row, "symbol") && Has(row, "isBuyer") => TradeOfApi(row),
                _ when Has(row, "Pair") && Has(row, "Executed") => TradeOfFile(row),
                _ when Has(row, "insertTime") => Deposit(row, "insertTime", "txId", "address", "coin", "amount"),
                _ when Has(row, "applyTime") => Withdrawal(row, "applyTime", "txId", "address", "coin", "amount"),
                _ when Has(row, "TXID") => Moved(row),
                _ when Has(row, "tranId") || Has(row, "From") => Internal(row),
                _ => ReadRow.Wrong(
                    row, null, RowProblem.RuleMissing, "It is none of the rows of Binance that are known.", true),
            };
        }
        catch (RowException wrong)
        {
            return ReadRow.Wrong(row, wrong.Column, wrong.Code, wrong.Message, wrong.IsParked);
        }
    }

    private static bool Has(SourceRow row, string column) => row.Columns.IndexOf(column) >= 0;

    private ReadRow TradeOfApi(SourceRow row)
    {
        var symbol = row["symbol"];
        var splits = Enumerable.Range(1, symbol.Length - 1)
            .Where(at => IsCoin(symbol[..at]) && IsCoin(symbol[at..])).ToList();
        if (splits is not [var split])
        {
            throw new RowException(
                "symbol", RowProblem.AssetUnmapped, $"The source's assets do not say which coins '{symbol}' is.", true);
        }

        var at = InstantIn(row, "time");
        var trade = new Trade(
            at, symbol[..split], symbol[split..], row["isBuyer"] == "true", NumberIn(row, "price"),
            NumberIn(row, "qty"), NumberIn(row, "quoteQty"), NumberIn(row, "commission"), row["commissionAsset"]);
        return Of(row, trade, $"trade {symbol} {row["id"]}", row["id"]);
    }

    private ReadRow TradeOfFile(SourceRow row)
    {
        var (quantity, coin) = Amount(row, "Executed");
        var (paid, paidCoin) = Amount(row, "Amount");
        var (fee, feeCoin) = row["Fee"].Length == 0 ? (ExactDecimal.Zero, "") : Amount(row, "Fee");
        var side = row["Side"].ToUpperInvariant();
        var trade = new Trade(
            InstantIn(row, DateOf(row)), coin, paidCoin,
            side is "BUY" or "SELL" ? side == "BUY" : throw Wrong("Side", $"'{row["Side"]}' is neither BUY nor SELL"),
            NumberIn(row, "Price"), quantity, paid, fee, feeCoin);
        return Of(row, trade, null, null);
    }

    private ReadRow Of(SourceRow row, Trade trade, string? reference, string? id)
    {
        var (account, asset, paid) = (Account(Spot, Spot), Asset(row, trade.Coin), Asset(row, trade.PaidCoin));
        var second = RowText.FloorToSecond(trade.At);
        var (pair, when) = ($"{asset}-{paid}", RowText.SecondOf(second));
        var name = $"{when} {pair} {trade.IsBuy} {trade.Price} {trade.Quantity}";
        if (NumberOfFill(name, (when, pair), id) is not { } number)
        {
            return ReadRow.Wrong(
                row, null, RowProblem.Repeated, "The same fill stands elsewhere in the file; it counts once.");
        }

        FactId FactOf(int alike) => FactNames.Of(
            "binance", account.ToString(), pair, when, trade.IsBuy ? "buy" : "sell", trade.Price.ToString(),
            trade.Quantity.ToString(), alike.ToString(CultureInfo.InvariantCulture));
        var fact = FactOf(number);
        ImmutableArray<FeeTerms> fees = trade.Fee.Sign > 0
            ? [new FeeTerms(account, Asset(row, trade.FeeCoin), trade.Fee)]
            : [];
        var evidence = new Evidence(source, reference, EvidenceQuality.Fact, null);
        var timestamp = trade.At == second ? (Instant?)null : trade.At;
        return ReadRow.Of(row, trade.IsBuy
            ? new AcquireAsset
            {
                EffectiveAt = second,
                Fact = fact,
                SourceTimestamp = timestamp,
                Evidence = evidence,
                Account = account,
                Asset = asset,
                Quantity = trade.Quantity,
                PaidAccount = account,
                PaidAsset = paid,
                PaidQuantity = trade.Paid,
                Fees = fees,
            }
            : new SellToExchange
            {
                EffectiveAt = second,
                Fact = fact,
                SourceTimestamp = timestamp,
                Evidence = evidence,
                Account = account,
                Asset = asset,
                Quantity = trade.Quantity,
                ProceedsAsset = paid,
                ProceedsQuantity = trade.Paid,
                Fees = fees,
            }) with
        {
            Fill = new FillTold(name, pair, second, id, number, FactOf),
        };
    }

    /// <summary>
    /// Which of several alike fills of one second this is, from 1 on; <c>null</c> if it is a repetition. With numbers
    /// of trades another number is another fill. Without, fills that stand together in a file are several, and one that
    /// stands elsewhere again is the same: that is how files look that were put together of two.
    /// </summary>
    private int? NumberOfFill(string name, (string, string) block, string? id)
    {
        if (block != _last)
        {
            (_last, _block) = (block, _block + 1);
        }

        if (!_fills.TryGetValue(name, out var fill))
        {
            _fills[name] = new Fill(_block, id is null ? [] : [id], 1);
            return 1;
        }

        if (id is not null ? fill.Ids.IndexOf(id) >= 0 : fill.Block != _block)
        {
            return id is null ? null : fill.Ids.IndexOf(id) + 1;
        }

        _fills[name] = fill with { Ids = id is null ? [] : fill.Ids.Add(id), Count = fill.Count + 1 };
        return fill.Count + 1;
    }

    /// <summary>Files of deposits and of withdrawals have the same columns: the address says which it is.</summary>
    private ReadRow Moved(SourceRow row)
    {
        var (time, fee) = (DateOf(row), Has(row, "TransactionFee") ? "TransactionFee" : "Fee");
        return AddressOf(row, "Address") == Account(Spot, Spot)
            ? Deposit(row, time, "TXID", "Address", "Coin", "Amount")
            : Withdrawal(row, time, "TXID", "Address", "Coin", "Amount", fee);
    }

    private ReadRow Deposit(
        SourceRow row, string time, string transaction, string address, string coin, string amount)
    {
        // 1 success, 6 credited but not yet to be withdrawn; whatever else becomes one of them, or nothing.
        if (StatusOf(row) is not ("1" or "6" or "completed" or "successful" or "success"))
        {
            return ReadRow.None(row);
        }

        var (account, asset, at) = (Account(Spot, Spot), Asset(row, row[coin]), InstantIn(row, time));
        var id = Transaction(row, transaction);
        return ReadRow.Of(row, new ConfirmArrival
        {
            EffectiveAt = RowText.FloorToSecond(at),
            SourceTimestamp = at == RowText.FloorToSecond(at) ? null : at,
            Fact = FactNames.Of("binance", account.ToString(), "deposit", asset.ToString(), FactNames.Plain(id)),
            Evidence = new Evidence(source, $"deposit {id}", EvidenceQuality.Fact, null),
            Transfer = FactNames.Transfer(id, row[address], asset),
            Account = account,
            Asset = asset,
            Quantity = NumberIn(row, amount),
        });
    }

    private ReadRow Withdrawal(
        SourceRow row,
        string time,
        string transaction,
        string address,
        string coin,
        string amount,
        string fee = "transactionFee")
    {
        if (StatusOf(row) is not ("6" or "completed" or "successful" or "success"))
        {
            return ReadRow.None(row);
        }

        var (account, asset, at) = (Account(Spot, Spot), Asset(row, row[coin]), InstantIn(row, time));
        var (to, id) = (AddressOf(row, address), Transaction(row, transaction));
        var cost = row[fee].Length == 0 ? ExactDecimal.Zero : NumberIn(row, fee);
        return ReadRow.Of(row, new TransferAsset
        {
            EffectiveAt = RowText.FloorToSecond(at),
            SourceTimestamp = at == RowText.FloorToSecond(at) ? null : at,
            Fact = FactNames.Transfer(id, row[address], asset),
            Evidence = new Evidence(source, $"withdrawal {id}", EvidenceQuality.Fact, null),
            From = account,
            To = to,
            Asset = asset,
            Quantity = NumberIn(row, amount),
            InTransit = terms.IsToldElsewhere(to),
            Fees = cost.Sign > 0 ? [new FeeTerms(account, asset, cost)] : [],
        });
    }

    private ReadRow Internal(SourceRow row)
    {
        if (StatusOf(row) is not ("success" or "completed" or "successful" or ""))
        {
            return ReadRow.None(row);
        }

        var from = Party(row, First(row, "fromEmail", "from", "From"), "fromAccountType");
        var to = Party(row, First(row, "toEmail", "to", "To"), "toAccountType");
        if (from == to)
        {
            return ReadRow.None(row); // inside what is one account here
        }

        var at = InstantIn(row, First(row, "createTimeStamp", "time", "Date(UTC)", "Time"));
        return ReadRow.Of(row, new TransferAsset
        {
            EffectiveAt = RowText.FloorToSecond(at),
            SourceTimestamp = at == RowText.FloorToSecond(at) ? null : at,
            Fact = FactNames.Of("binance", "transfer", row[First(row, "tranId", "Transaction ID", "TranId")]),
            Evidence = new Evidence(source, null, EvidenceQuality.Fact, null),
            From = from,
            To = to,
            Asset = Asset(row, row[First(row, "asset", "Coin", "Asset")]),
            Quantity = NumberIn(row, First(row, "amount", "qty", "Amount", "Quantity")),
        });
    }

    private AccountId Party(SourceRow row, string column, string type) => row[type] is "" or "SPOT"
        ? Account(row[column], column)
        : Account($"{row[column]}/{row[type]}", column);

    private static string First(SourceRow row, params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
        {
            if (Has(row, column))
            {
                return column;
            }
        }

        throw new RowException(
            columns[0], ErrorRegistry.MemberMissing, $"The row has no column '{columns[0]}'.", false);
    }

    private static string DateOf(SourceRow row) => First(row, "Date(UTC)", "Time", "UTC_Time");

    private static string StatusOf(SourceRow row) =>
        (Has(row, "status") ? row["status"] : row["Status"]).ToLowerInvariant();

    private static string Transaction(SourceRow row, string column) =>
        row[column] is { Length: > 0 and <= TransactionIdMax } id ? id
            : throw Wrong(column, "A completed row names its transaction, and this one does not");

    private bool IsCoin(string name) => terms.Assets?.ContainsKey(name) is true;

    private AccountId Account(string name, string column) => terms.AccountOf(name) ?? throw new RowException(
        column, RowProblem.AccountUnmapped, $"The source has no account for '{name}'.", true);

    private AccountId AddressOf(SourceRow row, string column) =>
        terms.AddressOf(row[column]) ?? Account(row[column], column);

    private AssetId Asset(SourceRow row, string coin) => terms.AssetOf(coin) ?? throw new RowException(
        null, RowProblem.AssetUnmapped, $"The source has no asset for '{coin}' in row {row.Number}.", true);

    private static Instant InstantIn(SourceRow row, string column) => RowText.InstantOf(row[column])
        ?? throw Wrong(column, $"'{row[column]}' is no instant to the microsecond");

    private static ExactDecimal NumberIn(SourceRow row, string column) => RowText.NumberOf(row[column])
        ?? throw Wrong(column, $"'{row[column]}' is no number");

    /// <summary>
    /// A number with its coin behind it, as files write them. A coin may begin with a digit (1INCH), so the coins that
    /// the source names come first, the longest of them.
    /// </summary>
    private (ExactDecimal Number, string Coin) Amount(SourceRow row, string column)
    {
        var text = row[column];
        var coin = (terms.Assets?.Keys ?? [])
            .Where(coin => text.EndsWith(coin, StringComparison.Ordinal) && text.Length > coin.Length
                && RowText.NumberOf(text[..^coin.Length]) is not null)
            .MaxBy(coin => coin.Length) ?? text.TrimStart("0123456789.,".ToCharArray());
        return coin.Length > 0 && RowText.NumberOf(text[..^coin.Length]) is { } number
            ? (number, coin.Trim())
            : throw Wrong(column, $"'{text}' is no number with a coin behind it");
    }

    private static RowException Wrong(string column, string what) =>
        new(column, ErrorRegistry.ValueInvalid, $"{what}.", false);

    private sealed record Trade(
        Instant At,
        string Coin,
        string PaidCoin,
        bool IsBuy,
        ExactDecimal Price,
        ExactDecimal Quantity,
        ExactDecimal Paid,
        ExactDecimal Fee,
        string FeeCoin);

    private sealed record Fill(int Block, ImmutableList<string> Ids, int Count);
}
