using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>What an account must be for what is done there.</summary>
internal enum Place
{
    /// <summary>Any registered account.</summary>
    Any,

    /// <summary>A wallet, custodian, exchange or bank: units enter a lending position only as collateral.</summary>
    Holding,

    /// <summary>An exchange.</summary>
    Exchange,

    /// <summary>A lending position.</summary>
    Lending,
}

/// <summary>
/// The checks of one command, in the order in which its rule names them; the first that fails is the refusal and later
/// ones are not looked at (SPEC.md 2). Until then they give the values of the event.
/// </summary>
internal sealed class Checks(TreasuryState state)
{
    /// <summary>Longest age of a price, and longest deadline.</summary>
    public const long PriceAgeMaxSecondsMax = 10L * 366 * 86_400;

    /// <summary>The first refusal, if any.</summary>
    public Refusal? First { get; private set; }

    private Registers Registers => state.Registers;

    /// <summary>Refuses interest of a side that standing touches book already, whoever tells of it first.</summary>
    public void NotBooked(PositionSide side, ExactDecimal from, ExactDecimal to)
    {
        var found = state.Booked.GetValueOrDefault(side)?.Within(from, to);
        That(found is null, () => Refusal.Of(
            RefusalCode.InterestBooked,
            $"Interest of {side.Asset} ({side.Side}) at {side.Position} from index {found!.Value.From} to "
                + $"{found.Value.To} is booked already: it would count twice. Say the index at which the units before "
                + "were booked last, or void what booked it.",
            ("position", side.Position),
            ("asset", side.Asset),
            ("side", side.Side),
            ("bookedFrom", found.Value.From),
            ("bookedTo", found.Value.To)));
    }

    /// <summary>The decision: the event, unless a check failed.</summary>
    public Decision Accept(LedgerEvent happened) =>
        First is null ? new Decision.Accepted(happened) : new Decision.Refused(First);

    /// <summary>Refuses unless the condition holds. The message is made only if it is needed.</summary>
    public void That(bool holds, Func<Refusal> otherwise)
    {
        if (First is null && !holds)
        {
            First = otherwise();
        }
    }

    /// <summary>Refuses a term that is not valid by itself or does not fit the others.</summary>
    /// <param name="holds">Whether it is valid.</param>
    /// <param name="field">Its name on the wire.</param>
    /// <param name="expected">What it must be: the rest of a sentence that begins with its name.</param>
    public void Term(bool holds, string field, string expected) =>
        That(holds, () => Refusal.Of(RefusalCode.TermsInvalid, $"{field} {expected}.", ("field", field)));

    /// <summary>Refuses an account that is not registered or not of the right kind.</summary>
    public void Account(AccountId account, Place place)
    {
        if (First is not null)
        {
            return;
        }

        if (!Registers.Accounts.TryGetValue(account, out var registered))
        {
            First = Refusal.Of(
                RefusalCode.AccountUnknown,
                $"Account {account} is not registered.{NearIds.Sentence(account, Registers.Accounts.Keys)}",
                ("account", account));
            return;
        }

        var kind = registered.Kind;
        var fits = place switch
        {
            Place.Holding => kind != AccountKind.LendingPosition,
            Place.Exchange => kind == AccountKind.Exchange,
            Place.Lending => kind == AccountKind.LendingPosition,
            _ => true,
        };
        That(fits, () => Refusal.Of(
            RefusalCode.AccountKindWrong,
            $"Account {account} is of kind {kind}; this needs {Needed(place)}.",
            ("account", account),
            ("kind", kind)));
    }

    /// <summary>Refuses an asset that is not registered.</summary>
    public void Asset(AssetId asset) => That(Registers.Assets.ContainsKey(asset), () => Refusal.Of(
        RefusalCode.AssetUnknown,
        $"Asset {asset} is not registered.{NearIds.Sentence(asset, Registers.Assets.Keys)}",
        ("asset", asset)));

