using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <content>Moves that the terms of a book take for disposals, and what fees of moves are (SPEC 16.1 and 18).</content>
public sealed partial class BookFold
{
    private Treatments Treatments => _policy.Terms.Treatments ?? Treatments.Starter;

    /// <summary>Staking is what crosses the border to staking accounts; from one of them to another is none.</summary>
    private MoveTreatment OfStaking(AccountId from, AccountId to) =>
        IsStaking(from) != IsStaking(to) ? Treatments.Staking : MoveTreatment.NoDisposal;

    private MoveTreatment OfWrap(AssetWrapped wrapped)
    {
        var (from, to) = (StandInOf(wrapped.From), StandInOf(wrapped.To));
        var standIn = to?.Asset == wrapped.From.Asset ? to : from ?? to;
        return standIn is null ? MoveTreatment.NoDisposal : Treatments.Of(standIn.Kind);

        StandIn? StandInOf(Leg leg) => _registers.Assets.GetValueOrDefault(leg.Asset)?.StandsFor;
    }

    private bool IsStaking(AccountId account) =>
        _registers.Accounts.TryGetValue(account, out var place) && place.Kind == AccountKind.Staking;

    /// <summary>Units go from an account to another, or under way (default), with the fees of their entry.</summary>
    private void Go(NarrowEntry entry, Leg sent, AccountId account, MoveTreatment treatment)
    {
        var fees = ((IHasFees)entry.Event).Fees;
        var arrives = sent with { Account = account };
        var to = account == default ? PlaceOf(entry.Fact) : PlaceOf(account);
        var rehomed = Quantity.Zero;
        if (_how.TransferFee == TransferFee.Rehomed && treatment == MoveTreatment.NoDisposal && !IsWindowed)
        {
            rehomed = ExpendOthers(entry, sent, fees);
        }
        else if (_how.TransferFee != TransferFee.AfterTransfer)
        {
            Expend(entry, fees);
        }

        if (treatment == MoveTreatment.Disposal)
        {
            Renew(entry, new Renewal(DisposalKind.Relocation, LotOrigin.Relocation, 0), sent, arrives, to);
        }
        else if (rehomed.IsZero)
        {
            Move(entry, sent, PlaceOf(sent.Account), to);
        }
        else
        {
            var pool = _values.Terms(sent.Asset).Pool;
            var left = sent with { Quantity = sent.Quantity + rehomed };
            Convert(
                entry, new LotsLeg(left, pool, PlaceOf(sent.Account)), new LotsLeg(arrives, pool, to), isMove: true);
        }

        if (_how.TransferFee == TransferFee.AfterTransfer)
        {
            Expend(entry, fees);
        }
    }

    /// <summary>
    /// Expends the fees that cannot stay with the units: those of other lots or places. Of the others it gives the
    /// units; they leave for nothing.
    /// </summary>
    private Quantity ExpendOthers(NarrowEntry entry, Leg sent, ImmutableArray<Leg> fees)
    {
        var (terms, staying) = (_values.Terms(sent.Asset), Quantity.Zero);
        for (var i = 0; i < fees.Length; i++)
        {
            if (!terms.IsCash
                && _values.Terms(fees[i].Asset).Pool == terms.Pool
                && PlaceOf(fees[i].Account) == PlaceOf(sent.Account))
            {
                staying += fees[i].Quantity;
                Add(entry, FirstFeeLeg + i, fees[i], ExpenseKind.Fee, Valued.Nothing);
            }
            else
            {
                Expend(entry, fees[i], FirstFeeLeg + i);
            }
        }

        return staying;
    }

    /// <summary>Units leave at their value, and what comes for them is a new lot at that value.</summary>
    private void Renew(NarrowEntry entry, Renewal how, Leg given, Leg received, Place to)
    {
        var (was, terms) = (_values.Terms(given.Asset), _values.Terms(received.Asset));
        if (was.IsCash)
        {
            return;
        }

        var value = _values.OfTrade(given, received, entry.EffectiveAt);
        Dispose(entry, 0, given, how.Kind, value);
        var lot = NewLot(entry, how.Leg, received.Quantity.Units, value, entry.EffectiveAt);
        _costAcquired += lot.Cost;
        if (!IsWindowed)
        {
            PoolAt(terms.Pool, to).Add(lot, _owner);
        }
        else
        {
            if (_policy.Terms.LotMethod != LotMethod.TotalAverage)
            {
                // What comes for the units would otherwise be what they look for (SPEC 18.4).
                CloseWindow(was.Pool);
            }

            WindowOf(terms.Pool).Join(_days.Of(entry.EffectiveAt), lot, _owner);
        }

        Tell(entry, lot, received.Account, received.Asset, terms.Pool, how.Origin, value, Valued.Nothing);
    }

    /// <summary>How a disposal without a payment is told: of which kind, and what the new lot is.</summary>
    private readonly record struct Renewal(DisposalKind Kind, LotOrigin Origin, int Leg);
}
