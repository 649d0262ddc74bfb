using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that a lender seized collateral and covered debt with it: one linked set.</summary>
public sealed record RecordLiquidation : Command
{
    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>What was seized.</summary>
    public required AssetId CollateralAsset { get; init; }

    /// <summary>All that left the position, bonus and protocol fee included, in whole tokens, more than 0.</summary>
    public required ExactDecimal SeizedQuantity { get; init; }

    /// <summary>What was owed.</summary>
    public required AssetId DebtAsset { get; init; }

    /// <summary>The debt that it paid, in whole tokens, more than 0.</summary>
    public required ExactDecimal CoveredQuantity { get; init; }

    /// <summary>The part of the seized that rewarded the liquidator, in whole tokens, 0 or more.</summary>
    public ExactDecimal BonusQuantity { get; init; }

    /// <summary>The part that went to the protocol, in whole tokens, 0 or more; with the bonus at most all.</summary>
    public ExactDecimal ProtocolFeeQuantity { get; init; }

    /// <summary>
    /// Debt of the same asset that the lender gave up with it because no collateral was left, in whole tokens, 0 or
    /// more; at positions with an index, where the contract burns both at once.
    /// </summary>
    public ExactDecimal ForgivenQuantity { get; init; }

    /// <summary>
    /// The touch of the supply, if the position has an index; its scaled units with those of the fee.
    /// </summary>
    public TouchTerms? CollateralTouch { get; init; }

    /// <summary>The touch of the debt, if the position has an index.</summary>
    public TouchTerms? DebtTouch { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var seized = check.Leg(Position, Place.Lending, CollateralAsset, SeizedQuantity);
        var covered = check.Leg(Position, Place.Lending, DebtAsset, CoveredQuantity);
        var bonus = check.Units(CollateralAsset, BonusQuantity, least: 0);
        var protocolFee = check.Units(CollateralAsset, ProtocolFeeQuantity, least: 0);
        check.That(bonus + protocolFee <= seized.Quantity, () => Refusal.Of(
            RefusalCode.QuantityOutOfRange,
            $"Bonus {BonusQuantity} and protocol fee {ProtocolFeeQuantity} are parts of the {SeizedQuantity} "
                + $"{CollateralAsset} seized; together they must not be more.",
            ("asset", CollateralAsset),
            ("seizedQuantity", SeizedQuantity),
            ("bonusQuantity", BonusQuantity),
            ("protocolFeeQuantity", ProtocolFeeQuantity)));
        Touching.Kind(check, state, Position, DebtTouch is not null, Mode);
        check.Term(
            CollateralTouch is null == DebtTouch is null,
            "collateralTouch",
            "and debtTouch are both given, or none is");
        var forgiven = check.Units(DebtAsset, ForgivenQuantity, least: 0);
        check.Term(
            forgiven.IsZero || DebtTouch is not null,
            "forgivenQuantity",
            "needs an index; otherwise record it as an entry of its own");
        var seizure = new LiquidationRecorded(seized, covered, bonus, protocolFee);
        var supply = Touching.Of(
            check, (Position, CollateralAsset, InterestSide.Supply), CollateralTouch, seized.Quantity, TouchWay.Out);
        var debt = Touching.Of(
            check, (Position, DebtAsset, InterestSide.Debt), DebtTouch, covered.Quantity + forgiven, TouchWay.Out);
        return check.Accept(Touching.Event(
            forgiven.IsZero ? [seizure] : [seizure, new DebtForgiven(covered with { Quantity = forgiven })],
            [supply, debt]));
    }
}
