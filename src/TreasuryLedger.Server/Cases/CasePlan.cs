using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Cases;

/// <summary>One thing to record for a case.</summary>
/// <param name="Journal">The journal's name, such as <c>treasury/acme</c>.</param>
/// <param name="Key">Idempotency key and fact id in one: the row, and the part of it.</param>
/// <param name="KnownAt">When it became known: the script, but for the order at that instant.</param>
/// <param name="Command">What to record.</param>
/// <param name="Corrects">If set: the command replaces the entry that was recorded under this key.</param>
public sealed record CaseStep(string Journal, string Key, Instant KnownAt, Command Command, string? Corrects = null);

/// <summary>A row that is not booked, and why.</summary>
/// <param name="Row">Which.</param>
/// <param name="Reason">Why, for a person.</param>
public sealed record UnbookedRow(TimelineRow Row, string Reason);

/// <summary>
/// Turns a case's rows into commands, in the order in which the rows became known. The words of the timeline are
/// mapped here and nowhere else: see README.md beside this file.
/// </summary>
public sealed partial class CasePlan
{
    private readonly CaseFolder _case;
    private readonly ImmutableDictionary<string, CaseAccount> _places;
    private readonly ImmutableDictionary<AssetId, CaseAsset> _assets;
    private readonly ImmutableArray<CaseStep>.Builder _steps = ImmutableArray.CreateBuilder<CaseStep>();
    private readonly ImmutableArray<UnbookedRow>.Builder _unbooked = ImmutableArray.CreateBuilder<UnbookedRow>();
    private readonly HashSet<string> _illustrated = [];

    private CasePlan(CaseFolder folder)
    {
        _case = folder;
        _places = folder.File.Treasuries.SelectMany(treasury => treasury.Accounts)
            .ToImmutableDictionary(account => account.Place);
        _assets = folder.File.Assets.ToImmutableDictionary(asset => asset.Asset);
    }

    /// <summary>The steps of a case and the rows that are not booked.</summary>
    public static (ImmutableArray<CaseStep> Steps, ImmutableArray<UnbookedRow> Unbooked) Of(CaseFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var plan = new CasePlan(folder);
        plan.Open();
        foreach (var row in folder.Timeline)
        {
            plan.Add(row);
        }

        return (plan._steps.ToImmutable(), plan._unbooked.ToImmutable());
    }

    /// <summary>The steps with the closings of the audited treasury's periods among them, each in its time.</summary>
    public static ImmutableArray<CaseStep> Closing(CaseFolder folder, ImmutableArray<CaseStep> steps)
    {
        ArgumentNullException.ThrowIfNull(folder);
        foreach (var period in PeriodsOf(folder))
        {
            var index = steps.TakeWhile(step => step.KnownAt <= period.ClosedAt).Count();
            steps = steps.Insert(index, new CaseStep(
                AuditedBy(folder), $"close-{period.Until}", period.ClosedAt, new ClosePeriod
                {
                    EffectiveAt = period.ClosedAt,
                    From = period.From,
                    Until = period.Until,
                }));
        }

        return steps;
    }

