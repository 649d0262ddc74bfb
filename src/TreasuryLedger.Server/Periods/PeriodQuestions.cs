using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Drill;
using TreasuryLedger.Server.Answers.Postings;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Periods;

/// <summary>What can be asked about periods, and by accounting date.</summary>
public static class PeriodQuestions
{
    /// <summary>The questions.</summary>
    public static AnswerRoute[] All { get; } =
    [
        Of("periods", "periods", "getPeriods", "The periods of the books, with their state",
            "Closed or sealed, since when and by which entries, with the positions that official figures of them know "
            + "and the hash of what was sealed; and what was reopened. They count for whoever knows them, at any "
            + "instant in the world.", PeriodsAnswer.Of),
        Of("official-gains", "periods/gains", "getOfficialGains", "The official statement of realized gains",
            "Of the period that holds asOf, up to it: own disposals as known when it was closed, or now if it is "
            + "open; and the catch-up of earlier periods, a line for each late entry, disposal and lot. From the "
            + "beginning to an open instant it is the derived gain, to the last digit.", OfficialGainsAnswer.Of),
        Of("official-trial-balance", "periods/trial-balance", "getOfficialTrialBalance",
            "Every chart account by accounting date, beside the economic balance",
            "As known when the period that holds asOf was closed, or now if it is open. Folds the whole history.",
            OfficialTrialBalanceAnswer.Of),
        new("official-general-ledger", "periods/general-ledger", "getOfficialGeneralLedger",
            "Postings by chart account and accounting date, with running balances",
            "Period after period: what it catches up on its first day, each line with the late entry; then its own "
            + "postings, as known when it was closed, or now if it is open. Opening balances are those with which the "
            + "period before was closed. Folds the whole history, and once more for each period of the span.",
            typeof(OfficialGeneralLedgerAnswer), [.. Parameters, .. AskedPostings.Parameters],
            (asking, cancellation) => OfficialGeneralLedgerAnswer.AskAsync(asking, Read, cancellation)),
        Of("official-roll-forward", "periods/roll-forward", "getOfficialRollForward",
            "Each digital asset over the period that holds asOf, by accounting date",
            "The opening is the closing of the period before, as it was closed; what was learned of it since stands "
            + "beside it as catch-up.", OfficialRollForwardAnswer.Of),
        Of("statement", "periods/statement", "getFrozenStatement", "What a seal freezes of a closed period",
            "Of the closed period that holds asOf: every line of its statements, exact, the hash over them, and what "
            + "is missing in them. SHA-256 over the lines, each with a line feed behind it, is what the seal says.",
            FrozenAnswer.Of) with { MayLack = true },
        new("accounting-dates", "entries/{position}/accounting-dates", "getAccountingDates",
            "The accounting dates of an entry",
            "The local day on which it is effective, or the first one of the book that was open when it was recorded. "
            + "Derived from the closings recorded before it; nothing in an entry says it.",
            typeof(AccountingDatesAnswer), Question.Times, async (asking, cancellation) =>
            {
                var position = Drilling.PositionOf(asking.Subject);
                return PendingAnswer.Of(
                    await asking.SeeAsync(cancellation, Question.ReadTimes),
                    seen => AccountingDatesAnswer.Of(seen, position));
            })
        {
            Subject = new("position", "path", typeof(long), "The entry's position.", "16", true),
        },
    ];

    /// <summary>The parameters: an official book has no what-ifs.</summary>
    private static ParameterText[] Parameters =>
        [.. Question.Times, .. Question.Parameters.Where(parameter => parameter.Name == "book")];

    private static AnswerRoute Of<T>(
        string verb, string path, string id, string summary, string description, Func<Seen, T> answer)
        where T : class =>
        new(verb, path, id, summary, description, typeof(T), Parameters, async (asking, cancellation) =>
            PendingAnswer.Of(await asking.SeeAsync(cancellation, Read), answer));

    private static Question Read(QueryReader query) =>
        Question.ReadTimes(query) with { Book = query.Text("book") };
}
