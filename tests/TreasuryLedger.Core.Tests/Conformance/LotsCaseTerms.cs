using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Conformance;

/// <summary>The terms of a case: its method, scope, options and elections as terms that a book adopts.</summary>
internal sealed class LotsCaseTerms
{
    public const string Book = "case";

    private static readonly string[] KnownOptions =
    [
        "fees_in_basis", "oversell", "universal_until", "period", "lot_order", "hifo_key", "term_rule",
    ];

    private readonly LotsCase _owner;
    private readonly JsonElement _case;
    private readonly JsonElement _options;

    public LotsCaseTerms(LotsCase owner, JsonElement json)
    {
        (_owner, _case) = (owner, json);
        _options = json.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Object
            ? options
            : JsonDocument.Parse("{}").RootElement;
        var unknown = _options.EnumerateObject().Select(option => option.Name).Except(KnownOptions).ToList();
        if (unknown.Count > 0)
        {
            throw new NotSupportedException($"No convention is called {string.Join(", ", unknown)}.");
        }
    }

    public BookPolicy Policy => new(
        PolicyTerms.Starter with
        {
            LotMethod = MethodOf(LotsCase.Text(_case, "method")!),
            BasisScope = IsPerWallet && UniversalUntil is null ? BasisScope.PerAccount : BasisScope.Universal,
            PriceAgeMaxSeconds = 0,
            Conventions = Conventions,
        },
        _owner.Currency);

    public bool HasFeesInBasis =>
        !_options.TryGetProperty("fees_in_basis", out var fees) || fees.ValueKind != JsonValueKind.False;

    public bool IsMissingBasisZero => LotsCase.Text(_options, "oversell") == "zero_basis";

    /// <summary>Whether disposals of one day are one.</summary>
    public bool MergesDays => LotsCase.Text(_case, "method") is "UK_S104" or "UK_CORP";

    public bool GoesByDays => LotsCase.Text(_case, "method") is "UK_S104" or "UK_CORP" or "TOTAL_AVERAGE";

    /// <summary>The as-of instant: the end of the period, inclusive.</summary>
    public Instant AsOf => Period("to") is { } to
        ? to.Length == 10 ? LotsCase.Time(to).Plus(86_400_000_000 - 1) : LotsCase.Time(to)
        : Instant.Max;

    /// <summary>The beginning of the report, inclusive.</summary>
    public Instant? From => Period("from") is { } from ? LotsCase.Time(from) : null;

    private bool IsPerWallet => LotsCase.Text(_case, "scope") == "per-wallet";

    private string? UniversalUntil => LotsCase.Text(_options, "universal_until");

    private LotConventions Conventions => new(
        Fees: HasFeesInBasis ? FeeBasis.InBasis : FeeBasis.Expense,
        Sequence: LotsCase.Text(_options, "lot_order") == "arrival" ? LotSequence.Arrival : LotSequence.Acquisition,
        CostKey: LotsCase.Text(_options, "hifo_key") == "unit_price" ? CostKey.WithoutFees : CostKey.WithFees,
        MissingBasis: IsMissingBasisZero ? MissingBasis.Zero : MissingBasis.Incomplete,
        Holding: LotsCase.Text(_options, "term_rule") is not { } rule || !rule.Contains("365", StringComparison.Ordinal)
            ? HoldingRule.MoreThanOneYear
            : rule.Contains("least", StringComparison.Ordinal) || rule.Contains(">=", StringComparison.Ordinal)
                || rule.StartsWith("ge", StringComparison.Ordinal)
                ? HoldingRule.AtLeast365Days
                : HoldingRule.MoreThan365Days);

    public static LotMethod MethodOf(string method) => method switch
    {
        // Without an identification the law takes the earliest; a book of strict lots takes none.
        "SPECIFIC" => LotMethod.Fifo,
        "STRICT" => LotMethod.Specific,
        "UK_S104" => LotMethod.UkS104,
        "UK_CORP" => LotMethod.UkCorporate,
        "TOTAL_AVERAGE" => LotMethod.TotalAverage,
        _ => Enum.Parse<LotMethod>(method, ignoreCase: true),
    };

    /// <summary>Everything that the book adopts, each at its instant.</summary>
    public IEnumerable<(LedgerEvent Event, Instant At)> Adopted()
    {
        var terms = Policy.Terms;
        var turns = new List<(Instant At, int Order, Func<PolicyTerms, PolicyTerms> Change)>();
        if (UniversalUntil is { } until)
        {
            var at = LotsCase.Time(until);
            yield return (Allocation(), at);
            turns.Add((at, 0, before => before with { BasisScope = BasisScope.PerAccount }));
        }

        foreach (var election in LotsFigures.Each(_case, "elections"))
        {
            var at = LotsCase.Time(LotsCase.Text(election, "from")!);
            var method = MethodOf(LotsCase.Text(election, "method")!);
            if (LotsCase.Text(election, "wallet") is { } wallet)
            {
                yield return (new StandingOrderGiven(Book, _owner.AccountOf(wallet), method), at);
            }
            else
            {
                turns.Add((at, 1, before => before with { LotMethod = method }));
            }
        }

        foreach (var at in turns.GroupBy(turn => turn.At).OrderBy(turn => turn.Key))
        {
            terms = at.OrderBy(turn => turn.Order).Aggregate(terms, (before, turn) => turn.Change(before));
            yield return (new TermsAdopted(Book, terms), at.Key);
        }
    }

    private BasisAllocated Allocation()
    {
        var events = _owner.Events.Where(e => LotsCase.Text(e, "type") == "reallocate").ToList();
        var units = ImmutableArray.CreateBuilder<AllocatedUnits>();
        var accounts = new List<AccountId>();
        var method = LotMethod.Fifo;
        foreach (var one in events)
        {
            method = LotsCase.Text(one, "method") is { } own ? MethodOf(own) : method;
            accounts.AddRange(
                LotsFigures.Each(one, "wallet_order").Select(wallet => _owner.AccountOf(wallet.GetString())));
            if (LotsCase.Has(one, "allocation"))
            {
                units.AddRange(
                    from wallet in one.GetProperty("allocation").EnumerateObject()
                    from lot in wallet.Value.EnumerateArray()
                    select new AllocatedUnits(
                        _owner.AccountOf(wallet.Name),
                        new LotUnits(
                            _owner.LotOf(LotsCase.Text(lot, "lot_id")!),
                            0,
                            LotsCase.Units(LotsCase.Text(lot, "quantity")!))));
            }
        }

        return new BasisAllocated(Book, units.ToImmutable(), method, [.. accounts.Distinct()]);
    }

    private string? Period(string name) =>
        _options.TryGetProperty("period", out var period) && period.ValueKind == JsonValueKind.Object
            ? LotsCase.Text(period, name)
            : null;
}
