using System.Collections.Immutable;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>A parameter in the documentation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In">Where it stands: path, query or header.</param>
/// <param name="Type">The type of its value.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">A value that works.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="Pattern">What its text must match, where the type does not say it.</param>
public sealed record ParameterText(
    string Name,
    string In,
    Type Type,
    string Description,
    string Example,
    bool Required = false,
    string? Pattern = null);

/// <summary>
/// The problems of a family of routes, beside those that any request can meet. The document holds them once.
/// </summary>
/// <param name="Name">Names the family in the document.</param>
/// <param name="Codes">The codes.</param>
public sealed record ProblemSet(string Name, ImmutableArray<string> Codes)
{
    private static readonly string[] Everywhere =
    [
        ErrorRegistry.RequestMalformed, ErrorRegistry.QueryInvalid, ErrorRegistry.KeyMissing, ErrorRegistry.KeyInvalid,
        ErrorRegistry.RoleMissing, ErrorRegistry.ScopeExceeded, ErrorRegistry.MethodNotAllowed,
        ErrorRegistry.RateLimited, ErrorRegistry.InternalError, ErrorRegistry.DatabaseUnavailable,
        ErrorRegistry.DatabaseNotConfigured,
        ErrorRegistry.IssuerUnavailable,
    ];

    /// <summary>The problems by status, each by code.</summary>
    public IReadOnlyList<(int Status, ErrorKind[] Kinds)> ByStatus { get; } =
    [
        .. Codes.Concat(Everywhere).Distinct(StringComparer.Ordinal).Select(ErrorRegistry.Of)
            .GroupBy(kind => kind.Status)
            .OrderBy(kinds => kinds.Key)
            .Select(kinds => (kinds.Key, kinds.OrderBy(kind => kind.Code, StringComparer.Ordinal).ToArray())),
    ];
}

/// <summary>What the documentation says of a route. Endpoints carry it; the OpenAPI document is made from it.</summary>
/// <param name="Id">Names the operation for generated clients.</param>
/// <param name="Tag">Under which heading it stands.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Description">What else a caller must know.</param>
public sealed record OperationText(string Id, string Tag, string Summary, string Description)
{
    /// <summary>Its parameters.</summary>
    public ImmutableArray<ParameterText> Parameters { get; init; } = [];

    /// <summary>Bodies that work.</summary>
    public ImmutableArray<Example> Examples { get; init; } = [];

    /// <summary>The statuses of its answers, what they mean and what they carry.</summary>
    public ImmutableArray<(int Status, string Meaning, Type Body)> Answers { get; init; } = [];

    /// <summary>Media types in which the answer is given as a stream, beside JSON.</summary>
    public ImmutableArray<string> Streams { get; init; } = [];

    /// <summary>The problems that it can answer with.</summary>
    public required ProblemSet Problems { get; init; }
}
