using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform;

/// <summary>A question that journals of every kind answer as stored, at one address behind theirs.</summary>
/// <param name="Path">Its path behind a journal's address.</param>
/// <param name="Text">What the documentation says of it for treasuries; books have a name and heading of their own.
/// </param>
public sealed record JournalRead(string Path, OperationText Text)
{
    /// <summary>Maps it for a kind of journal.</summary>
    /// <typeparam name="TService">What answers it.</typeparam>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="app">Where.</param>
    /// <param name="kind">The kind of journal.</param>
    /// <param name="ask">Makes the answer.</param>
    public void Map<TService, T>(
        IEndpointRouteBuilder app,
        JournalKind kind,
        Func<TService, JournalKey, HttpContext, QueryReader, CancellationToken, Task<T>> ask)
        where TService : notnull => app
        .MapGet(JournalAddress.Of(kind, Path), async (HttpContext http, TService service) =>
        {
            var key = JournalAddress.KeyOf(http, kind, Caller.Of(http).Tenant);
            var answer = await ask(service, key, http, new QueryReader(http.Request.Query), http.RequestAborted);
            await Http.AnswerAsync(http, answer);
        })
        .Documented(Text with
        {
            Id = kind == JournalKind.Treasury ? Text.Id : $"{Text.Id}Of{kind}",
            Tag = kind == JournalKind.Treasury ? Text.Tag : WriteDocumentation.TagOf(kind),
            Parameters = [WriteDocumentation.JournalParameter(kind), .. Text.Parameters],
            Answers = [(200, "The answer.", typeof(T))],
        });
}