    /// <summary>
    /// The seals of those periods, to be recorded when all else is: what was known at a closing is read from all
    /// journals then.
    /// </summary>
    public static ImmutableArray<CaseStep> Sealing(CaseFolder folder, ImmutableArray<CaseStep> steps)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var last = steps.Max(step => step.KnownAt);
        return
        [
            .. PeriodsOf(folder).Select(period => new CaseStep(
                AuditedBy(folder), $"seal-{period.Until}", last.Plus(1_000_000), new SealPeriod
                {
                    EffectiveAt = last.Plus(1_000_000),
                    Until = period.Until,
                })),
        ];
    }

    private static string AuditedBy(CaseFolder folder) => $"treasury/{folder.File.Audit.Treasury}";

    private static ImmutableArray<CasePeriod> PeriodsOf(CaseFolder folder) =>
        folder.File.Periods.IsDefault ? [] : folder.File.Periods;

    /// <summary>The ids of the treasuries that steps record, each once.</summary>
    public static IEnumerable<string> TreasuriesOf(IEnumerable<CaseStep> steps) => steps
        .Select(step => step.Journal.Split('/'))
        .Where(journal => journal[0] == "treasury")
        .Select(journal => journal[1])
        .Distinct(StringComparer.Ordinal);

    private static AssetId Asset(TimelineRow row) => AssetId.Parse(row.Asset);

    private static string KeyOf(TimelineRow row, string part = "") => $"row-{row.Row}{part}";

    private static Evidence EvidenceOf(TimelineRow row, EvidenceQuality quality) =>
        new("timeline", row.Source.Length == 0 ? null : row.Source, quality, null);

    private string PriceBook => $"prices/{_case.File.PriceBook}";

    private string MarketBook => $"markets/{_case.File.MarketBook}";

    private void Open()
    {
        var about = _case.File;
        OpenBook(PriceBook, $"{about.Title}: prices");
        OpenBook(MarketBook, $"{about.Title}: markets");
        foreach (var treasury in about.Treasuries)
        {
            Open(treasury.Treasury, treasury.Name, about.OpensAt, treasury.Accounts, illustrative: false);
        }
    }

    private void OpenBook(string journal, string name) => _steps.Add(new CaseStep(
        journal,
        "open",
        _case.File.OpensAt,
        new OpenBook { EffectiveAt = _case.File.OpensAt, Name = name, ReplayedClock = true }));

    private void Open(
        string id, string name, Instant at, ImmutableArray<CaseAccount> accounts, bool illustrative)
    {
        var about = _case.File;
        var journal = $"treasury/{id}";
        void Add(string key, Command command) => _steps.Add(new CaseStep(journal, key, at, command));
        Add("open", new OpenTreasury
        {
            EffectiveAt = at,
            Name = name,
            TimeZone = "Etc/UTC",
            FiscalYearStart = "01-01",
            ReportingCurrency = about.Currency,
            PriceBook = about.PriceBook,
            MarketBook = about.MarketBook,
            Policy = about.Policy,
            ReplayedClock = true,
            Illustrative = illustrative,
        });
        foreach (var asset in about.Assets)
        {
            Add($"asset-{asset.Asset}", new RegisterAsset
            {
                EffectiveAt = at,
                Asset = asset.Asset,
                Kind = asset.Kind,
                Decimals = asset.Decimals,
                Chain = asset.Chain,
                ParCurrency = asset.ParCurrency,
                StandsFor = asset.StandsFor,
            });
        }

        foreach (var account in accounts)
        {
            Add($"account-{account.Account}", Register(account, at));
        }
    }

    private static RegisterAccount Register(CaseAccount account, Instant at) => new()
    {
        EffectiveAt = at,
        Account = account.Account,
        Kind = account.Kind,
        Venue = account.Venue,
        Market = account.Market,
    };

    private void Add(TimelineRow row)
    {
        switch (row.Event)
        {
            case "price_daily":
                Add(PriceBook, row, new RecordPrice
                {
                    EffectiveAt = row.EffectiveAt,
                    Asset = Asset(row),
                    Currency = _case.File.Currency,
                    Price = row.UnitPrice!.Value,
                    Session = row.Session,
                });
                break;
            case "borrow_rate":
                AddMarket(row, new RecordMarketState
                {
                    EffectiveAt = row.EffectiveAt,
                    Market = MarketAt(row.From),
                    Asset = Asset(row),
                    // The timeline gives percent.
                    BorrowRate = new ExactDecimal(row.Quantity!.Value.Mantissa, row.Quantity.Value.Scale + 2),
                });
                break;
            case "liquidation_threshold":
                AddMarket(row, new RecordMarketState
                {
                    EffectiveAt = row.EffectiveAt,
                    Market = MarketAt(row.From),
                    Asset = Asset(row),
                    LiquidationThreshold = row.Quantity!.Value,
                });
                break;
            case "address_level":
                Illustrate(row);
                break;
            default:
                Book(row);
                break;
        }
    }

    private void Book(TimelineRow row)
    {
        var treasury = _case.File.Treasuries.FirstOrDefault(treasury => treasury.Entity == row.Entity);
        if (treasury is null)
        {
            _unbooked.Add(new UnbookedRow(row, "nobody's books are kept for this entity"));
            return;
        }

        var journal = $"treasury/{treasury.Treasury}";
        switch (row.Event)
        {
            case "reported":
                Note(journal, row);
                break;
            case "buy" or "buy_corrected":
                Buy(journal, treasury, row);
                break;
            case "opening_balance":
                Add(journal, row, OpeningBalance(row));
                break;
            case "deposit":
                Wrap(journal, row, At(row.From), ".0");
                Add(journal, row, Deposit(row), ".1");
                break;
            case "withdraw":
                Add(journal, row, Withdraw(row), ".0");
                Unwrap(journal, row, At(row.To), ".1");
                break;
            default:
                Add(journal, row, Movement(row));
                break;
        }
    }

    private void Buy(string journal, CaseTreasury treasury, TimelineRow row)
    {
        var opening = _case.Timeline.FirstOrDefault(
            other => other.Event == "opening_balance" && other.Entity == row.Entity);
        if (opening is not null && row.EffectiveAt <= opening.EffectiveAt)
        {
            _unbooked.Add(new UnbookedRow(row, "the opening balance contains it"));
            return;
        }

        if (row.Quantity is null || row.Amount is null || row.UnitPrice is null)
        {
            _unbooked.Add(new UnbookedRow(row, "quantity or price was not published; noted in the journal"));
            Note(journal, row);
            return;
        }

        if (treasury.PaidFrom is { FundedByOwners: true } owners)
        {
            var equity = new ContributeCapital
            {
                EffectiveAt = row.EffectiveAt,
                Account = owners.Account,
                Asset = owners.Asset,
                Quantity = row.Amount.Value,
            };
            Add(journal, row, equity, ".0", EvidenceQuality.Derived);
        }

        var original = _case.Timeline.FirstOrDefault(other => other.Event == "buy" && other.Entity == row.Entity
            && other.EffectiveAt == row.EffectiveAt && other.Quantity == row.Quantity);
        var corrects = row.Event == "buy_corrected" ? original : null;
        var account = At(row.To);
        Add(journal, corrects ?? row, new AcquireAsset
        {
            EffectiveAt = row.EffectiveAt,
            Account = account,
            Asset = Asset(row),
            Quantity = Tokens(row),
            PaidAccount = treasury.PaidFrom?.Account ?? account,
            PaidAsset = treasury.PaidFrom?.Asset ?? _case.File.SettlementAsset,
            PaidQuantity = row.Amount.Value,
        }, ".1", told: row, corrects: corrects);
    }

    /// <summary>What was published but is no movement: a note to the opening entry, so that it is not lost.</summary>
    private void Note(string journal, TimelineRow row) => Add(journal, row, new AnnotateEntry
    {
        EffectiveAt = row.EffectiveAt,
        Entry = 1,
        Reason = $"{row.Event}: {row.Quantity?.ToString() ?? "?"} {row.Asset}, "
            + $"{row.UnitPrice?.ToString() ?? "?"} {_case.File.Currency} each, "
            + $"{row.Amount?.ToString() ?? "?"} {_case.File.Currency}",
    });

    private void Illustrate(TimelineRow row)
    {
        var terms = _case.File.Illustrative!;
        var id = terms.TreasuryPrefix + row.EffectiveAt.ToString()[..10];
        var journal = $"treasury/{id}";
        if (_illustrated.Add(id))
        {
            Open(id, terms.Name, row.KnownAt, [], illustrative: true);
        }

        var account = new CaseAccount(
            row.From,
            AccountId.Parse($"address-row-{row.Row}"),
            AccountKind.LendingPosition,
            _places[row.From].Venue,
            terms.Market);
        var register = Register(account, row.EffectiveAt);
        _steps.Add(new CaseStep(journal, $"account-{account.Account}", row.KnownAt, register));
        Add(journal, row, new OpenBalances
        {
            EffectiveAt = row.EffectiveAt,
            Lots = [new OpeningLotTerms(account.Account, Asset(row), Tokens(row), row.EffectiveAt, null)],
            Debts = [new OpeningDebtTerms(account.Account, _case.File.SettlementAsset, row.Amount!.Value)],
        });
    }

    /// <summary>
    /// The timeline deposits the wrapped asset and moves the plain one; the wrap between is recorded too.
    /// </summary>
    private void Wrap(string journal, TimelineRow row, AccountId account, string part)
    {
        if (_assets[Asset(row)].StandsFor is { Kind: StandInKind.Wrapped } plain)
        {
            Add(journal, row, new WrapAsset
            {
                EffectiveAt = row.EffectiveAt,
                Account = account,
                FromAsset = plain.Asset,
                ToAsset = Asset(row),
                Quantity = Tokens(row),
            }, part, EvidenceQuality.Derived);
        }
    }

    private void Unwrap(string journal, TimelineRow row, AccountId account, string part)
    {
        if (_assets[Asset(row)].StandsFor is { Kind: StandInKind.Wrapped } plain)
        {
            Add(journal, row, new UnwrapAsset
            {
                EffectiveAt = row.EffectiveAt,
                Account = account,
                FromAsset = Asset(row),
                ToAsset = plain.Asset,
                Quantity = Tokens(row),
            }, part, EvidenceQuality.Derived);
        }
    }

    private void AddMarket(TimelineRow row, Command command) => Add(MarketBook, row, command);

    private void Add(
        string journal,
        TimelineRow row,
        Command command,
        string part = ".0",
        EvidenceQuality? quality = null,
        TimelineRow? told = null,
        TimelineRow? corrects = null)
    {
        var source = told ?? row;
        var order = SourceOrder.TryParse($"{row.Row}{part}", out var read) ? read : null;
        _steps.Add(new CaseStep(
            journal,
            KeyOf(source, part),
            source.KnownAt,
            command with
            {
                Fact = FactId.Parse($"{_case.File.Case}:{KeyOf(row, part)}"),
                SourceOrder = order,
                Evidence = EvidenceOf(source, Worst(source.Quality, quality)),
            },
            corrects is null ? null : KeyOf(corrects, part)));
    }

    private static EvidenceQuality Worst(EvidenceQuality row, EvidenceQuality? part) =>
        part is { } other && other > row ? other : row;
}
