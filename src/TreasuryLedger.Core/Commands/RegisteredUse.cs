using System.Collections.Immutable;

namespace TreasuryLedger.Core.Commands;

/// <summary>By which entry an id is registered, and how many standing entries use it.</summary>
/// <param name="By">The position of the registration.</param>
/// <param name="Count">Standing entries that name the id; 0 or more.</param>
/// <param name="First">The first of them; no standing entry before this position names the id.</param>
/// <param name="IsExact">
/// Whether <paramref name="First"/> is the first standing use and not only a bound: that one was voided since.
/// </param>
internal readonly record struct RegisteredUse(long By, long Count, long First, bool IsExact)
{
    /// <summary>The uses after an entry that registers an id.</summary>
    public static ImmutableDictionary<TId, RegisteredUse> Registered<TId>(
        ImmutableDictionary<TId, RegisteredUse> uses, TId id, long position)
        where TId : notnull =>
        uses.SetItem(id, uses.GetValueOrDefault(id) with { By = position });

    /// <summary>The uses after an entry that names ids, or without it again (sign -1).</summary>
    public static ImmutableDictionary<TId, RegisteredUse> Counted<TId>(
        ImmutableDictionary<TId, RegisteredUse> uses, List<TId> named, long position, int sign)
        where TId : notnull
    {
        foreach (var id in named)
        {
            uses = uses.SetItem(id, uses.GetValueOrDefault(id).Counted(position, sign));
        }

        return uses;
    }

    private RegisteredUse Counted(long position, int sign) => sign > 0
        ? this with
        {
            Count = Count + 1,
            First = Count == 0 ? position : First,
            IsExact = Count == 0 || IsExact,
        }
        : this with
        {
            Count = Count - 1,
            First = First == position ? position + 1 : First,
            IsExact = IsExact && First != position,
        };
}
