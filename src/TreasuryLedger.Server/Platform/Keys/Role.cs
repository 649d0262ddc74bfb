namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>
/// What a caller is to the ledger. Each may do what its work needs and nothing else; whoever does the work of several
/// has several.
/// </summary>
public enum Role
{
    /// <summary>Records what happened to units, and sees what it recorded: balances, entries, movements.</summary>
    Custodian,

    /// <summary>Keeps the books: records, corrects, chooses terms, closes periods, takes files along.</summary>
    Accountant,

    /// <summary>Sees everything, with every proof, and records nothing but notes.</summary>
    Compliance,

    /// <summary>Records prices and markets, gives instructions, and sees everything.</summary>
    Risk,

    /// <summary>Opens treasuries and books, registers accounts and assets, gives keys, and sees everything.</summary>
    Admin,
}
