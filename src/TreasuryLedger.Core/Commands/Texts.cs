using System.Globalization;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>The forms of texts in commands.</summary>
internal static class Texts
{
    public const int NameLengthMax = 200;
    public const int ReferenceLengthMax = 2_000;
    public const int ReasonLengthMax = 4_000;
    public const string NameExpected = "must have 1 to 200 characters, none of them a control character";
    public const string IdExpected =
        "must be an id: letters, digits and . _ -, at most 63, starting with a letter or digit";
    public const string BookIdExpected =
        "must be a book's id: lower-case letters, digits and . _ -, at most 63, starting with a letter or digit";
    public const string ReferenceExpected = "must be a reference: letters, digits and . _ - : / # @ +, at most 200";

    /// <summary>Whether it can be the name of something.</summary>
    public static bool IsName(string? text) => IsText(text, NameLengthMax);

    /// <summary>Whether it has a printable character, no control characters and at most so many characters.</summary>
    public static bool IsText(string? text, int lengthMax) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= lengthMax && !text.Any(char.IsControl);

    /// <summary>Whether it can be the id of a price book or market book.</summary>
    public static bool IsBookId(string? text) => IdText.IsId(text) && !text!.Any(char.IsAsciiLetterUpper);

    /// <summary>Whether it is lower-case hex of 32 bytes.</summary>
    public static bool IsSha256(string? text) =>
        text is { Length: 64 } && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    /// <summary>Whether it is MM-DD and no 29 February.</summary>
    public static bool IsDayOfEveryYear(string? text) => DateOnly.TryParseExact(
        "2001-" + text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
