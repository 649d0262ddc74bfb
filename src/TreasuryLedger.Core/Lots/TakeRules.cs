using System.Numerics;
using System.Runtime.InteropServices;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Units that leave, when the lots that they take are known.</summary>
/// <param name="Units">How many.</param>
/// <param name="WithoutLot">For how many of them there is no lot.</param>
/// <param name="Proceeds">What they bring; absent if nobody knows.</param>
/// <param name="Quality">The worst evidence of entry and proceeds.</param>
/// <param name="At">When.</param>
/// <param name="IsAtCost">Whether they bring what they cost, whatever that is.</param>
internal readonly record struct LeavingUnits(
    Quantity Units, BigInteger WithoutLot, Amount? Proceeds, EvidenceQuality Quality, Instant At, bool IsAtCost);

/// <summary>What the terms of a book make of the lots that a disposal takes: takes, sums and rows.</summary>
/// <param name="terms">The terms.</param>
/// <param name="zone">The treasury's time zone.</param>
internal sealed class TakeRules(PolicyTerms terms, TimeZoneInfo zone)
{
    private readonly LotConventions _how = terms.Conventions ?? LotConventions.Starter;
    private readonly bool _hasTerms = !Ranking.IsWindowed(terms.LotMethod);

    private bool IsMissingZero => _how.MissingBasis == MissingBasis.Zero;

    /// <summary>
    /// The sums of a disposal and, where rows are wanted, its takes: each gets its part of the proceeds that are left
    /// (SPEC 4.1).
    /// </summary>
    public GainTotals Match(List<LotSlice> slices, in LeavingUnits left, LotTake[]? takes)
    {
        var (unitsLeft, proceedsLeft) = (left.Units, left.Proceeds);
        var sums = new Sums();
        for (var i = 0; i < slices.Count; i++)
        {
            var slice = slices[i];
            var lot = slice.Lot;
            var isKnown = lot.HasCost || IsMissingZero;
            var taken = new Quantity(slice.Units);
            Amount? cost = isKnown ? new Amount(slice.Cost) : null;
            var share = left.IsAtCost ? cost : proceedsLeft?.Part(taken, unitsLeft);
            unitsLeft -= taken;
            proceedsLeft -= share;
            var worst = Valued.Worst(slice.Quality, left.Quality);
            HoldingTerm? term = _hasTerms ? Holding.Of(lot.AcquiredAt, left.At, _how.Holding, zone) : null;
            if (takes is not null)
            {
                takes[i] = new LotTake(lot.Id, taken, cost, share, lot.AcquiredAt, lot.Entry, worst) { Term = term };
            }

            sums.Add(isKnown, slice, share, worst, term);
        }

        // By decision units without a lot cost nothing: what is left of the proceeds is theirs, and all of it gain.
        if (IsMissingZero && !left.WithoutLot.IsZero)
        {
            sums.AddFree(left.IsAtCost ? Amount.Zero : proceedsLeft, left.Quality);
        }
        else
        {
            sums.Missing += left.WithoutLot;
        }

        return sums.Of(left);
    }

    /// <summary>The row of a disposal whose lots are known, and its sums.</summary>
    public (Disposal Row, GainTotals Sums) Settle(AssetId pool, SettledDisposal settled)
    {
        var waiting = settled.Disposal;
        var takes = new LotTake[settled.Slices.Length];
        var left = new LeavingUnits(
            waiting.What.Quantity, settled.WithoutLot, waiting.Proceeds.Amount,
            Valued.Worst(waiting.Entry.Quality, waiting.Proceeds.Quality), waiting.Entry.EffectiveAt,
            waiting.Kind == DisposalKind.Handover && _how.Handover == HandoverTreatment.AtCost);
        var sums = Match([.. settled.Slices.Select(ruled => ruled.Slice)], left, takes);
        for (var i = 0; i < takes.Length; i++)
        {
            takes[i] = takes[i] with { Rule = settled.Slices[i].Rule };
        }

        return (
            Row(waiting, pool, left, takes, sums) with
            {
                Waited = waiting.Entry,
                FinalFrom = LocalDay.StartOf(DateOnly.FromDayNumber(settled.FinalFromDay), zone),
            },
            sums);
    }

