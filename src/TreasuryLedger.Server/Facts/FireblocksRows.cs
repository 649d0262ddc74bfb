using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>What a custodian's status means to the books.</summary>
internal enum TellingStage
{
    /// <summary>On its way: nothing moved that counts.</summary>
    Pending,

    /// <summary>It happened.</summary>
    Completed,

    /// <summary>It did not happen, or no longer counts.</summary>
    Failed,
}

/// <summary>What a row or message of a custodian tells of one transaction.</summary>
/// <param name="Subject">The custodian's id of the transaction.</param>
/// <param name="UpdatedAt">When the custodian last changed what it says of it.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Fact">What it is, where it moves something.</param>
internal sealed record Telling(string Subject, Instant UpdatedAt, TellingStage Stage, FactId? Fact);

/// <summary>
/// Transactions of Fireblocks: messages of its webhooks (v2: <c>transaction.*</c>, with the transaction in
/// <c>data</c>), and lists of transactions as its API answers them.
/// </summary>
/// <param name="terms">
/// Accounts by <c>TYPE:id</c> (VAULT_ACCOUNT:0), by address, or by <c>TYPE</c> alone (UNKNOWN); assets by their ids
/// there.
/// </param>
/// <param name="source">The source's id.</param>
internal sealed class FireblocksRows(SourceTerms terms, string source)
{
    private const int ReferenceMax = 100;

    /// <summary>What a row says.</summary>
    public ReadRow Read(SourceRow row)
    {
        try
        {
            return row.Problem is { } problem ? new ReadRow(row, null, problem) : Transaction(row);
        }
        catch (RowException wrong)
        {
            return ReadRow.Wrong(row, wrong.Column, wrong.Code, wrong.Message, wrong.IsParked);
        }
    }

    private ReadRow Transaction(SourceRow row)
    {
        if (row["eventType"] is { Length: > 0 } type && !type.StartsWith("transaction.", StringComparison.Ordinal))
        {
            return ReadRow.None(row); // vaults, wallets and their names move nothing
        }

        var data = new Data(row, row["eventType"].Length > 0 ? "data." : "");
        var telling = new Telling(
            data.Needed("id", ReferenceMax), data.Instant("lastUpdated"), StageOf(data["status"]), null);
        if (telling.Stage == TellingStage.Pending)
        {
            return ReadRow.None(row);
        }

        if (telling.Stage == TellingStage.Failed)
        {
            return Failed(row, data, telling);
        }

        if (data["operation"] is not ("" or "TRANSFER"))
        {
            throw new RowException(
                data.Column("operation"), RowProblem.RuleMissing,
                $"What '{data["operation"]}' moves is told by the chain, not by this message.", true);
        }

        var command = Moved(data);
        return ReadRow.Of(row, command) with { Telling = telling with { Fact = command.Fact } };
    }

    /// <summary>Whoever failed on the chain paid for it all the same.</summary>
    private ReadRow Failed(SourceRow row, Data data, Telling telling)
    {
        var from = Party(data, "source", "sourceAddress");
        FactId? fact = data["txHash"].Length > 0 && from is not null ? FactOf(data) : null;
        var told = telling with { Fact = fact };
        return data["txHash"].Length > 0 && from is { } payer && Fees(data, payer) is [var fee]
            ? ReadRow.Of(row, new PayFee
            {
                EffectiveAt = data.Instant("createdAt"),
                Fact = FactNames.Of("fireblocks", telling.Subject, "fee"),
                Evidence = EvidenceOf(telling.Subject),
                Account = fee.Account,
                Asset = fee.Asset,
                Quantity = fee.Quantity,
            }) with
            {
                Telling = told,
            }
            : ReadRow.None(row) with { Telling = told };
    }

