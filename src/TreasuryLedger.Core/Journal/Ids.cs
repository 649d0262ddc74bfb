using System.Buffers;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// The characters that ids may have; everything else is refused, so that no id can mean anything elsewhere.
/// </summary>
public static class IdText
{
    /// <summary>Longest id (inclusive).</summary>
    public const int LengthMax = 63;

    /// <summary>Longest fact id or idempotency key (inclusive).</summary>
    public const int ReferenceLengthMax = 200;

    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> OfIds = SearchValues.Create(LettersAndDigits + "._-");

    private static readonly SearchValues<char> OfReferences = SearchValues.Create(LettersAndDigits + "._-:/#@+");

    /// <summary>
    /// Letters, digits and <c>. _ -</c>; the first is a letter or digit; at most <see cref="LengthMax"/>.
    /// </summary>
    public static bool IsId(string? text) =>
        text is { Length: > 0 and <= LengthMax }
        && char.IsAsciiLetterOrDigit(text[0])
        && !text.AsSpan().ContainsAnyExcept(OfIds);

    /// <summary>
    /// Like <see cref="IsId"/> with also <c>: / # @ +</c>, and at most <see cref="ReferenceLengthMax"/>.
    /// </summary>
    public static bool IsReference(string? text) =>
        text is { Length: > 0 and <= ReferenceLengthMax }
        && char.IsAsciiLetterOrDigit(text[0])
        && !text.AsSpan().ContainsAnyExcept(OfReferences);
}

/// <summary>An account of a treasury: a place where units are. Unique in the treasury, case matters.</summary>
public readonly record struct AccountId : IText<AccountId>, IComparable<AccountId>
{
    private readonly string? _text;

    private AccountId(string text) => _text = text;

    /// <inheritdoc/>
    public static string Expected =>
        "an account id: letters, digits and . _ -, at most 63, starting with a letter or digit";

    /// <inheritdoc/>
    public static bool TryParse(string? text, out AccountId value)
    {
        value = IdText.IsId(text) ? new AccountId(text!) : default;
        return value._text is not null;
    }

    /// <summary>Reads an id that is known to be good.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static AccountId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException(Expected);

    /// <inheritdoc/>
    public int CompareTo(AccountId other) => string.CompareOrdinal(_text, other._text);

    /// <summary>The id.</summary>
    public override string ToString() => _text ?? "";
}

/// <summary>An asset: a token, stablecoin or currency, by the id that the treasury registered. Case matters.</summary>
public readonly record struct AssetId : IText<AssetId>, IComparable<AssetId>
{
    private readonly string? _text;

    private AssetId(string text) => _text = text;

    /// <inheritdoc/>
    public static string Expected =>
        "an asset id: letters, digits and . _ -, at most 63, starting with a letter or digit";

    /// <inheritdoc/>
    public static bool TryParse(string? text, out AssetId value)
    {
        value = IdText.IsId(text) ? new AssetId(text!) : default;
        return value._text is not null;
    }

    /// <summary>Reads an id that is known to be good.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static AssetId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException(Expected);

    /// <inheritdoc/>
    public int CompareTo(AssetId other) => string.CompareOrdinal(_text, other._text);

    /// <summary>The id.</summary>
    public override string ToString() => _text ?? "";
}

/// <summary>
/// What happened: source kind, the source's own reference and, where one reference has several legs, the leg. The same
/// happening told by two sources under one fact id is one fact (decision 0005).
/// </summary>
public readonly record struct FactId : IText<FactId>, IComparable<FactId>
{
    private readonly string? _text;

    private FactId(string text) => _text = text;

    /// <inheritdoc/>
    public static string Expected =>
        "a fact id such as binance:withdrawal-123: letters, digits and . _ - : / # @ +, at most 200";

    /// <inheritdoc/>
    public static bool TryParse(string? text, out FactId value)
    {
        value = IdText.IsReference(text) ? new FactId(text!) : default;
        return value._text is not null;
    }

    /// <summary>Reads an id that is known to be good.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static FactId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException(Expected);

    /// <inheritdoc/>
    public int CompareTo(FactId other) => string.CompareOrdinal(_text, other._text);

    /// <summary>The id.</summary>
    public override string ToString() => _text ?? "";
}