    /// <summary>The row of a disposal.</summary>
    public static Disposal Row(
        WaitingDisposal left, AssetId pool, in LeavingUnits units, LotTake[] takes, in GainTotals sums)
    {
        var quality = units.Quality;
        foreach (var take in takes)
        {
            quality = Valued.Worst(quality, take.Quality);
        }

        var isUnvalued = units.IsAtCost ? !sums.BasisMissing.IsZero : units.Proceeds is null;
        return new Disposal(
            left.Entry.Fact, left.Entry.Position, left.Leg, left.Entry.EffectiveAt, left.What.Account,
            left.What.Asset, pool, left.What.Quantity, left.Kind,
            units.IsAtCost ? isUnvalued ? null : sums.CostBasis : units.Proceeds,
            ImmutableCollectionsMarshal.AsImmutableArray(takes), new Quantity(units.WithoutLot), left.Proceeds.Price,
            quality)
        {
            BasisMissing = sums.BasisMissing,
            MatchedCost = isUnvalued ? sums.CostUnvalued : sums.CostBasis,
            MatchedProceeds = isUnvalued ? null : sums.Proceeds,
            Fees = left.Fees.Amount,
            FeePrices = left.FeePrices,
            Turn = left.Turn,
            OwnQuality = units.Quality,
        };
    }

    /// <summary>Sums over the parts of one disposal, in 10^-18.</summary>
    private struct Sums
    {
        private BigInteger _cost;
        private BigInteger _matched;
        private BigInteger _onDerived;
        private BigInteger _onAssumed;
        private BigInteger _onLong;

        public BigInteger Missing { get; set; }

        public void Add(
            bool isKnown, in LotSlice slice, Amount? share, EvidenceQuality worst, HoldingTerm? term)
        {
            if (!isKnown)
            {
                Missing += slice.Units;
                return;
            }

            _cost += slice.Cost;
            if (share is { } part)
            {
                _matched += part.Attos;
                if (worst != EvidenceQuality.Fact)
                {
                    AddGain(part.Attos - slice.Cost, worst);
                }

                if (term == HoldingTerm.Long)
                {
                    _onLong += part.Attos - slice.Cost;
                }
            }
        }

        public void AddFree(Amount? proceeds, EvidenceQuality quality)
        {
            if (proceeds is { } part)
            {
                _matched += part.Attos;
                AddGain(part.Attos, quality);
            }
        }

        public readonly GainTotals Of(in LeavingUnits left)
        {
            var known = new GainTotals
            {
                Disposals = 1,
                Quantity = left.Units,
                BasisMissing = new Quantity(Missing),
            };
            if (left.IsAtCost ? !Missing.IsZero : left.Proceeds is null)
            {
                return known with { CostUnvalued = new Amount(_cost), Incomplete = 1 };
            }

            var whole = left.IsAtCost ? _cost : left.Proceeds!.Value.Attos;
            return known with
            {
                Proceeds = new Amount(_matched),
                CostBasis = new Amount(_cost),
                OnDerived = new Amount(_onDerived),
                OnAssumed = new Amount(_onAssumed),
                OnLong = new Amount(_onLong),
                ProceedsWithoutBasis = new Amount(whole - _matched),
                Incomplete = Missing.IsZero ? 0 : 1,
            };
        }

        private void AddGain(BigInteger gain, EvidenceQuality worst)
        {
            _onDerived += worst == EvidenceQuality.Derived ? gain : BigInteger.Zero;
            _onAssumed += worst == EvidenceQuality.Assumed ? gain : BigInteger.Zero;
        }
    }
}
