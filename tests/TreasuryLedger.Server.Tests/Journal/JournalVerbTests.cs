using System.Text.Json;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>Verifying, exporting heads and erasing texts as whoever runs the database does it.</summary>
public sealed class JournalVerbTests(Databases databases)
{
    [Fact]
    public async Task verify_says_what_is_intact_and_names_what_is_damaged_with_a_failing_exit()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("buy", Buy());

        var intact = await ProgramRun.OverAsync(login, "verify", "--json");
        await Database.AskAsync(
            Logins.Of(login).Owner,
            """update journal.mt_events set data = jsonb_set(data, '{actor}', '"mallory"') where version = 6""");
        var damaged = await ProgramRun.OverAsync(
            login, "verify", "--tenant", Tenant, "--journal", Main.Journal, "--json");

        intact.ExitCode.ShouldBe(0, intact.Error);
        Verdict(intact.Output).GetProperty("position").GetInt64().ShouldBe(6);
        Verdict(intact.Output).TryGetProperty("fault", out _).ShouldBeFalse();
        damaged.ExitCode.ShouldBe(1);
        Verdict(damaged.Output).GetProperty("fault").GetProperty("position").GetInt64().ShouldBe(6);
        damaged.Error.ShouldStartWith("journal_damaged: ");
        damaged.Error.ShouldContain("is damaged at 6");
    }

    [Fact]
    public async Task heads_that_were_exported_prove_later_that_nothing_before_them_was_changed()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var file = Path.GetTempFileName();
        try
        {
            var exported = await ProgramRun.OverAsync(login, "heads");
            exported.ExitCode.ShouldBe(0, exported.Error);
            await ledger.RecordAsync("buy", Buy());

            var contained = await VerifyAgainstAsync(exported.Output);
            var other = await VerifyAgainstAsync(exported.Output.Replace(
                (await ReadHashAsync(login, 5))[..8], "00000000", StringComparison.Ordinal));
            var none = await VerifyAgainstAsync("no heads");

            contained.ExitCode.ShouldBe(0, contained.Error);
            other.ExitCode.ShouldBe(1);
            other.Error.ShouldStartWith("journal_damaged: ");
            none.ExitCode.ShouldBe(1);
            none.Error.ShouldStartWith("argument_invalid: ");
        }
        finally
        {
            File.Delete(file);
        }

        async Task<(int ExitCode, string Output, string Error)> VerifyAgainstAsync(string heads)
        {
            await File.WriteAllTextAsync(file, heads, TestContext.Current.CancellationToken);
            return await ProgramRun.OverAsync(login, "verify", "--against", file);
        }
    }

    [Fact]
    public async Task erase_text_takes_the_text_of_one_entry_and_leaves_the_chain_whole()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("one", Buy(reason: "Called by Ann."));
        await ledger.RecordAsync("two", Buy(reason: "Called by Bob."));
        string[] erase = ["erase-text", "6", "--tenant", Tenant, "--journal", Main.Journal];

        var erased = await ProgramRun.OverAsync(login, erase);
        var again = await ProgramRun.OverAsync(login, erase);
        var verified = await ProgramRun.OverAsync(login, "verify", "--json");

        erased.ExitCode.ShouldBe(0, erased.Error);
        again.ExitCode.ShouldBe(1);
        again.Error.ShouldStartWith("not_found: ");
        (await Database.AskAsync(login, "select string_agg(text, ' ') from ledger.texts where text is not null"))
            .ShouldBe("Called by Bob.");
        verified.ExitCode.ShouldBe(0, verified.Error);
        Verdict(verified.Output).GetProperty("erased").GetInt64().ShouldBe(1);
    }

    private static JsonElement Verdict(string output) =>
        JsonDocument.Parse(output).RootElement.GetProperty("journals").EnumerateArray().ShouldHaveSingleItem();

    private static async Task<string> ReadHashAsync(string login, int position) =>
        (await Database.AskAsync(
            login, $"select encode(hash, 'hex') from ledger.entries where position = {position}"))!;
}
