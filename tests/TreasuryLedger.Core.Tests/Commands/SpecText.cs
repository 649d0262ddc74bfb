using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>How specifications write what was recorded.</summary>
internal static class SpecText
{
    public static string Of(Entry entry, TreasuryState state) => Of(entry.Event, state);

    /// <summary>"c1 given observation effective 2026-01-05T00:00:00Z voids 13 order 1.2 source tester".</summary>
    public static string Header(Entry entry)
    {
        string?[] parts =
        [
            $"{entry.Fact}",
            entry.FactIsGiven ? "given" : "generated",
            $"{entry.Mode}".ToLowerInvariant(),
            $"effective {entry.EffectiveAt}",
            entry.Voids is { } voids ? $"voids {voids}" : null,
            entry.Fulfils is { } fulfils ? $"fulfils {fulfils}" : null,
            entry.SourceOrder is { } order ? $"order {order}" : null,
            $"source {entry.Evidence.Source}",
        ];
        return string.Join(' ', parts.Where(part => part is not null));
    }

    public static string Of(InstructionProgress progress, SpecWorld world)
    {
        var state = world.Treasury;
        var legs = progress.Legs.Select(leg =>
            $"{Tokens(leg.Fulfilled, leg.Instructed.Asset, state)} of {Of(leg.Instructed, state)}");
        var deviations = progress.Deviations.Select(deviation =>
            $" | {deviation.Kind} {Tokens(deviation.Difference, deviation.Asset, state)} {deviation.Asset} at "
            + $"{deviation.Account} by {world.Entries[(int)deviation.Entry - 1].Fact}");
        return $"{progress.Status}: {string.Join(", ", legs)}{string.Concat(deviations)}";
    }

