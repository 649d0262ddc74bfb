using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace TreasuryLedger.Client;

/// <summary>
/// Records commands and asks questions. What got no answer, or one that says to come again, is repeated: a write always
/// with the key that it had, so that it is recorded once whatever the network does. Safe for many callers at once.
/// </summary>
public sealed class LedgerClient
{
    private const string KeyHeader = "Idempotency-Key";

    private readonly HttpClient _http;
    private readonly string _apiKey;
    private readonly LedgerClientOptions _options;
    private readonly TimeProvider _time;

    /// <summary>A client over somebody's <see cref="HttpClient"/>, which must have a base address.</summary>
    /// <param name="http">Sends; its own time limit must be longer than one attempt may take.</param>
    /// <param name="apiKey">The API key or token that says who asks.</param>
    /// <param name="options">How it repeats.</param>
    /// <param name="time">Waits; absent: the system's clock.</param>
    public LedgerClient(
        HttpClient http, string apiKey, LedgerClientOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(http.BaseAddress);
        (_http, _apiKey, _options) = (http, apiKey, options ?? new LedgerClientOptions());
        _time = time ?? TimeProvider.System;
    }

    /// <summary>
    /// A new key for a request. Keep it with what shall be recorded before it is sent, so that after a crash the same
    /// request goes out with the same key.
    /// </summary>
    public static string NewKey() => Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture);

    /// <summary>Records a command.</summary>
    /// <param name="journal">Where.</param>
    /// <param name="command">What happened, or shall happen.</param>
    /// <param name="idempotencyKey">Names this request in its journal for ever.</param>
    /// <param name="dryRun">Only say what would be recorded.</param>
    /// <param name="cancellation">Gives up waiting; the command may have been recorded.</param>
    /// <exception cref="LedgerException">It was refused, and nothing was recorded.</exception>
    /// <exception cref="OutcomeUnknownException">Nobody could say whether it was recorded.</exception>
    public Task<RecordedAnswer> RecordAsync(
        Journal journal,
        Command command,
        string idempotencyKey,
        bool dryRun = false,
        CancellationToken cancellation = default) =>
        WriteAsync(
            Address(journal, Command.PathOf(command), dryRun ? [("dryRun", "true")] : []),
            JsonSerializer.SerializeToUtf8Bytes(command, command.GetType(), LedgerJson.Options),
            idempotencyKey,
            cancellation);

    /// <summary>Records several commands, all or none.</summary>
    /// <param name="journal">Where.</param>
    /// <param name="commands">1 to 10,000, in the order in which they are decided.</param>
    /// <param name="idempotencyKey">Names this request in its journal for ever.</param>
    /// <param name="dryRun">Only say what would be recorded.</param>
    /// <param name="cancellation">Gives up waiting; they may have been recorded.</param>
    /// <exception cref="LedgerException">One of them was refused, and nothing was recorded.</exception>
    /// <exception cref="OutcomeUnknownException">Nobody could say whether they were recorded.</exception>
    public Task<RecordedAnswer> RecordAllAsync(
        Journal journal,
        IEnumerable<Command> commands,
        string idempotencyKey,
        bool dryRun = false,
        CancellationToken cancellation = default) =>
        WriteAsync(
            Address(journal, "batches", dryRun ? [("dryRun", "true")] : []),
            JsonSerializer.SerializeToUtf8Bytes(new { commands }, LedgerJson.Options),
            idempotencyKey,
            cancellation);

    /// <summary>What a request recorded; <c>null</c> if it recorded nothing, and may be sent with its key.</summary>
    /// <exception cref="LedgerException">It cannot be said.</exception>
    public async Task<RequestAnswer?> FindAsync(
        Journal journal, string idempotencyKey, CancellationToken cancellation = default)
    {
        try
        {
            return await AskAsync(
                journal, new Question<RequestAnswer>("requests/" + Uri.EscapeDataString(idempotencyKey)), null,
                cancellation: cancellation).ConfigureAwait(false);
        }
        catch (LedgerException absent) when (absent.Problem.Code is "request_unknown" or "journal_not_opened")
        {
            return null;
        }
    }

    /// <summary>Asks a question.</summary>
    /// <param name="journal">Of what.</param>
    /// <param name="question">Which.</param>
    /// <param name="at">As of when, as known at when; absent: now.</param>
    /// <param name="parameters">Further parameters by name, such as <c>book</c> or <c>method</c>.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="LedgerException">It was not answered.</exception>
    public Task<TAnswer> AskAsync<TAnswer>(
        Journal journal,
        Question<TAnswer> question,
        Viewpoint? at = null,
        IReadOnlyDictionary<string, string>? parameters = null,
        CancellationToken cancellation = default) =>
        SendAsync<TAnswer>(
            () => new HttpRequestMessage(HttpMethod.Get, Address(
                journal, question.Path, [.. at?.Parameters() ?? [], .. Pairs(parameters)])),
            idempotencyKey: null,
            cancellation);

    /// <summary>The rows of a list, page by page as they are taken. All pages stand at one known-at instant.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public async IAsyncEnumerable<TRow> ListAsync<TPage, TRow>(
        Journal journal,
        ListQuestion<TPage, TRow> question,
        Viewpoint? at = null,
        IReadOnlyDictionary<string, string>? parameters = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var page = await AskAsync(journal, new Question<TPage>(question.Path), at, parameters, cancellation)
            .ConfigureAwait(false);
        while (true)
        {
            foreach (var row in question.Rows(page))
            {
                yield return row;
            }

            if (question.Next(page) is not { } next)
            {
                yield break;
            }

            var further = new Dictionary<string, string>(parameters ?? new Dictionary<string, string>())
            {
                ["cursor"] = next,
            };
            page = await AskAsync(journal, new Question<TPage>(question.Path), at, further, cancellation)
                .ConfigureAwait(false);
        }
    }

    private Task<RecordedAnswer> WriteAsync(
        string address, byte[] body, string idempotencyKey, CancellationToken cancellation) =>
        SendAsync<RecordedAnswer>(
            () => new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
                Headers = { { KeyHeader, idempotencyKey } },
            },
            idempotencyKey,
            cancellation);

    private async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> request, string? idempotencyKey, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var (answer, problem, fault, asked) = await TryAsync<T>(request, cancellation).ConfigureAwait(false);
            if (answer is not null)
            {
                return answer;
            }

            if (problem is { Retryable: false })
            {
                throw new LedgerException(problem);
            }

            var wait = Wait(attempt, asked);
            if (_time.GetElapsedTime(began) + wait > _options.RepeatFor)
            {
                throw GivenUp(problem, fault, idempotencyKey);
            }

            await Task.Delay(wait, _time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Without an answer nobody knows what became of a write. A problem that says "not recorded" is an answer.
    /// </summary>
    private static Exception GivenUp(Problem? problem, Exception? fault, string? idempotencyKey) =>
        idempotencyKey is not null && problem is null or { Code: "outcome_unknown" }
            ? new OutcomeUnknownException(idempotencyKey ?? "", fault)
            : problem is not null ? new LedgerException(problem) : fault!;

    /// <summary>One attempt: an answer, or a problem, or a fault that may pass.</summary>
    private async Task<(T? Answer, Problem? Problem, Exception? Fault, TimeSpan? Asked)> TryAsync<T>(
        Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        using var request = make();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _apiKey);
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(_options.AttemptWithin);
        try
        {
            using var response = await _http.SendAsync(request, within.Token).ConfigureAwait(false);
            var retry = response.Headers.RetryAfter;
            var asked = retry?.Delta ?? retry?.Date - _time.GetUtcNow();
            var body = await response.Content.ReadAsByteArrayAsync(within.Token).ConfigureAwait(false);
            var media = response.Content.Headers.ContentType?.MediaType;
            return (response.IsSuccessStatusCode, media) switch
            {
                (true, "application/json") => (Read<T>(body), null, null, null),
                (false, "application/problem+json") => (default, Read<Problem>(body), null, asked),
                _ when MayPass(response.StatusCode) =>
                    (default, null, new UnexpectedAnswerException(response.StatusCode), asked),
                _ => throw new UnexpectedAnswerException(response.StatusCode),
            };
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException
            || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (default, null, fault, null);
        }
    }

    /// <summary>What stands between may say these without the ledger.</summary>
    private static bool MayPass(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout
        or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
        or HttpStatusCode.GatewayTimeout;

    private static T Read<T>(byte[] body) =>
        JsonSerializer.Deserialize<T>(body, LedgerJson.Options) ?? throw new JsonException("The answer is null.");

    private TimeSpan Wait(int attempt, TimeSpan? asked)
    {
        var doubled = _options.FirstWait * Math.Pow(2, Math.Min(attempt - 1, 20));
        var wait = (doubled < _options.LongestWait ? doubled : _options.LongestWait)
            * (0.75 + (Random.Shared.NextDouble() / 2));
        return asked > wait ? asked.Value : wait;
    }

    private static string Address(Journal journal, string path, params IEnumerable<(string Name, string Value)> query)
    {
        var behind = string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        return journal.Path + (path.Length == 0 ? "" : "/" + path) + (behind.Length == 0 ? "" : "?" + behind);
    }

    private static IEnumerable<(string, string)> Pairs(IReadOnlyDictionary<string, string>? parameters) =>
        parameters?.Select(pair => (pair.Key, pair.Value)) ?? [];
}
