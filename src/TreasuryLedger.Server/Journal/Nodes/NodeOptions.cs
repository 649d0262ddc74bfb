namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>
/// How this process is one of several over one database. Without these options it is alone and decides everything
/// itself. Settings: <c>Nodes:Address</c>, <c>Nodes:HealthCheckSeconds</c>.
/// </summary>
/// <param name="Address">Where the other nodes reach this one: scheme, host and port.</param>
/// <param name="HealthCheckInterval">
/// How often a node says that it lives, and looks who else does and which writers they have.
/// </param>
public sealed record NodeOptions(Uri Address, TimeSpan HealthCheckInterval)
{
    private const double SecondsDefault = 2;
    private const double SecondsMin = 0.2;
    private const double SecondsMax = 60;

    /// <summary>A node that was not heard of for this long is dead: its writers go to others.</summary>
    public TimeSpan DeadAfter => 4 * HealthCheckInterval;

    /// <summary>
    /// How long a node waits for another's answer before it decides itself: far longer than a commit lasts, and about
    /// as long as it takes to notice that a node hangs.
    /// </summary>
    public static TimeSpan AnswerWithin => TimeSpan.FromSeconds(10);

    /// <summary>The options that the configuration names; <c>null</c> if this process is alone.</summary>
    /// <exception cref="ArgumentException">A setting is not of its form.</exception>
    public static NodeOptions? From(IConfiguration configuration)
    {
        if (configuration["Nodes:Address"] is not { Length: > 0 } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
            || address.PathAndQuery != "/")
        {
            throw new ArgumentException(
                $"Nodes:Address is '{text}'; it must be an address that the other nodes reach, such as "
                + "http://10.0.0.5:8080.");
        }

        var seconds = configuration.GetValue("Nodes:HealthCheckSeconds", SecondsDefault);
        return seconds is >= SecondsMin and <= SecondsMax
            ? new NodeOptions(address, TimeSpan.FromSeconds(seconds))
            : throw new ArgumentException(
                $"Nodes:HealthCheckSeconds is {seconds}; it must be {SecondsMin} to {SecondsMax}.");
    }
}
