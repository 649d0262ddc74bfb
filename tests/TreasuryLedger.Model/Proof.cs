using System.Collections.Concurrent;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>A history on which a claim does not hold, as small as dropping entries makes it.</summary>
/// <param name="History">The history.</param>
/// <param name="Claim">The claim.</param>
/// <param name="Figures">What differs.</param>
public sealed record Counterexample(History History, Claim Claim, IReadOnlyList<string> Figures)
{
    /// <summary>All that is needed to follow it by hand.</summary>
    public override string ToString() => string.Join('\n', [Claim.ToString(), History.Describe(), .. Figures]);
}

/// <summary>What a run looked at.</summary>
/// <param name="Histories">How many histories.</param>
/// <param name="Claims">How many claims on them.</param>
/// <param name="Figures">How many figures of each kind the model answered, by the first word of the line.</param>
/// <param name="Counterexample">The one of the smallest seed, if any claim was broken.</param>
public sealed record ProofResult(
    int Histories, long Claims, IReadOnlyDictionary<string, long> Figures, Counterexample? Counterexample);

/// <summary>Holds product and model against each other on histories by chance.</summary>
public static class Proof
{
    private static readonly long[] PriceAges = [0, 86_400, 172_800, 864_000];

    /// <summary>Looks at the histories of <paramref name="count"/> seeds from <paramref name="seed"/> on.</summary>
    /// <param name="seed">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="product">Who is examined.</param>
    /// <param name="model">By whom.</param>
    /// <param name="degree">How many processors to use.</param>
    public static ProofResult Run(ulong seed, int count, Answerer product, Answerer model, int degree)
    {
        var figures = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var found = new ConcurrentDictionary<ulong, Counterexample>();
        long claims = 0;
        Parallel.For(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = degree },
            (i, loop) =>
            {
                var history = HistoryGenerator.Generate(seed + (ulong)i);
                var examined = Claims(history);
                Interlocked.Add(ref claims, examined.Count);
                foreach (var claim in examined)
                {
                    if (Broken(claim, history, product, Counted(model, figures)) is { Count: > 0 } broken)
                    {
                        found[history.Seed] = new Counterexample(history, claim, broken);
                        loop.Break(); // histories of smaller seeds are still looked at
                        return;
                    }
                }
            });
        return new ProofResult(
            count,
            claims,
            figures.OrderBy(figure => figure.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
            found.IsEmpty ? null : Shrunk(found.MinBy(example => example.Key).Value, product, model));
    }

    /// <summary>The claims on a history: figures at its end and elsewhere, old answers, other arrivals.</summary>
    public static IReadOnlyList<Claim> Claims(History history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var dice = new Dice(~history.Seed);
        var claims = new List<Claim> { new Claim.Agrees(Asked(Viewpoint.End, dice)) };
        for (var i = 0; i < 3; i++)
        {
            claims.Add(new Claim.Agrees(Asked(SomeViewpoint(history, dice), dice)));
        }

        claims.Add(new Claim.KeepsOldAnswers(Asked(SomeViewpoint(history, dice), dice)));
        claims.Add(new Claim.ForgetsArrival(
            WhateverArrivesFirst(history, Asked(SomeViewpoint(history, dice), dice)), dice.Next()));
        return claims;
    }

    /// <summary>
    /// Whether an identification came in time follows from when it was recorded, unless evidence counts: of lots that
    /// somebody identified only that can be asked in any order of arrival.
    /// </summary>
    private static Question WhateverArrivesFirst(History history, Question question) =>
        history.Treasury.All(entry => entry.Event is not LotsIdentified) ? question : question with
        {
            Book = null,
            Policy = question.Policy with
            {
                Conventions = (question.Policy.Conventions ?? new LotConventions()) with
                {
                    Identification = IdentificationRule.Attested,
                },
            },
        };

    /// <summary>By any policy, or of a book that adopts terms.</summary>
    private static Question Asked(Viewpoint at, Dice dice) => new(
        at,
        SomePolicy(dice),
        dice.Chance(40) ? dice.Pick(HistoryGenerator.Books) : null,
        dice.Chance(10) ? dice.Pick(Enum.GetValues<LotMethod>()) : null);

