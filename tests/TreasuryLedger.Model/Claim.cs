using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>Who answers questions about a history, figure by figure: the product, the model or a broken one.</summary>
public delegate IReadOnlyList<string> Answerer(History history, Question question);

/// <summary>Something that must hold for every history.</summary>
/// <param name="Question">At which viewpoint and by which policy it is looked at.</param>
public abstract record Claim(Question Question)
{
    /// <summary>The figures that break it, or nothing.</summary>
    public abstract IReadOnlyList<string> Broken(History history, Answerer product, Answerer model);

    /// <summary>What one has and the other has not.</summary>
    protected static IReadOnlyList<string> Differences(
        string left, IReadOnlyList<string> inLeft, string right, IReadOnlyList<string> inRight) =>
        inLeft.SequenceEqual(inRight, StringComparer.Ordinal)
            ? []
            : [
                .. inLeft.Except(inRight, StringComparer.Ordinal).Select(line => $"{left} only: {line}"),
                .. inRight.Except(inLeft, StringComparer.Ordinal).Select(line => $"{right} only: {line}"),
            ];

    /// <summary>The product says what the model says.</summary>
    public sealed record Agrees(Question Question) : Claim(Question)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Broken(History history, Answerer product, Answerer model)
        {
            ArgumentNullException.ThrowIfNull(product);
            ArgumentNullException.ThrowIfNull(model);
            return Differences("product", product(history, Question), "model", model(history, Question));
        }
    }

    /// <summary>What was known at K is answered alike before and after more became known.</summary>
    public sealed record KeepsOldAnswers(Question Question) : Claim(Question)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Broken(History history, Answerer product, Answerer model)
        {
            ArgumentNullException.ThrowIfNull(history);
            ArgumentNullException.ThrowIfNull(product);
            var then = history with
            {
                Treasury = [.. history.Treasury.Where(WasRecorded)],
                Prices = [.. history.Prices.Where(WasRecorded)],
            };
            return Differences("then", product(then, Question), "later", product(history, Question));

            bool WasRecorded(Entry entry) => entry.RecordedAt <= Question.At.KnownAt;
        }
    }

    /// <summary>Once everything is known, the order of its arrival does not matter.</summary>
    /// <param name="Question">Known at the end.</param>
    /// <param name="Seed">Of the other order.</param>
    public sealed record ForgetsArrival(Question Question, ulong Seed) : Claim(Question)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Broken(History history, Answerer product, Answerer model)
        {
            ArgumentNullException.ThrowIfNull(product);
            var shuffled = Arrival.Shuffled(history, new Dice(Seed));
            var end = Question with { At = Question.At with { KnownAt = Instant.Max } };
            return Differences("in order", product(history, end), "shuffled", product(shuffled, end));
        }
    }
}
