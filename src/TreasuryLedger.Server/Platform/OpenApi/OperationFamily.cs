using System.Collections.Immutable;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>What the routes of a family have in common in the documentation.</summary>
/// <param name="Tag">Under which heading they stand.</param>
/// <param name="Problems">The problems that they can answer with.</param>
/// <param name="Parameters">What all of them take.</param>
public sealed record OperationFamily(
    string Tag, ProblemSet Problems, params ImmutableArray<ParameterText> Parameters)
{
    /// <summary>A route with one answer, which is 200.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="id">Names the operation for generated clients.</param>
    /// <param name="summary">What it does, in a line.</param>
    /// <param name="description">What else a caller must know.</param>
    /// <param name="meaning">What the answer means.</param>
    /// <param name="parameters">What it takes beside what all take.</param>
    public OperationText Text<T>(
        string id, string summary, string description, string meaning, params ParameterText[] parameters) =>
        Text<T>(id, summary, description, StatusCodes.Status200OK, meaning, parameters);

    /// <summary>A route with one answer.</summary>
    /// <inheritdoc cref="Text{T}(string, string, string, string, ParameterText[])"/>
    public OperationText Text<T>(
        string id,
        string summary,
        string description,
        int status,
        string meaning,
        params ParameterText[] parameters) =>
        new(id, Tag, summary, description)
        {
            Parameters = [.. Parameters, .. parameters],
            Answers = [(status, meaning, typeof(T))],
            Problems = Problems,
        };
}
