using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// Where the source puts the fact among its others: block and log index on chain, the sequence at a venue, the row in a
/// file. One to four numbers, written "1234.17", compared number by number. It decides the order of facts at one
/// instant, so that the order of arrival does not.
/// </summary>
public sealed class SourceOrder : IText<SourceOrder>, IEquatable<SourceOrder>, IComparable<SourceOrder>
{
    private readonly ImmutableArray<long> _numbers;

    private SourceOrder(ImmutableArray<long> numbers) => _numbers = numbers;

    /// <inheritdoc/>
    public static string Expected => "one to four whole numbers joined by points, such as 18234567.12";

    /// <summary>The numbers, one to four.</summary>
    public ImmutableArray<long> Numbers => _numbers;

    /// <summary>The order with these numbers.</summary>
    /// <param name="numbers">One to four, none negative.</param>
    public static SourceOrder Of(params ReadOnlySpan<long> numbers) => new([.. numbers]);

    /// <inheritdoc/>
    public static bool TryParse(string? text, out SourceOrder value)
    {
        value = null!;
        var parts = text?.Split('.') ?? [];
        if (parts.Length is 0 or > 4)
        {
            return false;
        }

        var numbers = ImmutableArray.CreateBuilder<long>(parts.Length);
        foreach (var part in parts)
        {
            if ((part.Length > 1 && part[0] == '0')
                || !long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            numbers.Add(number);
        }

        value = new SourceOrder(numbers.ToImmutable());
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(SourceOrder? other)
    {
        if (other is null)
        {
            return -1;
        }

        for (var i = 0; i < Math.Min(_numbers.Length, other._numbers.Length); i++)
        {
            if (_numbers[i].CompareTo(other._numbers[i]) is var order and not 0)
            {
                return order;
            }
        }

        return _numbers.Length.CompareTo(other._numbers.Length);
    }

    /// <inheritdoc/>
    public bool Equals(SourceOrder? other) => other is not null && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SourceOrder);

    /// <inheritdoc/>
    public override int GetHashCode() => _numbers.Aggregate(17, (hash, number) => HashCode.Combine(hash, number));

    /// <summary>The numbers joined by points.</summary>
    public override string ToString() => string.Join('.', _numbers);
}
