using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>Questions that open one figure: down to evidence, and up to what rests on it.</summary>
public static class Drilling
{
    private const string Name = "The name of a figure is its fact, a colon and the leg. Every path in the answer leads "
        + "to the next step at the same viewpoint and under the same policy.";

    /// <summary>The questions.</summary>
    public static AnswerRoute[] All { get; } =
    [
        Of("disposal", "disposals/{**disposal}", "getDisposal", "One disposal, opened down to its evidence",
            "The lots it took, how the cost of each was made, the prices that valued cost and proceeds, and for each "
            + "entry who says so, since when it is known and by whom. " + Name,
            new("disposal", "path", typeof(LotId), "The disposal: fact and leg.", "kraken:trade-1002:0", true),
            NameOf, DisposalAnswer.OfAsync),
        Of("lot", "lots/{**lot}", "getLot", "One lot, with everything that used it",
            "How its cost was made, its evidence, every disposal that took some of it, every part that was moved or "
            + "converted, and where its units are: what came is what was taken and what remains, to the last unit. "
            + Name,
            new("lot", "path", typeof(LotId), "The lot: fact and leg.", "request:r-22:0", true),
            NameOf, LotAnswer.OfAsync),
        Of("price-uses", "prices/{position}/uses", "getPriceUses", "Every figure that used a price",
            "Disposals, lots, incomes, expenses and contributions that it valued, whose fees it valued or whose stated "
            + "value it converted; and the open lots and debts that it values at asOf.",
            new("position", "path", typeof(long), "The price's entry in the treasury's price book.", "3", true),
            PositionOf, PriceUsesAnswer.OfAsync),
        Of("figures", "entries/{position}/figures", "getEntryFigures", "What an entry brought forth",
            "Its lots, disposals, moves, incomes, expenses, contributions and liquidations, each with the path that "
            + "opens it.",
            new("position", "path", typeof(long), "The entry's position.", "16", true),
            PositionOf, EntryFiguresAnswer.OfAsync),
    ];

    /// <summary>There is no such figure.</summary>
    public static ProblemException Unknown(string kind, LotId name, Seen seen) => ProblemException.Of(
        ErrorRegistry.FigureUnknown,
        $"There is no {kind} {name} as of {seen.Standpoint.AsOf}, as known at {seen.Standpoint.KnownAt}.",
        (kind, name), ("asOf", seen.Standpoint.AsOf), ("knownAt", seen.Standpoint.KnownAt));

    private static AnswerRoute Of<TName, TAnswer>(
        string verb,
        string path,
        string id,
        string summary,
        string description,
        ParameterText subject,
        Func<string, TName> nameOf,
        Func<Asking, Seen, TName, CancellationToken, Task<TAnswer>> answer)
        where TAnswer : class =>
        new(verb, path, id, summary, description, typeof(TAnswer), Question.Parameters, async (asking, cancellation) =>
        {
            var name = nameOf(asking.Subject);
            var seen = await asking.SeeAsync(cancellation);
            return new PendingAnswer(seen.Standpoint, seen.Cost, async stop => await answer(asking, seen, name, stop));
        })
        {
            Subject = subject,
        };

    private static LotId NameOf(string text) => LotId.TryParse(text, out var name)
        ? name
        : throw ProblemException.Of(ErrorRegistry.FigureUnknown, $"The address must end with {LotId.Expected}.");

    /// <summary>The position that an address names.</summary>
    /// <exception cref="ProblemException">It names none.</exception>
    public static long PositionOf(string text) =>
        Quantity.TryParse(text, out var number) && number.Units >= 1 && number.Units <= int.MaxValue
            ? (long)number.Units
            : throw ProblemException.Of(
                ErrorRegistry.Of(Core.Commands.RefusalCode.EntryUnknown).Code,
                "The address names no entry: positions count from 1.");
}
