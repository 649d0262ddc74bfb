using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Npgsql;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>How the webhooks of a database stand, all tenants together.</summary>
/// <param name="Webhooks">How many there are.</param>
/// <param name="Failing">Those whose last attempt failed, and that go on trying.</param>
/// <param name="Paused">Those that tell nobody until somebody resumes them.</param>
/// <param name="Behind">Entries that receivers do not have yet, of those that are not paused.</param>
public sealed record WebhookState(long Webhooks, long Failing, long Paused, long Behind)
{
    private const string Select = "select webhooks, failing, paused, behind from ledger.webhook_totals()";

    /// <summary>What a database says.</summary>
    public static async Task<WebhookState> OfAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var select = database.CreateCommand(Select);
        await using var row = await select.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new WebhookState(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }

    /// <summary>Both together.</summary>
    public static WebhookState operator +(WebhookState one, WebhookState other) => new(
        one.Webhooks + other.Webhooks, one.Failing + other.Failing, one.Paused + other.Paused,
        one.Behind + other.Behind);
}

/// <summary>Metrics of webhooks, as this process last saw them.</summary>
public static class WebhookMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "TreasuryLedger.Webhooks";

    private static readonly Meter Meter = new(Name);

    private static readonly ConcurrentDictionary<string, WebhookState> States = new(StringComparer.Ordinal);

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "treasury.webhooks.attempts", "{attempt}", "Attempts to tell a receiver of an entry, by this process.");

    static WebhookMeter()
    {
        Meter.CreateObservableGauge(
            "treasury.webhooks.behind", () => Seen.Behind, "{entry}", "Entries that receivers do not have yet.");
        Meter.CreateObservableGauge(
            "treasury.webhooks.failing", () => Seen.Failing, "{webhook}", "Webhooks whose last attempt failed.");
        Meter.CreateObservableGauge(
            "treasury.webhooks.paused", () => Seen.Paused, "{webhook}", "Webhooks that somebody must resume.");
    }

    /// <summary>What was last seen of all databases.</summary>
    public static WebhookState Seen => States.Values.Aggregate(new WebhookState(0, 0, 0, 0), (all, one) => all + one);

    /// <summary>Keeps what was just seen of a database.</summary>
    internal static void See(string database, WebhookState state) => States[database] = state;

    /// <summary>Takes what became of an attempt.</summary>
    internal static void Take(WebhookAttempt attempt) => Attempts.Add(
        1, new KeyValuePair<string, object?>("outcome", attempt.IsTaken ? "taken" : "failed"));
}
