using System.Collections.Immutable;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Something that a fold changes in place as long as it is its own, and copies before it changes it once a snapshot
/// holds it too.
/// </summary>
internal abstract class Owned
{
    private object? _owner;

    public bool IsOf(object owner) => ReferenceEquals(_owner, owner);

    public Owned CopyFor(object owner)
    {
        var copy = (Owned)MemberwiseClone();
        copy._owner = owner;
        return copy;
    }
}

/// <summary>
/// Values by key, of which a snapshot costs what has changed since the last one: a sorted immutable map below, and
/// beside it what this fold has touched, each value found by one look-up.
/// </summary>
/// <param name="kept">What a snapshot held.</param>
/// <param name="make">A value where there is none.</param>
internal sealed class SharedMap<TKey, TValue>(ImmutableSortedDictionary<TKey, TValue> kept, Func<TKey, TValue> make)
    where TKey : struct, IEquatable<TKey>
    where TValue : Owned
{
    private readonly Dictionary<TKey, TValue?> _touched = [];
    private readonly List<TKey> _changed = [];
    private readonly (TKey Key, TValue? Value)[] _latest = new (TKey, TValue?)[8];
    private ImmutableSortedDictionary<TKey, TValue> _kept = kept;
    private int _next;

    /// <summary>A value to be changed, a new one if there is none.</summary>
    public TValue Change(TKey key, object owner)
    {
        // The same few are changed again and again, and hashing names costs more than comparing them.
        foreach (ref var latest in _latest.AsSpan())
        {
            if (latest.Value is not null && latest.Value.IsOf(owner) && latest.Key.Equals(key))
            {
                return latest.Value;
            }
        }

        var value = Own(key, owner);
        _latest[_next] = (key, value);
        _next = (_next + 1) % _latest.Length;
        return value;
    }

    private TValue Own(TKey key, object owner)
    {
        if (!_touched.TryGetValue(key, out var value))
        {
            value = _kept.GetValueOrDefault(key);
        }

        if (value?.IsOf(owner) != true)
        {
            value = (TValue)(value ?? make(key)).CopyFor(owner);
            _touched[key] = value;
            _changed.Add(key);
        }

        return value;
    }

    /// <summary>The keys, in order as far as a snapshot holds them.</summary>
    public List<TKey> Keys =>
        [.. _kept.Keys.Where(key => !_touched.TryGetValue(key, out var value) || value is not null),
        .. _touched.Where(one => one.Value is not null && !_kept.ContainsKey(one.Key)).Select(one => one.Key)];

    /// <summary>A value to be read; absent if there is none.</summary>
    public TValue? Find(TKey key) =>
        _touched.TryGetValue(key, out var value) ? value : _kept.GetValueOrDefault(key);

    /// <summary>Forgets a value.</summary>
    public void Remove(TKey key)
    {
        _touched[key] = null;
        _changed.Add(key);
        Array.Clear(_latest);
    }

    /// <summary>Everything, as it is now. The owner of before may change none of it any more.</summary>
    /// <param name="changed">Is told what has changed since the last snapshot; absent if removed.</param>
    public ImmutableSortedDictionary<TKey, TValue> Snapshot(Action<TKey, TValue?>? changed = null)
    {
        foreach (var key in _changed)
        {
            var value = _touched[key];
            _kept = value is null ? _kept.Remove(key) : _kept.SetItem(key, value);
            changed?.Invoke(key, value);
        }

        _changed.Clear();
        return _kept;
    }
}
