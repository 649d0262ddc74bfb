using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// Reads the parameters of a query, each at most once; one that nobody reads is refused. A misspelt <c>knownAt</c> that
/// is passed over in silence would answer another question than was asked.
/// </summary>
/// <param name="query">The query.</param>
public sealed class QueryReader(IQueryCollection query)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The text of a parameter, or <c>null</c>.</summary>
    public string? Text(string name)
    {
        _read.Add(name);
        var values = query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0] ?? "",
            _ => throw Invalid(name, "stands more than once"),
        };
    }

    /// <summary>A parameter with a text form, or <c>null</c>.</summary>
    public T? Value<T>(string name)
        where T : struct, IText<T> =>
        Text(name) is not { } text ? null
        : T.TryParse(text, out var value) ? value
        : throw Invalid(name, $"must be {T.Expected}");

    /// <summary>A parameter that is a word of an enumeration, or <c>null</c>.</summary>
    public T? Word<T>(string name)
        where T : struct, Enum =>
        Text(name) is not { } text ? null
        : WordConverterFactory.TryRead<T>(text, out var value) ? value
        : throw Invalid(name, $"must be one of {string.Join(", ", WordConverterFactory.WordsOf(typeof(T)))}");

    /// <summary>
    /// A whole number from <paramref name="min"/> to <paramref name="max"/> (inclusive), or <c>null</c>.
    /// </summary>
    public long? Number(string name, long min, long max) =>
        Text(name) is not { } text ? null
        : Quantity.TryParse(text, out var number) && number.Units >= min && number.Units <= max ? (long)number.Units
        : throw Invalid(name, $"must be a whole number from {min} to {max}");

    /// <summary>A parameter that is <c>true</c> or <c>false</c>; without it <c>false</c>.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Invalid(name, "must be true or false"),
    };

    /// <summary>Refuses what was not read, and says what could be.</summary>
    public void End()
    {
        if (query.Keys.FirstOrDefault(name => !_read.Contains(name)) is { } unknown)
        {
            var name = unknown.Length > 40 ? unknown[..40] : unknown;
            var known = _read.Count == 0 ? "none" : string.Join(", ", _read.Order(StringComparer.Ordinal));
            throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                $"The parameter '{name}' is not known here. Known: {known}.",
                ("parameter", name),
                ("known", known));
        }
    }

    /// <summary>What was asked as one text: two questions are the same if these are.</summary>
    /// <param name="takes">Which parameters are told.</param>
    public string Canonical(Func<string, bool> takes) => string.Join('&', query
        .Where(parameter => takes(parameter.Key))
        .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
        .Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value.ToString())}"));

    /// <summary>The refusal of a question that lacks a parameter.</summary>
    public static ProblemException Missing(string name) => Invalid(name, "must be given");

    private static ProblemException Invalid(string name, string why) =>
        ProblemException.Of(ErrorRegistry.QueryInvalid, $"The parameter '{name}' {why}.", ("parameter", name));
}
