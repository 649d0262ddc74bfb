using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>What needs attention (SPEC 7).</summary>
public enum AlertCode
{
    /// <summary>Units are missing at an account, or more was repaid than was owed.</summary>
    ShortfallOpen,

    /// <summary>Units of a transfer have not arrived in time.</summary>
    TransferOverdue,

    /// <summary>More of a transfer arrived than was sent.</summary>
    TransferOverArrived,

    /// <summary>A second source tells a recorded fact differently.</summary>
    BreakOpen,

    /// <summary>Disposals lack proceeds or basis.</summary>
    DisposalsIncomplete,

    /// <summary>Something is held or owed that has no price.</summary>
    PriceMissing,

    /// <summary>Something is held or owed whose latest price is too old.</summary>
    PriceStale,

    /// <summary>What was done differs from what was instructed.</summary>
    InstructionDeviates,

    /// <summary>An instruction expired before it was fulfilled.</summary>
    InstructionExpired,

    /// <summary>A limit of the treasury is broken, or an alert about one is not resolved.</summary>
    LimitBroken,
}

/// <summary>Something that needs attention at a viewpoint.</summary>
/// <param name="Code">What.</param>
/// <param name="Since">Since when; absent if nobody can tell.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Account">Where.</param>
/// <param name="Fact">The fact that it is about.</param>
/// <param name="Entry">The position of the entry that causes it.</param>
/// <param name="Quantity">How many smallest units are missing, late, too many, without basis or without price.</param>
/// <param name="Count">Of disposals: how many.</param>
/// <param name="Broken">Of a limit: which, and how far; absent where it holds again.</param>
/// <param name="Raised">Of a limit: the alert that was raised, if one was.</param>
public sealed record Alert(
    AlertCode Code,
    Instant? Since,
    AssetId? Asset = null,
    AccountId? Account = null,
    FactId? Fact = null,
    long? Entry = null,
    Quantity? Quantity = null,
    long? Count = null,
    BrokenLimit? Broken = null,
    RecordedAlert? Raised = null);

/// <summary>Derives what needs attention from the books of a treasury; instructions are beside them.</summary>
public static class Alerts
{
    /// <summary>Everything that needs attention at a viewpoint, unordered.</summary>
    public static IEnumerable<Alert> Of(TreasuryAt treasury)
    {
        ArgumentNullException.ThrowIfNull(treasury);
        var asOf = treasury.Viewpoint.AsOf;
        return
        [
            .. treasury.State.Shortfalls().Where(missing => missing.Until is null).Select(missing => new Alert(
                AlertCode.ShortfallOpen, missing.From, missing.Asset, missing.Account, Quantity: missing.Latest)),
            .. treasury.State.InTransit(asOf).Where(way => way.Overdue || way.Remaining.Sign < 0).Select(way =>
                new Alert(
                    way.Overdue ? AlertCode.TransferOverdue : AlertCode.TransferOverArrived,
                    way.Overdue ? way.ExpectedBy : way.SentAt, way.Asset, way.To, way.Fact,
                    Quantity: way.Overdue ? way.Remaining : -way.Remaining)),
            .. Breaks(treasury),
            .. treasury.State.DisposedPools.Select(pool => Incomplete(treasury, pool)).OfType<Alert>(),
            .. Prices(treasury),
            .. Limits(treasury),
        ];
    }

    /// <summary>What is broken, with what was said of it; and what was said and nobody has resolved.</summary>
    private static IEnumerable<Alert> Limits(TreasuryAt treasury)
    {
        var risk = new RiskAt(treasury);
        var raised = risk.Book.Alerts(treasury.Viewpoint.AsOf);
        var open = raised.Where(one => one.Resolved is null).ToDictionary(Key);
        foreach (var broken in risk.Broken())
        {
            var key = (broken.Limit, broken.Subject);
            open.Remove(key, out var own);
            // Resolved, and still broken: somebody accepts it.
            own ??= raised.LastOrDefault(one => Key(one) == key);
            yield return Of(treasury, own, broken, key.Limit, key.Subject);
        }

        foreach (var left in open.Values)
        {
            yield return Of(treasury, left, null, left.Raised.Limit, left.Raised.Subject);
        }

        static (LimitKind Limit, string Subject) Key(RecordedAlert one) => (one.Raised.Limit, one.Raised.Subject);
    }

