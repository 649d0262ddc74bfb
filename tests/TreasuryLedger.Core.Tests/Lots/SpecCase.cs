using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>
/// One case of a specification in text: what is given, what happens, what the book then shows. The words are explained
/// at the top of SPEC.md beside the rules. A word that is not known fails the case.
/// </summary>
internal sealed class SpecCase
{
    private SpecCase(string name, IEnumerable<string> lines)
    {
        Name = name;
        var all = lines.Select(line => line.Split('#')[0].TrimEnd()).Where(line => line.Length > 0).ToList();
        foreach (var word in all.Where(line => line.StartsWith("policy ", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]))
        {
            Policy = With(Policy, word);
        }

        Journal = new TestJournal(Policy);
        foreach (var line in all)
        {
            Read(new SpecLine(line));
        }
    }

    /// <summary>The book that adopts terms and is asked, if any line says so.</summary>
    public const string Book = "board";

    public string Name { get; }

    public PolicyTerms Policy { get; } = PolicyTerms.Starter;

    public TestJournal Journal { get; }

    /// <summary>The reporting currency that is asked, if it is not the treasury's.</summary>
    public AssetId? Currency { get; private set; }

    public Viewpoint Viewpoint { get; private set; } = Viewpoint.End;

    public List<string> Expected { get; } = [];

    /// <summary>All cases of a text; a case begins with a line "case name".</summary>
    public static IEnumerable<SpecCase> Parse(IEnumerable<string> lines)
    {
        var (name, body) = ("", new List<string>());
        foreach (var line in lines.Append("case "))
        {
            if (!line.StartsWith("case ", StringComparison.Ordinal))
            {
                body.Add(line);
                continue;
            }

            if (name.Length > 0)
            {
                yield return new SpecCase(name, body);
            }
            else if (body.Exists(before => before.Trim().Length > 0 && !before.StartsWith('#')))
            {
                throw new FormatException("Lines before the first case.");
            }

            (name, body) = (line[5..], []);
        }
    }

