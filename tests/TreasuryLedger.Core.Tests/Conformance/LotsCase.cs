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
/// list order, its identification of lots another one before it; quantities have 27 and the currency 18 decimals, so
/// nothing of a case is rounded but products.
/// </summary>
internal sealed class LotsCase
{
    public const int AssetDecimals = 27;

    private static readonly string[] Acquisitions = ["buy", "income", "gift_received", "borrow"];

    private readonly JsonElement _case;
    private readonly List<JsonElement> _events;
    private readonly List<string> _wallets = ["(none)"];
    private readonly List<Entry> _prices = [];
    private readonly LotsCaseTerms _terms;

    public LotsCase(JsonElement json)
    {
        _case = json;
        _events = [.. json.GetProperty("events").EnumerateArray()];
        Currency = AssetOf(json, "currency");
        Expected = json.GetProperty("expected");
        _terms = new LotsCaseTerms(this, json);
    }

    public string Id => Text(_case, "id")!;

    public JsonElement Expected { get; }

    public AssetId Currency { get; }

    public decimal Tolerance => Number(Text(_case, "tolerance") ?? "0.000001");

    public LotsCaseTerms Terms => _terms;

    public IReadOnlyList<JsonElement> Events => _events;

    public static decimal Number(string text) => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A text, or a number as text; <c>null</c> if there is none.</summary>
    public static string? Text(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : null;

    public static bool Has(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public static Quantity Units(string text) =>
        Quantity.TryFromTokens(ExactDecimal.Parse(text), AssetDecimals, out var units)
            ? units
            : throw new FormatException(text);

    public static Instant Time(string text) => Instant.Parse(text is { Length: 10 } day ? day + "T00:00:00Z" : text);

    /// <summary>A name of any characters as an asset id.</summary>
    public static AssetId AssetOf(JsonElement json, string name) => Text(json, name) is var text
        && AssetId.TryParse(text, out var asset)
        ? asset
        : AssetId.Parse("x" + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text!)));

    public static FactId FactOf(int index) =>
        FactId.Parse(string.Create(CultureInfo.InvariantCulture, $"event-{index}"));

    /// <summary>The lot that an event with such a lot id brought; one that never came, if none has it.</summary>
    public FactId LotOf(string lotId) =>
        _events.FindIndex(e => Text(e, "lot_id") == lotId && Acquisitions.Contains(Text(e, "type")))
            is >= 0 and var index
            ? FactOf(index)
            : FactId.Parse("no-such-lot");

    /// <summary>What the case calls a lot; <c>null</c> if nothing.</summary>
    public string? NameOf(LotId lot) =>
        int.TryParse(lot.Fact.ToString().AsSpan("event-".Length), out var index) && index < _events.Count
            ? Text(_events[index], "lot_id")
            : null;

    /// <summary>The books after each event, by its place in the list.</summary>
    public ImmutableArray<Book> Play()
    {
        var until = _terms.AsOf;
        var entries = new List<(int Index, LedgerEvent Event, Instant At)>();
        entries.AddRange(_terms.Adopted().Select(adopted => (-1, adopted.Event, adopted.At)));
        var before = Instant.Parse("1970-01-01T00:00:00Z");
        for (var i = 0; i < _events.Count; i++)
        {
            var at = Time(Text(_events[i], "t")!);
            // In list order; only methods that go by days put days into their order.
            before = _terms.GoesByDays ? at : Instant.Latest(before, at);
            if (at <= until && Text(_events[i], "type") != "reallocate")
            {
                entries.AddRange(Told(i, before, at));
            }
        }

        var fold = new BookFold(
            Registers(), _terms.Policy, PriceBookView.Of(_prices), new BookRows(), new BookChoice(LotsCaseTerms.Book));
        var books = new Book[_events.Count];
        var ordered = entries.Select((one, i) => Make(i, one.At, one.Event, one.Index))
            .Order(EntryOrder.Comparer).ToList();
        foreach (var entry in ordered)
        {
            fold.Apply(entry);
            if (IndexOf(entry) is >= 0 and var index)
            {
                books[index] = fold.ToBook(Viewpoint.End);
            }
            else if (entry.Event is TermsAdopted)
            {
                _events.Index().Where(one => Text(one.Item, "type") == "reallocate").ToList()
                    .ForEach(one => books[one.Index] = fold.ToBook(Viewpoint.End));
            }
        }

        // What tells nothing leaves everything as it was.
        var last = fold.ToBook(Viewpoint.End);
        for (var i = 0; i < books.Length; i++)
        {
            books[i] ??= i > 0 && i < books.Length - 1 ? books[i - 1] : last;
        }

        return [.. books[..^1], last];
    }

