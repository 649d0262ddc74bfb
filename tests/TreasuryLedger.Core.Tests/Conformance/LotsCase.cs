using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>
/// A cost basis case that others published, told to the engine as entries. One event of the case becomes one entry, in
/// list order; quantities have 27 and the currency 18 decimals, so nothing of a case is rounded but products.
/// </summary>
internal sealed class LotsCase
{
    private const int AssetDecimals = 27;

    private static readonly string[] Acquisitions = ["buy", "income", "borrow"];

    private readonly JsonElement _case;
    private readonly List<JsonElement> _events;
    private readonly List<string> _wallets = ["(none)", "(removed)"];
    private readonly List<Entry> _prices = [];
    private readonly AssetId _currency;

    public LotsCase(JsonElement json)
    {
        _case = json;
        _events = [.. json.GetProperty("events").EnumerateArray()];
        _currency = AssetId.Parse(Text(json, "currency")!);
        Expected = json.GetProperty("expected");
    }

    public string Id => Text(_case, "id")!;

    public JsonElement Expected { get; }

    public decimal Tolerance => Number(Text(_case, "tolerance") ?? "0.000001");

    /// <summary>
    /// Why the engine cannot play the case yet; <c>null</c> if it can. This is the one list of what is left out:
    /// methods and options that belong to later work on books.
    /// </summary>
    public string? Unsupported =>
        Text(_case, "method") is not ("FIFO" or "LIFO" or "HIFO" or "AVERAGE") and var method ? $"method {method}"
        : _case.TryGetProperty("elections", out _) ? "standing orders by date"
        : _case.TryGetProperty("options", out var options) ? "option " + options.EnumerateObject().First().Name
        : _events.Exists(e => Text(e, "method") is not null) ? "method of one event"
        : _events.Exists(e => Has(e, "lots") || Has(e, "match")) ? "specific identification"
        : _events.Exists(e => Type(e) == "remove_at_cost") && !IsPerAccount ? "removal at cost from the one pool"
        : null;

    private bool IsPerAccount => Text(_case, "scope") == "per-wallet";

