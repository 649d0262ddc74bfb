using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>
/// Lists against a model that knows no tables: every filter is a sentence about an entry in memory. Random filters,
/// instants, orders and page sizes; all pages, counts and sums must be the same.
/// </summary>
/// <param name="lookout">The lists.</param>
/// <param name="key">A journal.</param>
/// <param name="entries">Its entries, all of them.</param>
internal sealed class ListProof(ListLookout lookout, JournalKey key, IReadOnlyList<Entry> entries)
{
    /// <summary>Most pages that are turned for one question.</summary>
    private const int PagesMax = 6;

    /// <summary>Entries without which no asset is registered.</summary>
    private const int Opening = 10;

    private readonly TimeZoneInfo _zone = entries[0].Event is TreasuryOpened opened
        ? TimeZoneInfo.FindSystemTimeZoneById(opened.TimeZone)
        : TimeZoneInfo.Utc;

    /// <summary>Rows that were compared, so that a proof of nothing is seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Questions that found something.</summary>
    public int Found { get; private set; }

    /// <summary>Asks one random question.</summary>
    /// <returns>What differs, or <c>null</c>.</returns>
    public async Task<string?> AskAsync(Random random, CancellationToken cancellation)
    {
        var question = Question(random, key.Journal.StartsWith("prices/", StringComparison.Ordinal));
        var known = question.KnownAt is { } at ? entries.Count(entry => entry.RecordedAt <= at) : entries.Count;
        var expected = entries.Take(known).Where(entry => Matches(question, entry, known)).ToList();
        if (question.Order == ListOrder.Newest)
        {
            expected.Reverse();
        }

        Found += expected.Count > 0 ? 1 : 0;
        return question.List switch
        {
            "listMovements" => await PagesAsync(
                question, expected.SelectMany(entry => MovementsOf(question, entry, isList: true)).ToList(),
                lookout.MovementsAsync, row => (row.Entry, row.Leg), row =>
                    $"{row.Entry} {row.Leg} {row.Side} {row.Account} {row.Asset} {row.Quantity} {row.EffectiveAt} "
                    + $"{row.RecordedAt} {row.Type} {row.Fact} {row.Source} {row.Quality} {row.VoidedBy}",
                known, cancellation),
            "listPrices" => await PagesAsync(
                question, expected.ConvertAll(entry => PriceOf(entry, known)),
                lookout.PricesAsync, row => (row.Entry, 0), row =>
                    $"{row.Entry} {row.Asset} {row.Currency} {row.Price} {row.EffectiveAt} {row.RecordedAt} {row.Fact} "
                    + $"{row.Source} {row.Quality} {row.VoidedBy}",
                known, cancellation),
            _ => await PagesAsync(
                question, expected.ConvertAll(entry => $"{entry.Position} {VoidedBy(entry, known)}"),
                lookout.EntriesAsync, row => (row.Entry.Position, 0), row => $"{row.Entry.Position} {row.VoidedBy}",
                known, cancellation)
                ?? await SumsAsync(question, expected, cancellation),
        };
    }

    private async Task<string?> PagesAsync<TRow>(
        ListQuestion question,
        List<string> expected,
        Func<ListStand, (long Position, int Leg)?, int, CancellationToken, Task<List<TRow>>> read,
        Func<TRow, (long Position, int Leg)> place,
        Func<TRow, string> text,
        int known,
        CancellationToken cancellation)
    {
        var stand = await lookout.StandAsync(key, question, cancellation);
        if (stand.Viewpoint.Position != known)
        {
            return $"{Text(question)}: stands at {stand.Viewpoint.Position} and not at {known}";
        }

        var (size, seen) = ((int)question.Limit!.Value, 0);
        for (var page = 0; page < PagesMax; page++)
        {
            var cursor = stand.Behind is { } behind ? (behind.Position, behind.Leg) : ((long, int)?)null;
            var rows = await read(stand, cursor, size, cancellation);
            var wanted = expected.Skip(seen).Take(size).ToList();
            if (!rows.Select(text).SequenceEqual(wanted))
            {
                return $"{Text(question)}, from row {seen} on:\n  {string.Join("\n  ", rows.Select(text))}\nnot\n  "
                    + string.Join("\n  ", wanted);
            }

            (seen, Rows) = (seen + rows.Count, Rows + rows.Count);
            if (rows.Count < size)
            {
                break;
            }

            var (position, leg) = place(rows[^1]);
            stand = await lookout.StandAsync(
                key,
                question with { Cursor = await lookout.CursorAsync(stand, position, leg, cancellation) },
                cancellation);
        }

        return null;
    }

