using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Exports;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Exports;

/// <summary>A book as plain text for beancount, which then books it with code that is not ours.</summary>
internal static class BeancountFile
{
    /// <summary>The export.</summary>
    public static ExportRoute Route { get; } = new(
        "beancount", "beancount", "text/plain; charset=utf-8", "exportBeancount",
        "A book as plain text for beancount",
        "Every entry up to asOf as a transaction in the reporting currency, lots with date, cost and name, and what is "
        + "open at the end as balance assertions: `bean-check` accepts the file or says what does not add up. Entries "
        + "of which a value or a basis is missing are flagged with '!'. Beancount calculates with 28 digits.",
        [
            .. Question.Parameters,
            new("lots", "query", typeof(BeancountLots),
                "Who says which lots leave: the file (named), or beancount's own booking (booked), which has to find "
                + "the same realized gain. It books FIFO and LIFO only. Without it: named.", "named"),
        ],
        AskAsync);

    private static async Task<PendingExport> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var lots = asking.Query.Word<BeancountLots>("lots") ?? BeancountLots.Named;
        var seen = await asking.SeeAsync(cancellation);
        var at = seen.At;
        var methods = BeancountExport.MethodsOf(at.Log, at.Question, seen.Opened.Policy).ToArray();
        if (lots == BeancountLots.Booked && (methods.Length > 1 || !BeancountExport.Books(methods[0])))
        {
            throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                "Beancount books FIFO and LIFO only, and one of them alone; ask with lots=named.",
                ("parameter", "lots"),
                ("methods", string.Join(", ", methods.Select(ListRows.Word))));
        }

        var stand = seen.Standpoint;
        string[] about =
        [
            $"treasury {stand.Treasury}, as of {stand.AsOf}, known at {stand.KnownAt}",
            $"positions: treasury {stand.Positions.Treasury}, prices {stand.Positions.PriceBook}, markets "
                + $"{stand.Positions.MarketBook}; calculation version {stand.CalculationVersion}",
            $"policy {JsonSerializer.Serialize(stand.Policy, Wire.Options)}",
            .. stand.ReplayedClock ? new[] { "replayed clock: recorded instants come from a script" } : [],
            .. stand.Illustrative ? new[] { "illustrative: these books are nobody's" } : [],
        ];
        var lines = BeancountExport.Lines(
            new BookAnswer(at.State, at.Registers, at.Prices), methods, at.Happened, about, seen.Zone, lots);
        return new PendingExport(stand, seen.Cost, (stream, stop) => WriteAsync(lines, seen.Cost, stream, stop));
    }

    private static async Task WriteAsync(
        IEnumerable<string> lines, FoldCost cost, Stream stream, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true)
        {
            NewLine = "\n",
        };
        foreach (var line in lines)
        {
            await text.WriteLineAsync(line.AsMemory(), cancellation);
            cost.Write(1);
        }
    }
}
