using System.Globalization;
using System.Text;

namespace TreasuryLedger.Core.Exports;

/// <summary>
/// Names as beancount allows them, one for each of ours: what it does not allow becomes a hyphen, and where two of ours
/// would become one name, the later has a number behind it. The same names in the same order give the same result.
/// </summary>
internal sealed class BeancountNames
{
    private readonly Dictionary<string, string> _commodities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _parts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _commoditiesTaken = new(StringComparer.Ordinal);
    private readonly HashSet<string> _partsTaken = new(StringComparer.Ordinal);

    /// <summary>A commodity: 2 to 24 capital letters, digits, points and hyphens, beginning with a letter.</summary>
    public string Commodity(string asset) =>
        NameOf(asset, _commodities, _commoditiesTaken, 24, text => text.Length switch
        {
            0 => "X0",
            1 => text + "0",
            _ => text,
        } is var made && char.IsAsciiLetter(made[0]) ? made : "X" + made, char.ToUpperInvariant);

    /// <summary>
    /// A part of an account's name: letters, digits and hyphens, beginning with a capital or a digit.
    /// </summary>
    public string Part(string name) =>
        NameOf(name, _parts, _partsTaken, 120, text => char.ToUpperInvariant(text[0]) + text[1..], letter => letter);

    private static string NameOf(
        string given,
        Dictionary<string, string> known,
        HashSet<string> taken,
        int lengthMax,
        Func<string, string> begin,
        Func<char, char> letterOf)
    {
        if (known.TryGetValue(given, out var name))
        {
            return name;
        }

        var text = new StringBuilder(given.Length);
        foreach (var letter in given)
        {
            text.Append(char.IsAsciiLetterOrDigit(letter) ? letterOf(letter) : '-');
        }

        var whole = begin(text.ToString().Trim('-'));
        name = Cut(whole, lengthMax);
        for (var number = 2; !taken.Add(name); number++)
        {
            var end = string.Create(CultureInfo.InvariantCulture, $"-{number}");
            name = Cut(whole, lengthMax - end.Length) + end;
        }

        known.Add(given, name);
        return name;

        static string Cut(string text, int length) => text.Length <= length ? text : text[..length].TrimEnd('-');
    }
}