    /// <summary>The lines of the ```spec blocks of a Markdown text.</summary>
    public static IEnumerable<string> BlocksOf(IEnumerable<string> markdown)
    {
        var inside = false;
        foreach (var line in markdown)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```spec";
            }
            else if (inside)
            {
                yield return line;
            }
        }
    }

    /// <summary>The policy of the words that are left.</summary>
    public static PolicyTerms Policies(SpecLine line) => line.Rest().Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(PolicyTerms.Starter, With);

    private static PolicyTerms With(PolicyTerms policy, string word) => word switch
    {
        "fifo" => policy with { LotMethod = LotMethod.Fifo },
        "lifo" => policy with { LotMethod = LotMethod.Lifo },
        "hifo" => policy with { LotMethod = LotMethod.Hifo },
        "average" => policy with { LotMethod = LotMethod.Average },
        "lofo" => policy with { LotMethod = LotMethod.Lofo },
        "specific" => policy with { LotMethod = LotMethod.Specific },
        "total-average" => policy with { LotMethod = LotMethod.TotalAverage },
        "uk-s104" => policy with { LotMethod = LotMethod.UkS104 },
        "uk-corporate" => policy with { LotMethod = LotMethod.UkCorporate },
        "per-account" => policy with { BasisScope = BasisScope.PerAccount },
        "stablecoins-as-lots" => policy with { Stablecoins = StablecoinTreatment.Lots },
        "zero-income" => policy with { IncomeBasis = IncomeBasis.Zero },
        _ when Scope(policy.FairValue ?? FairValueTerms.Starter, word) is { } scope =>
            policy with { FairValue = scope },
        _ when Treated(policy.Treatments ?? Treatments.Starter, word) is { } treatments =>
            policy with { Treatments = treatments },
        _ => policy with { Conventions = With(policy.Conventions ?? LotConventions.Starter, word) },
    };

    private static Treatments? Treated(Treatments terms, string word) => word switch
    {
        "wraps-dispose" => terms with { Wraps = MoveTreatment.Disposal },
        "receipts-dispose" => terms with { Receipts = MoveTreatment.Disposal },
        "collateral-disposes" => terms with { Collateral = MoveTreatment.Disposal },
        "staking-disposes" => terms with { Staking = MoveTreatment.Disposal },
        "bridges-dispose" => terms with { Bridges = MoveTreatment.Disposal },
        _ => null,
    };

    private static FairValueTerms? Scope(FairValueTerms terms, string word) => word switch
    {
        "fair-value" => terms,
        "tokens-out" => terms with { Tokens = FairValueScope.Out },
        "wrapped-out" => terms with { Wrapped = FairValueScope.Out },
        "receipts-out" => terms with { Receipts = FairValueScope.Out },
        "stablecoins-in" => terms with { Stablecoins = FairValueScope.In },
        "pledged-out" => terms with { Pledged = FairValueScope.Out },
        _ => null,
    };

    private static LotConventions With(LotConventions how, string word) => word switch
    {
        "fees-apart" => how with { Fees = FeeBasis.Expense },
        "disposed-side" => how with { ExchangeFee = ExchangeFee.Disposed },
        "acquired-side" => how with { ExchangeFee = ExchangeFee.Acquired },
        "fee-after-move" => how with { TransferFee = TransferFee.AfterTransfer },
        "fee-rehomed" => how with { TransferFee = TransferFee.Rehomed },
        "earliest-move" => how with { TransferLots = TransferLots.EarliestFirst },
        "by-arrival" => how with { Sequence = LotSequence.Arrival },
        "without-fees" => how with { CostKey = CostKey.WithoutFees },
        "zero-basis" => how with { MissingBasis = MissingBasis.Zero },
        "attested" => how with { Identification = IdentificationRule.Attested },
        "no-identification" => how with { Identification = IdentificationRule.Ignored },
        "365-days" => how with { Holding = HoldingRule.AtLeast365Days },
        "over-365-days" => how with { Holding = HoldingRule.MoreThan365Days },
        "handover-is-disposal" => how with { Handover = HandoverTreatment.Disposal },
        _ => throw new FormatException($"No policy is called {word}."),
    };

    private void Read(SpecLine line)
    {
        switch (line.Word())
        {
            case "policy":
                return;
            case "as":
                line.Expect("of");
                Viewpoint = Viewpoint with { AsOf = line.Instant() };
                if (line.Take("known"))
                {
                    line.Expect("at");
                    Viewpoint = Viewpoint with { KnownAt = line.Instant() };
                }

                break;
            case "in":
                Currency = line.Asset();
                break;
            case "rate":
                var (then, of, into, rate) = (line.Instant(), line.Asset(), line.Asset(), line.Word());
                Journal.Price(of, then, rate, line.Quality(), line.Recorded(), currency: into);
                break;
            case "price":
                var (at, asset, price) = (line.Instant(), line.Asset(), line.Word());
                Journal.Price(asset, at, price, line.Quality(), line.Recorded());
                break;
            case "given" or "when":
                Happen(line);
                break;
            case "then":
                Expected.Add(line.Rest());
                return;
            default:
                throw new FormatException($"Nothing begins like this: {line}");
        }

        line.End();
    }

    private void Happen(SpecLine line)
    {
        var (at, verb, fact) = (line.Instant(), line.Word(), line.Word());
        long? voids = null;
        LedgerEvent happened;
        if (verb is "void" or "replace")
        {
            var voided = Journal.Entries.Last(entry => entry.Fact == FactId.Parse(fact));
            voids = voided.Position;
            fact = verb == "void" ? "void-" + fact : fact;
            happened = verb == "void" ? new EntryVoided() : SpecVerbs.Read(line.Word(), line);
        }
        else if (verb == "reopen")
        {
            line.Expect("of");
            var closing = FactId.Parse(line.Word());
            var (closed, position) = Journal.Entries.Where(entry => entry.Fact == closing)
                .Select(entry => ((PeriodClosed)entry.Event, entry.Position)).Last();
            happened = new PeriodReopened(closed.Book, closed.From, closed.Until, position, null);
        }
        else
        {
            happened = SpecVerbs.Read(verb, line);
        }

        var (quality, order, recorded) = (line.Quality(), line.Order(), line.Recorded());
        Journal.Add(fact, at, happened, quality, recorded, voids, order);
    }
}
