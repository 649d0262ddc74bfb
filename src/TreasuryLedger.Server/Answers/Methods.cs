using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;

namespace TreasuryLedger.Server.Answers;

/// <summary>What a book would be under one method and scope, all else as it is.</summary>
/// <param name="Method">The lot method.</param>
/// <param name="Scope">The basis scope.</param>
/// <param name="IsOwn">Whether these are the book's own.</param>
/// <param name="Figures">Everything realized up to asOf, rounded asset by asset.</param>
/// <param name="Difference">Its realized gain less that of the book's own method and scope.</param>
/// <param name="OpenCost">The known cost of the lots that are open, exact.</param>
public sealed record MethodRow(
    LotMethod Method, BasisScope Scope, bool IsOwn, GainSums Figures, Amount Difference, Amount OpenCost);

/// <summary>Realized gain under every lot method and both scopes.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Methods">The book's own first, then by method and scope.</param>
public sealed record MethodsAnswer(Standpoint Viewpoint, ImmutableArray<MethodRow> Methods)
{
    /// <summary>The answer.</summary>
    public static MethodsAnswer Of(Seen seen)
    {
        var terms = seen.At.State.Policy.Terms;
        var own = Sums(seen, seen.At);
        return new MethodsAnswer(seen.Standpoint,
        [
            .. from method in Enum.GetValues<LotMethod>()
               from scope in Enum.GetValues<BasisScope>()
               let isOwn = method == terms.LotMethod && scope == terms.BasisScope
               orderby isOwn descending
               select Row(method, scope, isOwn),
        ]);

        MethodRow Row(LotMethod method, BasisScope scope, bool isOwn)
        {
            var at = isOwn ? seen.At : seen.Of(seen.Choice with { Method = method, Scope = scope });
            var sums = isOwn ? own : Sums(seen, at);
            return new MethodRow(
                method, scope, isOwn, GainSums.Of(sums), sums.Gain - own.Gain, at.State.CostOpen);
        }
    }

    /// <summary>The total of the statement of realized gains over everything up to asOf.</summary>
    private static GainTotals Sums(Seen seen, TreasuryAt at) => RealizedGains.Of(
        at.State,
        RealizedGainsAnswer.PeriodsOf(seen, GainPeriod.All, at.State.GainDays()),
        seen.Digits,
        seen.Zone).Total;
}