    private async Task<string?> SumsAsync(
        ListQuestion question, List<Entry> expected, CancellationToken cancellation)
    {
        var stand = await lookout.StandAsync(key, question, cancellation);
        var sums = await lookout.SumsAsync(stand, cancellation);
        var wanted = expected.SelectMany(entry => ListRows.MovementsOf(entry.Event))
            .Where(moved => moved.Units is not null && Matches(question.Filter, moved))
            .GroupBy(moved => (Side: ListRows.Word(moved.Side), Asset: moved.Asset!.Value))
            .OrderBy(group => group.Key.Side, StringComparer.Ordinal).ThenBy(group => group.Key.Asset)
            .Select(group =>
            {
                var units = group.Select(moved => moved.Units!.Value.Units).ToList();
                var plus = units.Where(one => one > 0).Aggregate(BigInteger.Zero, (a, b) => a + b);
                var minus = units.Where(one => one < 0).Aggregate(BigInteger.Zero, (a, b) => a - b);
                var decimals = DecimalsOf(group.Key.Asset);
                return $"{group.Key.Side} {group.Key.Asset} {units.Count} {new ExactDecimal(plus, decimals)} "
                    + $"{new ExactDecimal(minus, decimals)} {new ExactDecimal(plus - minus, decimals)}";
            }).ToList();
        var got = sums.Sums.Select(sum =>
            $"{ListRows.Word(sum.Side)} {sum.Asset} {sum.Movements} {sum.In} {sum.Out} {sum.Net}").ToList();
        return sums.Entries == expected.Count && got.SequenceEqual(wanted)
            ? null
            : $"{Text(question)}: {sums.Entries} entries and not {expected.Count}; sums\n  {string.Join("\n  ", got)}\n"
                + $"not\n  {string.Join("\n  ", wanted)}";
    }

    private bool Matches(ListQuestion question, Entry entry, int known)
    {
        var filter = question.Filter;
        return (question.AsOf is not { } asOf || entry.EffectiveAt <= asOf.In(_zone))
            && (filter.Types.Length == 0 || filter.Types.Contains(EventNames.Of(entry.Event).Name))
            && (filter.Mode is not { } mode || entry.Mode == mode)
            && (filter.Quality is not { } quality || entry.Evidence.Quality == quality)
            && (filter.Actor is not { } actor || entry.Actor == actor)
            && (filter.Source is not { } source || entry.Evidence.Source == source)
            && (filter.FactPrefix is not { } prefix
                || entry.Fact.ToString().StartsWith(prefix, StringComparison.Ordinal))
            && (filter.EffectiveFrom is not { } from || entry.EffectiveAt >= from)
            && (filter.EffectiveUntil is not { } until || entry.EffectiveAt < until)
            && (filter.RecordedFrom is not { } since || entry.RecordedAt >= since)
            && (filter.RecordedUntil is not { } before || entry.RecordedAt < before)
            && (filter.Voided is not { } voided || VoidedBy(entry, known) is not null == voided)
            && (question.List == "listPrices"
                ? entry.Event is PriceRecorded price && Matches(filter, price)
                : !filter.AsksMovements || ListRows.MovementsOf(entry.Event).Any(moved => Matches(filter, moved)));
    }

    private bool Matches(ListFilter filter, ListedMovement moved) =>
        (filter.Account is not { } account || moved.Account == account)
        && (filter.Asset is not { } asset || moved.Asset == asset)
        && (filter.Side is not { } side || moved.Side == side)
        && (filter.QuantityMin is not { } min || (moved.Units is { } units && TokensOf(moved, units) >= min))
        && (filter.QuantityMax is not { } max || (moved.Units is { } all && TokensOf(moved, all) <= max));

    private static bool Matches(ListFilter filter, PriceRecorded price) =>
        (filter.Asset is not { } asset || price.Asset == asset)
        && (filter.Currency is not { } currency || price.Currency == currency)
        && (filter.PriceMin is not { } min || price.Price >= min)
        && (filter.PriceMax is not { } max || price.Price <= max);

    private ExactDecimal TokensOf(ListedMovement moved, Quantity units) =>
        new(BigInteger.Abs(units.Units), DecimalsOf(moved.Asset!.Value));

    private int DecimalsOf(AssetId asset) => entries.Select(entry => entry.Event).OfType<AssetRegistered>()
        .First(registered => registered.Asset == asset).Decimals;

    private long? VoidedBy(Entry entry, int known) =>
        entries.Take(known).FirstOrDefault(later => later.Voids == entry.Position)?.Position;

