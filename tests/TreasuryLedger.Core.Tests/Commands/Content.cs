using System.Collections;
using System.Reflection;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The whole content of an event as text, by reflection: another way than the product's.</summary>
internal static class Content
{
    public static string Of(object? value) => value switch
    {
        null => "-",
        string text => text,
        IEnumerable many => $"[{string.Join(", ", many.Cast<object>().Select(Of))}]",
        _ when IsRecordClass(value.GetType()) =>
            $"{value.GetType().Name}({string.Join(", ", Values(value).Select(Of))})",
        _ => value.ToString()!,
    };

    private static bool IsRecordClass(Type type) =>
        type.IsClass && (typeof(LedgerEvent).IsAssignableFrom(type) || type.GetMethod("<Clone>$") is not null);

    private static IEnumerable<object?> Values(object record) => record.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => property.GetValue(record));
}
