using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>What became of an alert, and by whom.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="At">When it holds from.</param>
/// <param name="RecordedAt">When it was recorded.</param>
public sealed record AlertStep(long Entry, Instant At, Instant? RecordedAt);

/// <summary>A limit that is broken, or was when an alert was raised.</summary>
/// <param name="Limit">Which.</param>
/// <param name="Subject">Of what: a lending position, an asset, a venue or a counterparty.</param>
/// <param name="IsBroken">Whether it is broken at the viewpoint.</param>
/// <param name="Allowed">The limit; absent where it is no number.</param>
/// <param name="Is">What it is now, or was when it was raised; absent where it is no number, or without bound.</param>
/// <param name="Playbook">What the playbook says to a health factor that is broken.</param>
/// <param name="Raised">The entry that says so, if there is one.</param>
/// <param name="Acknowledged">The entry by which somebody took notice.</param>
/// <param name="Resolved">The entry that resolves it.</param>
public sealed record LimitAlertRow(
    LimitKind Limit,
    string Subject,
    bool IsBroken,
    ExactDecimal? Allowed,
    ExactDecimal? Is,
    PlaybookBand? Playbook,
    AlertStep? Raised,
    AlertStep? Acknowledged,
    AlertStep? Resolved);

/// <summary>Something that needs attention.</summary>
/// <param name="Code">What.</param>
/// <param name="Since">Since when; absent if nobody can tell.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Account">Where.</param>
/// <param name="Fact">The fact that it is about: a transfer, a disputed fact, an instruction.</param>
/// <param name="Entry">The entry that causes it; of a stale price that in the price book.</param>
/// <param name="Quantity">Whole tokens that are missing, late, too many, without basis, without price or otherwise than
/// instructed.</param>
/// <param name="Count">Of disposals: how many.</param>
/// <param name="Path">Where its cause is asked for.</param>
/// <param name="Limit">Of a limit: which, how far, and what became of the alert.</param>
public sealed record AlertRow(
    AlertCode Code,
    Instant? Since,
    AssetId? Asset,
    AccountId? Account,
    FactId? Fact,
    long? Entry,
    ExactDecimal? Quantity,
    long? Count,
    string Path,
    LimitAlertRow? Limit = null)
{
    internal static AlertRow Of(DerivedStand stand, Alert alert) => new(
        alert.Code, alert.Since, alert.Asset, alert.Account, alert.Fact, alert.Entry,
        alert is { Asset: { } asset, Quantity: { } units } ? stand.Seen.Tokens(asset, units) : null, alert.Count,
        alert.Code switch
        {
            AlertCode.ShortfallOpen => stand.Links.List(
                "shortfalls", ("account", alert.Account), ("asset", alert.Asset), ("ended", "false")),
            AlertCode.TransferOverdue or AlertCode.TransferOverArrived =>
                stand.Links.List("transfers", ("fact", alert.Fact)),
            AlertCode.BreakOpen => stand.Links.Entry(alert.Entry!.Value),
            AlertCode.DisposalsIncomplete =>
                stand.Links.List("disposals", ("asset", alert.Asset), ("complete", "false")),
            AlertCode.PriceMissing => stand.Links.List("unrealized-gains"),
            AlertCode.PriceStale => stand.Links.Price(alert.Entry!.Value),
            AlertCode.InstructionDeviates or AlertCode.InstructionExpired => stand.Links.List("instructions"),
            AlertCode.LimitBroken => stand.Links.List("exposure"),
        },
        alert.Code == AlertCode.LimitBroken ? LimitOf(stand.Seen, alert) : null);

    private static LimitAlertRow LimitOf(Seen seen, Alert alert)
    {
        var (broken, raised) = (alert.Broken, alert.Raised);
        var (limit, subject) = broken is null
            ? (raised!.Raised.Limit, raised.Raised.Subject)
            : (broken.Limit, broken.Subject);
        var bands = RiskAt.BookOf(seen.At).PlaybookAt(seen.Standpoint.AsOf)?.Bands ?? [];
        return new LimitAlertRow(
            limit,
            subject,
            broken is not null,
            broken is null ? raised!.Raised.Allowed : broken.Allowed,
            broken is null ? raised!.Raised.Is : broken.Is,
            limit == LimitKind.HealthFactorMin ? Playbook.BandOf(bands, broken?.Is) : null,
            raised is null ? null : Step(seen, raised.Entry, raised.Since),
            raised?.Acknowledged is { } seenBy ? Step(seen, seenBy.By, seenBy.At) : null,
            raised?.Resolved is { } over ? Step(seen, over.By, over.At) : null);
    }

    private static AlertStep Step(Seen seen, long entry, Instant at) =>
        new(entry, at, seen.At.Log.Find(entry)?.RecordedAt);

    /// <summary>Everything that needs attention, in order.</summary>
    internal static ImmutableArray<Alert> Derive(Seen seen) =>
    [
        .. Alerts.Of(seen.At).Concat(OfInstructions(seen))
            .OrderBy(alert => alert.Since)
            .ThenBy(alert => alert.Code)
            .ThenBy(alert => alert.Asset)
            .ThenBy(alert => alert.Account)
            .ThenBy(alert => alert.Fact)
            .ThenBy(alert => alert.Entry),
    ];

    private static IEnumerable<Alert> OfInstructions(Seen seen)
    {
        var known = VisibleEntries.KnownAt(seen.View.Treasury.Log.Memory.Instructions(), seen.Standpoint.KnownAt);
        foreach (var progress in InstructionProgress.At(known, seen.Standpoint.AsOf))
        {
            var principal = progress.Legs[0].Instructed;
            if (progress.Status == InstructionStatus.Expired)
            {
                yield return new Alert(
                    AlertCode.InstructionExpired, progress.EndedAt, principal.Asset, principal.Account,
                    progress.Given.Fact, progress.Given.Position, principal.Quantity - progress.Legs[0].Fulfilled);
            }

            foreach (var differing in progress.Deviations)
            {
                yield return new Alert(
                    AlertCode.InstructionDeviates, seen.At.Log.Find(differing.Entry)?.EffectiveAt, differing.Asset,
                    differing.Account, progress.Given.Fact, differing.Entry, differing.Difference);
            }
        }
    }
}

/// <summary>What needs attention.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Alerts">By since when, code, asset, account and fact.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record AlertsAnswer(Standpoint Viewpoint, ImmutableArray<AlertRow> Alerts, string? Next);
