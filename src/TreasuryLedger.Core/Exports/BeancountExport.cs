using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exports;

/// <summary>Who says which lots leave, in a file for beancount.</summary>
public enum BeancountLots
{
    /// <summary>The file: each posting names the lot that our book took. Beancount checks that it is there.</summary>
    Named,

    /// <summary>Beancount's own booking method; our gain is left out, so that it has to find it.</summary>
    Booked,
}

/// <summary>
/// Writes a book as plain text that beancount 2 and later read (SPEC.md): postings in the reporting currency, lots with
/// their date, cost and name, and what is open at the end as balance assertions. Text comes while entries are read.
/// </summary>
public sealed class BeancountExport
{
    private readonly BookAnswer _answer;
    private readonly TimeZoneInfo _zone;
    private readonly BeancountLots _lots;
    private readonly string _booking;
    private readonly string _currency;
    private readonly BeancountNames _names = new();
    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);
    private readonly Dictionary<LotId, DateOnly> _acquired = [];
    private readonly List<string> _lines = [];
    private readonly List<string> _postings = [];
    private readonly EntryValues _values;

    private DateOnly _day = DateOnly.MinValue;

    private BeancountExport(BookAnswer answer, TimeZoneInfo zone, IEnumerable<LotMethod> methods, BeancountLots lots)
    {
        (_answer, _zone, _lots) = (answer, zone, lots);
        _booking = BookingOf([.. methods], lots);
        _values = new EntryValues(answer.Registers, answer.State.Policy, answer.Prices);
        _currency = _names.Commodity(answer.State.Policy.ReportingCurrency.ToString());
    }

    /// <summary>The file, line by line.</summary>
    /// <param name="answer">The book at its viewpoint.</param>
    /// <param name="methods">Every lot method that it has had by then.</param>
    /// <param name="happened">What its entries brought forth, from the first one on, in the order of the fold.</param>
    /// <param name="about">What the file says of itself, as comments.</param>
    /// <param name="zone">The treasury's time zone: beancount knows days only.</param>
    /// <param name="lots">Who says which lots leave.</param>
    /// <exception cref="ArgumentException">Beancount has no booking of its own for one of the methods.</exception>
    public static IEnumerable<string> Lines(
        BookAnswer answer,
        IEnumerable<LotMethod> methods,
        IEnumerable<EntryRows> happened,
        IEnumerable<string> about,
        TimeZoneInfo zone,
        BeancountLots lots)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(happened);
        var export = new BeancountExport(answer, zone, methods, lots);
        return export.Write(happened, about);
    }

    /// <summary>Every lot method that a book has had where a question stands.</summary>
    /// <param name="log">The treasury's journal.</param>
    /// <param name="question">The question.</param>
    /// <param name="official">The terms of the treasury's opening.</param>
    public static IEnumerable<LotMethod> MethodsOf(NarrowLogView log, BookQuestion question, PolicyTerms official)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(question);
        var choice = question.Choice ?? BookChoice.Official;
        return log.Adoptions(question.Position)
            .Where(entry => entry.EffectiveAt <= question.AsOf
                && entry.Event is TermsAdopted adopted && adopted.Book == choice.Name)
            .Select(entry => choice.Change(((TermsAdopted)entry.Event).Terms))
            .Prepend(choice.TermsBefore(official))
            .Select(terms => terms.LotMethod)
            .Distinct();
    }

    /// <summary>Whether beancount books a method by itself.</summary>
    public static bool Books(LotMethod method) => method is LotMethod.Fifo or LotMethod.Lifo;

    private static string BookingOf(LotMethod[] methods, BeancountLots lots) => lots switch
    {
        BeancountLots.Booked => methods.Distinct().ToArray() is [var only] && Books(only)
            ? only.ToString().ToUpperInvariant()
            : throw new ArgumentException("Beancount books FIFO and LIFO, and one of them alone.", nameof(methods)),
        // Where cost belongs to no lot, a lot's units leave at another cost than its own: nothing can be matched.
        _ => methods.Any(method => method == LotMethod.Average || Ranking.IsWindowed(method)) ? "NONE" : "FIFO",
    };

    private IEnumerable<string> Write(IEnumerable<EntryRows> happened, IEnumerable<string> about)
    {
        foreach (var line in about)
        {
            yield return $"; {line}";
        }

        yield return $"option \"operating_currency\" \"{_currency}\"";
        yield return $"option \"booking_method\" \"{_booking}\"";
        // A unit cost has 28 digits in beancount; what a lot's part then lacks is far below this.
        yield return $"option \"inferred_tolerance_default\" \"{_currency}:0.000001\"";
        PostingFold? fold = null;
        BookState? before = null;
        foreach (var rows in happened)
        {
            fold ??= new PostingFold(_answer.Registers, rows.State().Policy, _answer.Prices);
            Entry(rows, fold.Apply(rows), before);
            // Only terms move lots without saying so part by part, so what was there before matters to them alone.
            before = rows.State();
            foreach (var line in Taken())
            {
                yield return line;
            }
        }

        Assert();
        foreach (var line in Taken())
        {
            yield return line;
        }
    }

    private List<string> Taken()
    {
        List<string> taken = [.. _lines];
        _lines.Clear();
        return taken;
    }

    private void Entry(EntryRows happened, EntryPostings posted, BookState? before)
    {
        var (entry, rows, state) = (happened.Entry, happened.Rows, happened.State());
        _day = LocalDay.Of(entry.EffectiveAt, _zone);
        _postings.Clear();
        if (entry.Event is TermsAdopted)
        {
            Rehome(before, state);
        }
        else
        {
            PostLots(entry, rows, state.Policy);
        }

        foreach (var line in posted.Postings)
        {
            PostMoney(line);
        }

        if (_lots == BeancountLots.Booked && rows.Disposals.Count > 0)
        {
            _postings.Add($"  {Account("Income", nameof(ChartAccount.RealizedGains))}");
        }

        Transaction(entry, posted.Postings.Any(line => ChartOfAccounts.IsOpenQuestion(line.Account)));
    }

    private void Transaction(NarrowEntry entry, bool isOpen)
    {
        if (_postings.Count > 0)
        {
            _lines.Add("");
            _lines.Add($"{Text(_day)} {(isOpen ? '!' : '*')} \"{entry.Event.GetType().Name}\" \"{entry.Fact}\"");
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"  entry: {entry.Position}"));
            _lines.AddRange(_postings);
            _postings.Clear();
        }
    }

    private void PostLots(NarrowEntry entry, BookRows rows, BookPolicy policy)
    {
        var isPerAccount = policy.IsPerAccount;
        var isFeeLast = policy.Terms.Conventions?.TransferFee == TransferFee.AfterTransfer;
        var cost = Amount.Zero;
        foreach (var lot in rows.Lots)
        {
            var isUnderWay = isPerAccount && lot.Account == default;
            _acquired[lot.LotId] = LocalDay.Of(lot.AcquiredAt, _zone);
            Come(
                new LotPlace(
                    lot.Pool, isPerAccount && !isUnderWay ? lot.Account : null, isUnderWay ? lot.LotId.Fact : null),
                lot.LotId, lot.Quantity, lot.Cost);
            cost += lot.Cost ?? Amount.Zero;
        }

        // Beancount takes nothing from a lot that comes in the same transaction, as a fee in kind does.
        if (rows.Lots.Any(lot => rows.Disposals.Any(disposal => disposal.Takes.Any(take => take.LotId == lot.LotId))))
        {
            Post(Account("Equity", "Clearing"), -cost);
            Transaction(entry, rows.Lots.Any(lot => lot.Cost is null));
            Post(Account("Equity", "Clearing"), cost);
        }

        // So a fee that leaves after the units may take what they brought.
        if (isFeeLast && rows.Carried.Count > 0 && rows.Disposals.Count > 0)
        {
            PostCarried(rows);
            Transaction(entry, isOpen: false);
        }

        foreach (var disposal in rows.Disposals)
        {
            var place = new LotPlace(disposal.Pool, isPerAccount ? disposal.Account : null, null);
            foreach (var take in disposal.Takes)
            {
                // Methods that look ahead take from lots that come later.
                _acquired.TryAdd(take.LotId, LocalDay.Of(take.AcquiredAt, _zone));
                Leave(place, take.LotId, take.Quantity, take.Cost);
                _postings.Add($"    disposal: \"{new LotId(disposal.Fact, disposal.Leg)}\"");
            }
        }

        if (!isFeeLast || rows.Disposals.Count == 0)
        {
            PostCarried(rows);
        }
    }

    private void PostCarried(BookRows rows)
    {
        foreach (var part in rows.Carried)
        {
            Leave(part.From, part.LotId, part.Left, part.CostLeft);
            Come(part.To, part.LotId, part.Came, part.CostCame);
        }
    }

    /// <summary>
    /// Terms put lots where they want them: all that lies elsewhere now, or at another cost, goes there.
    /// </summary>
    private void Rehome(BookState? before, BookState after)
    {
        var (was, now) = (ByPlace(before), ByPlace(after));
        foreach (var ((place, lot), (units, cost)) in was)
        {
            if (now.GetValueOrDefault((place, lot)) != (units, cost))
            {
                Leave(place, lot, units, cost);
            }
        }

        foreach (var ((place, lot), (units, cost)) in now)
        {
            if (was.GetValueOrDefault((place, lot)) != (units, cost))
            {
                Come(place, lot, units, cost);
            }
        }

        Dictionary<(LotPlace Place, LotId Lot), (Quantity Units, Amount Cost)> ByPlace(BookState? state)
        {
            var lots = new Dictionary<(LotPlace Place, LotId Lot), (Quantity Units, Amount Cost)>();
            foreach (var lot in state?.OpenLots() ?? [])
            {
                var key = (new LotPlace(lot.Pool, lot.Account, lot.InTransit), lot.LotId);
                var (units, cost) = lots.GetValueOrDefault(key);
                lots[key] = (units + lot.Remaining, cost + (lot.Cost ?? Amount.Zero));
                _acquired.TryAdd(lot.LotId, LocalDay.Of(lot.AcquiredAt, _zone));
            }

            return lots;
        }
    }

    private void Come(LotPlace place, LotId lot, Quantity units, Amount? cost)
    {
        if (!units.IsZero)
        {
            _postings.Add($"  {Account(place)}  {Units(place.Pool, units)} {CostOf(lot, cost)}");
        }
    }

    private void Leave(LotPlace place, LotId lot, Quantity units, Amount? cost)
    {
        var which = _lots == BeancountLots.Booked ? "{}" : _booking == "NONE" ? CostOf(lot, cost) : $"{{\"{lot}\"}}";
        _postings.Add($"  {Account(place)}  -{Units(place.Pool, units)} {which}");
    }

    /// <summary>
    /// Its whole cost, date and name. What nobody knows costs nothing here, and its entry is flagged.
    /// </summary>
    private string CostOf(LotId lot, Amount? cost) =>
        $"{{{{{cost ?? Amount.Zero} {_currency}, {Text(_acquired[lot])}, \"{lot}\"}}}}";

    private void PostMoney(Posting line)
    {
        switch (ChartOfAccounts.Of(line.Account).Heading)
        {
            case ChartHeading.DigitalAssets or ChartHeading.UnitsExchanged:
                return; // lots carry their cost themselves
            case ChartHeading.Cash or ChartHeading.Debt:
                PostUnits(line);
                return;
            case ChartHeading.RealizedGains
                when _lots == BeancountLots.Booked && line.Account == ChartAccount.RealizedGains:
                return; // what beancount has to find
            default:
                Post(AccountOf(line), line.Amount);
                return;
        }
    }

    /// <summary>Units that are worth an amount. Beancount wants both on the same side.</summary>
    private void PostUnits(Posting line)
    {
        var account = AccountOf(line);
        var commodity = _names.Commodity(line.Asset.ToString());
        if (commodity == _currency || line.Quantity.IsZero)
        {
            Post(account, line.Amount);
            return;
        }

        var isAlike = line.Quantity.Units.Sign == line.Amount.Attos.Sign;
        var worth = new Amount(isAlike ? BigInteger.Abs(line.Amount.Attos) : BigInteger.Zero);
        _postings.Add($"  {account}  {Units(line.Asset, line.Quantity)} @@ {worth} {_currency}");
        Post(account, isAlike ? Amount.Zero : line.Amount);
    }

    private void Post(string account, Amount amount)
    {
        if (!amount.IsZero)
        {
            _postings.Add($"  {account}  {amount} {_currency}");
        }
    }

    /// <summary>What the book holds at the end: beancount stops if its own sums say otherwise.</summary>
    private void Assert()
    {
        if (_day == DateOnly.MinValue)
        {
            return;
        }

        _lines.Add("");
        var day = Text(_day.AddDays(1));
        foreach (var lots in _answer.State.OpenLots()
            .GroupBy(lot => new LotPlace(lot.Pool, lot.Account, lot.InTransit)))
        {
            var units = lots.Aggregate(Quantity.Zero, (sum, lot) => sum + lot.Remaining);
            _lines.Add($"{day} balance {Account(lots.Key)}  {Units(lots.Key.Pool, units)}");
        }

        foreach (var held in _answer.State.Balances().Where(held => _values.Terms(held.Asset).IsCash))
        {
            var isPledged = _answer.Registers.Accounts[held.Account].Kind == AccountKind.LendingPosition;
            var account = Account(
                "Assets", isPledged ? nameof(ChartAccount.CashPledged) : nameof(ChartAccount.Cash),
                held.Account.ToString());
            _lines.Add($"{day} balance {account}  {Units(held.Asset, held.Quantity)}");
        }
    }

    private string Units(AssetId asset, Quantity units) =>
        $"{units.ToTokens(_answer.Registers.DecimalsOf(asset))} {_names.Commodity(asset.ToString())}";

    private string Account(LotPlace place) => place switch
    {
        { InTransit: { } transfer } => Account("Assets", "InTransit", place.Pool.ToString(), transfer.ToString()),
        { Account: { } account } => Account("Assets", "DigitalAssets", place.Pool.ToString(), account.ToString()),
        _ => Account("Assets", "DigitalAssets", place.Pool.ToString()),
    };

    private string AccountOf(Posting line)
    {
        var chart = ChartOfAccounts.Of(line.Account);
        var root = chart.Type switch
        {
            ChartType.Asset => "Assets",
            ChartType.Liability => "Liabilities",
            ChartType.Equity => "Equity",
            ChartType.Income => "Income",
            _ => "Expenses",
        };
        return chart.Heading switch
        {
            ChartHeading.Cash or ChartHeading.Debt =>
                Account(root, line.Account.ToString(), (line.Transfer?.ToString() ?? line.Place?.ToString())!),
            ChartHeading.RealizedGains => Account(root, line.Account.ToString(), line.Pool.ToString()),
            _ => Account(root, line.Account.ToString()),
        };
    }

    /// <summary>An account, opened on the day of the entry that first needs it.</summary>
    private string Account(string root, params ReadOnlySpan<string> parts)
    {
        var name = root;
        foreach (var part in parts)
        {
            name += ":" + _names.Part(part);
        }

        if (_opened.Add(name))
        {
            _lines.Add($"{Text(_day)} open {name}");
        }

        return name;
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
