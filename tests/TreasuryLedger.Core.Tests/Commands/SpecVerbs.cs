using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The sentences of specifications that become commands.</summary>
internal static class SpecVerbs
{
    /// <summary>
    /// "[instant] verb fact ... [options]". A fact of "-" is not given. Options: fee 0.1 ETH at w1 · order 1.2 ·
    /// instruct · reserve · until 2026-02-01 · fulfils i1 · by source [reference] · hash text · because words.
    /// </summary>
    public static Command Read(SpecLine line, SpecWorld world)
    {
        var at = line.IsInstant() ? line.Instant() : SpecWorld.Start;
        var verb = line.Word();
        var fact = line.Take("-") ? (FactId?)null : line.Fact();
        var command = Opening(verb, line, at, world) ?? Moving(verb, line, at) ?? Lending(verb, line, at)
            ?? SpecPositions.Read(verb, line, at)
            ?? Noting(verb, line, at, world) ?? Period(verb, line, at, world) ?? Deciding(verb, line, at, world)
            ?? SpecRiskVerbs.Read(verb, line, at, world)
            ?? throw new FormatException($"'{verb}' is not known: {line}");
        world.Actor = line.Take("as") ? line.Word() : "tester";
        return Options(line, command with { Fact = fact });
    }

    /// <summary>
    /// "identify - of s1 ETH lot a1:0 2 lot b1:0 1", "... like lot a1:0 cost 100", "... method hifo";
    /// "standing-order - us-tax at w1 hifo"; "allocate - board hifo w1 w2", "... lot a1:0 2 ETH at w1",
    /// "... proposal p1";
    /// "hand-over of 1 ETH at w1 to second".
    /// </summary>
    private static Command? Deciding(string verb, SpecLine line, Instant at, SpecWorld world)
    {
        switch (verb)
        {
            case "identify":
                line.Expect("of");
                var of = line.Fact();
                var asset = line.Asset();
                var lots = ImmutableArray.CreateBuilder<IdentifiedLotTerms>();
                while (line.Take("lot"))
                {
                    lots.Add(new IdentifiedLotTerms(Lot(line), line.Decimal()));
                }

                return new IdentifyLots
                {
                    EffectiveAt = at,
                    Of = of,
                    Asset = asset,
                    Lots = lots.ToImmutable(),
                    Filter = !line.Take("like") ? null : new LotFilterTerms(
                        line.Take("lot") ? Lot(line) : null,
                        null,
                        null,
                        line.Take("cost") ? line.Decimal() : null),
                    Method = line.Take("method") ? line.Enum<LotMethod>() : null,
                };
            case "standing-order":
                return new GiveStandingOrder
                {
                    EffectiveAt = at,
                    Book = line.Word(),
                    Account = At(line),
                    Method = line.Take("ends") ? null : line.Enum<LotMethod>(),
                    Proposal = line.Take("proposal") ? world.Position(line) : null,
                };
            case "allocate":
                var (book, method) = (line.Word(), line.Enum<LotMethod>());
                var units = ImmutableArray.CreateBuilder<AllocatedLotTerms>();
                while (line.Take("lot"))
                {
                    var lot = Lot(line);
                    var (tokens, what) = line.Tokens();
                    units.Add(new AllocatedLotTerms(At(line), lot, what, tokens));
                }

                var accounts = ImmutableArray.CreateBuilder<AccountId>();
                while (line.Take("to"))
                {
                    accounts.Add(line.Account());
                }

                return new AllocateBasis
                {
                    EffectiveAt = at,
                    Book = book,
                    Method = method,
                    Units = units.ToImmutable(),
                    Accounts = accounts.ToImmutable(),
                    Proposal = line.Take("proposal") ? world.Position(line) : null,
                };
            case "hand-over":
                line.Expect("of");
                var (quantity, given) = line.Tokens();
                var from = At(line);
                line.Expect("to");
                return new HandOverUnits
                {
                    EffectiveAt = at,
                    From = from,
                    Asset = given,
                    Quantity = quantity,
                    Treasury = line.Word(),
                };
            case "take-over":
                line.Expect("of");
                var (came, taken) = line.Tokens();
                var to = At(line);
                line.Expect("from");
                var giver = line.Word();
                var told = ImmutableArray.CreateBuilder<TakenOverLotTerms>();
                while (line.Take("lot"))
                {
                    var (part, acquired) = (Core.Money.ExactDecimal.Parse(line.Word()), line.Instant());
                    told.Add(new TakenOverLotTerms(part, acquired, null, line.Take("in") ? line.Word() : null));
                }

                return new TakeOverUnits
                {
                    EffectiveAt = at,
                    To = to,
                    Asset = taken,
                    Quantity = came,
                    Treasury = giver,
                    Lots = told.ToImmutable(),
                };
            default:
                return null;
        }

        static LotId Lot(SpecLine line) => LotId.TryParse(line.Word(), out var lot)
            ? lot
            : throw new FormatException("No lot.");
    }

