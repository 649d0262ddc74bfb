using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Lists.Derived;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>
/// Derived lists against a model: the whole book from the entries in one fold, without anything that is kept, and every
/// filter a sentence about a row of it.
/// </summary>
/// <param name="desk">What the lists are made with.</param>
/// <param name="entries">The treasury's entries, all of them.</param>
/// <param name="prices">Those of its price book.</param>
internal sealed class DerivedProof(AnswerDesk desk, List<Entry> entries, List<Entry> prices)
{
    private const int Opening = 12;

    /// <summary>The lists.</summary>
    public static IReadOnlyList<string> Lists { get; } =
        ["disposals", "acquisitions", "transfers", "lots", "shortfalls", "alerts"];

    /// <summary>Questions of each list that found something.</summary>
    public Dictionary<string, int> Found { get; } = [];

    /// <summary>Pages that were turned.</summary>
    public int Turned { get; private set; }

    /// <summary>Asks one random question.</summary>
    /// <returns>What differs, or <c>null</c>.</returns>
    public async Task<string?> AskAsync(Random random, CancellationToken cancellation)
    {
        var list = Lists[random.Next(Lists.Count)];
        var knownAt = entries[random.Next(3) == 0 ? entries.Count - 1 : random.Next(Opening, entries.Count)].RecordedAt;
        var asOf = entries[random.Next(Opening, entries.Count)].EffectiveAt.Plus(random.Next(-1, 2));
        var method = (LotMethod)random.Next(4);
        var scope = (BasisScope)random.Next(2);
        var terms = PolicyTerms.Starter with { LotMethod = method, BasisScope = scope };
        var treasury = TreasuryAt.Of(entries, prices, [], new Viewpoint(asOf, knownAt), terms);
        var rows = RowsOf(list, treasury);
        var query = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["asOf"] = asOf.ToString(),
            ["knownAt"] = knownAt.ToString(),
            ["method"] = ListRows.Word(method),
            ["scope"] = ListRows.Word(scope),
        };
        var filtered = rows;
        for (var filters = random.Next(4); filters > 0 && rows.Count > 0; filters--)
        {
            filtered = Filter(random, list, rows[random.Next(rows.Count)], query, filtered);
        }

