using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Fingerprints of the idempotency keys and facts of a journal, 64 bits each. What is not in it is certainly not in the
/// journal; what is in it may be, and the database is asked. So it may hold more than the journal and never less. It
/// grows in place, by one writer; the array that it had at any time stays readable.
/// </summary>
internal sealed class KnownNames
{
    private const int SlotsMin = 1 << 10;
    private const ulong KeySeed = 0xcbf2_9ce4_8422_2325; // FNV-1a's own basis, and another one
    private const ulong FactSeed = 0x9e37_79b9_7f4a_7c15;

    private ulong[] _slots = new ulong[SlotsMin];
    private int _count;

    /// <summary>How many fingerprints.</summary>
    public int Count => _count;

    /// <summary>The slots now; empty ones are 0. Fingerprints that are added later may show up in it.</summary>
    public ulong[] Slots => _slots;

    /// <summary>Takes the key of a request in; a fact that was made from it is known by it.</summary>
    public void AddKey(string key) => Add(Of(KeySeed, key));

    /// <summary>Takes the fact of an entry in, if a source named it.</summary>
    public void AddFact(NarrowEntry entry)
    {
        if (entry.FactIsGiven)
        {
            Add(Of(FactSeed, entry.Fact.ToString()));
        }
    }

    /// <summary>Takes a fingerprint in.</summary>
    public void Add(ulong fingerprint)
    {
        if (_count * 4L >= _slots.Length * 3L)
        {
            Grow(_slots.Length * 2);
        }

        _count += Put(_slots, fingerprint) ? 1 : 0;
    }

    /// <summary>Makes room for that many more.</summary>
    public void Reserve(int count)
    {
        var slots = _slots.Length;
        while ((_count + (long)count) * 4 >= slots * 3L)
        {
            slots *= 2;
        }

        if (slots > _slots.Length)
        {
            Grow(slots);
        }
    }

    /// <summary>Whether all of these are among others.</summary>
    public bool IsWithin(KnownNames others) => Array.TrueForAll(_slots, name => name == 0 || others.Has(name));

    /// <summary>Whether a request with this key may have been recorded.</summary>
    public bool MayHaveKey(string key) => Has(Of(KeySeed, key));

    /// <summary>Whether this fact may have been recorded.</summary>
    public bool MayHaveFact(FactId fact)
    {
        var text = fact.ToString();
        return text.StartsWith(EntryDraft.GeneratedFactPrefix, StringComparison.Ordinal)
            ? MayHaveKey(text[EntryDraft.GeneratedFactPrefix.Length..])
            : Has(Of(FactSeed, text));
    }

    private bool Has(ulong fingerprint)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        for (var slot = SlotOf(slots, fingerprint); slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (slots[slot] == fingerprint)
            {
                return true;
            }
        }

        return false;
    }

    private void Grow(int length)
    {
        var grown = new ulong[length];
        foreach (var fingerprint in _slots)
        {
            if (fingerprint != 0)
            {
                Put(grown, fingerprint);
            }
        }

        _slots = grown;
    }

    private static bool Put(ulong[] slots, ulong fingerprint)
    {
        var mask = slots.Length - 1;
        var slot = SlotOf(slots, fingerprint);
        while (slots[slot] != 0)
        {
            if (slots[slot] == fingerprint)
            {
                return false;
            }

            slot = (slot + 1) & mask;
        }

        slots[slot] = fingerprint;
        return true;
    }

    /// <summary>By the highest bits, so that sorted fingerprints are put in one after the other.</summary>
    private static int SlotOf(ulong[] slots, ulong fingerprint) =>
        (int)(fingerprint >> (64 - System.Numerics.BitOperations.Log2((uint)slots.Length)));

    /// <summary>FNV-1a over the characters, then mixed: every bit depends on all. Stored: never changed.</summary>
    private static ulong Of(ulong seed, string text)
    {
        unchecked
        {
            var hash = seed;
            foreach (var character in text)
            {
                hash = (hash ^ character) * 0x0000_0100_0000_01b3;
            }

            hash = (hash ^ (hash >> 33)) * 0xff51_afd7_ed55_8ccd;
            hash = (hash ^ (hash >> 33)) * 0xc4ce_b9fe_1a85_ec53;
            hash ^= hash >> 33;
            return hash == 0 ? 1 : hash;
        }
    }
}
