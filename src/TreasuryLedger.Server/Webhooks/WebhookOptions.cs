namespace TreasuryLedger.Server.Webhooks;

/// <summary>How entries are delivered. Setting: <c>Webhooks:AllowLoopback</c>.</summary>
/// <param name="AllowLoopback">
/// Whether receivers on this machine are allowed, without TLS as well: for development and tests.
/// </param>
public sealed record WebhookOptions(bool AllowLoopback)
{
    /// <summary>How long a receiver has to answer: shorter than an idle transaction may last.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(15);

    /// <summary>The longest time for which a receiver's Retry-After is obeyed.</summary>
    public static readonly TimeSpan RetryAfterMax = TimeSpan.FromHours(24);

    /// <summary>How long the old secret still signs after a rotation, unless another time is asked for.</summary>
    public static readonly TimeSpan RotatedFor = TimeSpan.FromHours(24);

    /// <summary>For how long it can go on signing (hours, inclusive).</summary>
    public const int KeepHoursMax = 24 * 7;

    /// <summary>Webhooks that a process tells at once from one database; each holds a connection meanwhile.</summary>
    public const int AtOnce = 16;

    /// <summary>
    /// How long to wait after the first, second, … failure in a row; after one more the webhook pauses. Four days, so
    /// that a receiver may be down over a long weekend.
    /// </summary>
    public static TimeSpan[] BackOff { get; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
        TimeSpan.FromHours(24),
    ];

    /// <summary>The options that the configuration names.</summary>
    public static WebhookOptions From(IConfiguration configuration) =>
        new(configuration.GetValue("Webhooks:AllowLoopback", defaultValue: false));
}
