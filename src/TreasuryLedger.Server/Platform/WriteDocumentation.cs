using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// What the documentation says of writes: the same for every command but for its own line and examples.
/// </summary>
public static class WriteDocumentation
{
    private const string Id = "^[a-z0-9][a-z0-9._-]{0,62}$";

    private const string How =
        "Observations (the default `mode`) are never refused for what they say about the world: missing units show "
        + "as a shortfall. Instructions ask first. With `dryRun=true` the same code decides and leaves no trace.";

    private static readonly ImmutableArray<string> RequestErrors =
    [
        ErrorRegistry.JsonMalformed, ErrorRegistry.MemberUnknown, ErrorRegistry.MemberDuplicate,
        ErrorRegistry.MemberMissing, ErrorRegistry.ValueInvalid, ErrorRegistry.IdInvalid,
        ErrorRegistry.IdempotencyKeyMissing, ErrorRegistry.IdempotencyKeyInvalid, ErrorRegistry.RequestTooSlow,
        ErrorRegistry.BodyTooLarge, ErrorRegistry.ContentTypeUnsupported, ErrorRegistry.ClockBehind,
        ErrorRegistry.NotRecorded, ErrorRegistry.OutcomeUnknown,
    ];

    private static readonly ProblemSet CommandProblems = new("Command", [.. RequestErrors, .. Refusals(
        code => code is not (RefusalCode.BatchRefused or RefusalCode.BatchSizeOutOfRange))]);

    private static readonly ProblemSet BatchProblems = new("Batch", [.. RequestErrors, .. Refusals(_ => true)]);

    /// <summary>The text of a command's route.</summary>
    public static OperationText Of(CommandRoute route, JournalKind kind)
    {
        var id = string.Concat(route.Name.Split('-').Select((word, i) => i == 0 ? word : Capital(word)));
        return Write(
            route.Journals.Length == 1 ? id : $"{id}In{kind}",
            kind,
            route.Summary,
            CommandProblems,
            route.Examples);
    }

    /// <summary>The text of a route of batches.</summary>
    public static OperationText OfBatches(JournalKind kind) => Write(
        $"recordBatchIn{kind}",
        kind,
        "Record several commands, all or none",
        BatchProblems,
        new Example("two notes", """
            {
              "commands": [
                { "command": "annotate-entry", "effectiveAt": "2026-01-08T12:00:00Z", "entry": 1, "reason": "One." },
                { "command": "annotate-entry", "effectiveAt": "2026-01-08T12:00:00Z", "entry": 1, "reason": "Two." }
              ]
            }
            """));

    /// <summary>The parameter that names a journal.</summary>
    public static ParameterText JournalParameter(JournalKind kind) => kind switch
    {
        JournalKind.Treasury => new("treasury", "path", typeof(string), TextOf("treasury"), "acme", true, Id),
        JournalKind.PriceBook => new("book", "path", typeof(string), TextOf("price book"), "reference", true, Id),
        JournalKind.MarketBook => new("book", "path", typeof(string), TextOf("market book"), "lenders", true, Id),
    };

    /// <summary>The heading of a kind of journal.</summary>
    public static string TagOf(JournalKind kind) => kind switch
    {
        JournalKind.Treasury => "Treasury: record",
        JournalKind.PriceBook => "Price books",
        JournalKind.MarketBook => "Market books",
    };

    private static OperationText Write(
        string id, JournalKind kind, string summary, ProblemSet problems, params Example[] examples) =>
        new(id, TagOf(kind), summary, How)
        {
            Parameters =
            [
                JournalParameter(kind),
                new(WriteEndpoints.IdempotencyKeyHeader, "header", typeof(string),
                    $"Names this request in its journal for ever: {WriteEndpoints.IdempotencyKeyForm}.",
                    "desk-2026-02-06-001", true, WriteEndpoints.IdempotencyKeyPattern),
                new("dryRun", "query", typeof(bool), "Decide as if, record nothing.", "false"),
                new(WriteEndpoints.RecordedAtHeader, "header", typeof(Instant),
                    "The recorded instant, later than the newest entry's; only for journals that were opened with "
                    + "`replayedClock`. Commands of a batch follow each other by a microsecond.",
                    "2026-02-04T08:00:00Z"),
            ],
            Answers =
            [
                (200, "Nothing new: a replay (header Idempotent-Replayed), more evidence for a fact that stood, or a "
                    + "dry run.", typeof(RecordedAnswer)),
                (201, "Recorded.", typeof(RecordedAnswer)),
                (202, "Recorded, and a break was opened: the fact stood already with other terms, and both claims are "
                    + "kept until a person decides.", typeof(RecordedAnswer)),
            ],
            Examples = [.. examples],
            Problems = problems,
        };

    private static IEnumerable<string> Refusals(Func<RefusalCode, bool> which) =>
        Enum.GetValues<RefusalCode>().Where(which).Select(code => ErrorRegistry.Of(code).Code);

    private static string TextOf(string journal) =>
        $"The {journal}: lower-case letters, digits and . _ -, at most 63, starting with a letter or digit.";

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
