namespace TreasuryLedger.Core.Money;

/// <summary>
/// A value with exactly one text form. Every such value crosses the wire, the store and the hash chain as that text,
/// so that equal values have equal bytes.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface IText<TSelf>
    where TSelf : IText<TSelf>
{
    /// <summary>What a caller must write, for the message of a refused text, e.g. "a decimal such as 12.5".</summary>
    static abstract string Expected { get; }

    /// <summary>
    /// Reads the text form. Anything that is not exactly that form gives <c>false</c>, never an exception.
    /// </summary>
    /// <param name="text">The text; <c>null</c> gives <c>false</c>.</param>
    /// <param name="value">The value read, or the type's default.</param>
    /// <returns><c>true</c> if the text was the form of a value.</returns>
    static abstract bool TryParse(string? text, out TSelf value);
}
