using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists.Derived;

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
public sealed record AlertRow(
    AlertCode Code,
    Instant? Since,
    AssetId? Asset,
    AccountId? Account,
    FactId? Fact,
    long? Entry,
    ExactDecimal? Quantity,
    long? Count,
    string Path)
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
        });

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
