namespace TreasuryLedger.Server.Facts;

/// <summary>A row says nothing that can be recorded; caught where the row is read.</summary>
/// <param name="column">Which column is to blame, if one is.</param>
/// <param name="code">What is wrong.</param>
/// <param name="message">The same for a person.</param>
/// <param name="isParked">It may be right later.</param>
internal sealed class RowException(string? column, string code, string message, bool isParked) : Exception(message)
{
    public string? Column => column;

    public string Code => code;

    public bool IsParked => isParked;
}
