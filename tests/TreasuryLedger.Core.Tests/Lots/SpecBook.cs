using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>Says in the words of a specification what a book shows about the subject of a "then" line.</summary>
internal static class SpecBook
{
    /// <summary>The line as the book would have it; equal to the expected one if that is true.</summary>
    public static string Say(string expected, Book book)
    {
        var words = expected.Split(' ');
        return words switch
        {
            ["open", var place, ..] => $"open {place} {Open(place, book)}",
            ["pool", var place, ..] => $"pool {place} {Pool(place, book)}",
            ["balance", var account, var asset, ..] =>
                $"balance {account} {asset} "
                + Tokens(asset, book.BalanceOf(AccountId.Parse(account), AssetId.Parse(asset))),
            ["debt", var position, var asset, ..] =>
                $"debt {position} {asset} "
                + Tokens(asset, book.DebtOf(AccountId.Parse(position), AssetId.Parse(asset))),
            ["shortfall" or "debt-shortfall", var account, var asset, ..] => Short(words[0], account, asset, book),
            ["no", "expense"] => book.Expenses.IsEmpty ? "no expense" : $"{book.Expenses.Length} expenses",
            ["no", "income"] => book.Incomes.IsEmpty ? "no income" : $"{book.Incomes.Length} incomes",
            ["no", "disposal"] => book.Disposals.IsEmpty ? "no disposal" : $"{book.Disposals.Length} disposals",
            ["income", var fact, ..] => Flow("income", fact, book.Incomes
                .Where(income => income.Fact == FactId.Parse(fact))
                .Select(income => (income.Kind.ToString(), income.Value, income.Quality))),
            ["expense", var leg, ..] => Flow("expense", leg, book.Expenses
                .Where(expense => (expense.Fact, expense.Leg) == LegOf(leg))
                .Select(expense => (expense.Kind.ToString(), expense.Value, expense.Quality))),
            ["contribution", var fact, ..] => Flow("contribution", fact, book.Contributions
                .Where(contribution => contribution.Fact == FactId.Parse(fact))
                .Select(contribution => ("of", contribution.Value, contribution.Quality))),
            ["liquidation", var fact, ..] => Liquidated(fact, book),
            ["in", "transit", var fact, ..] => $"in transit {fact} {InTransit(fact, book)}",
            [var leg, "gain", "by", "evidence", ..] => $"{leg} gain by evidence {ByEvidence(Find(leg, book))}",
            [var leg, "takes", ..] => $"{leg} takes {Takes(Find(leg, book), expected)}",
            [var leg, "without", "lot", ..] => $"{leg} {Takes(Find(leg, book), expected)}"
                .Replace(" nothing | ", " ", StringComparison.Ordinal),
            _ => throw new FormatException($"Nothing is shown as: {expected}"),
        };
    }

    private static string Open(string place, Book book)
    {
        var (pool, at) = Place(place);
        var lots = book.OpenLots
            .Where(lot => lot.Pool == pool && (lot.Account?.ToString() ?? lot.InTransit?.ToString()) == at)
            .Select(lot => $"{lot.LotId.Fact}{(lot.LotId.Leg == 0 ? "" : $":{lot.LotId.Leg}")} "
                + $"{TestJournal.Tokens(pool, lot.Remaining)} cost {Text(lot.Cost)}{Mark(lot.Quality, " ")}")
            .ToList();
        return lots.Count == 0 ? "nothing" : string.Join(", ", lots);
    }

    private static string Pool(string place, Book book)
    {
        var (pool, at) = Place(place);
        var totals = book.Pools.SingleOrDefault(total => total.Pool == pool
            && (total.Account?.ToString() ?? total.InTransit?.ToString()) == at);
        return totals is null
            ? "nothing"
            : $"balance {TestJournal.Tokens(pool, totals.Balance)} = open {TestJournal.Tokens(pool, totals.Open)}"
                + $" - deficit {TestJournal.Tokens(pool, totals.Deficit)}";
    }

    private static string Short(string word, string account, string asset, Book book)
    {
        var kind = word == "shortfall" ? ShortfallKind.Units : ShortfallKind.Debt;
        var spans = book.Shortfalls
            .Where(s => s.Kind == kind && s.Account.ToString() == account && s.Asset.ToString() == asset)
            .Select(s => $"from {Day(s.From)} until {(s.Until is { } until ? Day(until) : "now")} deepest "
                + Tokens(asset, s.Deepest) + (s.Latest.IsZero ? "" : $" now {Tokens(asset, s.Latest)}"))
            .ToList();
        return $"{word} {account} {asset} {(spans.Count == 0 ? "none" : string.Join(", ", spans))}";
    }

