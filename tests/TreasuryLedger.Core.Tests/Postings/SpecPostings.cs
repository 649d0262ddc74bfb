using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Postings;

/// <summary>Says in the words of a specification what the books post.</summary>
internal sealed class SpecPostings
{
    private readonly BookHistory _history;
    private readonly BookQuestion _question;

    public SpecPostings(SpecCase found)
    {
        _history = new BookHistory(PriceHistory.Of(found.Journal.Prices));
        _history.Append(found.Journal.Entries);
        _question = new BookQuestion(
            found.Viewpoint.AsOf, _history.Log.PositionAt(found.Viewpoint.KnownAt),
            _history.Prices.PositionAt(found.Viewpoint.KnownAt), found.Policy);
    }

    public string Say(string expected) => expected.Split(' ') switch
    {
        [var fact, "debit", ..] => $"{fact} debit {Lines(fact, isDebit: true)}",
        [var fact, "credit", ..] => $"{fact} credit {Lines(fact, isDebit: false)}",
        ["trial", "total", ..] => $"trial total {Total()}",
        ["trial", var account, var asset, ..] => $"trial {account} {asset}{Trial(account, asset)}",
        ["ledger", var account, var asset, "from", var from, ..] =>
            $"ledger {account} {asset} from {from} | {Ledger(account, asset, Day(from))}",
        ["roll", var asset, "from", var from, ..] => $"roll {asset} from {from} | {Roll(Row(asset, Day(from)))}",
        ["gains", var asset, "from", var from, ..] => $"gains {asset} from {from} | {Gains(Row(asset, Day(from)))}",
        _ => throw new FormatException($"Nothing is posted as: {expected}"),
    };

    private IEnumerable<EntryPostings> Entries =>
        PostingFold.Of(_history.At(_question), _history.Between(null, _question));

    private TrialBalance Balance => TrialBalance.Of(
        new Remeasurement(_history.At(_question)).Totals(_history.Between(null, _question), _question.AsOf), 2);

    private static Instant Day(string text) => Instant.Parse(text + "T23:59:59Z");

    private string Total()
    {
        var balance = Balance;
        var (unvalued, missing) = (balance.Exact.Unvalued, balance.Exact.BasisMissing);
        return $"debit {balance.Debit} | credit {balance.Credit} | rounding {balance.Rounding}"
            + (unvalued == 0 ? "" : $" | unvalued {unvalued}")
            + (missing == 0 ? "" : $" | basis missing {missing}");
    }

    private string Trial(string account, string asset)
    {
        var row = Balance.Rows.Single(one => Word(one.Account) == account && one.Asset.ToString() == asset);
        return (row.Quantity.IsZero ? "" : $" {TestJournal.Tokens(row.Asset, row.Quantity)}")
            + (row.Debit.IsZero ? "" : $" debit {row.Debit}")
            + (row.Credit.IsZero ? "" : $" credit {row.Credit}");
    }

    private string Ledger(string account, string asset, Instant after)
    {
        var postings = GeneralLedger.PostingsOf(
            _history.At(_question), end => _history.Between(null, _question with { AsOf = end }), after,
            [after, _question.AsOf],
            date => _history.At(_question with { AsOf = date }).State);
        var section = GeneralLedger.Of(postings, new PostingFilter(), PostingPage.All).Sections
            .Single(one => Word(one.Ledger.Account) == account && one.Ledger.Pool.ToString() == asset);
        return $"{section.Opening.Amount} | " + string.Join(", ", section.Lines.Select(
            line => $"{Named(line.Source)} {line.Posting.Amount} to {line.Balance.Amount}"));

        string Named(LedgerSource source) => source.Entry?.Fact.ToString()
            ?? (source.At == _question.AsOf ? "remeasured" : "rematched");
    }

    private RollForwardRow Row(string asset, Instant from)
    {
        var (before, after) = (_history.At(_question with { AsOf = from }).State, _history.At(_question).State);
        return RollForward.Of(before, _history.Between(from, _question), after).RoundTo(2).Rows
            .Single(row => row.Asset.ToString() == asset);
    }

    private static string Roll(RollForwardRow row) =>
        $"{TestJournal.Tokens(row.Asset, row.OpeningQuantity)} for {row.OpeningCost} | "
        + string.Join(", ", row.Movements.Select(movement => $"{Word(movement.Kind)} "
            + $"{TestJournal.Tokens(row.Asset, movement.Quantity)} for {movement.Cost}"))
        + $" | {TestJournal.Tokens(row.Asset, row.ClosingQuantity)} for {row.ClosingCost}"
        + (row.CostRounding.IsZero ? "" : $" | rounding {row.CostRounding}")
        + (row.CostMissing == 0 ? "" : $" | cost missing {row.CostMissing}");

    private static string Gains(RollForwardRow row) =>
        $"proceeds {row.Proceeds} | cost {row.CostBasis} | gains {row.Gains} | losses {row.Losses}"
        + (row.GainRounding.IsZero ? "" : $" | rounding {row.GainRounding}")
        + (row.Transferred.IsZero ? "" : $" | transferred {TestJournal.Tokens(row.Asset, row.Transferred)}")
        + (row.Incomplete == 0 ? "" : $" | incomplete {row.Incomplete}");

    private static bool IsDebit(Posting line) =>
        (line.Amount.IsZero ? line.Quantity.Sign : line.Amount.Sign) >= 0;

    private static string Text(Posting line)
    {
        var place = line.Place?.ToString() ?? line.Transfer?.ToString();
        var units = IsDebit(line) ? line.Quantity : -line.Quantity;
        var amount = IsDebit(line) ? line.Amount : -line.Amount;
        return Word(line.Account) + (place is null ? " " : $"@{place} ")
            + (units.IsZero ? "" : TestJournal.Tokens(line.Asset, units) + " ") + line.Asset
            + (amount.IsZero ? "" : $" = {amount}");
    }

    private static string Word<T>(T word)
        where T : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName(word.ToString());

    private string Lines(string fact, bool isDebit)
    {
        var entry = Entries.Single(one => one.Entry.Fact == FactId.Parse(fact));
        return string.Join(", ", entry.Postings.Where(line => IsDebit(line) == isDebit).Select(Text));
    }
}
