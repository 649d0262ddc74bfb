using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The sentences about indexed positions, loans and what markets run.</summary>
internal static class SpecPositions
{
    /// <summary>
    /// "touch t1 on aave2 supply ETH index 1.1 from 1 of 10", "transfer-supply x1 of 1 ETH from a to b index .. and
    /// index ..", "forgive f1 of 1 USDT on aave2 index ..", "emode e1 1 on aave2", "collateral ETH on aave2 off",
    /// "loan-terms on loan rate 0.1 ...", "lock of 1 ETH at w1 to 2026-02-01", "version m1 3.6", "reserve m1 ETH ...",
    /// "configure m1 ETH fee 0.1 ...", "configure-emode m1 1 0.93 0.95 0.01 collateral ETH ...".
    /// </summary>
    public static Command? Read(string verb, SpecLine line, Instant at) => verb switch
    {
        "touch" => Touch(line, at),
        "transfer-supply" => Transfer(line, at),
        "forgive" => Forgive(line, at),
        "emode" => new ChooseEMode
        {
            EffectiveAt = at,
            Category = int.Parse(line.Word(), System.Globalization.CultureInfo.InvariantCulture),
            Position = Named(line, "on"),
        },
        "collateral" => new SwitchCollateral
        {
            EffectiveAt = at,
            Asset = line.Asset(),
            Position = Named(line, "on"),
            IsCollateral = !line.Take("off"),
        },
        "lock" => Lock(line, at),
        "loan-terms" => Loan(line, at),
        _ => Market(verb, line, at),
    };

    /// <summary>A command with the touches that follow it: "index 1.1 from 1.05 of 10 moved 2".</summary>
    public static Command Touched(SpecLine line, Command command) => command switch
    {
        DepositCollateral deposit => deposit with { Touch = TouchOrNot(line) },
        WithdrawCollateral back => back with { Touch = TouchOrNot(line) },
        Borrow borrow => borrow with { Touch = TouchOrNot(line) },
        Repay repay => repay with { Touch = TouchOrNot(line), SupplyTouch = line.Take("supply") ? Touch(line) : null },
        RecordLiquidation seized => seized with
        {
            CollateralTouch = TouchOrNot(line),
            DebtTouch = line.Take("debt") ? Touch(line) : null,
        },
        _ => command,
    };

    private static Command? Market(string verb, SpecLine line, Instant at)
    {
        switch (verb)
        {
            case "version":
                return new SetMarketVersion { EffectiveAt = at, Market = line.Word(), Version = line.Word() };
            case "reserve":
                return new RecordReserve
                {
                    EffectiveAt = at,
                    Market = line.Word(),
                    Asset = line.Asset(),
                    LiquidityIndex = line.Decimal(),
                    VariableBorrowIndex = line.Decimal(),
                    LiquidityRate = line.Decimal(),
                    VariableBorrowRate = line.Decimal(),
                };
            case "configure":
                return new ConfigureReserve
                {
                    EffectiveAt = at,
                    Market = line.Word(),
                    Asset = line.Asset(),
                    ProtocolFee = line.Figure("fee"),
                    SupplyCap = line.Figure("cap"),
                    IsPaused = line.Take("paused") ? true : null,
                };
            case "reserve-use":
                return new RecordReserveUse
                {
                    EffectiveAt = at,
                    Market = line.Word(),
                    Asset = line.Asset(),
                    Supplied = line.Figure("supplied"),
                    GraceUntil = line.Take("grace") ? line.Instant() : null,
                };
            case "configure-emode":
                return new ConfigureEMode
                {
                    EffectiveAt = at,
                    Market = line.Word(),
                    Category = int.Parse(line.Word(), System.Globalization.CultureInfo.InvariantCulture),
                    LoanToValueMax = line.Decimal(),
                    LiquidationThreshold = line.Decimal(),
                    LiquidationBonus = line.Decimal(),
                    Collateral = Assets(line, "collateral"),
                    Borrowable = Assets(line, "borrowable"),
                };
            default:
                return null;
        }
    }

    private static ImmutableArray<AssetId> Assets(SpecLine line, string word)
    {
        var assets = ImmutableArray.CreateBuilder<AssetId>();
        while (line.Take(word))
        {
            assets.Add(line.Asset());
        }

        return assets.ToImmutable();
    }

    private static TouchPosition Touch(SpecLine line, Instant at)
    {
        var position = Named(line, "on");
        var sides = ImmutableArray.CreateBuilder<SideTouch>();
        while (line.Peek is "supply" or "debt")
        {
            var side = line.Word() == "supply" ? InterestSide.Supply : InterestSide.Debt;
            sides.Add(new SideTouch(line.Asset(), side, Touch(line)));
        }

        return new TouchPosition { EffectiveAt = at, Position = position, Sides = sides.ToImmutable() };
    }

    private static TransferSupply Transfer(SpecLine line, Instant at)
    {
        line.Expect("of");
        var (tokens, asset) = line.Tokens();
        var (from, to) = (Named(line, "from"), Named(line, "to"));
        var left = Touch(line);
        line.Expect("and");
        return new TransferSupply
        {
            EffectiveAt = at,
            From = from,
            To = to,
            Asset = asset,
            Quantity = tokens,
            FromTouch = left,
            ToTouch = Touch(line),
        };
    }

    private static ForgiveDebt Forgive(SpecLine line, Instant at)
    {
        line.Expect("of");
        var (tokens, asset) = line.Tokens();
        return new ForgiveDebt
        {
            EffectiveAt = at,
            Asset = asset,
            Quantity = tokens,
            Position = Named(line, "on"),
            Touch = TouchOrNot(line),
        };
    }

    private static LockUnits Lock(SpecLine line, Instant at)
    {
        line.Expect("of");
        var (tokens, asset) = line.Tokens();
        var account = Named(line, "at");
        line.Expect("to");
        return new LockUnits
        {
            EffectiveAt = at,
            Account = account,
            Asset = asset,
            Quantity = tokens,
            Until = line.Instant(),
        };
    }

    private static AgreeLoanTerms Loan(SpecLine line, Instant at) => new()
    {
        EffectiveAt = at,
        Position = Named(line, "on"),
        Rate = line.Decimal(),
        FloatingMarket = line.Take("over") ? line.Word() : null,
        Days = line.Enum<DayCount>(),
        MarginCallLoanToValue = line.Figure("call"),
        LiquidationLoanToValue = line.Figure("liquidation"),
        MaturesAt = line.Take("matures") ? line.Instant() : null,
        RecallNoticeDays = line.Take("recall")
            ? int.Parse(line.Word(), System.Globalization.CultureInfo.InvariantCulture)
            : null,
    };

    private static TouchTerms? TouchOrNot(SpecLine line) => line.Peek == "index" ? Touch(line) : null;

    private static TouchTerms Touch(SpecLine line)
    {
        line.Expect("index");
        return new TouchTerms
        {
            Index = line.Decimal(),
            IndexBefore = line.Figure("from"),
            ScaledBefore = line.Figure("of") ?? default,
            ScaledMoved = line.Figure("moved"),
        };
    }

    private static AccountId Named(SpecLine line, string word)
    {
        line.Expect(word);
        return line.Account();
    }
}