    private static string Of(LedgerEvent happened, TreasuryState state)
    {
        var text = happened switch
        {
            InstructionGiven given => $"InstructionGiven {Of(given.Intended, state)}"
                + (given.Reserves ? " reserving" : "")
                + (given.ExpiresAt is { } until ? $" until {until}" : ""),
            BreakOpened opened => $"BreakOpened entry {opened.Entry} claim {Of(opened.Claim, state)}",
            EvidenceAdded added => $"EvidenceAdded entry {added.Entry}",
            EntryAnnotated noted => $"EntryAnnotated entry {noted.Entry}",
            InstructionCancelled cancelled => $"InstructionCancelled {cancelled.Instruction}",
            TransferDispatched sent => $"TransferDispatched {Moved(sent, state)} to {sent.To}",
            TransferArrived arrived => $"TransferArrived {Moved(arrived, state)} of {arrived.Transfer}",
            LiquidationRecorded seized => $"LiquidationRecorded {Moved(seized, state)} bonus "
                + $"{Tokens(seized.Bonus, seized.Seized.Asset, state)} protocol "
                + Tokens(seized.ProtocolFee, seized.Seized.Asset, state),
            TermsAdopted { Terms: var terms } adopted => $"TermsAdopted {adopted.Book} {terms.LotMethod} "
                + $"{terms.BasisScope} {terms.Stablecoins} {terms.IncomeBasis} {terms.PriceAgeMaxSeconds}",
            TermsProposed proposed =>
                $"TermsProposed {proposed.Book} {proposed.Terms.LotMethod} by {proposed.ProposedBy}",
            DecisionProposed proposed => $"DecisionProposed {Of(proposed.Decision, state)} by {proposed.ProposedBy}",
            LotsIdentified said => $"LotsIdentified of {said.Fact} leg {said.Leg}"
                + string.Concat(said.Lots.Select(lot => $" lot {lot.Acquisition}:{lot.Leg} {lot.Quantity}"))
                + (said.Filter is { } like ? $" like {like.Acquisition}:{like.Leg} cost {like.UnitCost}" : "")
                + $" {said.Method}",
            StandingOrderGiven order => $"StandingOrderGiven {order.Book} {order.Account} {order.Method}",
            BasisAllocated allocated => $"BasisAllocated {allocated.Book} {allocated.Method}"
                + string.Concat(allocated.Units.Select(one =>
                    $" lot {one.Units.Acquisition}:{one.Units.Leg} {one.Units.Quantity} at {one.Account}"))
                + string.Concat(allocated.Accounts.Select(account => $" to {account}")),
            UnitsHandedOver handover => $"UnitsHandedOver {Moved(handover, state)} to {handover.Treasury}",
            UnitsTakenOver taken => $"UnitsTakenOver {Moved(taken, state)} from {taken.Treasury}"
                + string.Concat(taken.Lots.Select(lot =>
                    $" lot {lot.Quantity} {lot.AcquiredAt} {Or(lot.Cost?.Amount)} {Or(lot.Book)}")),
            LimitsSet { Limits: var limits } => $"LimitsSet ltv {Or(limits.LoanToValueMax)} "
                + $"health {Or(limits.HealthFactorMin)} fall {Or(limits.FallMin)}"
                + string.Concat(limits.Concentrations.Select(one => $" {one.Of} {one.Name ?? "each"} {one.PartMax}"))
                + string.Concat(limits.Venues.Select(venue => $" venue {venue}"))
                + $" age {Or(limits.PriceAgeMaxSeconds)}",
            PlaybookAdopted { Bands: var bands } => "PlaybookAdopted" + string.Concat(bands.Select(band =>
                $" below {band.HealthFactorBelow} {band.Action} to {Or(band.HealthFactorTarget)} within "
                + $"{band.DeadlineSeconds} by {band.Approver}")),
            AlertRaised raised =>
                $"AlertRaised {raised.Limit} {raised.Subject} is {Or(raised.Is)} of {Or(raised.Allowed)}",
            AlertAcknowledged seen => $"AlertAcknowledged {seen.Alert}",
            AlertResolved over => $"AlertResolved {over.Alert}",
            FourEyesSet rule => $"FourEyesSet above {Or(rule.InstructionsAbove)}",
            ChangeProposed proposed => $"ChangeProposed by {proposed.ProposedBy} {Of(proposed.Change, state)}",
            ProposalDeclined declined => $"ProposalDeclined entry {declined.Proposal} by {declined.DeclinedBy}",
            PeriodClosed closed => $"PeriodClosed {closed.Book} {closed.From} {closed.Until}",
            PeriodSealed seal => $"PeriodSealed {seal.Book} {seal.Until} closing {seal.Closing} known {seal.KnownAt} "
                + $"prices {seal.PricePosition} version {seal.CalculationVersion} by {seal.SealedBy}",
            ReopeningRequested asked => $"ReopeningRequested {asked.Book} {asked.Until} seal {asked.Seal} "
                + $"by {asked.RequestedBy}",
            PeriodReopened open => $"PeriodReopened {open.Book} {open.Until} closing {open.Closing}"
                + (open.Request is { } request ? $" request {request}" : ""),
            PositionTouched touched => $"PositionTouched {Moved(touched, state)}"
                + string.Concat(touched.Touches.Select(touch =>
                    $" scaled {touch.Position} {Tokens(touch.ScaledAfter, touch.Asset, state)}")),
            EModeChosen chosen => $"EModeChosen {chosen.Position} {chosen.Category}",
            CollateralSwitched switched => $"CollateralSwitched {switched.Position} {switched.Asset} "
                + switched.IsCollateral,
            MarketVersionSet set => $"MarketVersionSet {set.Market} {set.Version}",
            AccountRegistered account => $"AccountRegistered {account.Account} {account.Kind}",
            AssetRegistered asset => $"AssetRegistered {asset.Asset} {asset.Kind} {asset.Decimals}",
            _ => $"{happened.GetType().Name} {Moved(happened, state)}",
        };
        return text.TrimEnd();
    }

    /// <summary>"w1 -10 ETH, w2 +10 ETH, owed aave +5 USDT".</summary>
    private static string Moved(LedgerEvent happened, TreasuryState state) => string.Join(
        ", ",
        Movements.Held(happened).Select(movement => Of(movement, state)).Concat(
            Movements.Owed(happened).Select(movement => "owed " + Of(movement, state))));

    private static string Of(Movement movement, TreasuryState state) =>
        $"{movement.Account} {(movement.Change.Sign > 0 ? "+" : "")}"
        + $"{Tokens(movement.Change, movement.Asset, state)} {movement.Asset}";

    private static string Of(Leg leg, TreasuryState state) =>
        $"{Tokens(leg.Quantity, leg.Asset, state)} {leg.Asset} at {leg.Account}";

    private static string Tokens(Quantity quantity, AssetId asset, TreasuryState state) =>
        quantity.ToTokens(state.Registers.DecimalsOf(asset)).ToString();

    private static string Or(object? figure) => figure?.ToString() ?? "-";
}
