using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>A time during which a limit did not hold.</summary>
/// <param name="Limit">Which.</param>
/// <param name="Subject">Of what: a lending position, an asset, a venue or a counterparty.</param>
/// <param name="From">The first instant looked at at which it did not hold.</param>
/// <param name="Until">The first one after that at which it held again; absent if it still does not.</param>
/// <param name="Allowed">The limit at its beginning; absent where it is no number.</param>
/// <param name="Is">What it was then; absent where it is no number, or without bound.</param>
/// <param name="Worst">What it was at worst.</param>
/// <param name="WorstAt">When that was.</param>
/// <param name="Playbook">What the playbook said to the worst of it.</param>
/// <param name="Alert">The alert that was raised about it.</param>
/// <param name="Acting">Of a health factor: what acting at its beginning would have been.</param>
public sealed record BreachRow(
    LimitKind Limit,
    string Subject,
    Instant From,
    Instant? Until,
    ExactDecimal? Allowed,
    ExactDecimal? Is,
    ExactDecimal? Worst,
    Instant WorstAt,
    PlaybookBand? Playbook,
    FactId? Alert,
    ActingRow? Acting);

/// <summary>When limits were broken.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Over">The time that it runs over.</param>
/// <param name="Instants">How many instants were looked at.</param>
/// <param name="Breaches">By their beginning.</param>
public sealed record BreachesAnswer(
    Standpoint Viewpoint, string Version, SeriesAxis Over, int Instants, ImmutableArray<BreachRow> Breaches)
{
    /// <summary>Most instants that are looked at (inclusive).</summary>
    public const int InstantsMax = 10_000;

    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        new("over", "query", typeof(SeriesAxis), "Which time it runs over; without it asOf.", "asOf"),
        new("from", "query", typeof(AsOf), "The first instant (inclusive); without it the opening.", "2026-01-01"),
        new("healthFactorMin", "query", typeof(ExactDecimal), "What if: this least health factor, 1 or more.", "1.3"),
        new("loanToValueMax", "query", typeof(ExactDecimal), "What if: this largest loan-to-value.", "0.7"),
        new("fallMin", "query", typeof(ExactDecimal), "What if: this least common fall, less than 1.", "0.3"),
        .. DeleveragingAnswer.TargetParameters,
        .. DeleveragingAnswer.SaleParameters,
    ];

    /// <summary>The question.</summary>
    public static Func<SeenExposure, BreachesAnswer> Read(QueryReader query)
    {
        var over = query.Word<SeriesAxis>("over") ?? SeriesAxis.AsOf;
        var from = query.Value<AsOf>("from");
        var factor = ExposureQuery.Number(query, "healthFactorMin", 18, ExactDecimal.One);
        var ratio = ExposureQuery.Number(query, "loanToValueMax", 18);
        var fall = ExposureQuery.Number(query, "fallMin", 18);
        var acting = new Acting(DeleveragingAnswer.ReadTarget(query), DeleveragingAnswer.ReadSale(query));
        RiskLimits Change(RiskLimits limits) => limits with
        {
            HealthFactorMin = factor is { } least ? new ExactDecimal(least, 18) : limits.HealthFactorMin,
            LoanToValueMax = ratio is { } most ? new ExactDecimal(most, 18) : limits.LoanToValueMax,
            FallMin = fall is { } far ? new ExactDecimal(far, 18) : limits.FallMin,
        };
        return exposure => Of(exposure, over, from?.In(exposure.Seen.Zone), Change, acting);
    }

    private static BreachesAnswer Of(
        SeenExposure exposure, SeriesAxis over, Instant? from, Func<RiskLimits, RiskLimits> change, Acting acting)
    {
        var seen = exposure.Seen;
        var instants = over == SeriesAxis.AsOf ? Effective(seen, from) : Recorded(seen, from);
        TreasuryAt? At(Instant at) => over == SeriesAxis.AsOf
            ? seen.AsOf(at)
            : seen.View.At(at, at, seen.Choice, seen.Cost);
        var looked = instants.Select(at => (At: at, Treasury: At(at)))
            .Where(one => one.Treasury is not null)
            .Select(one => (one.At, Risk: new RiskAt(one.Treasury!, exposure.Asked)))
            .Select(one => (one.At, one.Risk.Broken(change(one.Risk.Limits))));
        var book = RiskAt.BookOf(seen.At);
        return new BreachesAnswer(
            seen.Standpoint,
            exposure.Version.Text(),
            over,
            instants.Count,
            [
                .. Core.Exposure.Limits.Breaches.Of(looked).Select(breach => new BreachRow(
                    breach.Limit, breach.Subject, breach.From, breach.Until, breach.First.Allowed, breach.First.Is,
                    breach.Worst, breach.WorstAt,
                    breach.Limit == LimitKind.HealthFactorMin
                        ? Playbook.BandOf(book.PlaybookAt(breach.WorstAt)?.Bands ?? [], breach.Worst)
                        : null,
                    AlertOf(book, breach, seen.Standpoint.AsOf),
                    breach.Limit == LimitKind.HealthFactorMin ? acting.At(exposure, At(breach.From)!, breach) : null)),
            ]);
    }

    private static FactId? AlertOf(RiskBook book, Breach breach, Instant at) => book.Alerts(at)
        .Where(one => one.Raised.Limit == breach.Limit && one.Raised.Subject == breach.Subject
            && one.Since >= breach.From && !(one.Since >= breach.Until))
        .Select(one => (FactId?)one.Fact)
        .FirstOrDefault();

    /// <summary>Every instant up to the viewpoint at which anything may change.</summary>
    internal static List<Instant> Effective(Seen seen, Instant? from)
    {
        var (until, view) = (seen.Standpoint.AsOf, seen.View);
        var assets = seen.At.Registers.Assets;
        // A price also grows too old without anything happening.
        var ages = RiskAt.BookOf(seen.At).Limits(seen.Opened, until)
            .Select(dated => dated.Limits.PriceAgeMaxSeconds).OfType<long>().Distinct().ToList();
        var begin = Instant.Latest(from ?? default, view.Treasury.Entries[0].EffectiveAt);
        var oldest = new Instant(Math.Max(0, begin.Microseconds - ages.Append(0).Max(Older)));
        var changes = Changes(view.Treasury, oldest)
            .Concat(Changes(
                view.Prices, oldest, told => told is PriceRecorded price && assets.ContainsKey(price.Asset)))
            .Concat(Changes(view.Markets, oldest))
            .ToList();
        return Bounded(changes
            .Concat(ages.SelectMany(age => changes.Select(at => at.Plus(Older(age)))))
            .Concat(DayEnds(seen.Zone, begin, until))
            .Append(until)
            .Append(begin)
            .Where(at => at >= begin && at <= until));

        static long Older(long age) => (age * MicrosecondsPerSecond) + 1;
    }

    /// <summary>When entries of a journal from an instant on were true; only those that must be are decoded.</summary>
    private static IEnumerable<Instant> Changes(
        JournalView journal, Instant from, Func<LedgerEvent, bool>? counts = null)
    {
        for (var index = 0; index < journal.Log.Count; index++)
        {
            var at = journal.Log.EffectiveAt(index);
            if (at >= from && (counts is null || counts(journal.Log[index].Event)))
            {
                yield return at;
            }
        }
    }

    /// <summary>Every instant up to the viewpoint at which anything was recorded.</summary>
    internal static List<Instant> Recorded(Seen seen, Instant? from) => Bounded(
        new[] { seen.View.Treasury, seen.View.Prices, seen.View.Markets }
            .SelectMany(journal => journal.Entries.Take((int)journal.Head.Position))
            .Select(entry => entry.RecordedAt)
            .Append(seen.Standpoint.KnownAt)
            .Where(at => at >= (from ?? default) && at <= seen.Standpoint.KnownAt));

    /// <summary>Debt grows without anything happening, too.</summary>
    private static IEnumerable<Instant> DayEnds(TimeZoneInfo zone, Instant from, Instant until)
    {
        var (day, last) = (LocalDay.Of(from, zone), LocalDay.Of(until, zone));
        for (var count = 0; day < last && count <= InstantsMax; day = day.AddDays(1), count++)
        {
            yield return LocalDay.EndOf(day, zone);
        }
    }

    private static List<Instant> Bounded(IEnumerable<Instant> instants)
    {
        List<Instant> distinct = [.. instants.Distinct().Order()];
        return distinct.Count <= InstantsMax ? distinct : throw ProblemException.Of(
            ErrorRegistry.QueryInvalid,
            $"There are {distinct.Count} instants to look at, more than {InstantsMax}; begin later with 'from'.",
            ("parameter", "from"),
            ("instants", distinct.Count),
            ("instantsMax", InstantsMax));
    }
}
