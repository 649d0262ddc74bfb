using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Periods;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Seals a closed period: its official statements, as known when it was closed, stand from now on, and their hash is
/// part of the journal.
/// </summary>
public sealed record SealPeriod : PeriodCommand
{
    /// <summary>The hash of the statements that were read and are to be sealed; absent: whatever they are.</summary>
    public string? StatementHash { get; init; }

    private protected override Decision Decide(
        TreasuryState state, DecisionContext context, Checks check, ClosedPeriods periods)
    {
        check.Term(
            StatementHash is null || Texts.IsSha256(StatementHash),
            "statementHash",
            "must be 64 lower-case hexadecimal digits");
        var named = Closed(check, periods);
        if (named is not { } period || check.First is not null)
        {
            return check.Accept(new EntryVoided());
        }

        check.That(period.Seal is null, () => Refusal.Of(
            RefusalCode.PeriodAlreadySealed,
            $"Entry {period.Seal!.Entry} seals this period of book {Book}.",
            ("book", Book),
            ("entry", period.Seal.Entry)));
        var earlier = periods.Of(Book).FirstOrDefault(one => one.Seal is null)!;
        check.That(check.First is not null || earlier == period, () => Refusal.Of(
            RefusalCode.PeriodOutOfOrder,
            $"The period of book {Book} until {earlier.Until} is not sealed yet; seal that one first.",
            ("book", Book),
            ("until", earlier.Until)));
        check.That(period.KnownAt >= period.Until, () => Refusal.Of(
            RefusalCode.PeriodNotOver,
            $"It was closed at {period.KnownAt}, before it ended at {period.Until}: reopen it and close it again.",
            ("closedAt", period.KnownAt),
            ("until", period.Until)));
        var found = context.Frozen is { } frozen && frozen.Closing == period.Closing ? frozen : null;
        check.That(found is not null, () => Refusal.Of(
            RefusalCode.StatementNotReady,
            $"The statements as known at entry {period.Closing} cannot be read yet; seal in a request after it.",
            ("closing", period.Closing)));
        return check.First is null ? Seal(check, period, found!, context.Actor) : check.Accept(new EntryVoided());
    }

    private Decision Seal(Checks check, ClosedPeriod period, FrozenStatement frozen, string actor)
    {
        var open = frozen.Open;
        check.That(open.IsComplete, () => Refusal.Of(
            RefusalCode.PeriodIncomplete,
            $"Facts are missing up to the end of the period: {open.Shortfalls} spans with missing units, "
            + $"{open.Unvalued} postings without a value, {open.BasisMissing} without a cost basis, {open.Incomplete} "
            + "disposals that lack either. Record what is missing, then reopen the period and close it again.",
            ("shortfalls", open.Shortfalls),
            ("unvalued", open.Unvalued),
            ("basisMissing", open.BasisMissing),
            ("incomplete", open.Incomplete),
            ("first", open.First)));
        check.That(StatementHash is null || StatementHash == frozen.Hash, () => Refusal.Of(
            RefusalCode.StatementDiffers,
            $"The statements have the hash {frozen.Hash}, not the one that was named; read them again.",
            ("statementHash", StatementHash!),
            ("hash", frozen.Hash)));
        return check.Accept(new PeriodSealed(
            Book,
            period.From,
            period.Until,
            period.Closing,
            period.KnownAt,
            frozen.PricePosition,
            frozen.CalculationVersion,
            frozen.Hash,
            actor));
    }
}
