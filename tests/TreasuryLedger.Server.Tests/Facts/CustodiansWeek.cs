using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Reconciliation;
using TreasuryLedger.Server.Tests.Api;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>
/// The last week of the case as a custodian, an exchange and a desk would have told it: made of the case's own rows, in
/// the forms of Fireblocks and Binance. The files in ops/cases/custodians-week are these.
/// </summary>
internal sealed class CustodiansWeek
{
    /// <summary>Where the files are, in the repository.</summary>
    public const string Folder = "ops/cases/custodians-week";

    /// <summary>The treasury that they are about.</summary>
    public const string Treasury = "custodians-week";

    /// <summary>The end of the case's own figures: up to it both books must be one.</summary>
    public const string End = "2026-02-08T03:00:00Z";

    private const string Vault = "0x5afe000000000000000000000000000000000001";
    private const string Deposits = "0xb1a0000000000000000000000000000000000001";
    private const string HotWallet = "0xb1a00000000000000000000000000000000000ff";
    private const long Minute = 60_000_000;

    // What was planted, by the case's rows.
    private const long ToldOtherwiseByTheList = 257;
    private const long ToldOtherwiseByTheExchange = 244;
    private const long MissingAtTheCustodian = 240;

    private static readonly long[] SoldInTheMorning = [278, 283, 288];
    private static readonly ExactDecimal CustodyFee = ExactDecimal.Parse("2500");

    /// <summary>What the case leaves at the exchange.</summary>
    private static readonly ExactDecimal Kept = ExactDecimal.Parse("320861946.01");

    private static readonly Instant From = Instant.Parse("2026-01-31T00:00:00Z");
    private static readonly Instant Until = Instant.Parse("2026-02-08T23:59:59Z");
    private static readonly Instant FeeAt = Instant.Parse("2026-02-08T12:00:00Z");

    private readonly ImmutableArray<CaseStep> _steps;
    private readonly ImmutableArray<TimelineRow> _week;

    private CustodiansWeek(CaseFolder folder)
    {
        (_steps, _) = CasePlan.Of(folder);
        _week =
        [
            .. folder.Timeline.Where(row => row.Entity == "Trend Research" && row.EffectiveAt >= From)
                .Where(row => row.Event is "supply_interest" or "withdraw" or "transfer" or "sell" or "repay")
                .OrderBy(row => row.EffectiveAt).ThenBy(row => row.Row),
        ];
    }

    /// <summary>Reads the case.</summary>
    public static CustodiansWeek Read() =>
        new(CaseFolder.Read(RepositoryFiles.PathOf("ops/cases/trend-research")));

    /// <summary>The journals of the case, and all commands of each as one batch.</summary>
    public IEnumerable<(string Address, string Batch)> Spine() =>
    [
        ("price-books/trend-research-case", BatchOf(Commands("prices/trend-research-case", Instant.Max))),
        ("market-books/trend-research-case", BatchOf(Commands("markets/trend-research-case", Instant.Max))),
        ("treasuries/trend-research", BatchOf(Commands("treasury/trend-research", Instant.Max))),
    ];

    /// <summary>The files by name, but for signatures and keys.</summary>
    public IEnumerable<(string Name, string Content)> Files() =>
    [
        ("before.json", BatchOf(Commands("treasury/trend-research", From))),
        ("binance.json", BinanceTerms),
        ("desk.json", DeskTerms),
        ("binance-trades.csv", Trades()),
        ("binance-deposits.csv", Moved("binance-deposits")),
        ("binance-withdrawals.csv", Moved("binance-withdrawals")),
        ("desk.csv", Desk()),
        ("fireblocks-transactions.json", Transactions()),
        ("binance-statement.json", Statement("binance", ExchangeLines(), ExchangeBalances())),
        ("fireblocks-statement.json", Statement("own-wallets", CustodianLines(), [])),
    ];

    private const string BinanceTerms = $$"""
        {
          "kind": "binance",
          "accounts": {
            "spot": "binance",
            "{{Deposits}}": "binance",
            "{{Vault}}": "own-wallets"
          },
          "assets": { "ETH": "ETH", "USDT": "USDT" },
          "toldElsewhere": [ "own-wallets" ]
        }

        """;

    private static readonly string DeskRules = string.Join(
        ",\n",
        Rule("interest", "receive-yield", """ "account": "{To|account}" """),
        Rule("withdraw", "withdraw-collateral", """ "position": "{From|account}", "to": "{To|account}" """),
        Rule("unwrap", "unwrap-asset", """ "account": "{To|account}", "toAsset": "ETH" """, "fromAsset"),
        Rule("repay", "repay", """ "position": "{To|account}", "from": "{From|account}" """),
        Rule("fee", "pay-fee", """ "account": "{From|account}", "reason": "{Note?}" """));

