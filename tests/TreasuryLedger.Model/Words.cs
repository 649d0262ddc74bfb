using System.Globalization;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>How both sides write a figure down, so that two answers differ only where the figures do.</summary>
public static class Words
{
    /// <summary>The words with a blank between; what is absent is a question mark.</summary>
    public static string Line(params ReadOnlySpan<object?> words)
    {
        var texts = new string[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            texts[i] = words[i] switch
            {
                null => "?",
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                var word => word.ToString()!,
            };
        }

        return string.Join(' ', texts);
    }

    /// <summary>The price of what stands for cash: nobody observed it.</summary>
    public const string Par = "par";

    /// <summary>A price and since when it was true.</summary>
    public static string Price(ExactDecimal price, Instant observed) => $"{price}@{observed}";
}
