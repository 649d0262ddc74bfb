using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Commands;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>
/// A pool is played by the contract's arithmetic, its logs are imported in any order, with logs told twice and a block
/// that left the chain, and the entries are recorded in any order: books and accounts are the contract's, to the unit.
/// </summary>
public sealed class IndexedPositionTests
{
    private static readonly Instant Start = Instant.Parse("2026-01-01T00:00:00Z");
    private static readonly BigInteger Ether = BigInteger.Pow(10, 18);
    private static readonly AccountId Position = PoolSimulator.Terms.Position;

    [Fact]
    public void books_and_accounts_are_the_contracts_after_any_history_in_any_order() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[1, 1_000_000], Gen.Int[0, 90_000], Gen.Bool).Array[1, 24]
            .Select(Gen.Int[0, 1_000])
            .Sample(
                (steps, seed) =>
                {
                    var pool = Played(steps);
                    var random = new Random(seed);
                    var gone = pool.Logs[^1] with { BlockNumber = 90, BlockHash = "0xgone", IsRemoved = true };
                    var logs = pool.Logs.Concat(pool.Logs.Take(seed % 7)).Append(gone).OrderBy(_ => random.Next());
                    var read = AaveImport.Of(logs, PoolSimulator.Terms);
                    foreach (var (address, asset) in PoolSimulator.Terms.Assets)
                    {
                        read.Scaled.GetValueOrDefault(asset.Asset).ShouldBe(pool.Scaled(address));
                    }

                    var now = new Instant(pool.Now * 1_000_000);
                    HoldAgainst(pool, Recorded([.. read.Treasury.OrderBy(_ => random.Next())], read.Markets, now));
                    HoldAgainst(pool, Recorded(read.Treasury, read.Markets, now));
                },
                iter: 60);

    [Fact]
    public void between_touches_interest_accrues_by_the_market_book_and_is_booked_by_the_next_touch()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, 10 * Ether);
        pool.Borrow(PoolSimulator.Usdc, 5_000_000_000);
        var read = AaveImport.Of(pool.Logs, PoolSimulator.Terms);
        var later = new Instant((pool.Now + 86_400) * 1_000_000);

        var at = Recorded(read.Treasury, read.Markets, later);
        var one = at.Positions.Single(position => position.Account == Position);
        var account = AccountsOf(at).All.Single().Account!;

        // Two percent and four percent a year, for a day.
        var grown = TokenMath.SupplyBalance(10 * Ether, InterestMath.Linear(WadRayMath.Ray / 50, 0, 86_400));
        one.Collateral.Single().Quantity.Units.ShouldBe(grown);
        one.Collateral.Single().Side!.Value.Accrued!.Value.Units.ShouldBe(grown - (10 * Ether));
        at.State.BalanceOf(Position, AssetId.Parse("WETH")).Units.ShouldBe(10 * Ether);
        account.Supplied(account.Reserves[1].Id).ShouldBe(grown);
        account.Owed(account.Reserves[0].Id).ShouldBe(one.Debts.Single().Quantity.Units);
        one.Debts.Single().Quantity.Units.ShouldBe(5_000_547_976);
        AccountsOf(at).All.Single().Gaps.ShouldNotContain(AccountGap.TouchMissing);

        // A touch that is not recorded is seen: the books are not what the next one says.
        var lost = Recorded([read.Treasury[1], Again(read.Treasury[0])], read.Markets, later);
        AccountsOf(lost).All.Single().Gaps.ShouldContain(AccountGap.TouchMissing);
    }

    private static Command Again(Command deposit) => (DepositCollateral)deposit with
    {
        Touch = new TouchTerms
        {
            Index = ExactDecimal.One,
            IndexBefore = ExactDecimal.One,
            ScaledBefore = new ExactDecimal(7, 0),
        },
    };

    private static void HoldAgainst(PoolSimulator pool, TreasuryAt at)
    {
        var found = AccountsOf(at);
        var account = found.All.Single(one => one.Id == Position);
        account.Gaps.ShouldNotContain(AccountGap.TouchMissing);
        account.Gaps.ShouldNotContain(AccountGap.IndexMissing);
        at.Book.IsConserved.ShouldBeTrue();
        foreach (var (address, asset) in PoolSimulator.Terms.Assets)
        {
            at.State.BalanceOf(Position, asset.Asset).Units.ShouldBe(pool.Supplied(address), $"supplied {asset}");
            at.State.DebtOf(Position, asset.Asset).Units.ShouldBe(pool.Owed(address), $"owed {asset}");
            if (found.ReserveOf(asset.Asset) is >= 0 and var id)
            {
                var held = account.Account!.Holding(id);
                (held.ScaledSupply, held.ScaledDebt).ShouldBe(pool.Scaled(address));
                account.Account.Supplied(id).ShouldBe(pool.Supplied(address));
                account.Account.Owed(id).ShouldBe(pool.Owed(address));
            }
        }
    }

    private static PositionAccounts AccountsOf(TreasuryAt at) => PositionAccounts.Of(
        at.Positions, at.Registers, at.Markets, at.Viewpoint.AsOf, null, at.State.Facts);

    private static PoolSimulator Played((int Action, int Amount, int Growth, bool IsWeth)[] steps)
    {
        var pool = new PoolSimulator();
        foreach (var (action, amount, growth, isWeth) in steps)
        {
            pool.Grow(growth, 2 * growth);
            var reserve = isWeth ? PoolSimulator.Weth : PoolSimulator.Usdc;
            switch (action)
            {
                case 0:
                    pool.Supply(reserve, 1_000_003 * (BigInteger)amount);
                    break;
                case 1 when pool.Supplied(reserve) > amount:
                    pool.Withdraw(reserve, pool.Supplied(reserve) * amount / 1_000_000);
                    break;
                case 2:
                    pool.Borrow(reserve, 999_983 * (BigInteger)amount);
                    break;
                case 3 when pool.Owed(reserve) > amount:
                    pool.Repay(reserve, pool.Owed(reserve) * amount / 1_000_000);
                    break;
                case 4 when pool.Supplied(reserve) > 1_000 && pool.Owed(reserve) > 1_000:
                    pool.Repay(
                        reserve, BigInteger.Min(pool.Supplied(reserve), pool.Owed(reserve)) / 2, useSupply: true);
                    break;
                case 5 when pool.Scaled(PoolSimulator.Weth).Supplied > amount && pool.Owed(PoolSimulator.Usdc) > amount:
                    pool.Liquidate(
                        pool.Owed(PoolSimulator.Usdc) / 3, pool.Supplied(PoolSimulator.Weth) / 4, amount % 3,
                        amount % 2 == 0);
                    break;
                case 6 when pool.Supplied(PoolSimulator.Weth) > 0 && pool.Owed(PoolSimulator.Usdc) > 1:
                    pool.LiquidateAll(pool.Owed(PoolSimulator.Usdc) / 2);
                    break;
                default:
                    break;
            }
        }

        // What nothing touched in the last block is touched now, so that all is booked at one index.
        foreach (var reserve in new[] { PoolSimulator.Weth, PoolSimulator.Usdc })
        {
            pool.Supply(reserve, 1_000_000);
            pool.Borrow(reserve, 1_000_000);
        }

        return pool;
    }

    /// <summary>The treasury after its commands were decided one after the other, as a server would.</summary>
    private static TreasuryAt Recorded(
        IReadOnlyList<Command> treasury, IReadOnlyList<Command> markets, Instant asOf)
    {
        var opened = new OpenTreasury
        {
            EffectiveAt = Start,
            Name = "A",
            TimeZone = "UTC",
            FiscalYearStart = "01-01",
            ReportingCurrency = AssetId.Parse("USD"),
            PriceBook = "p",
            MarketBook = "m",
        };
        var registered = new Command[]
        {
            opened,
            new RegisterAsset
            {
                EffectiveAt = Start,
                Asset = AssetId.Parse("USD"),
                Kind = AssetKind.Currency,
                Decimals = 2,
            },
            new RegisterAsset
            {
                EffectiveAt = Start,
                Asset = AssetId.Parse("WETH"),
                Kind = AssetKind.Token,
                Decimals = 18,
            },
            new RegisterAsset
            {
                EffectiveAt = Start,
                Asset = AssetId.Parse("USDC"),
                Kind = AssetKind.Token,
                Decimals = 6,
            },
            new RegisterAccount
            {
                EffectiveAt = Start,
                Account = AccountId.Parse("wallet"),
                Kind = AccountKind.Wallet,
                Venue = "v",
            },
            new RegisterAccount
            {
                EffectiveAt = Start,
                Account = Position,
                Kind = AccountKind.LendingPosition,
                Venue = "v",
                Market = PoolSimulator.Terms.Market,
            },
        };
        var prices = new[] { "WETH", "USDC" }.Select(asset => (Command)new RecordPrice
        {
            EffectiveAt = asOf,
            Asset = AssetId.Parse(asset),
            Currency = AssetId.Parse("USD"),
            Price = ExactDecimal.One,
        });
        var terms = new[] { "WETH", "USDC" }.Select(asset => (Command)new RecordMarketState
        {
            EffectiveAt = Start,
            Market = PoolSimulator.Terms.Market,
            Asset = AssetId.Parse(asset),
            LiquidationThreshold = ExactDecimal.Parse("0.83"),
        });
        var book = new OpenBook { EffectiveAt = Start, Name = "b" };
        var known = Instant.Parse("2027-01-01T00:00:00Z");
        return TreasuryAt.Of(
            Decided(JournalKind.Treasury, [.. registered, .. treasury]),
            Decided(JournalKind.PriceBook, [book, .. prices]),
            Decided(JournalKind.MarketBook, [book, .. terms, .. markets]),
            new Viewpoint(asOf, known));
    }

    private static List<Entry> Decided(JournalKind kind, IReadOnlyList<Command> commands)
    {
        var (state, entries) = (TreasuryState.Empty(kind), new List<Entry>());
        var context = new DecisionContext(PriceBookView.Empty, MarketBookView.Empty);
        foreach (var (i, command) in commands.Index())
        {
            state = SpecWorld.Recalling(state, entries, command);
            var decision = Decider.Decide(state, command, context);
            var accepted = decision.ShouldBeOfType<Decision.Accepted>(SpecWorld.Text(decision));
            var entry = Decider.Draft(state, command, accepted).ToEntry(
                i + 1, Start.Plus(i + 1), "t", $"k{i}", new string('0', 64), null);
            state = state.Evolve(entry);
            entries.Add(entry);
        }

        return entries;
    }
}
