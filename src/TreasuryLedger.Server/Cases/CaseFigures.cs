using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Cases;

/// <summary>A figure with what it rests on; the three parts add up to it exactly.</summary>
/// <param name="Value">The figure.</param>
/// <param name="OnFacts">The part that sources state.</param>
/// <param name="OnDerived">The part that is arithmetic on facts.</param>
/// <param name="OnAssumed">The part that was chosen.</param>
public sealed record CaseFigure(
    ExactDecimal Value, ExactDecimal OnFacts, ExactDecimal OnDerived, ExactDecimal OnAssumed);

/// <summary>The figures of a case that others published too, each as our books give it.</summary>
/// <param name="at">The treasury at the figure's as-of instant.</param>
/// <param name="terms">Which assets the case is about.</param>
public sealed class CaseFigures(TreasuryAt at, CaseAuditTerms terms)
{
    /// <summary>The names that <see cref="Of"/> knows.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "collateral", "debt", "sent_to_exchange", "proceeds", "cost_basis", "realized_gain", "repaid",
        "liquidation_price",
    ];

    /// <summary>Our figure; <c>null</c> if the books cannot give it (a price or basis is missing).</summary>
    /// <param name="figure">One of <see cref="Names"/>.</param>
    /// <param name="from">For a figure over a span: its start (inclusive).</param>
    public CaseFigure? Of(string figure, Instant? from) => figure switch
    {
        "collateral" => Tokens(terms.CollateralAsset, from, Collateral),
        "debt" => Tokens(terms.DebtAsset, from, Owed),
        "sent_to_exchange" => Tokens(terms.Asset, from, SentToExchange),
        "repaid" => Tokens(terms.DebtAsset, from, Repaid),
        "proceeds" => Money(from, sale => sale.Proceeds, sale => []),
        "cost_basis" => Money(
            from, sale => sale.CostBasis, sale => sale.Takes.Select(take => (take.Quality, take.Cost))),
        "realized_gain" => Money(
            from, sale => sale.RealizedGain, sale => sale.Takes.Select(take => (take.Quality, take.Gain))),
        "liquidation_price" => LendingPositions.Together(at.Positions)
            .LiquidationPrice(terms.CollateralAsset, at.Registers.DecimalsOf(terms.CollateralAsset)) is { } price
                ? new CaseFigure(price, ExactDecimal.Zero, price, ExactDecimal.Zero)
                : null,
        _ => throw new CaseFolderException($"published.csv: there is no figure '{figure}'; known are "
            + $"{string.Join(", ", Names)}."),
    };

    private static CaseFigure Sum(IEnumerable<(EvidenceQuality Quality, BigInteger Part)> parts, int scale)
    {
        var sums = parts.ToLookup(part => part.Quality, part => part.Part);
        ExactDecimal Of(IEnumerable<BigInteger> units) =>
            new(units.Aggregate(BigInteger.Zero, (sum, part) => sum + part), scale);
        return new CaseFigure(
            Of(sums.SelectMany(group => group)),
            Of(sums[EvidenceQuality.Fact]),
            Of(sums[EvidenceQuality.Derived]),
            Of(sums[EvidenceQuality.Assumed]));
    }

    private CaseFigure Tokens(AssetId asset, Instant? from, Func<LedgerEvent, IEnumerable<Quantity>> parts) => Sum(
        at.Entries.Where(entry => from is null || entry.EffectiveAt >= from)
            .SelectMany(entry => parts(entry.Event).Select(part => (entry.Quality, part.Units))),
        at.Registers.DecimalsOf(asset));

    private IEnumerable<Quantity> Collateral(LedgerEvent happened) => Movements.Held(happened)
        .Where(moved => IsKind(moved.Account, AccountKind.LendingPosition) && moved.Asset == terms.CollateralAsset)
        .Select(moved => moved.Change);

    private IEnumerable<Quantity> Owed(LedgerEvent happened) => Movements.Owed(happened)
        .Where(moved => moved.Asset == terms.DebtAsset)
        .Select(moved => moved.Change);

    private IEnumerable<Quantity> SentToExchange(LedgerEvent happened) =>
        happened is AssetTransferred sent && sent.Sent.Asset == terms.Asset && IsKind(sent.To, AccountKind.Exchange)
            ? [sent.Sent.Quantity]
            : [];

    private IEnumerable<Quantity> Repaid(LedgerEvent happened) =>
        happened is DebtRepaid repaid && repaid.Repaid.Asset == terms.DebtAsset ? [repaid.Repaid.Quantity] : [];

    private CaseFigure? Money(
        Instant? from,
        Func<Disposal, Amount?> whole,
        Func<Disposal, IEnumerable<(EvidenceQuality Quality, Amount? Part)>> byLot)
    {
        var sales = at.Book.Disposals
            .Where(sale => sale.Kind == DisposalKind.Sale && sale.Pool == terms.Asset)
            .Where(sale => from is null || sale.At >= from)
            .ToList();
        if (sales.Any(sale => whole(sale) is null))
        {
            return null;
        }

        var quality = at.Entries.ToDictionary(entry => entry.Position, entry => entry.Quality);
        return Sum(
            sales.SelectMany(sale => byLot(sale).Select(part => (part.Quality, part.Part!.Value.Attos))
                .DefaultIfEmpty((quality[sale.Entry], whole(sale)!.Value.Attos))),
            Amount.Decimals);
    }

    private bool IsKind(AccountId account, AccountKind kind) => at.Registers.Accounts[account].Kind == kind;
}
