using System.Collections.Immutable;

namespace TreasuryLedger.Core.Commands;

/// <summary>Says what the treasury held and owed when its journal begins, with the original lots.</summary>
public sealed record OpenBalances : Command
{
    /// <summary>Units held, at any account: at a lending position they are collateral.</summary>
    public ImmutableArray<OpeningLotTerms> Lots { get; init; } = [];

    /// <summary>Units owed, at lending positions only. Lots and debts may not both be empty.</summary>
    public ImmutableArray<OpeningDebtTerms> Debts { get; init; } = [];
}