    private static Command? Period(string verb, SpecLine line, Instant at, SpecWorld world)
    {
        if (verb is not ("close" or "seal" or "ask-reopening" or "reopen"))
        {
            return null;
        }

        var book = line.Word();
        var from = verb == "close" ? line.Instant() : default;
        var until = line.Instant();
        return verb switch
        {
            "close" => new ClosePeriod { EffectiveAt = at, Book = book, From = from, Until = until },
            "seal" => new SealPeriod
            {
                EffectiveAt = at,
                Book = book,
                Until = until,
                StatementHash = line.Take("hash") ? line.Word() : null,
            },
            "ask-reopening" => new RequestReopening { EffectiveAt = at, Book = book, Until = until },
            _ => new ReopenPeriod
            {
                EffectiveAt = at,
                Book = book,
                Until = until,
                Request = line.Take("request") ? world.Position(line) : null,
            },
        };
    }

    private static Command? Opening(string verb, SpecLine line, Instant at, SpecWorld world)
    {
        switch (verb)
        {
            case "open-treasury":
                var open = new OpenTreasury
                {
                    EffectiveAt = at,
                    Name = line.Word().Replace("_", " ", StringComparison.Ordinal),
                    TimeZone = line.Take("zone") ? line.Word() : "Asia/Singapore",
                    FiscalYearStart = line.Take("fiscal") ? line.Word() : "01-01",
                    ReportingCurrency = line.Take("currency") ? line.Asset() : AssetId.Parse("USD"),
                    PriceBook = line.Take("prices") ? line.Word() : "main",
                    MarketBook = line.Take("markets") ? line.Word() : "main",
                    Limits = new InstructionLimits(line.Figure("max-ltv"), line.Figure("min-health")),
                };
                return open with { Policy = Terms(line, open.Policy) };
            case "adopt":
                return new AdoptTerms
                {
                    EffectiveAt = at,
                    Book = line.Word(),
                    Terms = line.Take("nothing") ? null! : Terms(line, PolicyTerms.Starter),
                    Proposal = line.Take("proposal") ? world.Position(line) : null,
                };
            case "open-book":
                return new OpenBook { EffectiveAt = at, Name = line.Word(), ReplayedClock = line.Take("replayed") };
            case "account":
                return new RegisterAccount
                {
                    EffectiveAt = at,
                    Account = line.Account(),
                    Kind = line.Enum<AccountKind>(),
                    Venue = line.Take("venue") ? line.Word() : "somewhere",
                    Market = line.Take("market") ? line.Word() : null,
                };
            case "asset":
                return Asset(line, at);
            default:
                return null;
        }
    }

    /// <summary>"hifo per-account lots zero-income price-age 60", each where it differs.</summary>
    private static PolicyTerms Terms(SpecLine line, PolicyTerms terms)
    {
        while (line.Peek is "lifo" or "hifo" or "average" or "per-account" or "lots" or "zero-income" or "price-age"
            or "attested")
        {
            terms = line.Word() switch
            {
                "per-account" => terms with { BasisScope = BasisScope.PerAccount },
                "attested" => terms with
                {
                    Conventions = new LotConventions(Identification: IdentificationRule.Attested),
                },
                "lots" => terms with { Stablecoins = StablecoinTreatment.Lots },
                "zero-income" => terms with { IncomeBasis = IncomeBasis.Zero },
                "price-age" => terms with { PriceAgeMaxSeconds = (long)line.Decimal().Mantissa },
                var method => terms with { LotMethod = Enum.Parse<LotMethod>(method, ignoreCase: true) },
            };
        }

        return terms;
    }

    private static RegisterAsset Asset(SpecLine line, Instant at) => new()
    {
        EffectiveAt = at,
        Asset = line.Asset(),
        Kind = line.Enum<AssetKind>(),
        Decimals = int.Parse(line.Word(), System.Globalization.CultureInfo.InvariantCulture),
        Chain = line.Take("chain") ? line.Word() : null,
        Contract = line.Take("contract") ? line.Word() : null,
        ParCurrency = line.Take("par") ? line.Asset() : null,
        StandsFor = line.Take("wraps") ? new StandIn(line.Asset(), StandInKind.Wrapped)
            : line.Take("receipt", "for") ? new StandIn(line.Asset(), StandInKind.Receipt)
            : null,
    };

