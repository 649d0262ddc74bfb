using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Model;

/// <summary>Units that go elsewhere or become others: lots go along, or terms make it a disposal (SPEC 18).</summary>
public sealed partial class NaiveBook
{
    private List<AccountId> StakingAccounts { get; init; } = [];

    private Treatments Treatments => _policy.Treatments ?? new Treatments();

    private TransferFee FeesOfMoves =>
        _rules.TurnOf(_policy.Conventions?.TransferFee ?? TransferFee.BeforeTransfer);

    /// <summary>One end is a staking account and the other is none.</summary>
    private MoveTreatment Staking(AccountId from, AccountId to) =>
        StakingAccounts.Contains(from) == StakingAccounts.Contains(to)
            ? MoveTreatment.NoDisposal
            : Treatments.Staking;

    /// <summary>Whether units of one become units of the other by a disposal: by how the one stands for it.</summary>
    private bool IsDisposal(AssetId from, AssetId to)
    {
        var kind = _prices.StandsFor(to) is { } over && over.Asset == from
            ? over.Kind
            : _prices.StandsFor(from)!.Kind;
        var treatment = kind switch
        {
            StandInKind.Wrapped => Treatments.Wraps,
            StandInKind.Receipt => Treatments.Receipts,
            StandInKind.Staked => Treatments.Staking,
            _ => Treatments.Bridges,
        };
        return _rules.IsDisposal(treatment);
    }

    private void Moved(Leg sent, AccountId to, ImmutableArray<Leg> fees, MoveTreatment treatment)
    {
        var arrived = sent with { Account = to };
        Held(sent, -1);
        Held(arrived, 1);
        Go(sent, At(arrived), fees, treatment);
    }

    private void Go(Leg sent, string to, ImmutableArray<Leg> fees, MoveTreatment treatment)
    {
        var isDisposal = _rules.IsDisposal(treatment);
        BigInteger staying = 0;
        for (var i = 0; i < fees.Length && FeesOfMoves != TransferFee.AfterTransfer; i++)
        {
            Held(fees[i], -1);
            if (FeesOfMoves == TransferFee.Rehomed && !isDisposal && Stays(sent, fees[i])
                && !NaiveRules.LooksAtOtherDays(_policy.LotMethod))
            {
                staying += fees[i].Quantity.Units;
                Flow("expense", "fee", 2 + i, fees[i], Nothing);
            }
            else
            {
                Expense("fee", 2 + i, fees[i]);
            }
        }

        if (staying > 0)
        {
            Convert(sent with { Quantity = new Quantity(sent.Quantity.Units + staying) }, sent, to, 0);
        }
        else if (!isDisposal)
        {
            MoveLots(sent, At(sent), to);
        }
        else if (!_prices.IsCash(sent.Asset))
        {
            var value = Value(sent);
            Dispose("relocation", sent, 0, value);
            Renew(sent, sent, 0, value, to);
        }

        if (FeesOfMoves == TransferFee.AfterTransfer)
        {
            OtherFees(fees);
        }
    }

    /// <summary>Whether the cost of a fee can stay with units that move: of the same lots, at the same place.</summary>
    private bool Stays(Leg sent, Leg fee) => !_prices.IsCash(sent.Asset)
        && _prices.Pool(sent.Asset) == _prices.Pool(fee.Asset)
        && (!IsPerAccount(_policy) || sent.Account == fee.Account);
}
