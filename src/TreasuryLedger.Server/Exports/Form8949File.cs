using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// The rows of Form 8949 (United States, Internal Revenue Service, from the tax year 2025 on): one for each lot that a
/// disposal took, with the part, the box and the columns (a) to (h) of the form.
/// </summary>
internal static class Form8949File
{
    private static readonly (string Name, Func<Row, string?> Value)[] Columns =
    [
        ("part", row => row.IsLong ? "II" : "I"),
        ("box", row => row.Box.ToString()),
        ("a_description", row => $"{row.Units} {row.Disposal.Pool}"),
        ("b_acquired", row => Day(row.Acquired)),
        ("c_sold", row => Day(row.Sold)),
        ("d_proceeds", row => row.Proceeds?.ToString()),
        ("e_cost", row => row.Cost?.ToString()),
        ("f_code", _ => ""),
        ("g_adjustment", _ => ""),
        ("h_gain", row => (row.Proceeds - row.Cost)?.ToString()),
        ("term", row => row.IsLong ? "long" : "short"),
        ("kind", row => ListRows.Word(row.Disposal.Kind)),
        ("account", row => row.Disposal.Account.ToString()),
        ("disposal", row => new LotId(row.Disposal.Fact, row.Disposal.Leg).ToString()),
        ("lot", row => row.Lot?.ToString()),
        ("entry", row => row.Disposal.Entry.ToString(CultureInfo.InvariantCulture)),
        ("evidence", row => ListRows.Word(row.Quality)),
    ];

