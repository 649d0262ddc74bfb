using Shouldly;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

public sealed class CaseRunnerTests(Databases databases)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "trend-research");

    [Fact]
    public async Task the_case_is_recorded_once_and_a_second_run_finds_all_of_it()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var runner = new CaseRunner(ledger.Writers.SubmitAsync, ledger.Reader);

        var (first, audit) = await RunAsync(runner);
        var heads = await HeadsAsync(ledger);
        var (second, again) = await RunAsync(runner);

        first.Found.ShouldBe(0);
        second.ShouldBe(new CaseRecording(Recorded: 0, Found: first.Recorded));
        (await HeadsAsync(ledger)).ShouldBe(heads);
        Text(again).ShouldBe(Text(audit));
        Text(audit).ShouldBe(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cases", "audit.golden.txt")));
    }

    [Fact]
    public async Task a_run_that_was_cut_goes_on_where_it_stopped()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var submissions = 0;
        var cut = new CaseRunner(
            (submission, cancellation) => Interlocked.Increment(ref submissions) > 100
                ? throw new IOException("cut")
                : ledger.Writers.SubmitAsync(submission, cancellation),
            ledger.Reader);
        await Should.ThrowAsync<IOException>(() => RunAsync(cut));

        var (recording, audit) = await RunAsync(new CaseRunner(ledger.Writers.SubmitAsync, ledger.Reader));

        recording.Found.ShouldBe(100);
        Text(audit).ShouldBe(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cases", "audit.golden.txt")));
    }

    private static Task<(CaseRecording Recording, CaseAuditReport Audit)> RunAsync(CaseRunner runner) =>
        runner.RunAsync(
            CaseFolder.Read(Folder), TestLedger.Tenant, "tester", (_, _) => { }, close: false,
            TestContext.Current.CancellationToken);

    private static async Task<string> HeadsAsync(TestLedger ledger)
    {
        var heads = new List<string>();
        foreach (var id in CasePlan.TreasuriesOf(CasePlan.Of(CaseFolder.Read(Folder)).Steps))
        {
            var read = await ledger.Reader.ReadTreasuryAsync(
                TestLedger.Tenant, id, null, 0, TestContext.Current.CancellationToken);
            heads.Add(read.ShouldBeOfType<ReadOutcome<TreasuryView>.Found>().View.Treasury.Head.ToString());
        }

        return string.Join('\n', heads);
    }

    private static string Text(CaseAuditReport audit)
    {
        var text = new StringWriter { NewLine = "\n" };
        CaseAuditText.Write(audit, text);
        return text.ToString();
    }
}
