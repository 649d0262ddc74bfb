namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>The contract would revert: nothing would happen. <see cref="Exception.Message"/> says why.</summary>
public sealed class AaveRevertException : ArithmeticException
{
    /// <summary>What unsigned 256-bit arithmetic says when a result does not fit.</summary>
    public const string Overflow = "ArithmeticOverflow";

    /// <summary>What it says to a divisor of zero.</summary>
    public const string DivisionByZero = "DivisionByZero";

    /// <summary>With the name of the error.</summary>
    public AaveRevertException(string message)
        : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public AaveRevertException()
    {
    }

    /// <summary>With the name of the error and its cause.</summary>
    public AaveRevertException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