    private Command Moved(Data data)
    {
        var (from, to) = (Party(data, "source", "sourceAddress"), Party(data, "destination", "destinationAddress"));
        var (subject, at, asset) = (data.Needed("id", ReferenceMax), data.Instant("createdAt"), AssetOf(data));
        var quantity = data.Number(data["amountInfo.netAmount"].Length > 0 && from is null
            ? "amountInfo.netAmount"
            : "amountInfo.amount");
        if (to is not { } target)
        {
            throw Unmapped(data, "destination");
        }

        if (from is not { } origin)
        {
            throw Unmapped(data, "source");
        }

        // Whoever sent it tells that it left; here it arrives.
        if (terms.IsToldElsewhere(origin))
        {
            return new ConfirmArrival
            {
                EffectiveAt = at,
                Fact = FactNames.Of("fireblocks", subject),
                Evidence = EvidenceOf(subject),
                Transfer = FactOf(data),
                Account = target,
                Asset = asset,
                Quantity = quantity,
            };
        }

        return new TransferAsset
        {
            EffectiveAt = at,
            Fact = FactOf(data),
            Evidence = EvidenceOf(subject),
            From = origin,
            To = target,
            Asset = asset,
            Quantity = quantity,
            InTransit = terms.IsToldElsewhere(target),
            Fees = Fees(data, origin),
        };
    }

    private Evidence EvidenceOf(string subject) => new(source, $"transaction {subject}", EvidenceQuality.Fact, null);

    /// <summary>The transfer on the chain; what left no trace there is known by the custodian's own id.</summary>
    private FactId FactOf(Data data) => data["txHash"] is { Length: > 0 and <= ReferenceMax } transaction
        ? FactNames.Transfer(transaction, data["destinationAddress"], AssetOf(data))
        : FactNames.Of("fireblocks", data.Needed("id", ReferenceMax));

    private ImmutableArray<FeeTerms> Fees(Data data, AccountId payer)
    {
        var fee = data["feeInfo.networkFee"].Length > 0 ? data.Number("feeInfo.networkFee") : ExactDecimal.Zero;
        var coin = data["feeCurrency"].Length > 0 ? data["feeCurrency"] : data["assetId"];
        return fee.Sign > 0
            ? [new FeeTerms(payer, Named(coin, data.Column("feeCurrency")), fee)]
            : [];
    }

    private AssetId AssetOf(Data data) => Named(data.Needed("assetId", ReferenceMax), data.Column("assetId"));

    private AssetId Named(string coin, string column) => terms.AssetOf(coin) ?? throw new RowException(
        column, RowProblem.AssetUnmapped, $"The source has no asset for '{coin}'.", true);

    private AccountId? Party(Data data, string side, string address)
    {
        var (type, id) = (data[$"{side}.type"], data[$"{side}.id"]);
        return terms.AccountOf($"{type}:{id}")
            ?? (data[address].Length > 0 ? terms.AddressOf(data[address]) : null)
            ?? terms.AccountOf(type);
    }

    private static RowException Unmapped(Data data, string side) => new(
        data.Column($"{side}.id"), RowProblem.AccountUnmapped,
        $"The source has no account for '{data[$"{side}.type"]}:{data[$"{side}.id"]}' "
        + $"at '{data[$"{side}Address"]}'.", true);

    /// <summary>
    /// What is neither done nor failed is under way, statuses of later versions too: what becomes of it is told.
    /// </summary>
    private static TellingStage StageOf(string status) => status switch
    {
        "COMPLETED" => TellingStage.Completed,
        "FAILED" or "CANCELLED" or "REJECTED" or "BLOCKED" or "TIMEOUT" => TellingStage.Failed,
        _ => TellingStage.Pending,
    };

    private readonly record struct Data(SourceRow Row, string Prefix)
    {
        public string this[string name] => Row[Prefix + name];

        public string Column(string name) => Prefix + name;

        public string Needed(string name, int lengthMax) =>
            this[name] is { Length: > 0 } text && text.Length <= lengthMax ? text
            : throw Wrong(name, "must be there");

        public Instant Instant(string name) => RowText.InstantOf(this[name])
            ?? throw Wrong(name, $"'{this[name]}' is no instant");

        public ExactDecimal Number(string name) => RowText.NumberOf(this[name])
            ?? throw Wrong(name, $"'{this[name]}' is no number");

        private RowException Wrong(string name, string what) =>
            new(Prefix + name, ErrorRegistry.ValueInvalid, what, false);
    }
}
