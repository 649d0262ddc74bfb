using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <content>What each kind of log does.</content>
public static partial class AaveImport
{
    private const string Source = "evm-logs";
    private const int IndexDigits = 27;

    /// <summary>Goes through transactions in the order of the chain.</summary>
    private sealed class Walk(AaveImportTerms terms)
    {
        private readonly List<Command> _treasury = [];
        private readonly List<Command> _markets = [];
        private readonly SortedDictionary<AssetId, (Side Supplied, Side Owed)> _sides = [];
        private ImmutableArray<EvmLog> _transaction;
        private int _bookings;

        public AaveImportResult Result(ImmutableArray<FactId> orphaned) => new(
            [.. _treasury],
            [.. _markets],
            orphaned,
            _sides.ToImmutableSortedDictionary(
                side => side.Key, side => (side.Value.Supplied.Scaled, side.Value.Owed.Scaled)));

        public void Take(ImmutableArray<EvmLog> transaction)
        {
            _transaction = transaction;
            TakeBookings(At(transaction[0]));
            foreach (var log in transaction.Where(log => log.Address == terms.Pool || IsTransferOfOurs(log)))
            {
                switch (log.Kind)
                {
                    case AaveTopics.ReserveDataUpdated:
                        Update(log);
                        break;
                    case AaveTopics.Supply when IsOurs(log, 2) && AssetOf(log, 1) is { } asset:
                        Supply(log, asset, log.Number(1), log.AddressAt(0));
                        break;
                    case AaveTopics.Withdraw when IsOurs(log, 2) && AssetOf(log, 1) is { } asset:
                        Withdraw(log, asset, log.Number(0), log.Indexed(3));
                        break;
                    case AaveTopics.Borrow when IsOurs(log, 2) && AssetOf(log, 1) is { } asset:
                        Borrow(log, asset, log.Number(1), log.AddressAt(0));
                        break;
                    case AaveTopics.Repay when IsOurs(log, 2) && AssetOf(log, 1) is { } asset:
                        Repay(log, asset);
                        break;
                    case AaveTopics.LiquidationCall when IsOurs(log, 3):
                        Liquidate(log);
                        break;
                    case AaveTopics.BalanceTransfer:
                        HandOver(log);
                        break;
                    default:
                        TakeChoice(log);
                        break;
                }
            }
        }

        private void TakeChoice(EvmLog log)
        {
            switch (log.Kind)
            {
                case AaveTopics.DeficitCreated when IsOurs(log, 1):
                    Forgive(log);
                    break;
                case AaveTopics.UserEModeSet when IsOurs(log, 1):
                    Add(log, new ChooseEMode
                    {
                        EffectiveAt = At(log),
                        Position = terms.Position,
                        Category = (int)log.Number(0),
                    });
                    break;
                case AaveTopics.CollateralEnabled or AaveTopics.CollateralDisabled
                    when IsOurs(log, 2) && AssetOf(log, 1) is { } asset:
                    Add(log, new SwitchCollateral
                    {
                        EffectiveAt = At(log),
                        Position = terms.Position,
                        Asset = asset.Asset,
                        IsCollateral = log.Kind == AaveTopics.CollateralEnabled,
                    });
                    break;
                default:
                    break; // another user's, or of no effect on the position
            }
        }

        /// <summary>Interest that the ledger booked between two logs: the next one goes on from there.</summary>
        private void TakeBookings(Instant until)
        {
            for (; _bookings < terms.Bookings.Length && terms.Bookings[_bookings].At < until; _bookings++)
            {
                foreach (var touch in terms.Bookings[_bookings].Touches)
                {
                    var (supplied, owed) = SidesOf(touch.Asset);
                    var side = touch.Side == InterestSide.Supply ? supplied : owed;
                    side.Index = touch.Index.TryMantissaAt(IndexDigits, out var ray) ? ray : side.Index;
                }
            }
        }