        Found[list] = Found.GetValueOrDefault(list) + (filtered.Count > 0 ? 1 : 0);
        var expected = filtered.ConvertAll(row => row.Text);
        var text = string.Join('&', query.Select(pair => $"{pair.Key}={pair.Value}"));
        return await PagesAsync(list, query, random.Next(1, 25), expected, cancellation) is { } wrong
            ? $"{list}?{text}: {wrong}"
            : await SumsAsync(list, query, filtered, cancellation) is { } sums ? $"{list}/sums?{text}: {sums}" : null;
    }

    private async Task<string?> PagesAsync(
        string list, Dictionary<string, string> query, int size, List<string> expected, CancellationToken cancellation)
    {
        var (given, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = new Dictionary<string, string>(query, StringComparer.Ordinal)
            {
                ["limit"] = size.ToString(CultureInfo.InvariantCulture),
            };
            if (cursor is not null)
            {
                page["cursor"] = cursor;
                Turned++;
            }

            var (texts, next) = TextsOf(await AnswerAsync(list, page, cancellation));
            var isLast = given.Count + texts.Count == expected.Count;
            if (texts.Count != Math.Min(size, expected.Count - given.Count) || next is null != isLast)
            {
                return $"a page of {texts.Count} after {given.Count} of {expected.Count}, {next}";
            }

            given.AddRange(texts);
            cursor = next;
        }
        while (cursor is not null);

        return given.SequenceEqual(expected)
            ? null
            : $"\n  {string.Join("\n  ", given)}\nnot\n  {string.Join("\n  ", expected)}";
    }

    private async Task<string?> SumsAsync(
        string list, Dictionary<string, string> query, List<Row> expected, CancellationToken cancellation)
    {
        var sums = (DerivedSumsAnswer)await AnswerAsync($"{list}-sums", query, cancellation);
        var gain = sums.Sums.Aggregate(Amount.Zero, (sum, one) => sum + (one.Exact?.RealizedGain ?? Amount.Zero));
        var cost = sums.Sums.Aggregate(Amount.Zero, (sum, one) => sum + (one.Cost ?? Amount.Zero));
        var wantedGain = expected.Aggregate(Amount.Zero, (sum, row) => sum + (row.MatchedGain ?? Amount.Zero));
        var wantedCost = list is "lots" or "acquisitions"
            ? expected.Aggregate(Amount.Zero, (sum, row) => sum + (row.Amount ?? Amount.Zero))
            : Amount.Zero;
        return sums.Rows == expected.Count && gain == wantedGain && cost == wantedCost
            ? null
            : $"{sums.Rows} rows, gain {gain}, cost {cost} and not {expected.Count}, {wantedGain}, {wantedCost}";
    }

    private async Task<object> AnswerAsync(
        string verb, Dictionary<string, string> query, CancellationToken cancellation)
    {
        var values = query.ToDictionary(pair => pair.Key, pair => new StringValues(pair.Value), StringComparer.Ordinal);
        var asking = new Asking(
            desk, TestLedger.Main, "", new QueryReader(new QueryCollection(values)), ListFormat.Json);
        var pending = await AnswerRoute.All.Single(route => route.Verb == verb).AskAsync(asking, cancellation);
        return await pending.MakeAsync(cancellation);
    }

    private static (List<string> Texts, string? Next) TextsOf(object answer) => answer switch
    {
        DisposalsAnswer page => (
            [.. page.Disposals.Select(row => $"{row.Fact}:{row.Leg} {row.Proceeds} {row.RealizedGain}")], page.Next),
        AcquisitionsAnswer page => (
            [.. page.Acquisitions.Select(row => $"{row.LotId} {row.Cost} {row.Origin}")], page.Next),
        TransfersAnswer page => (
            [.. page.Transfers.Select(row => $"{row.Fact} {row.From} {row.To} {row.Remaining} {row.Overdue}")],
            page.Next),
        LotsAnswer page => (
            [.. page.Lots.Select(row => $"{row.LotId} {row.Account} {row.InTransit} {row.Remaining} {row.Cost}")],
            page.Next),
        ShortfallsAnswer page => (
            [.. page.Shortfalls.Select(row => $"{row.Account} {row.Asset} {row.Kind} {row.From} {row.Until}")],
            page.Next),
        AlertsAnswer page => (
            [.. page.Alerts.Select(row => $"{row.Code} {row.Since} {row.Asset} {row.Account} {row.Fact} {row.Count}")],
            page.Next),
        _ => throw new InvalidOperationException(answer.ToString()),
    };

    /// <summary>Adds a filter that a row passes, or nearly, to the question and to the model.</summary>
    private List<Row> Filter(
        Random random, string list, Row like, Dictionary<string, string> query, List<Row> rows)
    {
        var (name, value, holds) = random.Next(12) switch
        {
            0 when like.Asset is { } asset => ("asset", asset, Is(row => row.Asset == asset || row.Pool == asset)),
            1 when like.Account is { } account => ("account", account,
                Is(row => row.Account == account || row.Other == account)),
            2 when KindOf(list) is { } kind => (kind, like.Kind, Is(row => row.Kind == like.Kind)),
            3 when like.Entry is { } entry && list != "alerts" => ("source", entry.Evidence.Source,
                Is(row => row.Entry?.Evidence.Source == entry.Evidence.Source)),
            4 when like.Entry is { } entry => ("actor", entry.Actor, Is(row => row.Entry?.Actor == entry.Actor)),
            5 when like.Quality is { } quality => ("quality", ListRows.Word(quality),
                Is(row => row.Quality == quality)),
            6 when like.Amount is { } amount => ("amountMin", $"{amount}", Is(row => row.Amount >= amount)),
            7 when like.Amount is { } amount => ("amountMax", $"{amount}", Is(row => row.Amount <= amount)),
            8 when like.Gain is { } gain => ("gainMax", $"{gain}", Is(row => row.Gain <= gain)),
            9 when like.At is { } at => ("effectiveFrom", $"{at}", Is(row => row.At >= at)),
            10 when like.At is { } at => ("effectiveUntil", $"{at}", Is(row => row.At < at)),
            11 when like.Entry is { } entry => ("recordedFrom", $"{entry.RecordedAt}",
                Is(row => row.Entry?.RecordedAt >= entry.RecordedAt)),
            _ when like.IsComplete is { } complete => (list == "shortfalls" ? "ended" : "complete",
                complete ? "true" : "false", Is(row => row.IsComplete == complete)),
            _ => ("", "", Is(_ => true)),
        };
        return name.Length > 0 && query.TryAdd(name, value) ? rows.FindAll(row => holds(row)) : rows;

        static Func<Row, bool> Is(Func<Row, bool> holds) => holds;
    }

    private static string? KindOf(string list) => list switch
    {
        "disposals" or "shortfalls" => "kind",
        "acquisitions" => "origin",
        "transfers" => "status",
        "alerts" => "code",
        _ => null,
    };

    private List<Row> RowsOf(string list, TreasuryAt treasury) => list switch
    {
        "disposals" => [.. treasury.Book.Disposals.Select(row => new Row(
            $"{row.Fact}:{row.Leg} {row.Proceeds} {row.RealizedGain}", row.At, ListRows.Word(row.Kind))
            {
                Asset = $"{row.Asset}", Pool = $"{row.Pool}", Account = $"{row.Account}", Entry = At(row.Entry),
                Quality = row.Quality, Amount = row.Proceeds, Gain = row.RealizedGain, MatchedGain = row.MatchedGain,
                IsComplete = row.Proceeds is not null && row.BasisMissing.IsZero,
            })],
        "acquisitions" => [.. treasury.Happened.SelectMany(happened => happened.Rows.Lots).Select(row => new Row(
            $"{row.LotId} {row.Cost} {row.Origin}", row.At, ListRows.Word(row.Origin))
            {
                Asset = $"{row.Asset}", Pool = $"{row.Pool}",
                Account = $"{row.Account}" is { Length: > 0 } at ? at : null, Entry = At(row.Entry),
                Quality = row.Quality, Amount = row.Cost, IsComplete = row.Cost is not null,
            })],
        "lots" => [.. treasury.Book.OpenLots.Select(row => new Row(
            $"{row.LotId} {row.Account} {row.InTransit} {Tokens(treasury, row.Pool, row.Remaining)} {row.Cost}",
            row.AcquiredAt, "")
            {
                Asset = $"{row.Pool}", Account = row.Account?.ToString(), Entry = At(row.Entry), Quality = row.Quality,
                Amount = row.Cost, IsComplete = row.Cost is not null,
            })],
        "shortfalls" => [.. treasury.Book.Shortfalls.Select(row => new Row(
            $"{row.Account} {row.Asset} {row.Kind} {row.From} {row.Until}", row.From, ListRows.Word(row.Kind))
            {
                Asset = $"{row.Asset}", Account = $"{row.Account}", IsComplete = row.Until is not null,
            })],
        "transfers" => [.. Transfers(treasury)],
        _ => [.. AlertsOf(treasury)],
    };

    /// <summary>Sent and arrived are added up over all visible entries, one transfer after the other.</summary>
    private IEnumerable<Row> Transfers(TreasuryAt treasury)
    {
        var visible = treasury.Entries.ToList();
        var begun = new HashSet<FactId>();
        foreach (var entry in visible)
        {
            var row = entry.Event switch
            {
                AssetTransferred moved => Row(
                    entry.Fact, moved.Sent.Asset, $"{moved.Sent.Account}", $"{moved.To}", Quantity.Zero, false),
                TransferDispatched sent => Dispatched(entry.Fact, sent),
                TransferArrived came when begun.Add(came.Transfer) && !visible.Exists(other =>
                    other.Fact == came.Transfer && other.Event is TransferDispatched) => Row(
                    came.Transfer, came.Received.Asset, null, null, -Arrived(came.Transfer), false),
                _ => null,
            };
            if (row is not null)
            {
                yield return row with { Entry = At(entry.Position), At = entry.EffectiveAt };
            }
        }

        Row Dispatched(FactId fact, TransferDispatched sent)
        {
            var left = sent.Sent.Quantity - Arrived(fact);
            return Row(
                fact, sent.Sent.Asset, $"{sent.Sent.Account}", $"{sent.To}", left,
                left.Sign > 0 && treasury.Viewpoint.AsOf > sent.ExpectedBy);
        }

        Quantity Arrived(FactId fact) => visible.Select(entry => entry.Event).OfType<TransferArrived>()
            .Where(came => came.Transfer == fact)
            .Aggregate(Quantity.Zero, (sum, came) => sum + came.Received.Quantity);

        Row Row(FactId fact, AssetId asset, string? from, string? to, Quantity left, bool overdue) => new(
            $"{fact} {from} {to} {Tokens(treasury, asset, left)} {overdue}", null,
            left.IsZero ? "arrived" : left.Sign < 0 ? "overArrived" : overdue ? "overdue" : "underWay")
        {
            Asset = $"{asset}",
            Account = from,
            Other = to,
        };
    }

    private IEnumerable<Row> AlertsOf(TreasuryAt treasury)
    {
        var (book, asOf) = (treasury.Book, treasury.Viewpoint.AsOf);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Singapore");
        var alerts = new List<Alert>();
        alerts.AddRange(book.Shortfalls.Where(row => row.Until is null).Select(row => new Alert(
            AlertCode.ShortfallOpen, row.From, row.Asset, row.Account)));
        alerts.AddRange(book.InTransit.Where(row => row.Overdue).Select(row => new Alert(
            AlertCode.TransferOverdue, row.ExpectedBy, row.Asset, row.To, row.Fact)));
        alerts.AddRange(book.InTransit.Where(row => row.Remaining.Sign < 0).Select(row => new Alert(
            AlertCode.TransferOverArrived, row.SentAt, row.Asset, row.To, row.Fact)));
        alerts.AddRange(book.Disposals.Where(row => !row.IsComplete).GroupBy(row => row.Pool).Select(rows => new Alert(
            AlertCode.DisposalsIncomplete, LocalDay.StartOf(LocalDay.Of(rows.Min(row => row.At), zone), zone),
            rows.Key, Count: rows.Count())));
        var held = book.OpenLots.Select(row => row.Pool).Concat(book.Debts.Select(row => row.Asset)).Distinct();
        foreach (var asset in held)
        {
            var observed = Standing(prices, treasury.Viewpoint.KnownAt)
                .Where(entry => entry.EffectiveAt <= asOf && entry.Event is PriceRecorded price
                    && price.Asset == asset && $"{price.Currency}" == "USD")
                .OrderBy(entry => entry.EffectiveAt).LastOrDefault();
            var stale = observed?.EffectiveAt.Plus((PolicyTerms.Starter.PriceAgeMaxSeconds * 1_000_000) + 1);
            if (observed is null || stale <= asOf)
            {
                var first = book.OpenLots.Where(lot => lot.Pool == asset).Select(lot => (Instant?)lot.AcquiredAt).Min();
                alerts.Add(observed is null
                    ? new Alert(AlertCode.PriceMissing, first, asset)
                    : new Alert(AlertCode.PriceStale, stale, asset));
            }
        }

        return alerts.OrderBy(row => row.Since).ThenBy(row => row.Code).ThenBy(row => row.Asset)
            .ThenBy(row => row.Account).ThenBy(row => row.Fact).Select(row => new Row(
                $"{row.Code} {row.Since} {row.Asset} {row.Account} {row.Fact} {row.Count}", row.Since,
                ListRows.Word(row.Code))
            {
                Asset = row.Asset?.ToString(),
                Account = row.Account?.ToString(),
            });
    }

    private static IEnumerable<Entry> Standing(List<Entry> journal, Instant knownAt) => journal
        .Where(entry => entry.RecordedAt <= knownAt)
        .Where(entry => !journal.Exists(other => other.Voids == entry.Position && other.RecordedAt <= knownAt));

    private Entry At(long position) => entries[(int)position - 1];

    private static ExactDecimal Tokens(TreasuryAt treasury, AssetId asset, Quantity units) =>
        units.ToTokens(treasury.Registers.DecimalsOf(asset));

    private sealed record Row(string Text, Instant? At, string Kind)
    {
        public string? Asset { get; init; }

        public string? Pool { get; init; }

        public string? Account { get; init; }

        public string? Other { get; init; }

        public Entry? Entry { get; init; }

        public EvidenceQuality? Quality { get; init; }

        public Amount? Amount { get; init; }

        public Amount? Gain { get; init; }

        public Amount? MatchedGain { get; init; }

        public bool? IsComplete { get; init; }
    }
}
