using System.Text;
using JasperFx;
using Marten;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>
/// Writers and readers of one process over a database, without a host: several may share the database.
/// </summary>
internal sealed class TestLedger : IAsyncDisposable
{
    public const string Tenant = "acme";

    public static readonly JournalKey Main = JournalKey.Treasury(Tenant, "main");
    public static readonly Instant Day = Instant.Parse("2026-02-01T00:00:00Z");

    /// <summary>One digest of everything that is stored of journals.</summary>
    public const string TableDigest =
        """
        select md5(string_agg(line, '|' order by line)) from (
            select concat('e', e) as line from journal.mt_events e
            union all select concat('s', s) from journal.mt_streams s
            union all select concat('i', i) from ledger.entries i union all select concat('t', t) from ledger.texts t
            union all select concat('h', h) from ledger.heads h) lines
        """;

    private const string Waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";

    private readonly NpgsqlDataSource _owner;
    private readonly DocumentStore _store;

    /// <param name="login">The operator's login to a migrated database.</param>
    /// <param name="options">How writers work.</param>
    /// <param name="through">Changes the application's connection string, to put something in between.</param>
    public TestLedger(string login, WriterOptions? options = null, Func<string, string>? through = null)
    {
        var app = Logins.Of(login).App;
        Pool = NpgsqlDataSource.Create(through?.Invoke(app) ?? app);
        // Sessions of the event store do not say whose rows they want: those of tests read as the owner.
        _owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        _store = DocumentStore.For(marten => Store.Configure(marten, _owner, AutoCreate.None));
        Reader = new JournalReader(Tenants, TimeProvider.System);
        Writers = new JournalWriters(
            Tenants, Reader, options ?? new WriterOptions(), TimeProvider.System,
            NullLogger<JournalWriters>.Instance);
    }

    public NpgsqlDataSource Pool { get; }

    public TenantDatabases Tenants => TenantDatabases.Of(Pool);

    public IDocumentStore Documents => _store;

    public JournalReader Reader { get; }

