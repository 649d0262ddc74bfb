using System.Collections.Frozen;
using System.Numerics;
using System.Text.RegularExpressions;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;

namespace TreasuryLedger.Model;

/// <summary>The product's answer in the words of the model: every public figure of its book.</summary>
public static partial class ProductBook
{
    /// <summary>Every figure as a line of text, sorted.</summary>
    public static IReadOnlyList<string> Answer(History history, Question question)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(question);
        var book = TreasuryAt.Of(
            history.Treasury, history.Prices, [], question.At, question.Choice).Book;
        var lines = new List<string>();
        Units(book, lines);
        Pools(book, lines);
        foreach (var disposal in book.Disposals)
        {
            Disposal(disposal, lines);
        }

        Flows(book, lines);
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static void Units(Book book, List<string> lines)
    {
        foreach (var balance in book.Balances)
        {
            lines.Add(Words.Line("balance", balance.Account, balance.Asset, balance.Quantity));
        }

        foreach (var debt in book.Debts)
        {
            lines.Add(Words.Line("debt", debt.Position, debt.Asset, debt.Quantity));
        }

        foreach (var transfer in book.InTransit)
        {
            lines.Add(Words.Line(
                "transit", transfer.Fact, transfer.Asset, transfer.From, transfer.To, transfer.SentAt,
                transfer.ExpectedBy, transfer.Sent, transfer.Arrived, transfer.Overdue));
        }

        foreach (var missing in book.Shortfalls)
        {
            lines.Add(Words.Line(
                "shortfall", missing.Account, missing.Asset, Kind(missing.Kind), "from", missing.From,
                "until", missing.Until, "deepest", missing.Deepest, "latest", missing.Latest));
        }
    }

    private static void Pools(Book book, List<string> lines)
    {
        foreach (var pool in book.Pools)
        {
            if (!pool.Open.IsZero || !pool.Deficit.IsZero || !pool.Balance.IsZero)
            {
                lines.Add(Words.Line(
                    "pool", Name(pool.Pool, pool.Account, pool.InTransit), "balance", pool.Balance, "open", pool.Open,
                    "deficit", pool.Deficit, "cost", Attos(pool.OpenCost)));
            }
        }

        BigInteger cost = 0;
        foreach (var lot in book.OpenLots)
        {
            cost += Attos(lot.Cost) ?? 0;
            lines.Add(Words.Line(
                "open", Name(lot.Pool, lot.Account, lot.InTransit), lot.LotId, "of", lot.AcquiredAt,
                "units", lot.Remaining, lot.Original, "cost", Attos(lot.Cost), Attos(lot.OriginalCost), lot.Quality,
                Price(lot.Price)));
        }

        foreach (var take in book.Disposals.SelectMany(disposal => disposal.Takes))
        {
            cost += Attos(take.Cost) ?? 0;
        }

        lines.Add(Words.Line("cost", Attos(book.CostAcquired), cost, "conserved", book.IsConserved));
    }

    private static void Disposal(Disposal disposal, List<string> lines)
    {
        var name = new LotId(disposal.Fact, disposal.Leg);
        lines.Add(Words.Line(
            "disposal", name, Kind(disposal.Kind), disposal.Account, disposal.Asset, disposal.Pool, disposal.Quantity,
            "at", disposal.At, "proceeds", Attos(disposal.Proceeds), "basis", Attos(disposal.CostBasis),
            "gain", Attos(disposal.RealizedGain), "without-lot", disposal.WithoutLot,
            "basis-missing", disposal.BasisMissing, "matched", Attos(disposal.MatchedCost),
            Attos(disposal.MatchedProceeds), Attos(disposal.MatchedGain), disposal.Quality, Price(disposal.Price),
            Kind(disposal.Identification), disposal.FinalFrom));
        var number = 0;
        foreach (var take in disposal.Takes)
        {
            lines.Add(Words.Line(
                "take", name, number++, take.LotId, "of", take.AcquiredAt, "units", take.Quantity, "cost",
                Attos(take.Cost), "proceeds", Attos(take.Proceeds), "gain", Attos(take.Gain), take.Quality,
                Kind(take.Rule), take.Term is { } term ? Kind(term) : ""));
        }
    }

    private static void Flows(Book book, List<string> lines)
    {
        foreach (var income in book.Incomes)
        {
            lines.Add(Words.Line(
                "income", Kind(income.Kind), new LotId(income.Fact, 0), "at", income.At, income.Account, income.Asset,
                income.Quantity, "value", Attos(income.Value), income.Quality, Price(income.Price)));
        }

        foreach (var expense in book.Expenses)
        {
            lines.Add(Words.Line(
                "expense", Kind(expense.Kind), new LotId(expense.Fact, expense.Leg), "at", expense.At, expense.Account,
                expense.Asset, expense.Quantity, "value", Attos(expense.Value), expense.Quality, Price(expense.Price)));
        }

        foreach (var contribution in book.Contributions)
        {
            lines.Add(Words.Line(
                "contribution", "", new LotId(contribution.Fact, 0), "at", contribution.At, contribution.Account,
                contribution.Asset, contribution.Quantity, "value", Attos(contribution.Value), contribution.Quality,
                Price(contribution.Price)));
        }

        foreach (var seized in book.Liquidations)
        {
            lines.Add(Words.Line(
                "liquidation", new LotId(seized.Fact, 0), seized.Position, seized.SeizedAsset, seized.Seized, "covered",
                seized.CoveredAsset, seized.Covered, Attos(seized.CoveredValue), "bonus", seized.Bonus,
                Attos(seized.BonusValue), "protocol", seized.ProtocolFee, Attos(seized.ProtocolFeeValue),
                seized.Quality, Price(seized.Price)));
        }
    }

    private static string Name(AssetId pool, AccountId? account, FactId? transfer) =>
        account is not null ? $"{pool}@{account}" : transfer is not null ? $"{pool}@transit:{transfer}" : $"{pool}";

    /// <summary>The model writes kinds in the words of the texts: lower case, hyphens.</summary>
    private static string Kind<T>(T kind)
        where T : struct, Enum =>
        Named<T>.Kinds[kind];

    private static BigInteger? Attos(Amount? amount) => amount?.Attos;

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Upper();

    private static string? Price(PriceUsed? price) =>
        price is null ? null : price.Position == 0 ? Words.Par : Words.Price(price.Price, price.ObservedAt);

    private static class Named<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Kinds = Enum.GetValues<T>().ToFrozenDictionary(
            kind => kind, kind => Upper().Replace(kind.ToString(), "-$0").TrimStart('-').ToLowerInvariant());
    }
}