    /// <summary>The account of a wallet of the case; <c>null</c> means all of them.</summary>
    public AccountId? Account(string? wallet) => wallet is null ? null : AccountOf(wallet);

    public AccountId AccountOf(string? wallet)
    {
        var index = _wallets.IndexOf(wallet ?? "(none)");
        if (index < 0)
        {
            index = _wallets.Count;
            _wallets.Add(wallet!);
        }

        return AccountId.Parse(string.Create(CultureInfo.InvariantCulture, $"w{index}"));
    }

    /// <summary>Income of events that are told as a lot with a date or a fee of its own.</summary>
    public decimal? IncomeBeside(int index) =>
        Text(_events[index], "type") == "income" && (Has(_events[index], "acquired") || FeeOf(_events[index]) != 0)
            ? Number(ValueOf(_events[index])!.Value.ToString())
            : null;

    /// <summary>Money; some sources compute with more digits than money has, and state them.</summary>
    private static Amount Money(string text) =>
        Amount.Of(Units("1"), AssetDecimals, ExactDecimal.Parse(text));

    private static decimal FeeOf(JsonElement happened) => Number(Text(happened, "fee") ?? "0");

    /// <summary>The value before cash fees: total, or quantity × unit price; <c>null</c> if not stated.</summary>
    private static Amount? ValueOf(JsonElement happened) =>
        Text(happened, "total") is { } total ? Money(total)
        : Text(happened, "unit_price") is { } price
            ? Amount.Of(Units(Text(happened, "quantity")!), AssetDecimals, ExactDecimal.Parse(price))
            : null;

    private static int IndexOf(NarrowEntry entry) =>
        entry.Event is IOfBook or LotsIdentified
            ? -1
            : int.Parse(entry.Fact.ToString().AsSpan("event-".Length), CultureInfo.InvariantCulture);

    private Registers Registers() => _events
        .SelectMany(e => new[] { AssetOf(e, "asset"), AssetOf(e, Has(e, "to_asset") ? "to_asset" : "asset") })
        .Distinct()
        .Aggregate(
            Core.Journal.Registers.Empty.Evolve(
                new AssetRegistered(Currency, AssetKind.Currency, Amount.Decimals, null, null, null, null)),
            (registers, asset) => registers.Evolve(new AssetRegistered(
                asset, AssetKind.Token, AssetDecimals, null, null, null, null)));

    private IEnumerable<(int Index, LedgerEvent Event, Instant At)> Told(int index, Instant at, Instant stated)
    {
        var happened = _events[index];
        if (Identified(index) is { } identified)
        {
            yield return (-1, identified, at);
        }

        var type = Text(happened, "type")!;
        yield return (index, type switch
        {
            _ when Acquisitions.Contains(type) => Acquisition(happened, index, stated < at),
            "transfer" => new AssetTransferred(
                Held(happened, "from_wallet"), AccountOf(Text(happened, "to_wallet")), []),
            "remove_at_cost" => new UnitsHandedOver(Held(happened, "wallet"), "another", []),
            "wrap" => Wrap(happened),
            _ => Disposal(happened),
        }, at);
    }