    private static string Takes(Disposal disposal, string expected)
    {
        var takes = string.Join(", ", disposal.Takes.Select(take =>
            $"{take.LotId.Fact}{(take.LotId.Leg == 0 ? "" : $":{take.LotId.Leg}")} "
            + $"{TestJournal.Tokens(disposal.Pool, take.Quantity)} cost {Text(take.Cost)}"));
        var withoutLot = disposal.WithoutLot.IsZero
            ? ""
            : $" | without lot {TestJournal.Tokens(disposal.Pool, disposal.WithoutLot)}";
        var matched = disposal.BasisMissing.IsZero ? "" : $" | matched gain {Text(disposal.MatchedGain)}";
        return (takes.Length == 0 ? "nothing" : takes) + withoutLot
            + $" | proceeds {Text(disposal.Proceeds)} | gain {Text(disposal.RealizedGain)}{matched}"
            + Mark(disposal.Quality, " | ")
            + (disposal.Identification == IdentificationOutcome.None ? "" : " | " + Words(disposal.Identification))
            + Held(disposal, expected)
            + (expected.Contains("final from", StringComparison.Ordinal)
                ? $" | final from {Day(disposal.FinalFrom!.Value)}"
                : "");
    }

    /// <summary>How long, where the line asks for it.</summary>
    private static string Held(Disposal disposal, string expected) =>
        expected.EndsWith(" short", StringComparison.Ordinal) || expected.EndsWith(" long", StringComparison.Ordinal)
            ? " | " + string.Join(", ", disposal.Takes.Select(take => $"{take.Term}".ToLowerInvariant()).Distinct())
            : "";

    private static string Words(IdentificationOutcome outcome) => string.Concat(outcome.ToString().Select((letter, i) =>
        char.IsUpper(letter) && i > 0 ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    private static string ByEvidence(Disposal disposal) => string.Join(", ", Enum.GetValues<EvidenceQuality>()
        .Select(quality => (quality, gain: disposal.GainOn(quality)))
        .Where(part => !part.gain.IsZero)
        .Select(part => $"{Word(part.quality)} {part.gain}"));

    private static string Flow(
        string word, string subject, IEnumerable<(string Kind, Amount? Value, EvidenceQuality Quality)> flows) =>
        $"{word} {subject} " + string.Join(", ", flows.Select(flow =>
            $"{char.ToLowerInvariant(flow.Kind[0])}{flow.Kind[1..]} {Text(flow.Value)}{Mark(flow.Quality, " ")}"));

    private static string Liquidated(string fact, Book book)
    {
        var set = book.Liquidations.Single(liquidation => liquidation.Fact == FactId.Parse(fact));
        return $"liquidation {fact} covered {Text(set.CoveredValue)} | bonus {Text(set.BonusValue)} | protocol "
            + Text(set.ProtocolFeeValue);
    }

    private static string InTransit(string fact, Book book)
    {
        var way = book.InTransit.SingleOrDefault(transfer => transfer.Fact == FactId.Parse(fact));
        return way is null
            ? "nothing"
            : $"{TestJournal.Tokens(way.Asset, way.Remaining)} {way.Asset}{(way.Overdue ? " overdue" : "")}";
    }

    private static Disposal Find(string leg, Book book) =>
        book.Disposals.Single(disposal => (disposal.Fact, disposal.Leg) == LegOf(leg));

    private static (FactId Fact, int Leg) LegOf(string text) => text.Split('/') is [var fact, var leg]
        ? (FactId.Parse(fact), int.Parse(leg, System.Globalization.CultureInfo.InvariantCulture))
        : (FactId.Parse(text), 0);

    private static (AssetId Pool, string? At) Place(string text) => text.Split('@') is [var pool, var at]
        ? (AssetId.Parse(pool), at)
        : (AssetId.Parse(text), null);

    private static string Tokens(string asset, Quantity units) => TestJournal.Tokens(AssetId.Parse(asset), units);

    private static string Text(Amount? amount) => amount?.ToString() ?? "?";

    private static string Day(Instant instant) =>
        instant.ToString().Replace("T00:00:00Z", "", StringComparison.Ordinal);

    private static string Word(EvidenceQuality quality) => quality.ToString().ToLowerInvariant();

    private static string Mark(EvidenceQuality quality, string before) =>
        quality == EvidenceQuality.Fact ? "" : before + Word(quality);
}
