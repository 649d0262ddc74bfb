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

    private readonly DocumentStore _store;

    /// <param name="login">The operator's login to a migrated database.</param>
    /// <param name="options">How writers work.</param>
    /// <param name="through">Changes the application's connection string, to put something in between.</param>
    public TestLedger(string login, WriterOptions? options = null, Func<string, string>? through = null)
    {
        var app = Logins.Of(login).App;
        Database = NpgsqlDataSource.Create(through?.Invoke(app) ?? app);
        _store = DocumentStore.For(marten => Store.Configure(marten, Database, AutoCreate.None));
        Reader = new JournalReader(Database, TimeProvider.System);
        Writers = new JournalWriters(
            _store, Database, Reader, options ?? new WriterOptions(), TimeProvider.System,
            NullLogger<JournalWriters>.Instance);
    }

    public NpgsqlDataSource Database { get; }

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

    public async Task<JournalView> ReadAsync(JournalKey? journal = null, Instant? knownAt = null) =>
        (await Reader.ReadAsync(journal ?? Main, knownAt, 0, Cancellation))
        .ShouldBeOfType<ReadOutcome<JournalView>.Found>().View;

    public async ValueTask DisposeAsync()
    {
        await Writers.DisposeAsync();
        _store.Dispose();
        await Database.DisposeAsync();
    }
}