    public static decimal Number(string text) => decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);

    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The books after each event.</summary>
    public ImmutableArray<Book> Play()
    {
        var entries = _events.Select((_, index) => EntryOf(index)).ToList();
        var fold = new BookFold(Registers(), Policy(), PriceBookView.Of(_prices));
        var books = ImmutableArray.CreateBuilder<Book>();
        foreach (var entry in entries)
        {
            fold.Apply(entry);
            books.Add(fold.ToBook(Viewpoint.End));
        }

        return books.ToImmutable();
    }

    /// <summary>The account of a wallet of the case; <c>null</c> means all of them.</summary>
    public AccountId? Account(string? wallet) => wallet is null ? null : AccountOf(wallet);

    public bool IsRemoved(AccountId? account) => account == AccountOf("(removed)");

    private static bool Has(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static string Type(JsonElement happened) => Text(happened, "type")!;

    private static Quantity Units(string text) =>
        Quantity.TryFromTokens(ExactDecimal.Parse(text), AssetDecimals, out var units)
            ? units
            : throw new FormatException(text);

    private static Amount Money(string text) =>
        Amount.TryParse(text, out var amount) ? amount : throw new FormatException(text);

    private static Instant At(JsonElement happened, string name) =>
        Instant.Parse(Text(happened, name)! is { Length: 10 } day ? day + "T00:00:00Z" : Text(happened, name)!);

    /// <summary>The value before cash fees: total, or quantity × unit price; <c>null</c> if not stated.</summary>
    private static Amount? ValueOf(JsonElement happened) =>
        Text(happened, "total") is { } total ? Money(total)
        : Text(happened, "unit_price") is { } price
            ? Amount.Of(Units(Text(happened, "quantity")!), AssetDecimals, ExactDecimal.Parse(price))
            : null;

    private BookPolicy Policy() => new(
        PolicyTerms.Starter with
        {
            LotMethod = Enum.Parse<LotMethod>(Text(_case, "method")!, ignoreCase: true),
            BasisScope = IsPerAccount ? BasisScope.PerAccount : BasisScope.Universal,
            PriceAgeMaxSeconds = 0,
        },
        _currency);

    private Registers Registers() => _events
        .SelectMany(e => new[] { Text(e, "asset")!, Text(e, "to_asset") ?? Text(e, "asset")! })
        .Distinct()
        .Aggregate(
            Core.Journal.Registers.Empty.Evolve(
                new AssetRegistered(_currency, AssetKind.Currency, Amount.Decimals, null, null, null, null)),
            (registers, asset) => registers.Evolve(new AssetRegistered(
                AssetId.Parse(asset), AssetKind.Token, AssetDecimals, null, null, null, null)));

    private AccountId AccountOf(string? wallet)
    {
        var index = _wallets.IndexOf(wallet ?? "(none)");
        if (index < 0)
        {
            index = _wallets.Count;
            _wallets.Add(wallet!);
        }

        return AccountId.Parse(string.Create(CultureInfo.InvariantCulture, $"w{index}"));
    }

    private Entry EntryOf(int index)
    {
        var happened = _events[index];
        var type = Type(happened);
        return Make(index, At(happened, "t"), type switch
        {
            _ when Has(happened, "acquired") => Opening(happened),
            _ when Acquisitions.Contains(type) => Acquisition(happened, index),
            "transfer" => new AssetTransferred(
                Held(happened, "from_wallet"), AccountOf(Text(happened, "to_wallet")), []),
            "remove_at_cost" => new AssetTransferred(Held(happened, "wallet"), AccountOf("(removed)"), []),
            "wrap" => Wrap(happened),
            _ => Disposal(happened),
        });
    }

    private LedgerEvent Acquisition(JsonElement happened, int index)
    {
        var held = Held(happened, "wallet");
        switch (Type(happened))
        {
            case "income":
                return new YieldReceived(held, new CurrencyAmount(_currency.ToString(), ValueOf(happened)!.Value));
            case "borrow":
                var price = ExactDecimal.Parse(Text(happened, "unit_price")!);
                _prices.Add(Make(index, At(happened, "t"), new PriceRecorded(held.Asset, _currency, price, null)));
                return new DebtBorrowed(held, held.Account, []);
            default:
                return ValueOf(happened) is { IsZero: false } cost
                    ? new AssetAcquired(held, Cash(held.Account, cost), Fees(happened, held.Account))
                    : Opening(happened);
        }
    }

    /// <summary>A lot with its own date, or one that cost only its fee: an acquisition needs something paid.</summary>
    private BalancesOpened Opening(JsonElement happened)
    {
        var cost = ValueOf(happened)!.Value + Money(Text(happened, "fee") ?? "0");
        var acquiredAt = At(happened, Has(happened, "acquired") ? "acquired" : "t");
        return new BalancesOpened(
            [new OpeningLot(Held(happened, "wallet"), acquiredAt, new CurrencyAmount(_currency.ToString(), cost))], []);
    }

    /// <summary>Where the case states no proceeds, a fee without a price: cost is all that can be compared.</summary>
    private LedgerEvent Disposal(JsonElement happened)
    {
        var held = Held(happened, "wallet");
        return ValueOf(happened) is { } proceeds
            ? new AssetSold(held, Cash(held.Account, proceeds), Fees(happened, held.Account))
            : new FeePaid(held);
    }

    private AssetWrapped Wrap(JsonElement happened)
    {
        var from = Held(happened, "wallet");
        var (asset, quantity) = (Text(happened, "to_asset")!, Text(happened, "to_quantity")!);
        return new AssetWrapped(from, new Leg(from.Account, AssetId.Parse(asset), Units(quantity)));
    }

    private Leg Held(JsonElement happened, string wallet) => new(
        AccountOf(Text(happened, wallet)), AssetId.Parse(Text(happened, "asset")!), Units(Text(happened, "quantity")!));

    private Leg Cash(AccountId account, Amount amount) => new(account, _currency, new Quantity(amount.Attos));

    private ImmutableArray<Leg> Fees(JsonElement happened, AccountId account) =>
        Text(happened, "fee") is { } fee && Money(fee) is { IsZero: false } amount ? [Cash(account, amount)] : [];

    private Entry Make(int index, Instant at, LedgerEvent happened)
    {
        return new Entry
        {
            Position = index + 1,
            EffectiveAt = at,
            RecordedAt = new Instant(index),
            Fact = FactId.Parse(string.Create(CultureInfo.InvariantCulture, $"event-{index}")),
            FactIsGiven = true,
            SourceOrder = SourceOrder.Of(index),
            Actor = "test",
            IdempotencyKey = "test",
            PayloadHash = "",
            Mode = EntryMode.Observation,
            Evidence = new Evidence("test", null, EvidenceQuality.Fact, null),
            Event = happened,
        };
    }
}
