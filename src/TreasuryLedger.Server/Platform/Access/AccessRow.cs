using System.Collections.Immutable;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Platform.Access;

/// <summary>A request that was answered or refused: who asked for what and how it ended, never what was said.</summary>
/// <param name="Number">Its number in the log of the tenant's database; rises.</param>
/// <param name="At">When it ended, by the server's clock.</param>
/// <param name="RequestId">The id that the answer had in <c>Request-Id</c>.</param>
/// <param name="Actor">Who asked; absent if nobody knows.</param>
/// <param name="KeyId">By which key; absent if nobody knows.</param>
/// <param name="Method">The method.</param>
/// <param name="Route">The route as it is documented; absent if none was found.</param>
/// <param name="Journal">The treasury or book of the address.</param>
/// <param name="AsOf">The viewpoint that was asked for, as it was written.</param>
/// <param name="KnownAt">The other half of it.</param>
/// <param name="Status">The HTTP status; 499 if the caller went away.</param>
/// <param name="Code">The code of the problem, if it was one.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Missed">
/// Requests before this one that are not in the log, because it could not be written fast enough or at all; usually 0.
/// </param>
public sealed record AccessRow(
    long Number,
    Instant At,
    string RequestId,
    string? Actor,
    string? KeyId,
    string Method,
    string? Route,
    string? Journal,
    string? AsOf,
    string? KnownAt,
    int Status,
    string? Code,
    long Milliseconds,
    long Missed);

/// <summary>A page of the log, the newest first.</summary>
/// <param name="Requests">The requests.</param>
/// <param name="Before">Ask for those before this number to go on; absent at the end.</param>
public sealed record AccessAnswer(ImmutableArray<AccessRow> Requests, long? Before);