    public JournalWriters Writers { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Submission Alone(string key, Command command, JournalKey? journal = null) =>
        Submission.One(journal ?? Main, key, "tester", command);

    public static Submission Batch(string key, IEnumerable<Command> commands, JournalKey? journal = null) =>
        new(journal ?? Main, key, "tester", [.. commands], Atomic: true, DryRun: false, ScriptedRecordedAt: null);

    public static OpenTreasury Opening(bool replayedClock = false) => new()
    {
        EffectiveAt = Day,
        Name = "Acme Treasury",
        TimeZone = "Asia/Singapore",
        FiscalYearStart = "01-01",
        ReportingCurrency = AssetId.Parse("USD"),
        PriceBook = "main",
        MarketBook = "main",
        ReplayedClock = replayedClock,
    };

    public static IEnumerable<Command> Registrations() =>
    [
        new RegisterAsset { EffectiveAt = Day, Asset = AssetId.Parse("USD"), Kind = AssetKind.Currency, Decimals = 2 },
        new RegisterAsset { EffectiveAt = Day, Asset = AssetId.Parse("ETH"), Kind = AssetKind.Token, Decimals = 18 },
        new RegisterAccount
        {
            EffectiveAt = Day,
            Account = AccountId.Parse("bank"),
            Kind = AccountKind.Bank,
            Venue = "bank",
        },
        new RegisterAccount
        {
            EffectiveAt = Day,
            Account = AccountId.Parse("exchange"),
            Kind = AccountKind.Exchange,
            Venue = "binance",
        },
    ];

    /// <summary>An observation: it is recorded even if the bank account holds nothing.</summary>
    public static AcquireAsset Buy(string quantity = "1.5", string? fact = null, string? reason = null) => new()
    {
        EffectiveAt = Day,
        Fact = fact is null ? null : FactId.Parse(fact),
        Account = AccountId.Parse("exchange"),
        Asset = AssetId.Parse("ETH"),
        Quantity = ExactDecimal.Parse(quantity),
        PaidAccount = AccountId.Parse("bank"),
        PaidAsset = AssetId.Parse("USD"),
        PaidQuantity = ExactDecimal.Parse("3000"),
        Reason = reason,
    };

    /// <summary>An entry as it is stored: two entries are the same if these are.</summary>
    public static string Text(Entry entry) => Encoding.UTF8.GetString(StoredJson.Write(entry));

    /// <summary>Opens the treasury with its registrations: entries 1 to 5.</summary>
    public async Task OpenAsync(JournalKey? journal = null)
    {
        Command opening = Opening();
        (await RecordAsync(Batch("opening", [opening, .. Registrations()], journal))).Items.Length.ShouldBe(5);
    }

    public Task<SubmissionOutcome> SubmitAsync(Submission submission) => Writers.SubmitAsync(submission, Cancellation);

    public async Task<SubmissionOutcome.Decided> RecordAsync(Submission submission) =>
        (await SubmitAsync(submission)).ShouldBeOfType<SubmissionOutcome.Decided>();

    public async Task<Outcome> RecordAsync(string key, Command command) =>
        (await RecordAsync(Alone(key, command))).Items.ShouldHaveSingleItem();

    /// <summary>
    /// Puts submissions into one commit: the head is locked elsewhere until all of them are queued behind it.
    /// </summary>
    /// <returns>The first outcome of each.</returns>
    public async Task<List<Outcome>> InOneCommitAsync(string login, params Submission[] submissions) =>
    [
        .. (await InOneCommitOutcomesAsync(login, submissions))
            .Select(outcome => outcome.ShouldBeOfType<SubmissionOutcome.Decided>().Items[0]),
    ];

    /// <inheritdoc cref="InOneCommitAsync"/>
    public async Task<SubmissionOutcome[]> InOneCommitOutcomesAsync(string login, params Submission[] submissions)
    {
        List<Task<SubmissionOutcome>> answers = [];
        await InOneCommitOutcomesAsync(login, () => answers.AddRange(submissions.Select(SubmitAsync)));
        return await Task.WhenAll(answers);
    }

    /// <summary>Does something while a writer waits for its head, so that what it queues comes together.</summary>
    public async Task InOneCommitOutcomesAsync(string login, Action queue)
    {
        await using var holder = new NpgsqlConnection(login);
        await holder.OpenAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await holder.AskAsync("select count(*) from (select from ledger.heads for update) held");
        var first = SubmitAsync(Alone("starts-the-group", Buy() with { Account = AccountId.Parse("nowhere") }));
        await WaitForLockAsync(login);
        queue();
        await Task.Delay(200, Cancellation);
        await transaction.RollbackAsync(Cancellation);
        await first;
    }

    /// <summary>Waits until somebody waits for a lock.</summary>
    public static async Task WaitForLockAsync(string login)
    {
        while (await Database.AskAsync(login, Waiting) == "0")
        {
            await Task.Delay(10, Cancellation);
        }
    }

    /// <summary>Every journal verifies.</summary>
    public async Task ShouldVerifyAsync()
    {
        foreach (var verdict in await VerifyAsync())
        {
            verdict.Fault.ShouldBeNull($"{verdict.Journal}");
        }
    }

    /// <summary>What verifying finds.</summary>
    public async Task<List<JournalVerdict>> VerifyAsync(params ExportedHead[] against)
    {
        var verdicts = new List<JournalVerdict>();
        await foreach (var verdict in new Verification(Pool).VerifyAsync(null, against, Cancellation))
        {
            verdicts.Add(verdict);
        }

        return verdicts;
    }

    public async Task<JournalView> ReadAsync(JournalKey? journal = null, Instant? knownAt = null) =>
        (await Reader.ReadAsync(journal ?? Main, knownAt, 0, Cancellation))
        .ShouldBeOfType<ReadOutcome<JournalView>.Found>().View;

    /// <summary>The entries as they are stored; a view holds exactly their narrow form.</summary>
    public async Task<List<Entry>> StoredAsync(JournalKey? journal = null)
    {
        var view = await ReadAsync(journal);
        var key = view.Head.Journal;
        var stored = await JournalRows.EntriesAsync(
            Pool, key, [.. view.Entries.Select(entry => entry.Position)], Cancellation);
        var entries = stored.Values.OrderBy(entry => entry.Position).ToList();
        NarrowBlock.Write(key, view.Entries).ShouldBe(NarrowBlock.Write(key, entries));
        return entries;
    }

    public async ValueTask DisposeAsync()
    {
        await Writers.DisposeAsync();
        _store.Dispose();
        await _owner.DisposeAsync();
        await Pool.DisposeAsync();
    }
}
