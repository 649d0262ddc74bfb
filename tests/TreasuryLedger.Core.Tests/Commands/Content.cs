using System.Collections;
using System.Reflection;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The whole content of an event as text, by reflection: another way to say "the same" than the product's.</summary>
internal static class Content
{
    public static string Of(object? value) => value switch
    {
        null => "-",
        string text => text,
        IEnumerable many => $"[{string.Join(", ", many.Cast<object>().Select(Of))}]",
        _ when IsRecordClass(value.GetType()) =>
            $"{value.GetType().Name}({string.Join(", ", Properties(value.GetType()).Select(p => Of(p.GetValue(value))))})",
        _ => value.ToString()!,
    };

    private static bool IsRecordClass(Type type) =>
        type.IsClass && (typeof(LedgerEvent).IsAssignableFrom(type) || type.GetMethod("<Clone>$") is not null);

    private static PropertyInfo[] Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
}
