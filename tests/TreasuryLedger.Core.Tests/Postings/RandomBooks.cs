using System.Globalization;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Postings;

/// <summary>A book of a random history at a random viewpoint, and another instant before it.</summary>
/// <param name="Seed">Of the history.</param>
/// <param name="History">The books.</param>
/// <param name="Question">Where it stands, under a random policy or of a book that adopts terms.</param>
/// <param name="Earlier">An instant before the question's.</param>
internal sealed record RandomBooks(ulong Seed, BookHistory History, BookQuestion Question, Instant Earlier)
{
    public string Named => string.Create(CultureInfo.InvariantCulture, $"history of seed {Seed} at {Question}");

    public BookAnswer Answer => History.At(Question);

    public BookState Before => History.At(Question with { AsOf = Earlier }).State;

    public List<EntryPostings> Postings => PostingsAt(Question.AsOf);

    public List<EntryPostings> PostingsAt(Instant asOf) =>
        [.. PostingFold.Of(Answer, History.Between(null, Question with { AsOf = asOf }))];

    public IEnumerable<LedgerPosting<LedgerSource>> Lines => LinesAfter(Earlier);

    public IEnumerable<LedgerPosting<LedgerSource>> LinesAfter(Instant after, params Instant[] dates) =>
        GeneralLedger.PostingsOf(
            Answer, end => History.Between(null, Question with { AsOf = end }), after, [after, .. dates, Question.AsOf],
            date => History.At(Question with { AsOf = date }).State);

    public Book Book => BookAt(Question.AsOf);

    public Book BookAt(Instant asOf)
    {
        var (question, rows) = (Question with { AsOf = asOf }, new BookRows());
        foreach (var happened in History.Between(null, question))
        {
            rows.AddAll(happened.Rows);
        }

        return History.At(question).State.ToBook(new Viewpoint(asOf, Instant.Max), rows);
    }

    /// <summary>Several viewpoints on each of the histories of many seeds.</summary>
    public static IEnumerable<RandomBooks> Some(ulong seed, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var dice = new Dice(seed + (ulong)i);
            var made = HistoryGenerator.Generate(seed + (ulong)i);
            var history = new BookHistory(PriceHistory.Of(made.Prices), new CheckpointBudget(2, 20, 2));
            history.Append(made.Treasury);
            var ground = made.Treasury.Last(TreasuryLedger.Model.History.IsGround).Position;
            for (var viewpoint = 0; viewpoint < 3; viewpoint++)
            {
                var known = ground + dice.Below((int)(history.Log.Position - ground) + 1);
                var asOf = viewpoint == 0 ? Instant.Max : dice.Pick(made.Treasury).EffectiveAt;
                var other = dice.Chance(10) ? default : dice.Pick(made.Treasury).EffectiveAt;
                var earlier = other < asOf ? other : asOf.Plus(-1);

                BookChoice? choice = dice.Chance(50)
                    ? new BookChoice(dice.Pick([.. HistoryGenerator.Books]))
                    : Proof.SomePolicy(dice);
                var question = new BookQuestion(asOf, known, dice.Below((int)history.Prices.Position + 1), choice);
                yield return new RandomBooks(made.Seed, history, question, earlier);
            }
        }
    }
}