    /// <summary>Refuses an asset that is not registered or not money.</summary>
    public void Currency(AssetId currency)
    {
        Asset(currency);
        That(First is not null || Registers.Assets[currency].Kind == AssetKind.Currency, () => Refusal.Of(
            RefusalCode.AssetKindWrong,
            $"Asset {currency} is of kind {Registers.Assets[currency].Kind}; this needs a currency.",
            ("asset", currency),
            ("kind", Registers.Assets[currency].Kind)));
    }

    /// <summary>Refuses two accounts that are one.</summary>
    public void Different(AccountId from, AccountId to) => That(from != to, () => Refusal.Of(
        RefusalCode.SameAccount, $"From and to are both {from}: nothing would move.", ("account", from)));

    /// <summary>Refuses two assets that are one.</summary>
    public void Different(AssetId left, AssetId right) => That(left != right, () => Refusal.Of(
        RefusalCode.SameAsset, $"{left} cannot be exchanged for itself.", ("asset", left)));

    /// <summary>One side of a movement: account, its kind, asset, quantity; in this order.</summary>
    public Leg Leg(AccountId account, Place place, AssetId asset, ExactDecimal tokens)
    {
        Account(account, place);
        Asset(asset);
        return new Leg(account, asset, Units(asset, tokens, least: 1));
    }

    /// <summary>The fees, in their order, each like a leg.</summary>
    public ImmutableArray<Leg> Fees(ImmutableArray<FeeTerms> fees) =>
        Each("fees", fees, fee => Leg(fee.Account, Place.Holding, fee.Asset, fee.Quantity));

    /// <summary>The items of a list, in their order. JSON can put a null between them that no type forbids.</summary>
    /// <param name="field">The list's name on the wire.</param>
    /// <param name="items">The list; may be absent.</param>
    /// <param name="read">Checks one item and gives its value.</param>
    public ImmutableArray<TValue> Each<TItem, TValue>(
        string field, ImmutableArray<TItem> items, Func<TItem, TValue> read)
        where TItem : class
    {
        items = items.IsDefault ? [] : items;
        Term(items.All(item => item is not null), field, "must not hold null");
        return First is null ? [.. items.Select(read)] : [];
    }

    /// <summary>Whole tokens of a registered asset as smallest units, exactly.</summary>
    /// <param name="asset">Of what; checked before.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="least">Fewest smallest units that are allowed, 0 or 1.</param>
    public Quantity Units(AssetId asset, ExactDecimal tokens, int least)
    {
        if (First is not null)
        {
            return Quantity.Zero;
        }

        var decimals = Registers.DecimalsOf(asset);
        That(tokens.Sign >= least, () => OutOfRange(asset, tokens, decimals));
        var exact = Quantity.TryFromTokens(tokens, decimals, out var units);
        That(exact, () => Refusal.Of(
            RefusalCode.QuantityTooFine,
            $"{tokens} {asset} is finer than its smallest unit: {asset} has {decimals} digits after the point.",
            ("asset", asset),
            ("quantity", tokens),
            ("decimals", decimals)));
        That(units <= Quantity.Max, () => OutOfRange(asset, tokens, decimals));
        return units;
    }

    /// <summary>An amount of money that stands beside units: a registered currency, 0 or more.</summary>
    public void Value(CurrencyAmount? value)
    {
        if (value is null || First is not null)
        {
            return;
        }

        var isId = AssetId.TryParse(value.Currency, out var currency);
        Term(isId, "currency", $"must be {AssetId.Expected}");
        Currency(currency);
        Number(value.Amount.ToExact(), "amount", value.Amount.Sign >= 0, "0 or more");
    }