    private static readonly (string Name, Func<BoxTotal, string?> Value)[] TotalColumns =
    [
        ("part", box => box.Part),
        ("box", box => box.Box.ToString()),
        ("schedule_d_line", box => box.Line),
        ("rows", box => box.Rows.ToString(CultureInfo.InvariantCulture)),
        ("d_proceeds", box => box.Proceeds.ToString()),
        ("e_cost", box => box.Cost.ToString()),
        ("g_adjustment", _ => ""),
        ("h_gain", box => (box.Proceeds - box.Cost).ToString()),
        ("incomplete_rows", box => box.Incomplete.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>The export.</summary>
    public static ExportRoute Route { get; } = new(
        "form-8949", "csv", $"{ListHttp.Csv}; charset=utf-8", "exportForm8949",
        "The rows of Form 8949, a lot in each",
        "Short-term rows are of part I with boxes G to I, long-term ones of part II with boxes J to L. An account "
        + "whose broker reports on Form 1099-DA is named in `withBasis` (G, J) or `withoutBasis` (H, K); all others "
        + "are not reported (I, L). Amounts are rounded to the currency row by row, and (h) is (d) less (e). Units "
        + "without a known basis or proceeds are rows without the amount. Days are those of the treasury's time zone. "
        + "`totals=true` gives the totals of each box instead, as the last line of each form and the named line of "
        + "Schedule D have them: rows without basis or proceeds are counted and in no total. Ask with the book that "
        + "the return is made from, e.g. `book=us-tax`, with the day before the year as `from` and its last day as "
        + "`asOf`.",
        [
            .. Question.Parameters,
            SpanStart.Parameter,
            new("withBasis", "query", typeof(string), "Accounts reported with basis, with commas between.", "coinbase"),
            new("withoutBasis", "query", typeof(string), "Accounts reported without basis, likewise.", "binance"),
            new("totals", "query", typeof(bool), "Totals by box, with the lines of Schedule D.", "true"),
        ],
        AskAsync);

    private static async Task<PendingExport> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var from = SpanStart.Read(asking.Query);
        var (withBasis, withoutBasis) = (Accounts(asking.Query, "withBasis"), Accounts(asking.Query, "withoutBasis"));
        var areTotals = asking.Query.Flag("totals");
        var seen = await asking.SeeAsync(cancellation);
        var (start, _) = (from(seen), seen.Digits); // refused while the reporting currency is not registered
        foreach (var account in withBasis.Concat(withoutBasis))
        {
            if (!seen.At.Registers.Accounts.ContainsKey(account)
                || (withBasis.Contains(account) && withoutBasis.Contains(account)))
            {
                throw ProblemException.Of(
                    ErrorRegistry.QueryInvalid,
                    $"The account {account} must be registered, and named in one of withBasis and withoutBasis.",
                    ("account", account));
            }
        }

        return new PendingExport(seen.Standpoint, seen.Cost, async (stream, stop) =>
        {
            var rows = seen.At.HappenedAfter(start).SelectMany(happened => happened.Rows.Disposals)
                .SelectMany(disposal => Rows(disposal, seen))
                .Select(row => row with
                {
                    Box = BoxOf(row, withBasis, withoutBasis),
                });
            if (areTotals)
            {
                var totals = new ListText<BoxTotal>(ListFormat.Csv, TotalColumns);
                await stream.WriteAsync(totals.Begin(seen.Standpoint), stop);
                foreach (var piece in totals.Rows(TotalsOf(rows)))
                {
                    await stream.WriteAsync(piece, stop);
                }

                return;
            }

            var text = new ListText<Row>(ListFormat.Csv, Columns);
            await stream.WriteAsync(text.Begin(seen.Standpoint), stop);
            foreach (var piece in text.Rows(rows.Select(row =>
            {
                seen.Cost.Write(1);
                return row;
            })))
            {
                await stream.WriteAsync(piece, stop);
            }
        });
    }

    private static HashSet<AccountId> Accounts(QueryReader query, string name)
    {
        var accounts = new HashSet<AccountId>();
        foreach (var text in query.Text(name)?.Split(',') ?? [])
        {
            accounts.Add(AccountId.TryParse(text, out var account) ? account : throw ProblemException.Of(
                ErrorRegistry.QueryInvalid, $"In the parameter '{name}' each must be {AccountId.Expected}.",
                ("parameter", name)));
        }

        return accounts;
    }

    private static IEnumerable<Row> Rows(Disposal disposal, Seen seen)
    {
        var sold = LocalDay.Of(disposal.At, seen.Zone);
        foreach (var part in disposal.Parts)
        {
            var acquiredAt = part.Take?.AcquiredAt;
            var term = part.Take?.Term ?? (acquiredAt is not { } since ? null : Core.Lots.Holding.Of(
                since, disposal.At, HoldingRule.MoreThanOneYear, seen.Zone));
            yield return new Row(
                disposal, part.Take?.LotId, seen.Tokens(disposal.Pool, part.Quantity).ToString(),
                acquiredAt is { } day ? LocalDay.Of(day, seen.Zone) : null, sold,
                part.Proceeds?.RoundTo(seen.Digits), part.Cost?.RoundTo(seen.Digits), term == HoldingTerm.Long,
                part.Quality);
        }
    }

    private static char BoxOf(Row row, HashSet<AccountId> withBasis, HashSet<AccountId> withoutBasis) =>
        (row.IsLong, withBasis.Contains(row.Disposal.Account), withoutBasis.Contains(row.Disposal.Account)) switch
        {
            (false, true, _) => 'G',
            (false, _, true) => 'H',
            (false, _, _) => 'I',
            (true, true, _) => 'J',
            (true, _, true) => 'K',
            _ => 'L',
        };

    /// <summary>The sums of the rows of each box, in the order of the boxes; those that have any.</summary>
    private static List<BoxTotal> TotalsOf(IEnumerable<Row> rows)
    {
        var totals = new SortedDictionary<char, BoxTotal>();
        foreach (var row in rows)
        {
            var before = totals.GetValueOrDefault(
                row.Box, new BoxTotal(row.IsLong ? "II" : "I", row.Box, LineOf(row.Box), 0, default, default, 0));
            var isComplete = row.Proceeds is not null && row.Cost is not null;
            totals[row.Box] = before with
            {
                Rows = before.Rows + 1,
                Proceeds = before.Proceeds + (isComplete ? row.Proceeds!.Value : default),
                Cost = before.Cost + (isComplete ? row.Cost!.Value : default),
                Incomplete = before.Incomplete + (isComplete ? 0 : 1),
            };
        }

        return [.. totals.Values];
    }

    /// <summary>The line of Schedule D (Form 1040, tax year 2025) that takes the totals of a box.</summary>
    private static string LineOf(char box) => box switch
    {
        'G' => "1b",
        'H' => "2",
        'I' => "3",
        'J' => "8b",
        'K' => "9",
        _ => "10",
    };

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record BoxTotal(
        string Part, char Box, string Line, long Rows, Amount Proceeds, Amount Cost, long Incomplete);

    private sealed record Row(
        Disposal Disposal,
        LotId? Lot,
        string Units,
        DateOnly? Acquired,
        DateOnly? Sold,
        Amount? Proceeds,
        Amount? Cost,
        bool IsLong,
        EvidenceQuality Quality)
    {
        public char Box { get; init; }
    }
}