    private static readonly string DeskTerms = $$"""
        {
          "kind": "mapped",
          "accounts": { "Aave": "aave-v3", "Vault": "own-wallets", "Binance": "binance" },
          "mapping": {
            "delimiter": ";",
            "rules": [
              { "when": { "Action": "note" } },
        {{DeskRules}}
            ]
          }
        }

        """;

    private static string Rule(string action, string command, string between, string asset = "asset") => $$"""
              {
                "when": { "Action": "{{action}}" },
                "command": {
                  "command": "{{command}}", "fact": "desk:{Id}", "sourceOrder": "{Id}",
                  "effectiveAt": "{Time|instant:dd.MM.yyyy HH:mm:ss}", {{between.Trim()}},
                  "{{asset}}": "{Coin|asset}", "quantity": "{Quantity|number}"
                }
              }
        """;

    /// <summary>The terms of the custodian, with the keys that sign its messages.</summary>
    public static string FireblocksTerms(string key) => $$"""
        {
          "kind": "fireblocks",
          "accounts": {
            "VAULT_ACCOUNT:0": "own-wallets",
            "{{Deposits}}": "binance",
            "{{HotWallet}}": "binance"
          },
          "assets": { "ETH": "ETH", "USDT_ERC20": "USDT" },
          "toldElsewhere": [ "binance" ],
          "messageHours": 87600,
          "keys": { "keys": [ {{key}} ] }
        }

        """;

    /// <summary>The custodian's messages, each a body on one line, in the order in which they were made.</summary>
    public IEnumerable<string> Messages()
    {
        foreach (var row in Transfers)
        {
            yield return Message(row, "SUBMITTED", 0);
            yield return Message(row, "COMPLETED", 1);
        }

        // One that was completed and then dropped by the chain, and one that nobody approved.
        var (last, first) = (Transfers.Last(), Transfers.First());
        yield return Message(last, "COMPLETED", 1, "dropped");
        yield return Message(last, "FAILED", 2, "dropped");
        yield return Message(first, "CANCELLED", 1, "cancelled");
    }

    private IEnumerable<TimelineRow> Transfers => _week.Where(row => row.Event == "transfer");

    private List<Command> Commands(string journal, Instant before)
    {
        var (commands, positions) = (new List<Command>(), new Dictionary<string, long>(StringComparer.Ordinal));
        foreach (var step in _steps.Where(step => step.Journal == journal && step.Command is not AnnotateEntry
            && (step.KnownAt < before || step.Corrects is not null)))
        {
            commands.Add(step.Corrects is { } corrected
                ? new CorrectEntry
                {
                    EffectiveAt = step.Command.EffectiveAt,
                    Entry = positions[corrected],
                    Replacement = step.Command,
                    Evidence = step.Command.Evidence,
                }
                : step.Command switch
                {
                    OpenTreasury opening => opening with { ReplayedClock = false },
                    OpenBook opening => opening with { ReplayedClock = false },
                    var command => command,
                });
            positions[step.Key] = commands.Count;
        }

        return commands;
    }

    private static string BatchOf(IEnumerable<Command> commands) =>
        $$"""{"commands":[{{string.Join(
            ",", commands.Select(command => "\n" + JsonSerializer.Serialize(command, Wire.Options)))}}]}""" + "\n";

    private static string Message(TimelineRow row, string status, int update, string again = "")
    {
        var at = (row.EffectiveAt.Microseconds / 1_000) + (update * 60_000);
        return OneLine($$"""
            {
              "id": "{{Uuid($"message {row.Row} {again} {status}")}}", "eventType": "transaction.status.updated",
              "eventVersion": 2, "resourceId": "{{Subject(row, again)}}", "workspaceId": "{{Uuid("workspace")}}",
              "webhookId": "{{Uuid("webhook")}}", "createdAt": {{at}},
              "data": {{Transaction(row, status, update, again)}}
            }
            """);
    }