    private static Command? Moving(string verb, SpecLine line, Instant at)
    {
        if (verb == "opening")
        {
            return Balances(line, at);
        }

        if (verb == "arrival")
        {
            line.Expect("of");
            var quantity = line.Decimal();
            line.Expect("for");
            return new ConfirmArrival
            {
                EffectiveAt = at,
                Quantity = quantity,
                Transfer = line.Fact(),
                Account = line.Optional("at"),
                Asset = line.Take("in") ? line.Asset() : null,
            };
        }

        if (verb is not ("contribution" or "yield" or "fee-payment" or "acquire" or "sell" or "transfer"
            or "send-to-exchange" or "wrap" or "unwrap"))
        {
            return null;
        }

        line.Expect("of");
        var (tokens, asset) = line.Tokens();
        return verb switch
        {
            "contribution" => new ContributeCapital
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                Account = At(line),
                Value = line.Money("worth"),
            },
            "yield" => new ReceiveYield
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                Account = At(line),
                Value = line.Money("worth"),
            },
            "fee-payment" => new PayFee { EffectiveAt = at, Asset = asset, Quantity = tokens, Account = At(line) },
            "acquire" or "sell" => Trade(verb, line, at, tokens, asset),
            "transfer" or "send-to-exchange" => Transfer(verb, line, at, tokens, asset),
            _ => Wrap(verb, line, at, tokens, asset),
        };
    }

    private static Command Trade(string verb, SpecLine line, Instant at, Money.ExactDecimal tokens, AssetId asset)
    {
        var account = At(line);
        line.Expect("for");
        var (other, otherAsset) = line.Tokens();
        return verb == "acquire"
            ? new AcquireAsset
            {
                EffectiveAt = at,
                Account = account,
                Asset = asset,
                Quantity = tokens,
                PaidAccount = At(line),
                PaidAsset = otherAsset,
                PaidQuantity = other,
            }
            : new SellToExchange
            {
                EffectiveAt = at,
                Account = account,
                Asset = asset,
                Quantity = tokens,
                ProceedsAccount = line.Optional("at"),
                ProceedsAsset = otherAsset,
                ProceedsQuantity = other,
            };
    }

    private static Command Transfer(string verb, SpecLine line, Instant at, Money.ExactDecimal tokens, AssetId asset)
    {
        line.Expect("from");
        var from = line.Account();
        line.Expect("to");
        var to = line.Account();
        var inTransit = line.Take("in", "transit");
        Instant? expected = line.Take("expected") ? line.Instant() : null;
        return verb == "transfer"
            ? new TransferAsset
            {
                EffectiveAt = at,
                From = from,
                To = to,
                Asset = asset,
                Quantity = tokens,
                InTransit = inTransit,
                ExpectedBy = expected,
            }
            : new TransferToExchange
            {
                EffectiveAt = at,
                From = from,
                To = to,
                Asset = asset,
                Quantity = tokens,
                InTransit = inTransit,
                ExpectedBy = expected,
            };
    }

    private static Command Wrap(string verb, SpecLine line, Instant at, Money.ExactDecimal tokens, AssetId asset)
    {
        line.Expect("into");
        var into = line.Asset();
        var account = At(line);
        var received = line.Figure("giving");
        return verb == "wrap"
            ? new WrapAsset
            {
                EffectiveAt = at,
                Account = account,
                FromAsset = asset,
                ToAsset = into,
                Quantity = tokens,
                ReceivedQuantity = received,
            }
            : new UnwrapAsset
            {
                EffectiveAt = at,
                Account = account,
                FromAsset = asset,
                ToAsset = into,
                Quantity = tokens,
                ReceivedQuantity = received,
            };
    }

    private static OpenBalances Balances(SpecLine line, Instant at)
    {
        var lots = ImmutableArray.CreateBuilder<OpeningLotTerms>();
        var debts = ImmutableArray.CreateBuilder<OpeningDebtTerms>();
        while (line.Peek is "lot" or "debt")
        {
            var isLot = line.Word() == "lot";
            var (tokens, asset) = line.Tokens();
            var account = At(line);
            if (isLot)
            {
                var acquired = line.Take("acquired") ? line.Instant() : at;
                lots.Add(new OpeningLotTerms(account, asset, tokens, acquired, line.Money("cost")));
            }
            else
            {
                debts.Add(new OpeningDebtTerms(account, asset, tokens));
            }
        }

        return new OpenBalances { EffectiveAt = at, Lots = lots.ToImmutable(), Debts = debts.ToImmutable() };
    }

    private static Command? Lending(string verb, SpecLine line, Instant at)
    {
        if (verb is not ("deposit" or "withdraw" or "borrow" or "repay" or "interest" or "liquidation"))
        {
            return null;
        }

        line.Expect("of");
        var (tokens, asset) = line.Tokens();
        AccountId Named(string word)
        {
            line.Expect(word);
            return line.Account();
        }

        return SpecPositions.Touched(line, verb switch
        {
            "deposit" => new DepositCollateral
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                From = Named("from"),
                Position = Named("into"),
            },
            "withdraw" => new WithdrawCollateral
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                Position = Named("out-of"),
                To = Named("to"),
            },
            "borrow" => new Borrow
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                Position = Named("on"),
                To = Named("to"),
            },
            "repay" => new Repay
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                Position = Named("on"),
                From = Named("from"),
            },
            "interest" => new AccrueInterest
            {
                EffectiveAt = at,
                Asset = asset,
                Quantity = tokens,
                Position = Named("on"),
                Side = line.Take("earned") ? InterestSide.Supply : InterestSide.Debt,
            },
            _ => Liquidation(line, at, tokens, asset, Named("on")),
        });
    }

    private static RecordLiquidation Liquidation(
        SpecLine line, Instant at, Money.ExactDecimal tokens, AssetId asset, AccountId position)
    {
        line.Expect("covering");
        var (covered, debt) = line.Tokens();
        return new RecordLiquidation
        {
            EffectiveAt = at,
            Position = position,
            CollateralAsset = asset,
            SeizedQuantity = tokens,
            DebtAsset = debt,
            CoveredQuantity = covered,
            BonusQuantity = line.Figure("bonus") ?? default,
            ProtocolFeeQuantity = line.Figure("protocol") ?? default,
        };
    }

    private static Command? Noting(string verb, SpecLine line, Instant at, SpecWorld world)
    {
        switch (verb)
        {
            case "price":
                line.Expect("of");
                return new RecordPrice
                {
                    EffectiveAt = at,
                    Asset = line.Asset(),
                    Price = line.Decimal(),
                    Currency = line.Asset(),
                    Session = line.Take("session")
                        ? new SessionPrices(line.Decimal(), line.Decimal(), line.Decimal())
                        : null,
                };
            case "market-state":
                line.Expect("of");
                return new RecordMarketState
                {
                    EffectiveAt = at,
                    Asset = line.Asset(),
                    Market = line.Word(),
                    LoanToValueMax = line.Figure("max-ltv"),
                    LiquidationThreshold = line.Figure("threshold"),
                    LiquidationBonus = line.Figure("bonus"),
                    BorrowRate = line.Figure("borrow-rate"),
                    SupplyRate = line.Figure("supply-rate"),
                };
            case "correction":
                line.Expect("of");
                var target = world.Position(line);
                return new CorrectEntry
                {
                    EffectiveAt = at,
                    Entry = target,
                    Replacement = line.Take("by") ? Read(line, world) : null,
                };
            case "note":
                line.Expect("on");
                return new AnnotateEntry { EffectiveAt = at, Entry = world.Position(line) };
            case "cancel":
                return new CancelInstruction { EffectiveAt = at, Instruction = line.Fact() };
            default:
                return null;
        }
    }

    private static AccountId At(SpecLine line)
    {
        line.Expect("at");
        return line.Account();
    }

    private static Command Options(SpecLine line, Command command)
    {
        var fees = ImmutableArray.CreateBuilder<FeeTerms>();
        while (!line.AtEnd)
        {
            switch (line.Word())
            {
                case "fee":
                    var (tokens, asset) = line.Tokens();
                    fees.Add(new FeeTerms(At(line), asset, tokens));
                    break;
                case "order":
                    SourceOrder.TryParse(line.Word(), out var order).ShouldBeTrue();
                    command = command with { SourceOrder = order };
                    break;
                case "instruct":
                    command = command with { Mode = EntryMode.Instruction };
                    break;
                case "reserve":
                    command = command with { Reserves = true };
                    break;
                case "until":
                    command = command with { ExpiresAt = line.Instant() };
                    break;
                case "fulfils":
                    command = command with { Fulfils = line.Fact() };
                    break;
                case "by":
                    var (source, reference) = (line.Word(), line.Take("ref") ? line.Word() : null);
                    var hash = line.Take("hash") ? line.Word() : null;
                    command = command with
                    {
                        Evidence = new Evidence(source, reference, EvidenceQuality.Fact, hash),
                    };
                    break;
                case "because":
                    command = command with { Reason = line.Rest() };
                    break;
                default:
                    throw new FormatException($"An option is not known: {line}");
            }
        }

        return fees.Count == 0 ? command : WithFees(command, fees.ToImmutable(), line);
    }

    private static Command WithFees(Command command, ImmutableArray<FeeTerms> fees, SpecLine line) => command switch
    {
        AcquireAsset acquire => acquire with { Fees = fees },
        SellToExchange sell => sell with { Fees = fees },
        TransferAsset transfer => transfer with { Fees = fees },
        TransferToExchange transfer => transfer with { Fees = fees },
        DepositCollateral deposit => deposit with { Fees = fees },
        WithdrawCollateral withdraw => withdraw with { Fees = fees },
        Borrow borrow => borrow with { Fees = fees },
        Repay repay => repay with { Fees = fees },
        _ => throw new FormatException($"No fees here: {line}"),
    };
}
