using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Lots;

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
        _ => throw new FormatException($"Nothing is posted as: {expected}"),
    };

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

    private static string Word(ChartAccount account) => JsonNamingPolicy.CamelCase.ConvertName(account.ToString());

    private string Lines(string fact, bool isDebit)
    {
        var entries = PostingFold.Of(_history.At(_question), _history.Between(null, _question));
        var entry = entries.Single(one => one.Entry.Fact == FactId.Parse(fact));
        return string.Join(", ", entry.Postings.Where(line => IsDebit(line) == isDebit).Select(Text));
    }
}
