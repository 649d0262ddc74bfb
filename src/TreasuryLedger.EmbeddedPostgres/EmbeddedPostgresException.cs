namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// The embedded PostgreSQL could not be found, started or kept running. The message is written for the person who
/// started the program: it names the folder, the cause as far as it is known, and what can be done.
/// </summary>
public sealed class EmbeddedPostgresException : Exception
{
    /// <summary>Whether the folder is fine but another program has it.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Creates the error with what went wrong and what can be done about it.</summary>
    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with what went wrong and the failure below it.</summary>
    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an error without a message; present because exceptions have this constructor.</summary>
    public EmbeddedPostgresException()
    {
    }
}