    private IEnumerable<string> MovementsOf(ListQuestion question, Entry entry, bool isList)
    {
        var known = question.KnownAt is { } at ? entries.Count(one => one.RecordedAt <= at) : entries.Count;
        var rows = ListRows.MovementsOf(entry.Event).Index()
            .Where(leg => leg.Item.Units is not null && Matches(question.Filter, leg.Item))
            .Where(leg => !isList || question.Filter.Side is not null
                || leg.Item.Side is MovementSide.Held or MovementSide.Owed)
            .Select(leg =>
                $"{entry.Position} {leg.Index} {leg.Item.Side} {leg.Item.Account} {leg.Item.Asset} "
                + $"{new ExactDecimal(leg.Item.Units!.Value.Units, DecimalsOf(leg.Item.Asset!.Value))} "
                + $"{entry.EffectiveAt} {entry.RecordedAt} {EventNames.Of(entry.Event).Name} {entry.Fact} "
                + $"{entry.Evidence.Source} {entry.Evidence.Quality} {VoidedBy(entry, known)}");
        return question.Order == ListOrder.Newest ? rows.Reverse() : rows;
    }

    private string PriceOf(Entry entry, int known)
    {
        var price = (PriceRecorded)entry.Event;
        return $"{entry.Position} {price.Asset} {price.Currency} {price.Price} {entry.EffectiveAt} {entry.RecordedAt} "
            + $"{entry.Fact} {entry.Evidence.Source} {entry.Evidence.Quality} {VoidedBy(entry, known)}";
    }

    private ListQuestion Question(Random random, bool isPrices)
    {
        var list = isPrices ? "listPrices" : random.Next(2) == 0 ? "listMovements" : "listEntries";
        var like = entries[random.Next(entries.Count)];
        var moved = ListRows.MovementsOf(like.Event).DefaultIfEmpty().ElementAt(0);
        var price = like.Event as PriceRecorded;
        var asset = Maybe(random, isPrices ? price?.Asset : moved.Asset);
        var hasUnits = !isPrices && asset is not null && moved.Units is not null;
        var tokens = hasUnits ? TokensOf(moved, moved.Units!.Value) : default(ExactDecimal?);
        var filter = new ListFilter
        {
            Account = isPrices ? null : Maybe(random, moved.Account),
            Asset = asset,
            Side = isPrices || random.Next(4) > 0 ? null : moved.Side,
            QuantityMin = hasUnits ? Maybe(random, tokens) : null,
            QuantityMax = hasUnits ? Maybe(random, tokens) : null,
            Currency = isPrices ? Maybe(random, price?.Currency) : null,
            PriceMin = isPrices ? Maybe(random, price?.Price) : null,
            PriceMax = isPrices ? Maybe(random, price?.Price) : null,
            Types = random.Next(5) > 0 ? [] :
            [
                .. new[] { like, entries[random.Next(entries.Count)] }.Take(random.Next(1, 3))
                    .Select(entry => EventNames.Of(entry.Event).Name).Distinct(),
            ],
            Mode = Maybe(random, (EntryMode?)like.Mode),
            Quality = Maybe(random, (EvidenceQuality?)like.Quality),
            Actor = random.Next(4) == 0 ? like.Actor : null,
            Source = random.Next(4) == 0 ? like.Evidence.Source : null,
            FactPrefix = random.Next(4) == 0 ? Prefix(random, like.Fact.ToString()) : null,
            EffectiveFrom = Maybe(random, (Instant?)Near(random, like.EffectiveAt)),
            EffectiveUntil = Maybe(random, (Instant?)entries[random.Next(entries.Count)].EffectiveAt),
            RecordedFrom = Maybe(random, (Instant?)Near(random, like.RecordedAt)),
            RecordedUntil = Maybe(random, (Instant?)entries[random.Next(entries.Count)].RecordedAt),
            Voided = random.Next(4) > 0 ? null : random.Next(2) == 0,
        };
        return new ListQuestion(
            list, filter, (ListOrder)random.Next(2),
            random.Next(3) > 0 ? null : AsOfOf(random, entries[random.Next(entries.Count)].EffectiveAt),
            random.Next(2) == 0 ? null : Near(random, entries[random.Next(Opening, entries.Count)].RecordedAt),
            0, random.Next(1, 40), null, ListFormat.Json);
    }

    private static AsOf? AsOfOf(Random random, Instant at) =>
        AsOf.TryParse(random.Next(2) == 0 ? at.ToString()[..10] : at.ToString(), out var asOf) ? asOf : null;

    private static Instant Near(Random random, Instant at) => at.Plus(random.Next(-1, 2));

    private static string Prefix(Random random, string fact) => fact[..random.Next(1, Math.Min(12, fact.Length) + 1)];

    private static T? Maybe<T>(Random random, T? value)
        where T : struct => random.Next(4) == 0 ? value : null;

    private string Text(ListQuestion question) => string.Create(
        CultureInfo.InvariantCulture, $"{question.Text(key)} known at {question.KnownAt} by {question.Limit}");
}
