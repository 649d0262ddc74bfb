using System.Globalization;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Answers.Drill;
using TreasuryLedger.Server.Answers.Exposure;
using TreasuryLedger.Server.Answers.Forms;
using TreasuryLedger.Server.Answers.Postings;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Lists.Derived;
using TreasuryLedger.Server.Periods;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Policies;

namespace TreasuryLedger.Server.Answers;

/// <summary>What answers are made with.</summary>
/// <param name="Lookout">Looks at treasuries.</param>
/// <param name="Databases">Where entries lie, for what is not kept in memory.</param>
/// <param name="Cursors">Signs the places where lists go on.</param>
public sealed record AnswerDesk(Lookout Lookout, TenantDatabases Databases, CursorKey Cursors);

/// <summary>A question as it came.</summary>
/// <param name="Desk">What its answer is made with.</param>
/// <param name="Treasury">Whom it is about.</param>
/// <param name="Subject">What it is about, by the address; empty if about all of the treasury.</param>
/// <param name="Query">Its parameters.</param>
/// <param name="Accepted">The form that the caller accepts, where the query names none.</param>
public sealed record Asking(
    AnswerDesk Desk, JournalKey Treasury, string Subject, QueryReader Query, ListFormat Accepted)
{
    /// <summary>What the caller may see beside that treasury; the command line sees all of its tenant.</summary>
    public Grant Grant { get; init; } = Grant.Everything;

    /// <summary>A question over HTTP.</summary>
    public static Asking Of(HttpContext http, AnswerDesk desk, string subject = "")
    {
        ArgumentNullException.ThrowIfNull(http);
        return new Asking(
            desk, JournalAddress.KeyOf(http, JournalKind.Treasury, Caller.Of(http).Tenant), subject,
            new QueryReader(http.Request.Query), ListHttp.Accepted(http.Request))
        {
            Grant = Caller.Of(http).Grant,
        };
    }

    /// <summary>Reads the viewpoint and whatever policy is named, refuses what nobody read, and looks.</summary>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="read">Reads viewpoint and book, if another way than most.</param>
    public Task<Seen> SeeAsync(CancellationToken cancellation, Func<QueryReader, Question>? read = null)
    {
        var question = (read ?? Question.Read)(Query);
        Query.End();
        return Desk.Lookout.SeeAsync(Treasury, question, cancellation);
    }

    /// <summary>
    /// Everything that an answer's bytes follow from. Its standpoint tells both instants, the positions and the policy,
    /// however the question named them.
    /// </summary>
    /// <param name="id">The operation.</param>
    /// <param name="form">In which form it is given.</param>
    /// <param name="standpoint">Where it stands.</param>
    public string TextOf(string id, string form, Standpoint standpoint) => string.Join(
        '\n',
        Treasury.Tenant,
        id,
        Subject,
        form,
        Query.Canonical(name => Question.Times.All(time => time.Name != name)),
        JsonSerializer.Serialize(standpoint, Wire.Options));
}

/// <summary>An answer before it is made: where it will stand is known.</summary>
/// <param name="Standpoint">Where it stands.</param>
/// <param name="Cost">Counts what it costs to make.</param>
/// <param name="MakeAsync">Makes it.</param>
public sealed record PendingAnswer(
    Standpoint Standpoint, FoldCost Cost, Func<CancellationToken, Task<object>> MakeAsync)
{
    /// <summary>In which form it was asked for.</summary>
    public ListFormat Format { get; init; }

    /// <summary>Makes it as a stream, a part at a time; absent where it is given as JSON only.</summary>
    public Func<CancellationToken, IAsyncEnumerable<byte[]>>? StreamAsync { get; init; }

    /// <summary>
    /// Streams rows of its own in a form that is not JSON; absent where the answer's members are its rows.
    /// </summary>
    public Func<ListFormat, CancellationToken, IAsyncEnumerable<byte[]>>? RowsAsync { get; init; }

    /// <summary>An answer that is made of what is seen.</summary>
    public static PendingAnswer Of<T>(Seen seen, Func<Seen, T> answer)
        where T : class => new(seen.Standpoint, seen.Cost, _ => Task.FromResult<object>(answer(seen)));
}

