using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// Made-up lending positions with an index, the same each time: ether against a stablecoin, touched again and again
/// through a year, in a market whose indices move with each of 50,000 updates of both reserves.
/// </summary>
public static class LendingHistory
{
    /// <summary>Updates of each reserve.</summary>
    public const int Updates = 50_000;

    private const string Market = "pool";

    private static readonly AssetId Ether = History.Asked;
    private static readonly AssetId Tether = AssetId.Parse("USDT");
    private static readonly AccountId Vault = AccountId.Parse("vault");
    private static readonly long Step = (long)History.Length.TotalSeconds / Updates;

    /// <summary>The market book: terms, then an update of each reserve every ten minutes.</summary>
    public static IEnumerable<Command> Markets()
    {
        yield return new OpenBook { EffectiveAt = History.Start, Name = "Measured markets" };
        foreach (var (asset, threshold) in new[] { (Ether, "0.83"), (Tether, "0.78") })
        {
            yield return new RecordMarketState
            {
                EffectiveAt = History.Start,
                Market = Market,
                Asset = asset,
                LoanToValueMax = ExactDecimal.Parse("0.7"),
                LiquidationThreshold = ExactDecimal.Parse(threshold),
                LiquidationBonus = ExactDecimal.Parse("0.05"),
            };
        }

        for (var update = 0; update < Updates; update++)
        {
            foreach (var asset in new[] { Ether, Tether })
            {
                yield return new RecordReserve
                {
                    EffectiveAt = At(update),
                    Market = Market,
                    Asset = asset,
                    LiquidityIndex = SupplyIndex(update),
                    VariableBorrowIndex = DebtIndex(update),
                    LiquidityRate = ExactDecimal.Parse("0.02"),
                    VariableBorrowRate = ExactDecimal.Parse("0.04"),
                };
            }
        }
    }

    /// <summary>A treasury is opened, its positions supply and borrow, then both sides are touched.</summary>
    /// <param name="positions">How many positions.</param>
    /// <param name="touches">How often each is touched.</param>
    public static IEnumerable<Command> Commands(int positions, int touches)
    {
        foreach (var command in History.Opening())
        {
            yield return command;
        }

        yield return new RegisterAsset
        {
            EffectiveAt = History.Start,
            Asset = Tether,
            Kind = AssetKind.Stablecoin,
            Decimals = 6,
            ParCurrency = AssetId.Parse("USD"),
        };
        yield return new ContributeCapital
        {
            EffectiveAt = History.Start,
            Account = Vault,
            Asset = Ether,
            Quantity = ExactDecimal.Parse("1000000000"),
        };
        for (var number = 0; number < positions; number++)
        {
            yield return new RegisterAccount
            {
                EffectiveAt = History.Start,
                Account = Position(number),
                Kind = AccountKind.LendingPosition,
                Venue = "pool",
                Market = Market,
            };
            yield return new DepositCollateral
            {
                EffectiveAt = At(0),
                From = Vault,
                Position = Position(number),
                Asset = Ether,
                Quantity = new ExactDecimal(Units(number, isDebt: false), 18),
                Touch = new TouchTerms { Index = SupplyIndex(0) },
            };
            yield return new Borrow
            {
                EffectiveAt = At(0),
                Position = Position(number),
                Asset = Tether,
                Quantity = new ExactDecimal(Units(number, isDebt: true), 6),
                To = Vault,
                Touch = new TouchTerms { Index = DebtIndex(0) },
            };
        }

        for (var touch = 1; touch <= touches; touch++)
        {
            for (var number = 0; number < positions; number++)
            {
                yield return Touch(number, Update(touch - 1, touches), Update(touch, touches), touch);
            }
        }
    }

    private static TouchPosition Touch(int number, int before, int update, int touch)
    {
        var (supplied, owed) = (
            TokenMath.SupplyMinted(Units(number, isDebt: false), Ray(SupplyIndex(0))),
            TokenMath.DebtMinted(Units(number, isDebt: true), Ray(DebtIndex(0))));
        return new TouchPosition
        {
            EffectiveAt = At(update).Plus(touch % 1_000_000),
            Position = Position(number),
            Sides =
            [
                Side(Ether, InterestSide.Supply, supplied, 18, SupplyIndex(before), SupplyIndex(update)),
                Side(Tether, InterestSide.Debt, owed, 6, DebtIndex(before), DebtIndex(update)),
            ],
        };
    }

    private static SideTouch Side(
        AssetId asset, InterestSide side, BigInteger scaled, int decimals, ExactDecimal before, ExactDecimal now) =>
        new(asset, side, new TouchTerms
        {
            Index = now,
            IndexBefore = before,
            ScaledBefore = new ExactDecimal(scaled, decimals),
        });

    private static AccountId Position(int number) =>
        AccountId.Parse(string.Create(CultureInfo.InvariantCulture, $"position-{number}"));

    /// <summary>At which update a touch is; more touches than updates share some.</summary>
    private static int Update(int touch, int touches) => (int)((long)touch * (Updates - 1) / Math.Max(1, touches));

    private static Instant At(int update) => History.Start.Plus(update * Step * 1_000_000);

    private static ExactDecimal SupplyIndex(int update) => new(10_000_000L + (update * 4L), 7);

    private static ExactDecimal DebtIndex(int update) => new(10_000_000L + (update * 8L), 7);

    private static BigInteger Units(int number, bool isDebt) => isDebt
        ? (12_000 + (number % 500)) * BigInteger.Pow(10, 6)
        : (10_000 + (number % 977)) * BigInteger.Pow(10, 15);

    private static BigInteger Ray(ExactDecimal index) => index.TryMantissaAt(27, out var ray) ? ray : default;
}
