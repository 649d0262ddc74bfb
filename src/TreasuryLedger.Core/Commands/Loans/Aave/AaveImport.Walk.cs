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

    /// <summary>Goes through transactions in the order of the chain.</summary>
    private sealed class Walk(AaveImportTerms terms)
    {
        private readonly List<Command> _treasury = [];
        private readonly List<Command> _markets = [];
        private readonly List<EvmLog> _left = [];
        private readonly SortedDictionary<AssetId, (Side Supplied, Side Owed)> _sides = [];
        private ImmutableArray<EvmLog> _transaction;
        private (EvmLog? Log, int Legs) _told;

        public AaveImportResult Result(ImmutableArray<FactId> orphaned) => new(
            [.. _treasury],
            [.. _markets],
            orphaned,
            [.. _left],
            _sides.ToImmutableSortedDictionary(
                side => side.Key, side => (side.Value.Supplied.Scaled, side.Value.Owed.Scaled)));

        public void Take(ImmutableArray<EvmLog> transaction)
        {
            _transaction = transaction;
            RefuseTransfers();
            foreach (var log in transaction.Where(log => log.Address == terms.Pool))
            {
                switch (log.Kind)
                {
                    case AaveTopics.ReserveDataUpdated:
                        Rates(log);
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
                    case AaveTopics.DeficitCreated when IsOurs(log, 1):
                        throw new AaveImportException(
                            log, "burns debt that nobody owes any more, which no command records yet");
                    case AaveTopics.UserEModeSet when IsOurs(log, 1):
                        _left.Add(log);
                        break;
                    default:
                        break; // another user's, or of no effect on units
                }
            }
        }

        private void Rates(EvmLog log)
        {
            if (AssetOf(log, 1) is not { } asset)
            {
                return;
            }

            _markets.Add(new RecordMarketState
            {
                EffectiveAt = At(log),
                Fact = FactOf(terms, log),
                SourceOrder = SourceOrder.Of(log.BlockNumber, log.LogIndex),
                Evidence = EvidenceOf(log, EvidenceQuality.Fact),
                Market = terms.Market,
                Asset = asset.Asset,
                SupplyRate = new ExactDecimal(log.Number(0), 27),
                BorrowRate = new ExactDecimal(log.Number(2), 27),
            });
        }

        private void Supply(EvmLog log, AaveImportAsset asset, BigInteger units, string from)
        {
            var (index, side) = (SupplyIndex(log, log.Indexed(1)), SidesOf(asset).Supplied);
            side.Scaled += TokenMath.SupplyMinted(units, index);
            Interest(log, asset, InterestSide.Supply, TokenMath.SupplyBalance(side.Scaled, index) - units);
            side.Booked += units;
            Add(log, "", new DepositCollateral
            {
                EffectiveAt = At(log),
                From = AccountOf(log, from),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
            });
        }

        private void Withdraw(EvmLog log, AaveImportAsset asset, BigInteger units, string to)
        {
            var (index, side) = (SupplyIndex(log, log.Indexed(1)), SidesOf(asset).Supplied);
            Take(log, side, TokenMath.SupplyBurned(units, index));
            Interest(log, asset, InterestSide.Supply, TokenMath.SupplyBalance(side.Scaled, index) + units);
            side.Booked -= units;
            Add(log, log.Kind == AaveTopics.Repay ? ":withdrawn" : "", new WithdrawCollateral
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                To = AccountOf(log, to),
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
            });
        }

        private void Borrow(EvmLog log, AaveImportAsset asset, BigInteger units, string to)
        {
            var (index, side) = (Updated(log, log.Indexed(1)).Number(4), SidesOf(asset).Owed);
            side.Scaled += TokenMath.DebtMinted(units, index);
            Interest(log, asset, InterestSide.Debt, TokenMath.DebtBalance(side.Scaled, index) - units);
            side.Booked += units;
            Add(log, "", new Borrow
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                To = AccountOf(log, to),
            });
        }

        private void Repay(EvmLog log, AaveImportAsset asset)
        {
            var (units, payer) = (log.Number(0), log.Indexed(3));
            var usesSupply = !log.Number(1).IsZero;
            if (usesSupply)
            {
                // Supplied units pay the debt: they come out of the position and go back in as a repayment.
                Withdraw(log, asset, units, payer);
            }

            var (index, side) = (Updated(log, log.Indexed(1)).Number(4), SidesOf(asset).Owed);
            Take(log, side, TokenMath.DebtBurned(units, index));
            Interest(log, asset, InterestSide.Debt, TokenMath.DebtBalance(side.Scaled, index) + units);
            side.Booked -= units;
            Add(log, "", new Repay
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, units),
                From = AccountOf(log, payer),
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
            var held = SidesOf(collateral).Supplied;
            var before = TokenMath.SupplyBalance(held.Scaled, index);
            Interest(log, collateral, InterestSide.Supply, before);
            Take(log, held, TokenMath.SupplyBurned(received, index) + fee);
            var seized = before - TokenMath.SupplyBalance(held.Scaled, index);
            held.Booked -= seized;

            var (debtIndex, owed) = (Updated(log, log.Indexed(2)).Number(4), SidesOf(debt).Owed);
            Take(log, owed, TokenMath.DebtBurned(covered, debtIndex));
            Interest(log, debt, InterestSide.Debt, TokenMath.DebtBalance(owed.Scaled, debtIndex) + covered);
            owed.Booked -= covered;
            Add(log, "", new RecordLiquidation
            {
                EffectiveAt = At(log),
                Position = terms.Position,
                CollateralAsset = collateral.Asset,
                SeizedQuantity = Tokens(collateral, seized),
                DebtAsset = debt.Asset,
                CoveredQuantity = Tokens(debt, covered),
                ProtocolFeeQuantity = Tokens(collateral, BigInteger.Max(0, seized - received)),
            });
        }

        /// <summary>
        /// Books what a side has more than the books say, once the units that move are put aside. Roundings in the
        /// protocol's favour can make it less by a unit; the next interest is then less by as much.
        /// </summary>
        private void Interest(EvmLog log, AaveImportAsset asset, InterestSide kind, BigInteger units)
        {
            var side = kind == InterestSide.Supply ? SidesOf(asset).Supplied : SidesOf(asset).Owed;
            var interest = units - side.Booked;
            if (interest.Sign <= 0)
            {
                return;
            }

            side.Booked += interest;
            Add(log, kind == InterestSide.Supply ? ":interest-supply" : ":interest-debt", new AccrueInterest
            {
                EffectiveAt = At(log),
                Evidence = EvidenceOf(log, EvidenceQuality.Derived),
                Position = terms.Position,
                Asset = asset.Asset,
                Quantity = Tokens(asset, interest),
                Side = kind,
            });
        }

        /// <summary>The log's own fact stands for what moved; what comes with it has a leg.</summary>
        private void Add(EvmLog log, string leg, Command command)
        {
            _told = (log, log == _told.Log ? _told.Legs + 1 : 0);
            _treasury.Add(command with
            {
                Fact = FactId.Parse(FactOf(terms, log) + leg),
                SourceOrder = SourceOrder.Of(log.BlockNumber, log.LogIndex, _told.Legs),
                Evidence = command.Evidence ?? EvidenceOf(log, EvidenceQuality.Fact),
            });
        }

        /// <summary>Supplied units handed over outside of a liquidation would be lost without a word.</summary>
        private void RefuseTransfers()
        {
            if (_transaction.FirstOrDefault(IsTransferOfOurs) is { } transfer
                && !_transaction.Any(log => log.Kind == AaveTopics.LiquidationCall && IsOurs(log, 3)))
            {
                throw new AaveImportException(transfer, "hands over supplied units, which no command records yet");
            }
        }

        private static void Take(EvmLog log, Side side, BigInteger scaled) => side.Scaled = scaled <= side.Scaled
            ? side.Scaled - scaled
            : throw new AaveImportException(
                log, "takes more than the logs before it brought: they must begin with the position's first");

        private bool IsOurs(EvmLog log, int topic) => log.Indexed(topic) == terms.User;

        private AaveImportAsset? AssetOf(EvmLog log, int topic) => terms.Assets.GetValueOrDefault(log.Indexed(topic));

        private AccountId AccountOf(EvmLog log, string address) => terms.Accounts.TryGetValue(address, out var account)
            ? account
            : throw new AaveImportException(log, $"moves units of {address}, which is no account here");

        private (Side Supplied, Side Owed) SidesOf(AaveImportAsset asset) =>
            _sides.TryGetValue(asset.Asset, out var sides)
                ? sides
                : _sides[asset.Asset] = (new Side(), new Side());

        /// <summary>The newest update of a reserve before a log of the same transaction: its indices count.</summary>
        private EvmLog Updated(EvmLog log, string reserve) => FindUpdate(log, reserve)
            ?? throw new AaveImportException(log, "has no ReserveDataUpdated of its reserve before it");

        private EvmLog? FindUpdate(EvmLog log, string reserve) => _transaction.LastOrDefault(other =>
            other.LogIndex < log.LogIndex && other.Kind == AaveTopics.ReserveDataUpdated
            && other.Address == terms.Pool && other.Indexed(1) == reserve);

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

        private static Evidence EvidenceOf(EvmLog log, EvidenceQuality quality) =>
            new(Source, log.TransactionHash, quality, PayloadHash: null);
    }
}
