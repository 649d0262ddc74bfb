using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Periods;

/// <summary>What is not known up to the end of a period, from the first instant of the book's first one on.</summary>
/// <param name="Shortfalls">Spans of time in which units were missing.</param>
/// <param name="Unvalued">Postings that say that a value is missing.</param>
/// <param name="BasisMissing">Postings that say that a cost basis is missing.</param>
/// <param name="Incomplete">Disposals that lack proceeds or basis.</param>
/// <param name="First">The first of them, in words; empty if there is none.</param>
public sealed record OpenQuestions(int Shortfalls, int Unvalued, int BasisMissing, int Incomplete, string First)
{
    /// <summary>Whether everything is known.</summary>
    public bool IsComplete => (Shortfalls, Unvalued, BasisMissing, Incomplete) == (0, 0, 0, 0);
}

/// <summary>
/// The official statements of a closed period as lines of text, and what a seal says of them (SPEC 6). They follow from
/// the journals up to the closing alone, so they can be derived again by anybody at any time.
/// </summary>
/// <param name="Closing">The entry that closed the period.</param>
/// <param name="PricePosition">The position of the price book then.</param>
/// <param name="CalculationVersion">The version of the rules.</param>
/// <param name="Hash">SHA-256 of the lines, each with a line feed behind it, in UTF-8; lower-case hex.</param>
/// <param name="Open">What is not known.</param>
public sealed record FrozenStatement(
    long Closing, long PricePosition, string CalculationVersion, string Hash, OpenQuestions Open)
{
    /// <summary>Derives what a seal says.</summary>
    /// <param name="book">The book; it knows the closing.</param>
    /// <param name="period">One of its closed periods.</param>
    /// <param name="prices">The price book in recorded order, from position 1 on.</param>
    /// <param name="version">The version of the rules.</param>
    public static FrozenStatement Of(
        OfficialBook book, ClosedPeriod period, IReadOnlyList<NarrowEntry> prices, string version)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(period);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var questions = new Questions(book.Closed[0].From);
        foreach (var line in Lines(book, period, prices, version, questions))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        }

        return new FrozenStatement(
            period.Closing,
            book.CutOf(period).PricePosition,
            version,
            Convert.ToHexStringLower(hash.GetHashAndReset()),
            questions.Found());
    }

    /// <summary>The lines; fields are divided by tabs, which are in none of them.</summary>
    /// <inheritdoc cref="Of"/>
    public static IEnumerable<string> Lines(
        OfficialBook book, ClosedPeriod period, IReadOnlyList<NarrowEntry> prices, string version)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(period);
        return Lines(book, period, prices, version, new Questions(default));
    }

    private static IEnumerable<string> Lines(
        OfficialBook book, ClosedPeriod period, IReadOnlyList<NarrowEntry> prices, string version, Questions questions)
    {
        var cut = book.CutOf(period);
        yield return Line(
            "statement", version, period.Book, period.From, period.Until, period.Closing, period.KnownAt,
            cut.PricePosition);
        var end = period.Until.Plus(-1);
        var question = book.QuestionAt(end);
        var answer = book.At(question);
        var totals = new PostingTotals();
        var remeasured = new Remeasurement(answer);
        foreach (var posted in PostingFold.Of(
            answer, remeasured.Follow(book.Between(null, question).Select(questions.Ask))))
        {
            totals.Add(posted.Postings);
            questions.Ask(posted);
        }

        var measured = remeasured.At(end);
        totals.Add(measured);
        questions.Ask(measured, end, answer.State.Last);
        questions.Ask(answer.State);
        foreach (var disposal in book.Between(period.From.Plus(-1), question).SelectMany(rows => rows.Rows.Disposals))
        {
            foreach (var line in Lines(disposal))
            {
                yield return line;
            }
        }

        var gains = book.GainsAt(end, prices);
        foreach (var line in gains.CatchUps)
        {
            yield return Line(
                "catch-up", line.Journal, line.Late.Position, line.Kind, line.Fact, line.Leg, line.Pool, Text(line.Lot),
                line.Quantity.Units, line.Proceeds, line.Cost, line.Gain);
        }

        foreach (var lot in answer.State.OpenLots())
        {
            yield return Line(
                "lot", lot.Pool, Text(lot.Account), Text(lot.InTransit), lot.LotId, lot.Remaining.Units,
                Text(lot.Cost));
        }

        foreach (var (ledger, balance) in totals.Balances)
        {
            yield return Line(
                "balance", ledger.Account, ledger.Pool, balance.Quantity.Units, balance.Amount, balance.Postings);
        }

        yield return Line("gain", gains.Own, gains.CatchUp, gains.Cumulated);
    }

    private static IEnumerable<string> Lines(Disposal disposal)
    {
        yield return Line(
            "disposal", disposal.Fact, disposal.Leg, disposal.At, disposal.Pool, disposal.Quantity.Units,
            Text(disposal.MatchedProceeds), disposal.MatchedCost);
        foreach (var take in disposal.Takes)
        {
            yield return Line(
                "take", disposal.Fact, disposal.Leg, take.LotId, take.Quantity.Units, Text(take.Proceeds),
                Text(take.Cost));
        }
    }

    private static string Line(params ReadOnlySpan<object> fields)
    {
        var line = new StringBuilder();
        foreach (var field in fields)
        {
            line.Append(line.Length == 0 ? "" : "\t").Append(
                field is IFormattable number
                    ? number.ToString(null, System.Globalization.CultureInfo.InvariantCulture)
                    : field.ToString());
        }

        return line.ToString();
    }

    private static string Text<T>(T? value)
        where T : struct => value?.ToString() ?? "-";

    /// <summary>Counts what is not known, while the statements are derived.</summary>
    private sealed class Questions(Instant from)
    {
        private int _shortfalls;
        private int _unvalued;
        private int _basisMissing;
        private int _incomplete;
        private (Instant At, string Text)? _first;

        public EntryRows Ask(EntryRows happened)
        {
            foreach (var disposal in happened.Rows.Disposals)
            {
                Ask(ref _incomplete, !disposal.IsComplete, disposal.At, happened.Entry, "a disposal lacks a figure");
            }

            return happened;
        }

        public void Ask(EntryPostings posted)
        {
            foreach (var posting in posted.Postings)
            {
                var (at, account) = (posted.Entry.EffectiveAt, posting.Account);
                Ask(ref _unvalued, account == ChartAccount.UnvaluedSuspense, at, posted.Entry, "a value is missing");
                Ask(ref _basisMissing, account == ChartAccount.BasisMissing, at, posted.Entry, "a cost is missing");
            }
        }

        /// <summary>A fair value that is missing at the end of a period is an open question of that period.</summary>
        public void Ask(ImmutableArray<Posting> measured, Instant at, NarrowEntry? last)
        {
            foreach (var posting in measured)
            {
                Ask(
                    ref _unvalued, posting.Account == ChartAccount.UnvaluedSuspense, at, last!,
                    $"the fair value of {posting.Asset} is missing");
            }
        }

        public void Ask(BookState state)
        {
            foreach (var span in state.Shortfalls().Where(span => span.Until is not { } end || end > from))
            {
                _shortfalls++;
                First(span.From, $"{span.Kind} of {span.Asset} missing at {span.Account} from {span.From} on");
            }
        }

        public OpenQuestions Found() =>
            new(_shortfalls, _unvalued, _basisMissing, _incomplete, _first?.Text ?? "");

        private void Ask(ref int count, bool isOpen, Instant at, NarrowEntry entry, string text)
        {
            if (isOpen && at >= from)
            {
                count++;
                First(at, $"entry {entry.Position} ({entry.Fact}) of {at}: {text}");
            }
        }

        private void First(Instant at, string text) =>
            _first = _first is { } first && first.At <= at ? first : (at, text);
    }
}
