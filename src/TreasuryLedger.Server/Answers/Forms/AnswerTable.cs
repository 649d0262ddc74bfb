using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Answers.Forms;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name: that of the member, behind those that it is in.</param>
/// <param name="IsNumber">Whether a spreadsheet calculates with it.</param>
/// <param name="Value">Its text in a row; a row comes with those that it is in, the outermost first.</param>
internal sealed record AnswerColumn(string Name, bool IsNumber, Func<object[], string?> Value);

/// <summary>
/// A table of an answer: every member that lists objects is one, found by the types that the wire knows. So whatever is
/// answered as JSON is answered in rows as well.
/// </summary>
/// <param name="Name">The member's name, behind those that it is in.</param>
/// <param name="Columns">Its columns: those of what it is in, and its own.</param>
/// <param name="Rows">Its rows, made while they are read.</param>
internal sealed record AnswerTable(
    string Name, ImmutableArray<AnswerColumn> Columns, Func<object, IEnumerable<object[]>> Rows)
{
    /// <summary>The name of the table of what stands once in an answer.</summary>
    public const string Once = "summary";

    /// <summary>The tables of an answer; what stands once comes first, in two columns.</summary>
    public static ImmutableArray<AnswerTable> Of(Type answer)
    {
        var once = ColumnsOf(answer, "", row => row[0]).ToList();
        var tables = ImmutableArray.CreateBuilder<AnswerTable>();
        tables.Add(new AnswerTable(
            Once,
            [
                new("name", false, row => ((KeyValuePair<string, string>)row[1]).Key),
                new("value", false, row => ((KeyValuePair<string, string>)row[1]).Value),
            ],
            root => once.Select(column => (column.Name, Value: column.Value([root])))
                .Where(member => member.Value is not null)
                .Select(member => new object[] { root, KeyValuePair.Create(member.Name, member.Value!) })));
        Add(tables, answer, "", [], row => row[^1], root => [[root]], [answer]);
        return tables.ToImmutable();
    }

    /// <summary>The columns of rows that are a list of their own.</summary>
    public static (string Name, Func<TRow, string?> Value)[] ColumnsOf<TRow>()
        where TRow : class =>
    [
        .. ColumnsOf(typeof(TRow), "", row => row[0]).Select(column =>
            (column.Name, (Func<TRow, string?>)(row => column.Value([row])))),
    ];

    private static void Add(
        ImmutableArray<AnswerTable>.Builder tables,
        Type type,
        string prefix,
        ImmutableArray<AnswerColumn> around,
        Func<object[], object?> of,
        Func<object, IEnumerable<object[]>> parents,
        ImmutableArray<Type> path)
    {
        foreach (var member in MembersOf(type))
        {
            var name = prefix + member.Name;
            if (ElementOf(member.PropertyType) is { } element)
            {
                if (path.Contains(element))
                {
                    continue; // a tree has as many tables as it is deep
                }

                var depth = path.Length;
                var rows = RowsOf(parents, of, member);
                var own = ColumnsOf(element, "", row => row[depth]).ToImmutableArray();
                tables.Add(new AnswerTable(name, [.. around, .. own], rows));
                var outer = own.Where(column => !column.Name.Contains('.', StringComparison.Ordinal))
                    .Select(column => column with { Name = $"{member.Name}.{column.Name}" });
                Add(
                    tables, element, name + ".", [.. around, .. outer], row => row[depth], rows, path.Add(element));
            }
            else if (IsObject(member.PropertyType))
            {
                Add(
                    tables, member.PropertyType, name + ".", around,
                    row => of(row) is { } whole ? member.Get!(whole) : null, parents, path);
            }
        }
    }

    private static Func<object, IEnumerable<object[]>> RowsOf(
        Func<object, IEnumerable<object[]>> parents, Func<object[], object?> of, JsonPropertyInfo member) =>
        root => parents(root).SelectMany(row => ItemsOf(of(row) is { } whole ? member.Get!(whole) : null)
            .Select(item => (object[])[.. row, item]));

    private static IEnumerable<object> ItemsOf(object? list) =>
        list is IEnumerable items && !IsNothing(list) ? items.Cast<object>() : [];

    /// <summary>An immutable array that was never made cannot be asked for its elements.</summary>
    private static bool IsNothing(object list) => list is IStructuralEquatable && list is ICollection and not Array
        && (bool)(list.GetType().GetProperty(nameof(ImmutableArray<>.IsDefault))?.GetValue(list) ?? false);

    /// <summary>Members with one text, those of objects in between too.</summary>
    private static IEnumerable<AnswerColumn> ColumnsOf(Type type, string prefix, Func<object[], object?> of)
    {
        foreach (var member in MembersOf(type))
        {
            var (name, of1) = (prefix + member.Name, of);
            object? Value(object[] row) => of1(row) is { } whole ? member.Get!(whole) : null;
            if (IsObject(member.PropertyType))
            {
                foreach (var column in ColumnsOf(member.PropertyType, name + ".", Value))
                {
                    yield return column;
                }
            }
            else if (ElementOf(member.PropertyType) is null)
            {
                yield return new AnswerColumn(name, ListText.IsNumber(member.PropertyType), row => Text(Value(row)));
            }
        }
    }

    /// <summary>Where an answer stands is told beside its tables.</summary>
    private static IEnumerable<JsonPropertyInfo> MembersOf(Type type) => InfoOf(type).Properties
        .Where(member => member.Get is not null && member.PropertyType != typeof(Standpoint));

    private static JsonTypeInfo InfoOf(Type type) =>
        Wire.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);

    private static bool IsObject(Type type) => InfoOf(type).Kind == JsonTypeInfoKind.Object;

    private static Type? ElementOf(Type type) =>
        InfoOf(type) is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } && IsObject(element)
            ? element
            : null;

    /// <summary>The text of a value as JSON has it.</summary>
    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        IFormattable number and (long or int) => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list when !IsNothing(list) => string.Join(' ', list.Cast<object>().Select(Text)),
        IEnumerable => null,
        _ => JsonSerializer.SerializeToElement(value, value.GetType(), Wire.Options).ToString(),
    };
}
