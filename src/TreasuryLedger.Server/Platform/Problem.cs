using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Platform;

/// <summary>Why a request was not served: problem details (RFC 9457) with a code, numbers and what to do.</summary>
/// <param name="Type">Where the code is explained, relative to the server.</param>
/// <param name="Title">What is wrong, in general.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The code, from the list at <c>GET /v1/errors</c>.</param>
/// <param name="Detail">What is wrong in particular.</param>
/// <param name="Numbers">The numbers that matter, by name, as text.</param>
/// <param name="Next">What to do next.</param>
/// <param name="Retryable">Whether the same request, sent again unchanged, may succeed.</param>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Code,
    string Detail,
    ImmutableSortedDictionary<string, string> Numbers,
    string Next,
    bool Retryable)
{
    /// <summary>The media type of problem details.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>A problem of a registered code.</summary>
    public static Problem Of(string code, string detail, params ReadOnlySpan<(string Name, object Value)> numbers) =>
        Of(ErrorRegistry.Of(code), detail, Refusal.Of(default, "", numbers).Numbers);

    /// <summary>The problem of a refused command.</summary>
    public static Problem Of(Refusal refusal) =>
        Of(ErrorRegistry.Of(refusal.Code), refusal.Message, refusal.Numbers);

    private static Problem Of(ErrorKind kind, string detail, ImmutableSortedDictionary<string, string> numbers) => new(
        $"/v1/errors/{kind.Code}", kind.Title, kind.Status, kind.Code, detail, numbers, kind.Next, kind.Retryable);
}

/// <summary>
/// Ends a request with a problem. Thrown only while a request is read and translated, never by a rule; one place in
/// HTTP and one in the command line turns it into the answer.
/// </summary>
public sealed class ProblemException(Problem problem, Exception? inner = null) : Exception(problem.Detail, inner)
{
    /// <summary>The answer.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>A problem of a registered code.</summary>
    public static ProblemException Of(
        string code, string detail, params ReadOnlySpan<(string Name, object Value)> numbers) =>
        new(Problem.Of(code, detail, numbers));
}
