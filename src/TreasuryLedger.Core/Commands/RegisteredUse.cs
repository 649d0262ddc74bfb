namespace TreasuryLedger.Core.Commands;

/// <summary>By which entry an id is registered, and how many standing entries use it.</summary>
/// <param name="By">The position of the registration.</param>
/// <param name="Count">Standing entries that name the id; 0 or more.</param>
/// <param name="First">The first of them; no standing entry before this position names the id.</param>
/// <param name="IsExact">
/// Whether <paramref name="First"/> is the first standing use and not only a bound: that one was voided since.
/// </param>
internal record struct RegisteredUse(long By, long Count, long First, bool IsExact)
{
    /// <summary>The use after an entry that names the id, or without it again (sign -1).</summary>
    public RegisteredUse Counted(long position, int sign) => sign > 0
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
