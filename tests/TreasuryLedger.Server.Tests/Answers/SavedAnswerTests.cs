using System.Globalization;
using System.Net.Http.Headers;
using Alba;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Journal;
using TreasuryLedger.Server.Tests.Lists;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Answers;

/// <summary>
/// What was once answered is answered for ever; the benchmarks' <c>saved --full</c> asks 1,000 questions.
/// </summary>
public sealed class SavedAnswerTests(Databases databases)
{
    private const int Answers = 45;
    private const int Entries = 120;
    private const int Later = 140;

    private static readonly JournalKey Prices = JournalKey.Prices(TestLedger.Tenant, "main");

    private static readonly Dictionary<string, string> Journals =
        new(StringComparer.Ordinal) { ["treasury"] = "main", ["book"] = "main" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task answers_keep_their_bytes_whatever_comes_later_and_whatever_is_made_anew()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await ledger.RecordAsync(TestLedger.Batch("opening", ListHistory.Opening()));
        await ledger.RecordAsync(TestLedger.Batch("prices", ListHistory.Prices(random, 60), Prices));
        var from = (await ledger.ReadAsync()).Head.RecordedAt;
        await RecordAsync(ledger, random, 0, Entries);
        var to = (await ledger.ReadAsync()).Head.RecordedAt;
        await using var first = await Server.StartAsync(login);

        var saved = await SavedAnswers.SaveAsync(first.Http, random, Answers, Journals, recorded: 60, (from, to));
        saved.Routes.Count().ShouldBeGreaterThan(20);
        (await saved.DifferencesAsync(first.Http)).ShouldBeEmpty($"seed {seed}, at once");

        await RecordAsync(ledger, random, Entries, Later);
        await ledger.RecordAsync(new Submission(
            Prices, "later", "late", [.. ListHistory.Prices(random, 60).Skip(1)], Atomic: false, DryRun: false,
            ScriptedRecordedAt: null));
        (await saved.DifferencesAsync(first.Http)).ShouldBeEmpty($"seed {seed}, after later entries");
        await using var second = await Server.StartAsync(login);
        (await saved.DifferencesAsync(second.Http)).ShouldBeEmpty($"seed {seed}, from another process");

        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        var rebuilt = await Derived.RebuildAsync(owner, null, Cancellation).ToListAsync(Cancellation);
        rebuilt.Sum(part => part.Entries).ShouldBeGreaterThan(Entries);
        (await saved.DifferencesAsync(first.Http)).ShouldBeEmpty($"seed {seed}, beside a rebuild");
        await using var third = await Server.StartAsync(login);
        (await saved.DifferencesAsync(third.Http)).ShouldBeEmpty($"seed {seed}, after a rebuild");
    }

    private static async Task RecordAsync(TestLedger ledger, Random random, int first, int count)
    {
        for (var number = first; number < first + count; number += 40)
        {
            // Each alone: a correction that aims at a voided entry is refused, and the rest of them is not.
            var commands = Enumerable.Range(number, 40).Select(n => ListHistory.At(random, n, 11 + (n / 2)));
            await ledger.RecordAsync(new Submission(
                TestLedger.Main,
                string.Create(CultureInfo.InvariantCulture, $"load-{number}"),
                ListHistory.Actors[number / 40 % 3], [.. commands], Atomic: false, DryRun: false,
                ScriptedRecordedAt: null));
        }
    }

    /// <summary>A server with nothing in memory yet.</summary>
    private sealed record Server(OpenDatabase Database, IAlbaHost Host, HttpClient Http) : IAsyncDisposable
    {
        public static async Task<Server> StartAsync(string login)
        {
            var database = OpenDatabase.Of(Logins.Of(login));
            var host = await AlbaHost.For(
                ServerHost.Web(new WebApplicationOptions(), database), ServerHost.Serve);
            var key = await new KeyAdministration(Logins.Of(login).Owner)
                .CreateAsync(TestLedger.Tenant, "tester", Grant.Everything, Cancellation);
            var http = host.Server.CreateClient();
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
            return new Server(database, host, http);
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Host.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