    /// <summary>Any policy, each term by chance.</summary>
    public static PolicyTerms SomePolicy(Dice dice) => new(
        dice.Pick(Enum.GetValues<LotMethod>()),
        dice.Pick([BasisScope.Universal, BasisScope.PerAccount]),
        dice.Pick([StablecoinTreatment.CashAtPar, StablecoinTreatment.Lots]),
        dice.Pick([IncomeBasis.FairValue, IncomeBasis.FairValue, IncomeBasis.Zero]),
        dice.Pick(PriceAges),
        dice.Chance(50) ? SomeConventions(dice) : null,
        Treatments: dice.Chance(50) ? SomeTreatments(dice) : null);

    private static LotConventions SomeConventions(Dice dice) => new(
        dice.Pick(Enum.GetValues<FeeBasis>()),
        dice.Pick(Enum.GetValues<ExchangeFee>()),
        dice.Pick(Enum.GetValues<TransferFee>()),
        dice.Pick(Enum.GetValues<TransferLots>()),
        dice.Pick(Enum.GetValues<LotSequence>()),
        dice.Pick(Enum.GetValues<CostKey>()),
        dice.Pick(Enum.GetValues<MissingBasis>()),
        dice.Pick(Enum.GetValues<IdentificationRule>()),
        dice.Pick(Enum.GetValues<HoldingRule>()));

    private static Treatments SomeTreatments(Dice dice)
    {
        return new Treatments(Some(), Some(), Some(), Some(), Some());

        MoveTreatment Some() => dice.Pick([MoveTreatment.NoDisposal, MoveTreatment.Disposal]);
    }

    /// <summary>At the very instants of entries, and a microsecond beside: where bounds are tried.</summary>
    private static Viewpoint SomeViewpoint(History history, Dice dice)
    {
        var ground = history.Treasury.Last(History.IsGround).RecordedAt;
        var known = dice.Chance(70)
            ? dice.Pick(history.Treasury).RecordedAt
            : dice.Pick(history.Prices).RecordedAt;
        var asOf = dice.Pick(history.Treasury).EffectiveAt;
        return new Viewpoint(
            dice.Chance(20) ? Instant.Max : asOf.Plus(dice.Below(3) - 1),
            dice.Chance(30) ? Instant.Max : Instant.Latest(ground, known.Plus(dice.Below(3) - 1)));
    }

    private static Answerer Counted(Answerer model, ConcurrentDictionary<string, long> figures) =>
        (history, question) =>
        {
            var answer = model(history, question);
            foreach (var kind in answer.CountBy(line => line[..line.IndexOf(' ', StringComparison.Ordinal)]))
            {
                figures.AddOrUpdate(kind.Key, kind.Value, (_, count) => count + kind.Value);
            }

            return answer;
        };

    private static IReadOnlyList<string> Broken(Claim claim, History history, Answerer product, Answerer model)
    {
        try
        {
            return claim.Broken(history, product, model);
        }
#pragma warning disable CA1031 // whatever stops either side is a finding, and wants its history
        catch (Exception stopped)
#pragma warning restore CA1031
        {
            return [string.Create(CultureInfo.InvariantCulture, $"stopped: {stopped}")];
        }
    }

    /// <summary>Drops one entry after the other for as long as the claim stays broken.</summary>
    private static Counterexample Shrunk(Counterexample example, Answerer product, Answerer model)
    {
        for (var i = 0; i < example.History.Treasury.Length + example.History.Prices.Length; i++)
        {
            var entry = example.History.Treasury.Concat(example.History.Prices).ElementAt(i);
            if (History.IsGround(entry))
            {
                continue;
            }

            var smaller = example.History.Without(entry);
            if (Broken(example.Claim, smaller, product, model) is { Count: > 0 } broken)
            {
                return Shrunk(example with { History = smaller, Figures = broken }, product, model);
            }
        }

        return example;
    }
}