    private LotsIdentified? Identified(int index)
    {
        var happened = _events[index];
        var method = Text(happened, "method") is { } own ? LotsCaseTerms.MethodOf(own) : (LotMethod?)null;
        if (Has(happened, "lots"))
        {
            return new LotsIdentified(
                FactOf(index),
                0,
                [
                    .. happened.GetProperty("lots").EnumerateArray().Select(lot => new LotUnits(
                        LotOf(Text(lot, "lot_id")!), 0, Units(Text(lot, "quantity") ?? Text(happened, "quantity")!))),
                ],
                null,
                method);
        }

        if (!Has(happened, "match"))
        {
            return method is null ? null : new LotsIdentified(FactOf(index), 0, [], null, method);
        }

        var match = happened.GetProperty("match");
        var from = Text(match, "acquired") is { } acquired ? Time(acquired) : (Instant?)null;
        var span = Text(match, "acquired") is { Length: 10 } ? 86_400_000_000 : 1;
        return new LotsIdentified(
            FactOf(index),
            0,
            [],
            new LotFilter(
                Text(match, "lot_id") is { } lotId ? LotOf(lotId) : null,
                null,
                from,
                from?.Plus(span),
                Text(match, "unit_cost") is { } cost ? ExactDecimal.Parse(cost) : null),
            method);
    }

    private LedgerEvent Acquisition(JsonElement happened, int index, bool isDated)
    {
        var held = Held(happened, "wallet");
        var type = Text(happened, "type");
        if (type == "borrow" && !Has(happened, "acquired"))
        {
            var value = ValueOf(happened)!.Value.ToExact();
            _prices.Add(Make(
                index,
                Time(Text(happened, "t")!),
                new PriceRecorded(held.Asset, Currency, PriceOf(happened, value), null),
                index));
            return new DebtBorrowed(held, held.Account, []);
        }

        if (isDated || Has(happened, "acquired"))
        {
            return Opening(happened);
        }

        if (type == "income" && FeeOf(happened) == 0)
        {
            return new YieldReceived(
                held, ValueOf(happened) is { } value ? new CurrencyAmount(Currency.ToString(), value) : null);
        }

        return ValueOf(happened) is { IsZero: false } cost && type != "income"
            ? new AssetAcquired(held, Cash(held.Account, cost), Fees(happened, held.Account))
            : Opening(happened);
    }

    private static ExactDecimal PriceOf(JsonElement happened, ExactDecimal value) =>
        ExactDecimal.Parse(Text(happened, "unit_price")
            ?? (Number(value.ToString()) / Number(Text(happened, "quantity")!)).ToString(CultureInfo.InvariantCulture));

    /// <summary>A lot with its own date, or one that cost only its fee: an acquisition needs something paid.</summary>
    private BalancesOpened Opening(JsonElement happened)
    {
        var fee = _terms.HasFeesInBasis ? Money(Text(happened, "fee") ?? "0") : Amount.Zero;
        var cost = ValueOf(happened) is { } value
            ? new CurrencyAmount(Currency.ToString(), value + fee)
            : null;
        var acquiredAt = Time(Text(happened, Has(happened, "acquired") ? "acquired" : "t")!);
        return new BalancesOpened([new OpeningLot(Held(happened, "wallet"), acquiredAt, cost)], []);
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
        return new AssetWrapped(
            from,
            new Leg(from.Account, AssetOf(happened, "to_asset"), Units(Text(happened, "to_quantity")!)));
    }

    private Leg Held(JsonElement happened, string wallet) => new(
        AccountOf(Text(happened, wallet) ?? Text(happened, "wallet")),
        AssetOf(happened, "asset"),
        Units(Text(happened, "quantity")!));

    private Leg Cash(AccountId account, Amount amount) => new(account, Currency, new Quantity(amount.Attos));

    private ImmutableArray<Leg> Fees(JsonElement happened, AccountId account) =>
        Text(happened, "fee") is { } fee && Money(fee) is { IsZero: false } amount ? [Cash(account, amount)] : [];

    private static Entry Make(int place, Instant at, LedgerEvent happened, int index) => new()
    {
        Position = place + 1,
        EffectiveAt = at,
        RecordedAt = new Instant(place),
        Fact = index >= 0
            ? FactOf(index)
            : FactId.Parse(string.Create(CultureInfo.InvariantCulture, $"decided-{place}")),
        FactIsGiven = true,
        SourceOrder = SourceOrder.Of(place),
        Actor = "test",
        IdempotencyKey = "test",
        PayloadHash = "",
        Mode = EntryMode.Observation,
        Evidence = new Evidence("test", null, EvidenceQuality.Fact, null),
        Event = happened,
    };
}
