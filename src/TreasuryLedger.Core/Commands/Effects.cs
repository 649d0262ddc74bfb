using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>What the entries that stand do to units, and to the uses of ids.</summary>
internal sealed record Effects
{
    /// <summary>Of no entry.</summary>
    public static Effects None { get; } = new();

    /// <summary>Who registered each account, and who uses it.</summary>
    public ImmutableDictionary<AccountId, RegisteredUse> Accounts { get; init; } =
        ImmutableDictionary<AccountId, RegisteredUse>.Empty;

    /// <summary>Who registered each asset, and who uses it.</summary>
    public ImmutableDictionary<AssetId, RegisteredUse> Assets { get; init; } =
        ImmutableDictionary<AssetId, RegisteredUse>.Empty;

    /// <summary>Units at accounts over effective time, less what open instructions reserve.</summary>
    public ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Free { get; init; } =
        ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>>.Empty;

    /// <summary>Units owed by lending positions over effective time, with what open instructions will borrow.</summary>
    public ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>> Owed { get; init; } =
        ImmutableDictionary<AccountId, ImmutableDictionary<AssetId, Timeline>>.Empty;
}

/// <summary>
/// Effects that are worked out when somebody asks for them: a row of entries taken in together costs a fraction of
/// one after the other, and what is decided of an observation asks for none. Immutable to whoever looks.
/// </summary>
internal sealed class LateEffects
{
    /// <summary>Entries that wait at most; they are in memory, and whoever asks first waits for them.</summary>
    private const int WaitingMax = 1_024;

    private readonly int _waiting;
    private object _content; // effects, or what they are to be made of; several that make them make the same

    private LateEffects(object content, int waiting) => (_content, _waiting) = (content, waiting);

    /// <summary>Effects that are known.</summary>
    public static LateEffects Of(Effects effects) => new(effects, 0);

    /// <summary>The effects.</summary>
    public Effects Value
    {
        get
        {
            if (Volatile.Read(ref _content) is Effects known)
            {
                return known;
            }

            var made = Made();
            Volatile.Write(ref _content, made);
            return made;
        }
    }

    /// <summary>With the effects of the next entry, or without those of an earlier one (sign -1).</summary>
    public LateEffects With(NarrowEntry entry, int sign)
    {
        var isKnown = _waiting == WaitingMax || Volatile.Read(ref _content) is Effects;
        var before = isKnown ? Of(Value) : this;
        return new LateEffects(new Next(before, entry, sign), before._waiting + 1);
    }

    private Effects Made()
    {
        var waiting = new List<Next>(_waiting);
        var content = Volatile.Read(ref _content);
        for (; content is Next next; content = Volatile.Read(ref next.Before._content))
        {
            waiting.Add(next);
        }

        var making = new EffectsBuilder((Effects)content);
        for (var i = waiting.Count - 1; i >= 0; i--)
        {
            making.Add(waiting[i].Entry, waiting[i].Sign);
        }

        return making.Done();
    }

    private sealed record Next(LateEffects Before, NarrowEntry Entry, int Sign);
}
