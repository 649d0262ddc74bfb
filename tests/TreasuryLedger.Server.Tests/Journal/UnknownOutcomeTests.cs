using Shouldly;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>A connection that breaks at the commit: the third outcome, found out and never guessed.</summary>
public sealed class UnknownOutcomeTests(Databases databases)
{
    private static readonly WriterOptions Impatient = new() { ResolveWithin = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task a_commit_whose_answer_was_lost_is_found_and_answered_as_recorded()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);
        await ledger.OpenAsync();

        proxy.Next = Fault.AfterCommit;
        var decided = await ledger.RecordAsync(Alone("k", Buy()));

        decided.Items[0].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
        await ShouldHoldAsync(login, "k");
        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        (await ledger.RecordAsync("next", Buy())).ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(7);
    }

    [Fact]
    public async Task a_commit_that_never_arrived_is_surely_absent_and_can_be_repeated_with_its_key()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);
        await ledger.OpenAsync();

        proxy.Next = Fault.BeforeCommit;
        var absent = await ledger.SubmitAsync(Alone("k", Buy()));

        absent.ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        await ShouldHoldAsync(login);
        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
        await ShouldHoldAsync(login, "k");
    }

    [Fact]
    public async Task the_very_first_commit_of_a_journal_is_found_too()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);

        proxy.Next = Fault.BeforeCommit;
        (await ledger.SubmitAsync(Alone("open", TestLedger.Opening()))).ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        proxy.Next = Fault.AfterCommit;
        (await ledger.RecordAsync("open", TestLedger.Opening())).ShouldBeOfType<Outcome.Recorded>()
            .Entry.Position.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task while_the_database_cannot_be_asked_the_outcome_is_unknown_and_later_found_by_its_key(bool stored)
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, Impatient, proxy.Through);
        await ledger.OpenAsync();

        proxy.Next = stored ? Fault.AfterCommitAndGone : Fault.BeforeCommitAndGone;
        var unknown = (await ledger.SubmitAsync(Alone("k", Buy()))).ShouldBeOfType<SubmissionOutcome.Unknown>();
        var meanwhile = await ledger.SubmitAsync(Alone("m", Buy()));
        proxy.IsGone = false;
        var again = (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>();

        unknown.IdempotencyKey.ShouldBe("k");
        meanwhile.ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        again.Replayed.ShouldBe(stored);
        again.Entry.Position.ShouldBe(6);
        await ShouldHoldAsync(login, "k");
    }

    [Fact]
    public async Task in_a_group_whose_commit_failed_only_what_stood_before_is_answered()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);
        await ledger.OpenAsync();
        await ledger.RecordAsync("before", Buy());

        proxy.Next = Fault.BeforeCommit;
        var answers = await ledger.InOneCommitOutcomesAsync(
            login,
            Alone("k", Buy()),
            Alone("before", Buy()),
            Alone("k", Buy()),
            Alone("refused", Buy() with { Account = Core.Journal.AccountId.Parse("nowhere") }));

        answers[0].ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        answers[1].ShouldBeOfType<SubmissionOutcome.Decided>().Items[0].ShouldBeOfType<Outcome.Recorded>();
        answers[2].ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        answers[3].ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        await ShouldHoldAsync(login, "before");
    }

    [Fact]
    public async Task with_commits_breaking_all_the_time_every_answer_is_true()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);
        await ledger.OpenAsync();
        using var breaking = new CancellationTokenSource();
        var breaker = BreakAsync(proxy, breaking.Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            var recorded = new List<(string Key, bool IsRecorded)>();
            for (var i = 0; i < 15; i++)
            {
                var key = $"{caller}-{i}";
                var answer = await ledger.SubmitAsync(Alone(key, Buy()));
                recorded.Add((key, answer is SubmissionOutcome.Decided));
                (answer is SubmissionOutcome.Decided or SubmissionOutcome.NotRecorded).ShouldBeTrue();
            }

            return recorded;
        })));
        await breaking.CancelAsync();
        await breaker;

        var told = answers.SelectMany(list => list).ToList();
        told.ShouldContain(answer => !answer.IsRecorded);
        await ShouldHoldAsync(login, [.. told.Where(answer => answer.IsRecorded).Select(answer => answer.Key)]);
    }

    [Fact]
    public async Task a_connection_cut_at_each_of_a_hundred_commits_leaves_one_entry_each_after_the_repetition()
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);
        await ledger.OpenAsync();

        var found = 0;
        for (var number = 0; number < 100; number++)
        {
            proxy.Next = number % 3 == 0 ? Fault.BeforeCommit : Fault.AfterCommit;
            SubmissionOutcome answer;
            while ((answer = await ledger.SubmitAsync(Alone($"cut-{number}", Buy()))) is not SubmissionOutcome.Decided)
            {
                (answer is SubmissionOutcome.NotRecorded or SubmissionOutcome.Unknown).ShouldBeTrue();
                found++;
            }
        }

        found.ShouldBe(34); // those whose commit never arrived; the others were looked up by the writer itself
        await ShouldHoldAsync(login, [.. Enumerable.Range(0, 100).Select(number => $"cut-{number}")]);
    }

    private static async Task BreakAsync(Proxy proxy, CancellationToken until)
    {
        for (var i = 0; !until.IsCancellationRequested; i++)
        {
            proxy.Next = i % 2 == 0 ? Fault.AfterCommit : Fault.BeforeCommit;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Beside the opening the journal holds exactly these requests, and it verifies.</summary>
    private static async Task ShouldHoldAsync(string login, params string[] keys)
    {
        await using var fresh = new TestLedger(login);
        var entries = await fresh.StoredAsync();
        entries.Skip(5).Select(entry => entry.IdempotencyKey).Order().ShouldBe(keys.Order());
        await fresh.ShouldVerifyAsync();
    }
}
