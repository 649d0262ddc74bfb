using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The words of one line of a specification, from left to right. What nobody reads fails the line.</summary>
internal sealed class SpecLine(int number, string text)
{
    private readonly string[] _words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    private int _next;

    public int Number => number;

    public bool AtEnd => _next == _words.Length;

    public string? Peek => AtEnd ? null : _words[_next];

    public string Word() => AtEnd ? throw new FormatException($"Ends too early: {this}") : _words[_next++];

    public bool Take(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (_next + i >= _words.Length || _words[_next + i] != words[i])
            {
                return false;
            }
        }

        _next += words.Length;
        return true;
    }

    public void Expect(params ReadOnlySpan<string> words)
    {
        if (!Take(words))
        {
            throw new FormatException($"'{string.Join(' ', words.ToArray())}' is missing: {this}");
        }
    }

    public void End()
    {
        if (!AtEnd)
        {
            throw new FormatException($"'{Peek}' is not known: {this}");
        }
    }

    public string Rest()
    {
        var rest = string.Join(' ', _words[_next..]);
        _next = _words.Length;
        return rest;
    }

    public bool IsInstant() => Peek is { Length: >= 10 } word && char.IsAsciiDigit(word[0]) && word[4] == '-';

    /// <summary>"2026-01-05" is midnight; "2026-01-05T12:00:00Z" is itself.</summary>
    public Instant Instant() => Word() is { Length: 10 } day
        ? Time.Instant.Parse(day + "T00:00:00Z")
        : Time.Instant.Parse(_words[_next - 1]);

    public ExactDecimal Decimal() => ExactDecimal.Parse(Word().Replace("_", "", StringComparison.Ordinal));

    public AssetId Asset() => AssetId.Parse(Word());

    public AccountId Account() => AccountId.Parse(Word());

    public FactId Fact() => FactId.Parse(Word());

    public (ExactDecimal Tokens, AssetId Asset) Tokens() => (Decimal(), Asset());

    public AccountId? Optional(string word) => Take(word) ? Account() : null;

    public ExactDecimal? Figure(string word) => Take(word) ? Decimal() : null;

    public CurrencyAmount? Money(string word)
    {
        if (!Take(word))
        {
            return null;
        }

        _ = Amount.TryFrom(Decimal(), out var amount);
        return new CurrencyAmount(Word(), amount);
    }

    public T Enum<T>()
        where T : struct, Enum =>
        System.Enum.Parse<T>(Word().Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    public override string ToString() => $"line {number}: {text}";
}