    private static Alert Of(
        TreasuryAt treasury, RecordedAlert? raised, BrokenLimit? broken, LimitKind limit, string subject) => new(
        AlertCode.LimitBroken,
        raised?.Since,
        AssetId.TryParse(subject, out var asset) && limit is LimitKind.AssetPartMax or LimitKind.PriceAgeMax
            ? asset
            : null,
        AccountId.TryParse(subject, out var account) && treasury.Registers.Accounts.ContainsKey(account)
            && limit is LimitKind.HealthFactorMin or LimitKind.LoanToValueMax or LimitKind.FallMin
            ? account
            : null,
        raised?.Fact,
        raised?.Entry,
        Broken: broken,
        Raised: raised);

    /// <summary>A break is settled once the entry that it is about is voided, or the break itself.</summary>
    private static IEnumerable<Alert> Breaks(TreasuryAt treasury)
    {
        var (log, known) = (treasury.Log, treasury.Question.Position);
        foreach (var entry in log.Recorded(0, known))
        {
            if (entry.Event is BreakOpened opened
                && entry.EffectiveAt <= treasury.Viewpoint.AsOf
                && log.Counts(entry, known)
                && log.Find(opened.Entry) is { } disputed
                && log.Counts(disputed, known))
            {
                yield return new Alert(
                    AlertCode.BreakOpen, entry.EffectiveAt, Fact: disputed.Fact, Entry: entry.Position);
            }
        }
    }

    /// <summary>The disposals of a pool that lack something, since the day of the first.</summary>
    private static Alert? Incomplete(TreasuryAt treasury, AssetId pool)
    {
        var state = treasury.State;
        var all = state.Gains(pool, DateOnly.MinValue, DateOnly.MaxValue);
        if (all.Incomplete == 0)
        {
            return null;
        }

        // The number of incomplete ones never falls from day to day.
        var days = state.GainDays();
        var (low, high) = (0, days.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = state.Gains(pool, DateOnly.MinValue, days[middle].AddDays(1)).Incomplete > 0
                ? (low, middle)
                : (middle + 1, high);
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(treasury.Registers.Treasury!.TimeZone);
        return new Alert(
            AlertCode.DisposalsIncomplete, LocalDay.StartOf(days[low], zone), pool, Quantity: all.BasisMissing,
            Count: all.Incomplete);
    }

    private static IEnumerable<Alert> Prices(TreasuryAt treasury)
    {
        var asOf = treasury.Viewpoint.AsOf;
        var age = treasury.State.Policy.Terms.PriceAgeMaxSeconds;
        var held = treasury.State.OpenTotals().Select(open => (Asset: open.Pool, open.Quantity));
        var owed = treasury.State.Debts().Select(debt => (debt.Asset, debt.Quantity));
        foreach (var units in held.Concat(owed).GroupBy(units => units.Asset).OrderBy(units => units.Key))
        {
            var quantity = units.Aggregate(Quantity.Zero, (sum, one) => sum + one.Quantity);
            switch (treasury.Valuer.PriceAt(units.Key, asOf))
            {
                case (_, PriceState.Missing):
                    var first = treasury.State.OpenLots(units.Key).Select(lot => (Instant?)lot.AcquiredAt).Min();
                    yield return new Alert(AlertCode.PriceMissing, first, units.Key, Quantity: quantity);
                    break;
                case ({ } price, PriceState.Stale):
                    // The first instant at which it was older than it may be.
                    var since = price.ObservedAt.Plus((age * 1_000_000) + 1);
                    yield return new Alert(
                        AlertCode.PriceStale, since, units.Key, Entry: price.Position, Quantity: quantity);
                    break;
                default:
                    break;
            }
        }
    }
}