        private void Update(EvmLog log)
        {
            if (AssetOf(log, 1) is not { } asset)
            {
                return;
            }

            _markets.Add(new RecordReserve
            {
                EffectiveAt = At(log),
                Fact = FactOf(terms, log),
                SourceOrder = SourceOrder.Of(log.BlockNumber, log.LogIndex),
                Evidence = EvidenceOf(log),
                Market = terms.Market,
                Asset = asset.Asset,
                LiquidityRate = new ExactDecimal(log.Number(0), IndexDigits),
                VariableBorrowRate = new ExactDecimal(log.Number(2), IndexDigits),
                LiquidityIndex = new ExactDecimal(log.Number(3), IndexDigits),
                VariableBorrowIndex = new ExactDecimal(log.Number(4), IndexDigits),
            });
        }

        private void Supply(EvmLog log, AaveImportAsset asset, BigInteger units, string from)
        {
            var (index, side) = (SupplyIndex(log, log.Indexed(1)), SidesOf(asset.Asset).Supplied);
            Add(log, new DepositCollateral
            {
                EffectiveAt = At(log),
                From = AccountOf(log, from),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                Touch = Touch(log, asset, side, index, TokenMath.SupplyMinted(units, index)),
            });
        }

        private void Withdraw(EvmLog log, AaveImportAsset asset, BigInteger units, string to)
        {
            var (index, side) = (SupplyIndex(log, log.Indexed(1)), SidesOf(asset.Asset).Supplied);
            Add(log, new WithdrawCollateral
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                To = AccountOf(log, to),
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                Touch = Touch(log, asset, side, index, -TokenMath.SupplyBurned(units, index)),
            });
        }

