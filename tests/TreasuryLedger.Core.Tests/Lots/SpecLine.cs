using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>The words of one line of a specification, read from left to right.</summary>
internal sealed class SpecLine(string text)
{
    private readonly string[] _words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    private int _next;

    public string Word() => _next < _words.Length
        ? _words[_next++]
        : throw new FormatException($"The line ends too early: {text}");

    public bool Take(string word)
    {
        var found = _next < _words.Length && _words[_next] == word;
        _next += found ? 1 : 0;
        return found;
    }

    public void Expect(string word)
    {
        if (!Take(word))
        {
            throw new FormatException($"'{word}' is missing as word {_next + 1} of: {text}");
        }
    }

    public void End()
    {
        if (_next < _words.Length)
        {
            throw new FormatException($"'{_words[_next]}' is not known in: {text}");
        }
    }

    public string Rest()
    {
        var rest = string.Join(' ', _words[_next..]);
        _next = _words.Length;
        return rest;
    }

    public Instant Instant()
    {
        var word = Word();
        return Time.Instant.Parse(word.Length == 10 ? word + "T00:00:00Z" : word);
    }

    public AssetId Asset() => AssetId.Parse(Word());

    /// <summary>"2.5 ETH" at an account that is known later or was known before.</summary>
    public (AssetId Asset, Quantity Units) Units()
    {
        var tokens = Word().Replace("_", "", StringComparison.Ordinal);
        var asset = Asset();
        return (asset, TestJournal.Units(asset, tokens));
    }

    public Amount Amount()
    {
        var word = Word().Replace("_", "", StringComparison.Ordinal);
        return Money.Amount.TryParse(word, out var amount)
            ? amount
            : throw new FormatException($"{word} is no amount.");
    }

    public CurrencyAmount? Stated(string word)
    {
        if (!Take(word))
        {
            return null;
        }

        var amount = Amount();
        return new CurrencyAmount(Word(), amount);
    }

    /// <summary>"at w2"; without it, w1.</summary>
    public AccountId At() => AccountId.Parse(Take("at") ? Word() : "w1");

    /// <summary>Any number of "fee 0.1 ETH", all at one account.</summary>
    public ImmutableArray<(AssetId Asset, Quantity Units)> Fees()
    {
        var fees = ImmutableArray.CreateBuilder<(AssetId, Quantity)>();
        while (Take("fee"))
        {
            fees.Add(Units());
        }

        return fees.ToImmutable();
    }

    public EvidenceQuality Quality() => Take("assumed") ? EvidenceQuality.Assumed
        : Take("derived") ? EvidenceQuality.Derived
        : EvidenceQuality.Fact;

    public SourceOrder? Order() =>
        !Take("order") ? null
        : SourceOrder.TryParse(Word(), out var order) ? order
        : throw new FormatException($"No source order in: {text}");

    public Instant? Recorded() => Take("recorded") ? Instant() : null;

    public override string ToString() => text;
}
