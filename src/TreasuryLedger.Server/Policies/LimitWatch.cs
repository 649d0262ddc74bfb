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
using TreasuryLedger.Server.Journal.Nodes;
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
/// Looked at are treasuries that ever had limits, whose writers are here, and to which anything happened; of all others
/// no more is read than their heads, and the kinds of what is new there.
/// </summary>
/// <param name="prover">Knows the tenants.</param>
/// <param name="databases">Where heads lie.</param>
/// <param name="lookout">Reads treasuries.</param>
/// <param name="services">Records alerts.</param>
/// <param name="options">How often.</param>
/// <param name="time">Measures the turns.</param>
/// <param name="log">Told of what fails.</param>
/// <param name="nodes">Which node has a treasury's writer; absent: this process is alone.</param>
public sealed class LimitWatch(
    Prover prover,
    TenantDatabases databases,
    Lookout lookout,
    IServiceProvider services,
    WatchOptions options,
    TimeProvider time,
    ILogger<LimitWatch> log,
    NodeWatch? nodes = null) : BackgroundService
{
    /// <summary>Who is written into the entries.</summary>
    public const string Actor = "limit-watch";

    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>Debt grows and prices age without anything being recorded, too.</summary>
    private static readonly TimeSpan QuietMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<JournalKey, Watched> _watched = [];

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
        if (book.Limits(opened, Instant.Max).All(dated => dated.Limits.IsNone()))
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
            await TriedAsync(
                "Tenants",
                async () =>
                {
                    foreach (var tenant in await prover.TenantsAsync(stoppingToken))
                    {
                        await TriedAsync(tenant, () => WatchAsync(tenant, stoppingToken), stoppingToken);
                    }
                },
                stoppingToken);
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
            .SelectMany(journal => EffectiveAfter(journal.Log, since))
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

    /// <summary>When what was recorded after an instant was true.</summary>
    private static IEnumerable<Instant> EffectiveAfter(JournalLog journal, Instant since)
    {
        for (var index = journal.Count - 1; index >= 0 && journal.RecordedAt(index) > since; index--)
        {
            yield return journal.EffectiveAt(index);
        }
    }

    /// <summary>Looks at the treasuries of a tenant that are concerned, each for itself.</summary>
    /// <returns>How many were looked at.</returns>
    internal async Task<int> WatchAsync(string tenant, CancellationToken cancellation)
    {
        var database = await databases.OfAsync(tenant, cancellation);
        var heads = new Dictionary<string, (long Position, bool IsReplayed)>(StringComparer.Ordinal);
        await using (var select = new TenantCommand(
            database,
            tenant,
            "select journal, position, replayed from ledger.heads where tenant = $1 and position > 0 order by journal"))
        {
            select.Parameters.Add(JournalRows.Text(tenant));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                heads.Add(rows.GetString(0), (rows.GetInt64(1), rows.GetBoolean(2)));
            }
        }

        var looked = 0;
        foreach (var (journal, head) in heads)
        {
            var key = new JournalKey(tenant, journal);
            // A scripted clock tells when entries are recorded, so nobody records there by himself.
            if (key.IsTreasury && !head.IsReplayed && nodes?.OtherHolderOf(key) is null)
            {
                await TriedAsync(key.ToString(), WatchOneAsync, cancellation);
            }

            async Task WatchOneAsync()
            {
                var watched = await WatchedAsync(database, key, head.Position, cancellation);
                var stand = (head.Position, PositionOf(watched.Prices), PositionOf(watched.Markets));
                if (watched.HasLimits
                    && (watched.Stand != stand || time.GetElapsedTime(watched.LookedAt) >= QuietMax))
                {
                    looked++;
                    var began = new Instant(
                        (time.GetUtcNow() - options.LookBack).ToUnixTimeSeconds() * MicrosecondsPerSecond);
                    (watched.Known, var raised) = await LookAsync(key, watched.Known ?? began, cancellation);
                    (watched.Stand, watched.LookedAt) = (stand, time.GetTimestamp());
                    if (raised > 0)
                    {
                        log.LogInformation("{Journal}: {Raised} alerts about limits were raised.", key, raised);
                    }
                }
            }
        }

        return looked;

        long PositionOf(JournalKey book) => heads.GetValueOrDefault(book.Journal).Position;
    }

    /// <summary>What is remembered of a treasury, and whether it has had limits up to a position.</summary>
    private async Task<Watched> WatchedAsync(
        NpgsqlDataSource database, JournalKey key, long position, CancellationToken cancellation)
    {
        if (!_watched.TryGetValue(key, out var watched))
        {
            var opened = (TreasuryOpened)(await JournalRows.EntriesAsync(database, key, [1], cancellation))[1].Event;
            watched = _watched[key] = new Watched
            {
                Prices = JournalKey.Prices(key.Tenant, opened.PriceBook),
                Markets = JournalKey.Markets(key.Tenant, opened.MarketBook),
                HasLimits = !RiskLimits.Of(opened.Limits).IsNone(),
            };
        }

        if (!watched.HasLimits && watched.Searched < position)
        {
            await using var select = new TenantCommand(
                database,
                key,
                """
                select exists (
                    select from ledger.entries
                    where tenant = $1 and journal = $2 and position > $3 and position <= $4 and event_type = any($5))
                """);
            select.Parameters.Add(JournalRows.Number(watched.Searched));
            select.Parameters.Add(JournalRows.Number(position));
            select.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = EventNames.Named("limits_set") });
            watched.HasLimits = await select.ExecuteScalarAsync(cancellation) is true;
            watched.Searched = position;
        }

        return watched;
    }

    /// <summary>One that cannot be looked at, whatever the reason, keeps nobody from looking at the others.</summary>
    private async Task TriedAsync(string what, Func<Task> look, CancellationToken cancellation)
    {
        try
        {
            await look();
        }
#pragma warning disable CA1031 // told, and tried again in the next turn
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            log.LogWarning(fault, "{What}: limits could not be watched; the next turn tries again.", what);
        }
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

    /// <summary>What is remembered of a treasury; all of it can be found again.</summary>
    private sealed class Watched
    {
        public required JournalKey Prices { get; init; }

        public required JournalKey Markets { get; init; }

        /// <summary>Whether it ever had limits.</summary>
        public bool HasLimits { get; set; }

        /// <summary>Up to which position (inclusive) it had none.</summary>
        public long Searched { get; set; }

        /// <summary>Where it and its books stood when it was looked at last.</summary>
        public (long Treasury, long Prices, long Markets) Stand { get; set; }

        public long LookedAt { get; set; }

        /// <summary>Up to which instant of the ledger it was looked at.</summary>
        public Instant? Known { get; set; }
    }
}
