namespace TreasuryLedger.Client;

/// <summary>How a client repeats what did not get an answer.</summary>
public sealed record LedgerClientOptions
{
    /// <summary>For how long, from the first attempt on, a request is repeated.</summary>
    public TimeSpan RepeatFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The wait after the first failure; it doubles with each, and varies by a quarter.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait, unless the server asks for a longer one.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan AttemptWithin { get; init; } = TimeSpan.FromSeconds(60);
}
