using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Exposure;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform;
using Wolverine;

namespace TreasuryLedger.Server.Policies;

/// <summary>How limits are watched. Configured under <c>Watch</c>.</summary>
public sealed class WatchOptions
{
    /// <summary>How often the server looks whether anything was recorded; without it nothing is watched.</summary>
    public TimeSpan? Every { get; set; }

    /// <summary>What was recorded so long before the server began is looked at, too.</summary>
    public TimeSpan LookBack { get; set; } = TimeSpan.FromDays(7);

    /// <summary>What the configuration says.</summary>
    public static WatchOptions Of(IConfiguration configuration) =>
        configuration.GetSection("Watch").Get<WatchOptions>() ?? new WatchOptions();
}

/// <summary>
/// Raises alerts about limits by itself, from settled journals and behind their writers. What is due follows from the
/// journals alone, so nothing is kept beside them: an alert of a breach has one key, whoever finds it and how often.
/// </summary>
/// <param name="prover">Knows the tenants.</param>
/// <param name="databases">Where heads lie.</param>
/// <param name="lookout">Reads treasuries.</param>
/// <param name="services">Records alerts.</param>
/// <param name="options">How often.</param>
/// <param name="time">Measures the turns.</param>
/// <param name="log">Told of what fails.</param>
public sealed class LimitWatch(
    Prover prover,
    TenantDatabases databases,
    Lookout lookout,
    IServiceProvider services,
    WatchOptions options,
    TimeProvider time,
    ILogger<LimitWatch> log) : BackgroundService
{
    /// <summary>Who is written into the entries.</summary>
    public const string Actor = "limit-watch";

    private const long MicrosecondsPerSecond = 1_000_000;

    private static readonly TimeSpan QuietMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (string Heads, long At)> _looked = new(StringComparer.Ordinal);
    private readonly Dictionary<JournalKey, Instant> _known = [];

    /// <summary>Looks at a treasury and raises what is due.</summary>
    /// <param name="treasury">The treasury.</param>
    /// <param name="since">What was recorded before this instant was looked at.</param>
    /// <param name="cancellation">Stops it between two alerts.</param>
    /// <returns>Up to which instant of the ledger was looked, and how many alerts were raised.</returns>
    public async Task<(Instant Known, int Raised)> LookAsync(
        JournalKey treasury, Instant since, CancellationToken cancellation)
    {
        var view = await lookout.ReadAsync(treasury, null, 0, cancellation);
        var opened = (TreasuryOpened)view.Treasury.Entries[0].Event;
        var seen = lookout.See(view, Question.Read(new QueryReader(QueryCollection.Empty)), cancellation);
        var book = RiskAt.BookOf(seen.At);
        // A scripted clock tells when entries are recorded, so nobody records there by himself.
        if (opened.ReplayedClock || book.Limits(opened, Instant.Max).All(dated => dated.Limits.IsNone()))
        {
            return (view.KnownAt, 0);
        }

        var raised = 0;
        foreach (var breach in AlertsDue.Of(Looked(seen, since), book.Alerts(Instant.Max)))
        {
            raised += await RaiseAsync(treasury, seen, breach, cancellation) ? 1 : 0;
        }

        return (view.KnownAt, raised);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Every is not { } every)
        {
            return;
        }

        using var turns = new PeriodicTimer(every, time);
        while (await turns.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var tenant in await prover.TenantsAsync(stoppingToken))
                {
                    await LookAsync(tenant, stoppingToken);
                }
            }
            catch (Exception fault) when (fault is NpgsqlException or ProblemException or TimeoutException)
            {
                log.LogWarning(fault, "Limits could not be watched; the next turn tries again.");
            }
        }
    }

    /// <summary>
    /// Everything that may have changed since, and the instant before it. Where that is too much for one look, the new
    /// facts alone.
    /// </summary>
    private static List<(Instant At, ImmutableArray<BrokenLimit> Broken)> Looked(
        Seen seen, Instant since)
    {
        var now = seen.Standpoint.AsOf;
        var told = new[] { seen.View.Treasury, seen.View.Prices, seen.View.Markets }
            .SelectMany(journal => journal.Entries.Take((int)journal.Head.Position)
                .Reverse().TakeWhile(entry => entry.RecordedAt > since))
            .Select(entry => entry.EffectiveAt)
            .Where(at => at <= now)
            .Append(Instant.Latest(seen.View.Treasury.Entries[0].EffectiveAt, since < now ? since : now))
            .Distinct()
            .Order()
            .ToList();
        var before = TreasuryAt.Before(told[0]) ?? told[0];
        List<Instant> instants;
        try
        {
            instants = BreachesAnswer.Effective(seen, before);
        }
        catch (ProblemException)
        {
            instants = [before, .. told, now];
        }

        return [.. instants.Select(at => (at, new RiskAt(seen.AsOf(at)).Broken()))];
    }

    private async Task LookAsync(string tenant, CancellationToken cancellation)
    {
        var database = await databases.OfAsync(tenant, cancellation);
        var heads = new List<string>();
        await using (var select = new TenantCommand(
            database,
            tenant,
            "select journal, position from ledger.heads where tenant = $1 and position > 0 order by journal"))
        {
            select.Parameters.Add(JournalRows.Text(tenant));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                heads.Add($"{rows.GetString(0)} {rows.GetInt64(1)}");
            }
        }

        // Debt grows and prices age without anything being recorded, too.
        var all = string.Join('\n', heads);
        if (_looked.TryGetValue(tenant, out var last) && last.Heads == all
            && time.GetElapsedTime(last.At) < QuietMax)
        {
            return;
        }

        foreach (var head in heads.Where(head => head.StartsWith("treasury/", StringComparison.Ordinal)))
        {
            var key = new JournalKey(tenant, head.Split(' ')[0]);
            var began = new Instant(
                (time.GetUtcNow() - options.LookBack).ToUnixTimeSeconds() * MicrosecondsPerSecond);
            (_known[key], var raised) = await LookAsync(key, _known.GetValueOrDefault(key, began), cancellation);
            if (raised > 0)
            {
                log.LogInformation("{Journal}: {Raised} alerts about limits were raised.", key, raised);
            }
        }

        _looked[tenant] = (all, time.GetTimestamp());
    }

    private async Task<bool> RaiseAsync(
        JournalKey treasury, Seen seen, Breach breach, CancellationToken cancellation)
    {
        var subject = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(breach.Subject)))[..16];
        var name = $"watch:{breach.Limit}:{subject}:{breach.From.Microseconds}";
        var command = new RaiseAlert
        {
            EffectiveAt = breach.From,
            Fact = FactId.Parse(name),
            Limit = breach.Limit,
            Subject = breach.Subject,
            Allowed = breach.First.Allowed,
            Is = breach.First.Is,
            PricePosition = seen.Standpoint.Positions.PriceBook,
            MarketPosition = seen.Standpoint.Positions.MarketBook,
        };
        try
        {
            await using var scope = services.CreateAsyncScope();
            var answer = await scope.ServiceProvider.GetRequiredService<IMessageBus>().RecordAsync(
                databases, Submission.One(treasury, name, Actor, command), cancellation);
            return answer.Entries[0] is { Outcome: RecordedAs.Recorded, Replayed: false };
        }
        catch (ProblemException refused) when (IsRaised(refused))
        {
            return false;
        }
    }

    /// <summary>Another node, or somebody, was first; with other knowledge the figures may differ.</summary>
    private static bool IsRaised(ProblemException refused) =>
        refused.Problem.Code == ErrorRegistry.Of(RefusalCode.AlertOpen).Code
        || refused.Problem.Code == ErrorRegistry.Of(RefusalCode.IdempotencyKeyReused).Code;
}
