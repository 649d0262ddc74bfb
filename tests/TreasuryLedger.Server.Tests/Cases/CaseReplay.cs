using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>The case recorded once in memory, for all that only read it.</summary>
internal static class CaseReplay
{
    /// <summary>Its treasury.</summary>
    public static Lazy<Task<TreasuryView>> Treasury { get; } = new(RunAsync);

    private static async Task<TreasuryView> RunAsync()
    {
        var folder = CaseFolder.Read(Path.Combine(AppContext.BaseDirectory, "cases", "trend-research"));
        var journals = new InMemoryJournals();
        await new CaseRecorder(journals.Submit, "test", "test")
            .Record(CasePlan.Of(folder).Steps, (_, _) => { }, default);
        return journals.Read(folder.File.Audit.Treasury);
    }
}
