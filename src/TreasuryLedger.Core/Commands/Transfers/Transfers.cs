using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>The rule that both transfer commands share; they differ in where the units may go.</summary>
internal static class Transfers
{
    public static Decision Decide(
        Checks check,
        Place destination,
        AccountId from,
        AccountId to,
        AssetId asset,
        ExactDecimal quantity,
        Instant effectiveAt,
        bool inTransit,
        Instant? expectedBy,
        ImmutableArray<FeeTerms> fees)
    {
        check.Account(from, Place.Holding);
        check.Account(to, destination);
        check.Different(from, to);
        var sent = check.Leg(from, Place.Holding, asset, quantity);
        check.Term(expectedBy is null || inTransit, "expectedBy", "needs inTransit: the rest arrives at once");
        check.Term(
            expectedBy is null || expectedBy >= effectiveAt,
            "expectedBy",
            $"is {expectedBy}, before the transfer at {effectiveAt}; it must not be earlier");
        var paid = check.Fees(fees);
        return check.Accept(inTransit
            ? new TransferDispatched(sent, to, expectedBy, paid)
            : new AssetTransferred(sent, to, paid));
    }
}