        private void Borrow(EvmLog log, AaveImportAsset asset, BigInteger units, string to)
        {
            var (index, side) = (DebtIndex(log, log.Indexed(1)), SidesOf(asset.Asset).Owed);
            Add(log, new Borrow
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                To = AccountOf(log, to),
                Touch = Touch(log, asset, side, index, TokenMath.DebtMinted(units, index)),
            });
        }

        private void Repay(EvmLog log, AaveImportAsset asset)
        {
            var (units, payer, reserve) = (log.Number(0), log.Indexed(3), log.Indexed(1));
            var (supplied, usesSupply) = (SidesOf(asset.Asset).Supplied, !log.Number(1).IsZero);
            // Supplied units that pay debt are taken out by whoever pays, and go back in.
            var index = usesSupply ? SupplyIndex(log, reserve) : WadRayMath.Ray;
            var supply = usesSupply
                ? Touch(log, asset, supplied, index, -TokenMath.SupplyBurned(units, index))
                : null;
            Add(log, new Repay
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                From = AccountOf(log, payer),
                Touch = Paid(log, asset, units, reserve),
                SupplyTouch = supply,
            });
        }

        private void Liquidate(EvmLog log)
        {
            if (AssetOf(log, 1) is not { } collateral || AssetOf(log, 2) is not { } debt)
            {
                throw new AaveImportException(log, "names an asset that is not registered here");
            }

            var (covered, received) = (log.Number(0), log.Number(1));
            var index = SupplyIndex(log, log.Indexed(1));
            // The liquidator's part leaves as units or as a transfer to it; any other transfer is the protocol's fee.
            var liquidator = log.AddressAt(2);
            var fee = Moved(log).Where(other => other.Indexed(2) != liquidator)
                .Aggregate(BigInteger.Zero, (sum, other) => sum + other.Number(0));
            var held = SidesOf(collateral.Asset).Supplied;
            var before = TokenMath.SupplyBalance(held.Scaled, index);
            var touch = Touch(log, collateral, held, index, -(TokenMath.SupplyBurned(received, index) + fee));
            var seized = before - TokenMath.SupplyBalance(held.Scaled, index);
            var forgiven = Deficit(log, log.Indexed(2))?.Number(0) ?? BigInteger.Zero;
            Add(log, new RecordLiquidation
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                CollateralAsset = collateral.Asset,
                SeizedQuantity = Tokens(collateral, seized),
                DebtAsset = debt.Asset,
                CoveredQuantity = Tokens(debt, covered),
                ForgivenQuantity = Tokens(debt, forgiven),
                ProtocolFeeQuantity = Tokens(collateral, BigInteger.Max(0, seized - received)),
                CollateralTouch = touch,
                // What is given up goes with what is paid, so the whole debt is burned at once.
                DebtTouch = Paid(log, debt, covered + forgiven, log.Indexed(2)),
            });
        }

        /// <summary>Debt burned beside a liquidation; that of the liquidated debt itself is told with it.</summary>
        private void Forgive(EvmLog log)
        {
            var reserve = log.Indexed(2);
            if (terms.Assets.GetValueOrDefault(reserve) is not { } asset
                || _transaction.Any(other =>
                    other.Kind == AaveTopics.LiquidationCall && Deficit(other, reserve) == log))
            {
                return;
            }

            var units = log.Number(0);
            Add(log, new ForgiveDebt
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                Touch = Paid(log, asset, units, reserve),
            });
        }

        /// <summary>The deficit of a liquidation's own debt, if there is one.</summary>
        private EvmLog? Deficit(EvmLog liquidation, string reserve) => !IsOurs(liquidation, 3)
            || liquidation.Indexed(2) != reserve
                ? null
                : _transaction.LastOrDefault(other => other.Kind == AaveTopics.DeficitCreated
                    && other.Address == terms.Pool && other.LogIndex < liquidation.LogIndex
                    && IsOurs(other, 1) && other.Indexed(2) == reserve);

        /// <summary>
        /// Supplied units that go to another address leave to its account; those that come, come from our own: so they
        /// pass through the account of whoever gets them, also where both sides are imported.
        /// </summary>
        private void HandOver(EvmLog log)
        {
            if (_transaction.Any(other => other.Kind == AaveTopics.LiquidationCall && IsOurs(other, 3)
                && Moved(other).Contains(log)) || log.Indexed(1) == log.Indexed(2))
            {
                return; // told with the liquidation; or to itself, where the contract moves nothing
            }

            if (terms.SupplyTokens.GetValueOrDefault(log.Address) is not { } asset)
            {
                throw new AaveImportException(
                    log, "hands over supplied units of a token that is not registered as a receipt here");
            }

            var (scaled, index, isOut) = (log.Number(0), log.Number(1), log.Indexed(1) == terms.User);
            var tokens = Tokens(asset, TokenMath.SupplyBalance(scaled, index));
            var touch = Touch(log, asset, SidesOf(asset.Asset).Supplied, index, isOut ? -scaled : scaled);
            var receiver = AccountOf(log, log.Indexed(2));
            Add(log, isOut
                ? new WithdrawCollateral
                {
                    EffectiveAt = At(log),
                    Position = terms.Position,
                    To = receiver,
                    Asset = asset.Asset,
                    Quantity = tokens,
                    Touch = touch,
                }
                : new DepositCollateral
                {
                    EffectiveAt = At(log),
                    From = receiver,
                    Position = terms.Position,
                    Asset = asset.Asset,
                    Quantity = tokens,
                    Touch = touch,
                },
                isOut ? "" : ":received");
        }

        /// <summary>The touch of a debt that is paid, or given up.</summary>
        private TouchTerms Paid(EvmLog log, AaveImportAsset asset, BigInteger units, string reserve)
        {
            var index = DebtIndex(log, reserve);
            return Touch(log, asset, SidesOf(asset.Asset).Owed, index, -TokenMath.DebtBurned(units, index));
        }

        /// <summary>Changes a side, and tells what it was before.</summary>
        private static TouchTerms Touch(
            EvmLog log, AaveImportAsset asset, Side side, BigInteger index, BigInteger scaled)
        {
            var touch = new TouchTerms
            {
                Index = new ExactDecimal(index, IndexDigits),
                IndexBefore = side.Scaled.IsZero ? null : new ExactDecimal(side.Index, IndexDigits),
                ScaledBefore = Tokens(asset, side.Scaled),
                ScaledMoved = Tokens(asset, BigInteger.Abs(scaled)),
            };
            (side.Scaled, side.Index) = (side.Scaled + scaled, index);
            return side.Scaled.Sign >= 0 ? touch : throw new AaveImportException(
                log, "takes more than the logs before it brought: they must begin with the position's first");
        }

        /// <summary>The log's own fact stands for what it says.</summary>
        private void Add(EvmLog log, Command command, string leg = "") => _treasury.Add(command with
        {
            Fact = FactId.Parse(FactOf(terms, log) + leg),
            SourceOrder = SourceOrder.Of(log.BlockNumber, log.LogIndex),
            Evidence = EvidenceOf(log),
        });

        private bool IsOurs(EvmLog log, int topic) => log.Indexed(topic) == terms.User;

        private AaveImportAsset? AssetOf(EvmLog log, int topic) => terms.Assets.GetValueOrDefault(log.Indexed(topic));

        private AccountId AccountOf(EvmLog log, string address) => terms.Accounts.TryGetValue(address, out var account)
            ? account
            : throw new AaveImportException(log, $"moves units of {address}, which is no account here");

        private (Side Supplied, Side Owed) SidesOf(AssetId asset) => _sides.TryGetValue(asset, out var sides)
            ? sides
            : _sides[asset] = (new Side(), new Side());

        /// <summary>
        /// The debt index of a log: of the newest update of the reserve before it, or of the one that follows where
        /// debt is burned for nothing.
        /// </summary>
        private BigInteger DebtIndex(EvmLog log, string reserve) =>
            (FindUpdate(log, reserve) ?? (log.Kind != AaveTopics.DeficitCreated ? null : _transaction.FirstOrDefault(
                other => other.LogIndex > log.LogIndex && IsUpdate(other, reserve))))?.Number(4)
            ?? throw new AaveImportException(log, "has no ReserveDataUpdated of its reserve before it");

        private EvmLog? FindUpdate(EvmLog log, string reserve) => _transaction.LastOrDefault(other =>
            other.LogIndex < log.LogIndex && IsUpdate(other, reserve));

        private bool IsUpdate(EvmLog log, string reserve) => log.Kind == AaveTopics.ReserveDataUpdated
            && log.Address == terms.Pool && log.Indexed(1) == reserve;

        /// <summary>Where supplied units are handed over, not paid out, only their transfer tells the index.</summary>
        private BigInteger SupplyIndex(EvmLog log, string reserve) => FindUpdate(log, reserve)?.Number(3)
            ?? Moved(log).FirstOrDefault()?.Number(1)
            ?? throw new AaveImportException(log, "has no index of its reserve before it");

        /// <summary>Transfers of the user's supplied units in a liquidation: those since the one before.</summary>
        private IEnumerable<EvmLog> Moved(EvmLog log)
        {
            var before = _transaction
                .Where(other => other.Kind == AaveTopics.LiquidationCall && other.LogIndex < log.LogIndex)
                .Select(other => other.LogIndex)
                .DefaultIfEmpty(-1)
                .Max();
            return _transaction.Where(other => other.LogIndex > before && other.LogIndex < log.LogIndex
                && other.Kind == AaveTopics.BalanceTransfer && other.Indexed(1) == terms.User);
        }

        private bool IsTransferOfOurs(EvmLog log) => log.Kind == AaveTopics.BalanceTransfer
            && (log.Indexed(1) == terms.User || log.Indexed(2) == terms.User);

        private static Instant At(EvmLog log) => new(log.Timestamp * 1_000_000);

        private static ExactDecimal Tokens(AaveImportAsset asset, BigInteger units) => new(units, asset.Decimals);

        private static Evidence EvidenceOf(EvmLog log) =>
            new(Source, log.TransactionHash, EvidenceQuality.Fact, log.PayloadHash);
    }
}