    private static string Transaction(
        TimelineRow row, string status, int update, string again = "", ExactDecimal? told = null)
    {
        var (isOut, amount) = (row.To == "Binance", told ?? row.Quantity!.Value);
        // The exchange sends first; the custodian sees it two minutes later.
        var at = (row.EffectiveAt.Microseconds + (isOut ? 0 : 2 * Minute)) / 1_000;
        const string vault = """{ "type": "VAULT_ACCOUNT", "id": "0", "name": "Treasury", "subType": "" }""";
        const string other = """{ "type": "UNKNOWN", "id": null, "name": "External", "subType": "" }""";
        return OneLine($$"""
            {
              "id": "{{Subject(row, again)}}", "createdAt": {{at}}, "lastUpdated": {{at + (update * 60_000)}},
              "assetId": "{{(row.Asset == "ETH" ? "ETH" : "USDT_ERC20")}}", "operation": "TRANSFER",
              "status": "{{status}}", "subStatus": "",
              "txHash": "{{(status is "SUBMITTED" or "CANCELLED" ? "" : Tx(row, again))}}",
              "source": {{(isOut ? vault : other)}}, "sourceAddress": "{{(isOut ? Vault : HotWallet)}}",
              "destination": {{(isOut ? other : vault)}}, "destinationAddress": "{{(isOut ? Deposits : Vault)}}",
              "amountInfo": {
                "amount": "{{amount}}", "requestedAmount": "{{amount}}", "netAmount": "{{amount}}"
              },
              "feeInfo": { "networkFee": "0" }, "feeCurrency": "ETH", "note": ""
            }
            """);
    }

