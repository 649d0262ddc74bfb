using System.Runtime.InteropServices;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <content>Disposals that wait for acquisitions of other days (SPEC 14).</content>
public sealed partial class BookFold
{
    // How many disposals of an entry wait, of those that this fold has seen itself.
    private readonly Dictionary<long, int> _waiting = [];

    // Scratch space.
    private readonly List<SettledDisposal> _settled = [];

    private int _today;

    /// <summary>Tells the rows of disposals that wait, as if nothing more came. The fold stays as it is.</summary>
    public void TellWaiting()
    {
        if (_sink is not null)
        {
            foreach (var (_, row, _) in State().Waiting())
            {
                _sink.Add(row);
            }
        }
    }

    private void Wait(WaitingDisposal disposal)
    {
        WindowOf(_values.Terms(disposal.What.Asset).Pool).Dispose(disposal, _owner);
        CollectionsMarshal.GetValueRefOrAddDefault(_waiting, disposal.Entry.Position, out _)++;
    }

    /// <summary>A day has begun: what it cannot change any more is final.</summary>
    private void Settle(int today)
    {
        if (today == _today)
        {
            return;
        }

        _today = today;
        foreach (var asset in _windows.Keys)
        {
            SettleOne(asset, today);
        }
    }

    private void SettleOne(AssetId asset, int today)
    {
        if (_windows.Find(asset) is not { } pool || !pool.IsDue(today))
        {
            return;
        }

        _settled.Clear();
        WindowOf(asset).Advance(today, _owner, _settled);
        foreach (var settled in _settled)
        {
            var (row, sums) = _takeRules.Settle(asset, settled);
            _gains.Change(asset, _owner).Add(settled.Disposal.Day, sums);
            _sink?.Add(row);
            if (_waiting.TryGetValue(row.Entry, out var left))
            {
                _waiting[row.Entry] = left - 1;
                if (left == 1)
                {
                    _waiting.Remove(row.Entry);
                }
            }
        }
    }

    /// <summary>
    /// The lots of one asset as one pool, all of them settled: what is converted, or what other terms rank, is what is
    /// there then (SPEC 14.6).
    /// </summary>
    private LotPool CloseWindow(AssetId asset)
    {
        SettleOne(asset, int.MaxValue);
        return WindowOf(asset).PoolOf(_owner);
    }
}