    /// <summary>Refuses a number that is out of its bounds.</summary>
    /// <param name="number">The number.</param>
    /// <param name="field">Its name on the wire.</param>
    /// <param name="holds">Whether it is within them.</param>
    /// <param name="bounds">The bounds in words, e.g. "more than 0".</param>
    public void Number(ExactDecimal number, string field, bool holds, string bounds) => That(holds, () => Refusal.Of(
        RefusalCode.NumberOutOfRange,
        $"{field} is {number}; it must be {bounds}.",
        ("field", field),
        (field, number)));

    /// <summary>Refuses terms by which a price would be good for too long.</summary>
    public void PriceAge(PolicyTerms? terms) => Term(
        terms is null || terms.PriceAgeMaxSeconds is >= 0 and <= PriceAgeMaxSecondsMax,
        "priceAgeMaxSeconds",
        $"must be 0 to {PriceAgeMaxSecondsMax} (ten years)");

    /// <summary>Refuses a scope that names an asset that is not registered, or one twice.</summary>
    public void Scope(FairValueTerms? terms)
    {
        if (terms is null)
        {
            return;
        }

        var named = terms.AllNamed();
        Term(named.Distinct().Count() == named.Length, "assetsIn", "and assetsOut must name each asset once");
        foreach (var asset in named)
        {
            Asset(asset);
        }
    }

    /// <summary>The entry that holds a fact now; refused if there is none, or it was voided.</summary>
    public NarrowEntry? Holder(FactId fact)
    {
        var holder = state.HolderOf(fact);
        That(holder is not null, () => Refusal.Of(
            RefusalCode.FactUnknown, $"No fact {fact} is recorded.", ("fact", fact)));
        That(holder?.Event is not EntryVoided, () => Refusal.Of(
            RefusalCode.FactUnknown,
            $"Fact {fact} was voided by entry {holder!.Position}.",
            ("fact", fact),
            ("voidedBy", holder.Position)));
        return holder;
    }

    /// <summary>Refuses a fact that is no alert, and one that is resolved.</summary>
    public void OpenAlert(FactId alert)
    {
        var holder = Holder(alert);
        FactKind(holder?.Event is AlertRaised, holder, "an alert");
        var resolved = First is null ? state.ResolutionOf(alert) : null;
        That(resolved is null, () => Refusal.Of(
            RefusalCode.AlertResolved,
            $"Alert {alert} (entry {holder!.Position}) was resolved by entry {resolved!.By}.",
            ("alert", alert),
            ("entry", resolved.By)));
    }

    /// <summary>The entry with a position; refused if there is none.</summary>
    public NarrowEntry? Entry(long position)
    {
        Position(position);
        return state.EntryAt(position);
    }

    /// <summary>Refuses a position that no entry has.</summary>
    public void Position(long position) => That(state.Has(position), () => Refusal.Of(
        RefusalCode.EntryUnknown,
        $"There is no entry {position}; the newest is {state.Position}.",
        ("entry", position),
        ("newest", state.Position)));

    /// <summary>Refuses a fact that is of another kind than needed.</summary>
    public void FactKind(bool fits, NarrowEntry? holder, string needed) => That(fits, () => Refusal.Of(
        RefusalCode.FactKindWrong,
        $"Fact {holder!.Fact} (entry {holder.Position}) is {holder.Event.GetType().Name}; this needs {needed}.",
        ("fact", holder.Fact),
        ("entry", holder.Position),
        ("kind", holder.Event.GetType().Name)));

    private static Refusal OutOfRange(AssetId asset, ExactDecimal tokens, int decimals) => Refusal.Of(
        RefusalCode.QuantityOutOfRange,
        $"{tokens} {asset} is not a quantity that can be recorded: more than 0, and at most 2^256 - 1 smallest units.",
        ("asset", asset),
        ("quantity", tokens),
        ("quantityMax", Quantity.Max.ToTokens(decimals)));

    private static string Needed(Place place) => place switch
    {
        Place.Exchange => "an exchange",
        Place.Lending => "a lending position",
        _ => "an account that is not a lending position (units enter and leave those as collateral or debt)",
    };
}