    private static string OneLine(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Wire.Options);
    }

    /// <summary>The custodian's own list at the end of the week: one amount is not what its message said.</summary>
    private string Transactions() => "[" + string.Join(",", Transfers.Select(row => "\n" + Transaction(
        row, "COMPLETED", 1,
        told: row.Row == ToldOtherwiseByTheList ? Sum([row.Quantity!.Value, ExactDecimal.One]) : null))) + "\n]\n";

    private string Trades()
    {
        var text = new StringBuilder("\"Date(UTC)\",\"Pair\",\"Side\",\"Price\",\"Executed\",\"Amount\",\"Fee\"\n");
        // The newest first, as the exchange writes it.
        foreach (var row in _week.Where(row => row.Event == "sell").Reverse())
        {
            string[] values =
            [
                TextOf(row.EffectiveAt), "ETHUSDT", "SELL", $"{row.UnitPrice}", $"{row.Quantity}.00000000ETH",
                $"{row.Amount}USDT", "0.00000000USDT",
            ];
            text.AppendJoin(',', values.Select(value => $"\"{value}\"")).Append('\n');
        }

        return text.ToString();
    }

    private string Moved(string file)
    {
        var isDeposit = file == "binance-deposits";
        var text = new StringBuilder(
            "Date(UTC),Coin,Network,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status\n");
        foreach (var row in Transfers.Where(row => row.To == "Binance" == isDeposit).Reverse())
        {
            var at = isDeposit ? row.EffectiveAt.Plus(2 * Minute) : row.EffectiveAt;
            var (to, from) = isDeposit ? (Deposits, Vault) : (Vault, "");
            text.Append(CultureInfo.InvariantCulture,
                $"{TextOf(at)},{row.Asset},ETH,{row.Quantity},0,{to},{Tx(row)},{from},,Completed\n");
        }

        return text.ToString();
    }

    private string Desk()
    {
        var text = new StringBuilder("Id;Time;Action;From;To;Coin;Quantity;Note\n");
        var id = 0;
        void Row(Instant at, string action, string from, string to, string coin, string quantity, string note = "") =>
            text.Append(CultureInfo.InvariantCulture,
                $"{++id};{at.ToUtc():dd.MM.yyyy HH:mm:ss};{action};{from};{to};{coin};{quantity};{note}\n");
        Row(From, "note", "", "", "", "", "The week begins");
        foreach (var row in _week)
        {
            var (at, quantity) = (row.EffectiveAt, row.Quantity!.Value.ToString());
            switch (row.Event)
            {
                case "supply_interest":
                    Row(at, "interest", "", "Aave", "WETH", quantity);
                    break;
                case "withdraw":
                    Row(at, "withdraw", "Aave", "Vault", "WETH", quantity);
                    Row(at, "unwrap", "Vault", "Vault", "WETH", quantity);
                    break;
                case "repay":
                    Row(at, "repay", "Vault", "Aave", "USDT", quantity);
                    break;
            }
        }

        Row(FeeAt, "fee", "Binance", "", "USDT", CustodyFee.ToString(), "Custody, February");
        return text.ToString();
    }

    private List<SourceLine> ExchangeLines()
    {
        var (lines, eth, usdt) = (new List<SourceLine>(), AssetId.Parse("ETH"), AssetId.Parse("USDT"));
        // The three sales of the morning of 6 February are one line of each side.
        foreach (var sales in _week.Where(row => row.Event == "sell")
            .GroupBy(row => SoldInTheMorning.Contains(row.Row) ? SoldInTheMorning[1] : row.Row))
        {
            var at = sales.Single(row => row.Row == sales.Key).EffectiveAt;
            lines.Add(new SourceLine($"S-{sales.Key}", at, eth, Minus(Sum(sales.Select(row => row.Quantity!.Value)))));
            lines.Add(new SourceLine($"P-{sales.Key}", at, usdt, Sum(sales.Select(row => row.Amount!.Value))));
        }

        foreach (var row in Transfers)
        {
            var quantity = row.Quantity!.Value;
            lines.Add(row.To == "Binance"
                ? new SourceLine(
                    $"D-{row.Row}", row.EffectiveAt.Plus(2 * Minute), eth,
                    row.Row == ToldOtherwiseByTheExchange ? Sum([quantity, Minus(ExactDecimal.One)]) : quantity,
                    FactNames.Of("binance", "binance", "deposit", "ETH", FactNames.Plain(Tx(row))))
                : new SourceLine($"W-{row.Row}", row.EffectiveAt, usdt, Minus(quantity)));
        }

        // The fee was taken twice.
        lines.Add(new SourceLine("F-1", FeeAt, usdt, Minus(CustodyFee)));
        lines.Add(new SourceLine("F-2", FeeAt, usdt, Minus(CustodyFee)));
        return lines;
    }

    /// <summary>What the exchange says is left: less than the ledger has, by the fee that was taken twice.</summary>
    private static SourceBalance[] ExchangeBalances() =>
    [
        new(AssetId.Parse("ETH"), Until, ExactDecimal.Zero),
        new(AssetId.Parse("USDT"), Until, Sum([Kept, Minus(CustodyFee), Minus(CustodyFee)])),
    ];

    private List<SourceLine> CustodianLines()
    {
        var lines = new List<SourceLine>();
        void Line(TimelineRow row, string kind, string asset, ExactDecimal change, long later = 0) => lines.Add(
            new SourceLine($"{kind}-{row.Row}", row.EffectiveAt.Plus(later), AssetId.Parse(asset), change));
        foreach (var row in _week.Where(row => row.Row != MissingAtTheCustodian))
        {
            var quantity = row.Quantity!.Value;
            switch (row.Event)
            {
                case "withdraw":
                    Line(row, "IN", "WETH", quantity);
                    Line(row, "UNWRAP", "WETH", Minus(quantity));
                    Line(row, "UNWRAPPED", "ETH", quantity);
                    break;
                case "transfer" when row.To == "Binance":
                    Line(row, "OUT", "ETH", Minus(quantity));
                    break;
                case "transfer":
                    Line(row, "IN", "USDT", quantity, 2 * Minute);
                    break;
                case "repay":
                    Line(row, "OUT", "USDT", Minus(quantity));
                    break;
            }
        }

        return lines;
    }

    private static string Statement(string account, List<SourceLine> lines, SourceBalance[] balances)
    {
        var about = new SourceStatement(
            account == "binance" ? "binance-statement" : "fireblocks-statement", AccountId.Parse(account), From, Until,
            [], [.. balances], new SourceRules(WindowSeconds: 3_600), Record: true);
        var text = JsonSerializer.Serialize(about, Wire.Options);
        var told = string.Join(",", lines.Select(line => "\n" + JsonSerializer.Serialize(line, Wire.Options)));
        return text.Replace("\"lines\":[]", $"\"lines\":[{told}]", StringComparison.Ordinal) + "\n";
    }

    private static string Subject(TimelineRow row, string again) => Uuid($"transaction {row.Row} {again}");

    private static string Tx(TimelineRow row, string again = "") => "0x" + Digest($"chain {row.Row} {again}");

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("custodian's week " + text)));

    private static string Uuid(string text) => new Guid(Convert.FromHexString(Digest(text))[..16]).ToString();

    private static string TextOf(Instant at) =>
        at.ToUtc().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static ExactDecimal Minus(ExactDecimal value) => new(-value.Mantissa, value.Scale);

    private static ExactDecimal Sum(IEnumerable<ExactDecimal> values) =>
        values.Aggregate(ExactDecimal.Zero, (left, right) =>
        {
            var scale = Math.Max(left.Scale, right.Scale);
            return new ExactDecimal(At(left, scale) + At(right, scale), scale);
        });

    private static BigInteger At(ExactDecimal value, int scale) =>
        value.Mantissa * BigInteger.Pow(10, scale - value.Scale);
}
