using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Server.Answers.Postings;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Lists.Derived;
using TreasuryLedger.Server.Platform.Sheets;

namespace TreasuryLedger.Server.Exports;

/// <content>Sheets of the books: what moved, every posting, every price, what is owed.</content>
internal sealed partial class WorkbookFile
{
    /// <summary>Opening, what came and what left, closing; each asset says whether it adds up.</summary>
    private void RollForwards()
    {
        var roll = RollForward.Of(null, _seen.At.Happened, _seen.At.State).RoundTo(_seen.Digits);
        using var sheet = _workbook.Begin(
            "Roll-forward", ("Asset", 10), ("Movement", 20), ("Quantity", 26), ("Cost", 24), ("Adds up", 10));
        foreach (var row in roll.Rows)
        {
            var first = sheet.Rows + 1;
            Add("opening", row.OpeningQuantity, row.OpeningCost);
            foreach (var move in row.Movements)
            {
                Add(ListRows.Word(move.Kind), move.Quantity, move.Cost);
            }

            Add("rounding", Quantity.Zero, row.CostRounding);
            var last = sheet.Rows;
            sheet.Add(
                row.Asset.ToString(), "closing",
                new(_seen.Tokens(row.Asset, row.ClosingQuantity).ToString(), CellStyle.Units),
                new(row.ClosingCost.ToString(), CellStyle.Total, $"SUM(D{first}:D{last})"),
                new(row.ClosingCost == Sum(row) ? "1" : "0", CellStyle.Plain, $"ABS(SUM(C{first}:C{last})-C{last + 1})"
                    + "<0.000001"));

            void Add(string movement, Quantity units, Amount cost) => sheet.Add(
                row.Asset.ToString(), movement,
                new(_seen.Tokens(row.Asset, units).ToString(), CellStyle.Units), Money(cost));
        }

        static Amount Sum(RollForwardRow row) => row.Movements.Aggregate(
            row.OpeningCost + row.CostRounding, (sum, move) => sum + move.Cost);
    }

    /// <summary>Every posting, in the order in which it came; together they are zero.</summary>
    private void Ledger(CancellationToken cancellation)
    {
        using var sheet = _workbook.Begin(
            "General ledger", ("Entry", 8), ("At", 28), ("Fact", 34), ("Account", 26), ("Place", 16), ("Transfer", 24),
            ("Asset", 10), ("Quantity", 26), ("Debit", 24), ("Credit", 24));
        var (debit, credit) = (Amount.Zero, Amount.Zero);
        foreach (var (entry, postings) in TrialBalanceAnswer.PostingsOf(_seen))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var posting in postings)
            {
                var isDebit = posting.Amount.Sign > 0;
                (debit, credit) = isDebit ? (debit + posting.Amount, credit) : (debit, credit - posting.Amount);
                sheet.Add(
                    Whole(entry.Position), entry.EffectiveAt.ToString(), entry.Fact.ToString(),
                    ListRows.Word(posting.Account), posting.Place?.ToString(), posting.Transfer?.ToString(),
                    posting.Asset.ToString(),
                    new(_seen.Tokens(posting.Asset, posting.Quantity).ToString(), CellStyle.Units),
                    isDebit ? Money(posting.Amount) : null, posting.Amount.Sign < 0 ? Money(-posting.Amount) : null);
                _seen.Cost.Write(1);
            }
        }

        var last = sheet.Rows;
        sheet.Add(
            "Total", null, null, null, null, null, null, null, Total(debit, 'I', last), Total(credit, 'J', last));
        sheet.Add(
            "Debits equal credits", null, null, null, null, null, null, null, null,
            new(debit == credit ? "1" : "0", CellStyle.Plain, $"ABS(I{last + 1}-J{last + 1})<0.01"));
    }

    private void Prices(CancellationToken cancellation)
    {
        using var sheet = _workbook.Begin(
            "Price evidence", ("Valued", 12), ("Fact", 34), ("Entry", 8), ("At", 28), ("Asset", 10), ("Quantity", 22),
            ("Value", 24), ("Price", 20), ("Observed", 28), ("Price entry", 11), ("Source", 30), ("Evidence", 10));
        foreach (var use in _seen.At.Happened.SelectMany(happened => PriceUse.Of(happened.Rows)))
        {
            cancellation.ThrowIfCancellationRequested();
            sheet.Add(
                ListRows.Word(use.Kind), use.Fact.ToString(), Whole(use.Entry), use.UsedAt.ToString(),
                use.Asset.ToString(),
                new(use.Quantity is { } units ? _seen.Tokens(use.Asset, units).ToString() : null, CellStyle.Units),
                Money(use.Value), new(use.Price.Price.ToString(), CellStyle.Units), use.Price.ObservedAt.ToString(),
                Whole(use.Price.Position), use.Price.Source, ListRows.Word(use.Price.Quality));
        }
    }

    /// <summary>What lending positions hold and owe, valued at the viewpoint.</summary>
    private void Positions()
    {
        using var sheet = _workbook.Begin(
            "Positions", ("Position", 16), ("Side", 12), ("Asset", 10), ("Quantity", 26), ("Price", 20),
            ("Value", 24), ("Price source", 30));
        var asOf = _seen.Standpoint.AsOf;
        foreach (var held in _seen.At.State.Balances().Where(held => IsPosition(held.Account)))
        {
            Add("collateral", held.Account, held.Asset, held.Quantity);
        }

        foreach (var debt in _seen.At.State.Debts())
        {
            Add("debt", debt.Position, debt.Asset, debt.Quantity);
        }

        bool IsPosition(Core.Journal.AccountId account) =>
            _seen.At.Registers.Accounts.TryGetValue(account, out var known)
            && known.Kind == Core.Journal.AccountKind.LendingPosition;

        void Add(string side, Core.Journal.AccountId position, Core.Journal.AssetId asset, Quantity units)
        {
            var (line, (value, price, _)) = (sheet.Rows + 1, _seen.At.Valuer.Value(asset, units, asOf));
            sheet.Add(
                position.ToString(), side, asset.ToString(),
                new(_seen.Tokens(asset, units).ToString(), CellStyle.Units),
                new(price?.Price.ToString(), CellStyle.Units),
                Money(value, price is null ? null : $"D{line}*E{line}"), price?.Source);
        }
    }
}