/// <summary>
/// A question that treasuries answer, over HTTP and on the command line alike. A route is only a row.
/// </summary>
/// <param name="Verb">Its verb on the command line.</param>
/// <param name="Path">Its path behind a treasury's address.</param>
/// <param name="Id">Names the operation for generated clients.</param>
/// <param name="Summary">What it answers, in a line.</param>
/// <param name="Description">What else a caller must know.</param>
/// <param name="Answer">The type of the answer.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="AskAsync">Reads the question and finds where its answer stands.</param>
public sealed record AnswerRoute(
    string Verb,
    string Path,
    string Id,
    string Summary,
    string Description,
    Type Answer,
    ParameterText[] Parameters,
    Func<Asking, CancellationToken, Task<PendingAnswer>> AskAsync)
{
    /// <summary>The header that tells how many entries were folded for the answer.</summary>
    public const string EntriesFolded = "Entries-Folded";

    /// <summary>The header that tells how many entries checkpoints saved from being folded.</summary>
    public const string EntriesSaved = "Entries-Saved";

    /// <summary>The part of the path that names what it is about; absent if that is all of the treasury.</summary>
    public ParameterText? Subject { get; init; }

    /// <summary>Whether there may be no such figure, though there is such a treasury.</summary>
    public bool MayLack { get; init; }

    /// <summary>Whether it is a list, which has pages and streams.</summary>
    public bool IsList { get; init; }

    /// <summary>What it takes, the form of its answer included.</summary>
    public ParameterText[] Takes => IsList ? Parameters : [.. Parameters, .. AnswerForm.Parameters];

    /// <summary>Reads the question and its form, and finds where its answer stands.</summary>
    public async Task<PendingAnswer> AskInFormAsync(Asking asking, CancellationToken cancellation)
    {
        if (IsList)
        {
            return await AskAsync(asking, cancellation);
        }

        var form = AnswerForm.Read(asking, Answer);
        return form.Of(await AskAsync(asking, cancellation), Answer);
    }

    /// <summary>Every question.</summary>
    public static AnswerRoute[] All { get; } =
    [
        Of("treasury", "", "getTreasury", "The treasury, its accounts and assets",
            "Registrations count for whoever knows them, at any instant in the world.", TreasuryAnswer.Of),
        Of("balances", "balances", "getBalances", "Units held and owed, by account and asset",
            "A negative balance is a shortfall: some fact is missing.", BalancesAnswer.Of),
        new("realized", "realized-gains", "getRealizedGains", "Realized gain by period and asset",
            "Periods are cut in the treasury's time zone. Rows are rounded to the currency; sums add rows. The "
            + "disposals behind a row: `disposals` with its `asset`, its `from` as `effectiveFrom`, its `until` as "
            + "`effectiveUntil`.",
            typeof(RealizedGainsAnswer),
            [
                .. Question.Parameters,
                new("period", "query", typeof(GainPeriod), "Over which spans; without it: all.", "month"),
            ],
            Read(RealizedGainsAnswer.Read)),
        Of("unrealized", "unrealized-gains", "getUnrealizedGains", "Unrealized gain by asset, with the prices used",
            "A missing or stale price is a visible state, never a guess.", UnrealizedGainsAnswer.Of),
        Of("positions", "positions", "getPositions", "Lending positions and the ladder",
            "Collateral, debt, loan-to-value, health factor, liquidation prices.", PositionsAnswer.Of),
        Of("instructions", "instructions", "getInstructions", "Instructions with their progress",
            "What was done, what remains, and what differs from what was instructed.", InstructionsAnswer.Of),
        new("restatement", "restatement", "getRestatement",
            "Why a figure differs between two known-at instants",
            "The entries learned in between, whose effects add up exactly to the difference.",
            typeof(RestatementAnswer), RestatementAnswer.Parameters, RestatementAnswer.AskAsync),
        new("series", "series", "getSeries", "A figure at many instants of one of the two times",
            "Over asOf: how a figure went, as known at one instant. Over knownAt: how knowledge of one instant grew.",
            typeof(SeriesAnswer), SeriesAnswer.Parameters, Read(SeriesAnswer.Read)),
        new("bridge", "bridge", "getBridge", "What happened to a figure between two as-of instants",
            "The entries effective in between, whose effects add up exactly to the difference.",
            typeof(BridgeAnswer), BridgeAnswer.Parameters, Read(BridgeAnswer.Read)),
        Of("trial-balance", "trial-balance", "getTrialBalance", "Every chart account, debits equal to credits",
            "Derived from the postings of every entry up to asOf, so it folds the whole history. Rows are rounded to "
            + "the currency; sums add rows, and what that leaves stands apart.", TrialBalanceAnswer.Of),
        new("general-ledger", "general-ledger", "getGeneralLedger", "Postings by chart account, with running balances",
            "Exact, each posting with its entry. Opening balances need every entry up to asOf, so it folds the whole "
            + "history. In pages by chart account; as a stream every posting in the order in which it came.",
            typeof(GeneralLedgerAnswer), GeneralLedgerAnswer.Parameters, GeneralLedgerAnswer.AskAsync),
        new("roll-forward", "roll-forward", "getRollForward", "Each digital asset from opening to closing over a span",
            "Units and cost at both ends are those of the books; what came and left stands by kind. Costs its span.",
            typeof(RollForwardAnswer), RollForwardAnswer.Parameters, Read(RollForwardAnswer.Read)),
        new("interest", "interest", "getInterest", "Interest of lending positions over a span, booked and accrued",
            "What was booked by entries, and what is accrued at both ends of the span by the market book or the terms "
            + "of a loan: together the interest that belongs to the span. With the batch that books what positions "
            + "with an index have accrued: posted before a period is closed, its statements have it.",
            typeof(InterestAnswer), InterestAnswer.Parameters, Read(InterestAnswer.Read)),
        new("fair-value", "fair-value", "getFairValue", "What is measured at fair value, by period",
            "For each period and asset: what it was carried at, what came and left, the realized gain against cost and "
            + "the change in fair value in net income; and how the one becomes the other, line by line. What the book "
            + "measures at fair value is a term of it; everything else is at cost. A missing or old price is a state "
            + "of the row, never a guess. Folds the whole history.",
            typeof(FairValueAnswer), FairValueAnswer.Parameters, Read(FairValueAnswer.Read)),
        .. DerivedLists.All,
        new("books", "books", "getBooks", "The books with their terms",
            "The official book, the starter books that every treasury has, and those for which terms were adopted, "
            + "each with its allocation and standing orders and the hashes of their entries.",
            typeof(BooksAnswer), Question.Times, BooksAnswer.AskAsync),
        Of("methods", "books/methods", "compareMethods", "Realized gain under every lot method and both scopes",
            "What the book would be with another method or scope and all else as it is. Each row is folded from the "
            + "first entry on, so it takes the time of as many what-ifs.", MethodsAnswer.Of),
        new("plan", "plans/disposal", "planDisposal", "A sale that is thought of, under every method",
            "Nothing is recorded: the sale is folded onto the book at the viewpoint, right after everything else, "
            + "under the book's own method and then under each other one.",
            typeof(PlanAnswer), PlanAnswer.Parameters, Read(PlanAnswer.Read)),
        new("compare", "books/comparison", "compareBooks", "Two books, and where they differ",
            "Exact amounts. The gains of the disposals add up to the difference of realized gain; cost that came in "
            + "less cost that disposals took adds up to that of open cost. Each difference names its rules, "
            + "and each lot when it was acquired and when it came there: `sequence=arrival` is what a broker reports "
            + "(Form 1099-DA).",
            typeof(ComparisonAnswer), ComparisonAnswer.Parameters,
            Read(ComparisonAnswer.Read, ComparisonAnswer.ReadBook)),
        new("compare-lots", "books/comparison/lots", "compareLots", "Two books lot by lot, at fair value or at cost",
            "What net income of each book has seen of each lot: what is realized, and what it is carried at beyond "
            + "cost. The differences of the lots add up to that of the books; each says why.",
            typeof(LotComparisonAnswer), LotComparisonAnswer.Parameters,
            Read(LotComparisonAnswer.Read, ComparisonAnswer.ReadBook)),
        new("handovers", "handovers", "getHandovers", "Both halves of handovers between treasuries, side by side",
            "Dates, units, cost and lots as the giving treasury and the receiving one tell them, at the same viewpoint "
            + "and in the same book; whether they agree, and what lacks. Folds the history of each treasury.",
            typeof(HandoversAnswer), HandoversAnswer.Parameters, HandoversAnswer.AskAsync),
        new("proposals", "proposals", "getProposals", "What waits for a second person, and for whom not",
            "Instructions above the amount of the four-eyes rule, changes of policies, terms of the official book and "
            + "reopenings that somebody asked for and nobody has approved, declined or withdrawn. What exactly was "
            + "asked for stands in its entry.",
            typeof(ProposalsAnswer), Question.Times, Read(ProposalsAnswer.Read, Question.ReadTimes)),
        .. PeriodQuestions.All,
        .. ExposureQuestions.All,
        .. Drilling.All,
    ];

    private static readonly ProblemSet Problems = new("Question",
    [
        ErrorRegistry.IdInvalid, ErrorRegistry.KnownAtInFuture, ErrorRegistry.PositionNotReached,
        ErrorRegistry.BookUnknown, ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code,
        ErrorRegistry.Of(RefusalCode.AssetUnknown).Code,
    ]);

    private static readonly ProblemSet ListProblems = new("DerivedList",
    [
        .. Problems.Codes, ErrorRegistry.CursorInvalid,
    ]);

    private static readonly ProblemSet SubjectProblems = new("Figure",
    [
        .. Problems.Codes, ErrorRegistry.FigureUnknown, ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
    ]);

    /// <summary>Makes an answer and gives it in its form; how far it is is shown meanwhile.</summary>
    /// <param name="http">The request.</param>
    /// <param name="id">The operation.</param>
    /// <param name="pending">The answer.</param>
    /// <param name="type">Its type.</param>
    public static async Task GiveAsync(HttpContext http, string id, PendingAnswer pending, Type type)
    {
        using var running = http.RequestServices.GetRequiredService<RunningAnswers>()
            .Begin(http, id, pending.Standpoint, pending.Cost);
        if (pending is { Format: not ListFormat.Json, StreamAsync: { } stream, Standpoint: var stand })
        {
            ListHttp.BeginStream(http, pending.Format, stand.AsOf, stand.KnownAt, stand.Positions.Treasury);
            await foreach (var part in stream(http.RequestAborted))
            {
                await http.Response.BodyWriter.WriteAsync(part, http.RequestAborted);
            }

            return;
        }

        var answer = await pending.MakeAsync(http.RequestAborted);
        http.Response.Headers[EntriesFolded] = pending.Cost.Folded.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[EntriesSaved] = pending.Cost.Saved.ToString(CultureInfo.InvariantCulture);
        await http.Response.WriteAsJsonAsync(answer, type, Wire.Options, http.RequestAborted);
    }

    /// <summary>Maps the question for HTTP.</summary>
    public void Map(IEndpointRouteBuilder app) => app
        .MapGet(JournalAddress.Of(JournalKind.Treasury, Path), async (HttpContext http, AnswerDesk desk) =>
        {
            var asking = Asking.Of(
                http, desk, Subject is null ? "" : JournalAddress.RestOf(http, Subject.Name));
            var pending = await AskInFormAsync(asking, http.RequestAborted);
            if (!ListHttp.Begin(http, asking.TextOf(Id, pending.Format.ToString(), pending.Standpoint)))
            {
                return;
            }

            await GiveAsync(http, Id, pending, Answer);
        })
        .Documented(new OperationText(Id, Documentation.AskTag, Summary, Description)
        {
            Parameters =
            [
                WriteDocumentation.JournalParameter(JournalKind.Treasury), .. Subject is null ? [] : new[] { Subject },
                ListHttp.IfNoneMatch, RunningAnswers.Header, .. Takes,
            ],
            Answers = [(200, "The answer. The same question gets the same bytes, and the same ETag. The headers "
                + $"{EntriesFolded} and {EntriesSaved} tell what it cost: entries that were folded, and entries that "
                + "checkpoints saved.", Answer)],
            Streams = [.. ListHttp.Streams],
            Problems = IsList ? ListProblems : Subject is null && !MayLack ? Problems : SubjectProblems,
        });

    private static AnswerRoute Of<T>(
        string verb, string path, string id, string summary, string description, Func<Seen, T> answer)
        where T : class =>
        new(verb, path, id, summary, description, typeof(T), Question.Parameters, Read(_ => answer));

    /// <summary>A question about a treasury at one viewpoint.</summary>
    /// <param name="read">Reads what the question has beside its viewpoint.</param>
    /// <param name="readQuestion">Reads its viewpoint and book, if another way than most.</param>
    private static Func<Asking, CancellationToken, Task<PendingAnswer>> Read<T>(
        Func<QueryReader, Func<Seen, T>> read, Func<QueryReader, Question>? readQuestion = null)
        where T : class =>
        async (asking, cancellation) =>
        {
            var answer = read(asking.Query);
            return PendingAnswer.Of(await asking.SeeAsync(cancellation, readQuestion), answer);
        };
}
