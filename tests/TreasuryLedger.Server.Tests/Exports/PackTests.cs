using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Exports;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Tests.Journal;
using TreasuryLedger.Server.Tests.Journal.Proofs;
using Xunit;

namespace TreasuryLedger.Server.Tests.Exports;

/// <summary>An auditor's pack: written, checked by a program that is not ours, and read into an empty ledger.</summary>
[Collection(ProgramTests.Name)]
public sealed class PackTests(ApiHost host, Databases databases) : IDisposable
{
    private static (ApiClient Client, byte[] Pack)? _told;

    private readonly string _folder = Directory.CreateTempSubdirectory("pack").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task export_import_export_is_a_fixed_point_with_equal_heads_and_answers()
    {
        var (client, pack) = await TellAsync();
        var empty = await databases.NewAsync();

        var imported = await ProgramRun.OverAsync(empty, "import-pack", pack, "--json");
        var again = await ProgramRun.OverAsync(empty, "import-pack", pack, "--json");

        if (await OtherVerifier.RunAsync(["--pack", pack]) is var (code, said))
        {
            code.ShouldBe(0, said);
            said.ShouldContain("files are those of the manifest");
        }

        imported.ExitCode.ShouldBe(0, imported.Error);
        Journals(imported.Output).ShouldAllBe(journal => journal.Found == 0 && journal.Recorded > 0);
        Journals(again.Output).ShouldAllBe(journal => journal.Found > 0 && journal.Recorded == 0);
        await using var ledger = new TestLedger(empty);
        var here = await HeadExport.ReadAsync(ledger.Pool, client.Tenant, Cancellation);
        await using var there = NpgsqlDataSource.Create(host.Login);
        here.ShouldBe(await HeadExport.ReadAsync(there, client.Tenant, Cancellation));
        (await ledger.VerifyAsync([.. here])).ShouldAllBe(verdict => verdict.Fault == null);
        var second = Path.Combine(_folder, "second.zip");
        var exported = await ProgramRun.OverAsync(
            empty, "export", "pack", "--treasury", "acme", "--tenant", client.Tenant, "--as-of", "2026-01-31", "--out",
            second);
        exported.ExitCode.ShouldBe(0, exported.Error);
        (await File.ReadAllBytesAsync(second, Cancellation))
            .ShouldBe(await File.ReadAllBytesAsync(pack, Cancellation));
    }

    [Fact]
    public async Task an_imported_ledger_goes_on_and_its_texts_were_erased_where_they_were()
    {
        var client = await host.NewTenantAsync();
        await TellAsync(client);
        var key = JournalKey.Treasury(client.Tenant, "acme");
        (await client.PostAsync(
            ApiClient.Treasury + "/capital-contributions",
            """
            {"effectiveAt":"2026-01-05T08:00:00Z","account":"bank","asset":"USD","quantity":"7","reason":"to forget"}
            """)).ShouldBe(System.Net.HttpStatusCode.Created);
        await using var owner = NpgsqlDataSource.Create(host.Owner);
        var last = (await client.GetAsync(ApiClient.Treasury + "/head")).Json.GetProperty("head")
            .GetProperty("position").GetInt64();
        (await Texts.EraseAsync(owner, key, last, Cancellation)).ShouldBeTrue();
        var pack = Path.Combine(_folder, "erased.zip");
        await ExportAsync(client, pack);
        await using var ledger = new TestLedger(await databases.NewAsync());

        await ImportAsync(ledger, pack);

        var verdicts = await ledger.VerifyAsync();
        verdicts.ShouldAllBe(verdict => verdict.Fault == null);
        verdicts.Single(verdict => verdict.Journal == key).Erased.ShouldBe(1);
        var more = await ledger.RecordAsync(new Submission(
            key, "later", "tester", [TestLedger.Buy(fact: "later:1")], Atomic: true, DryRun: true, null));
        more.Head.Position.ShouldBe(last);
    }

    [Theory]
    [InlineData("journals/treasury/acme.ndjson", "\"actor\":\"tester\"", "\"actor\":\"nobody\"")]
    [InlineData("journals/treasury/acme.ndjson", "\"position\":3,", "\"position\":4,")]
    [InlineData("lists/disposals.csv", "sale", "gift")]
    [InlineData("manifest.json", "\"size\": ", "\"size\": 9")]
    public async Task a_pack_that_was_changed_is_refused_by_both_verifiers_and_records_nothing(
        string file, string what, string by)
    {
        var (_, pack) = await TellAsync();
        await ChangeAsync(pack, file, text => Changed(text, what, by), isSealed: false);
        await RefusedAsync(pack);
    }

    [Fact]
    public async Task an_entry_that_was_changed_with_its_digest_is_still_refused()
    {
        var (_, pack) = await TellAsync();
        await ChangeAsync(
            pack, "journals/treasury/acme.ndjson",
            text => Changed(text, "\"actor\":\"tester\"", "\"actor\":\"nobody\""), isSealed: true);
        await RefusedAsync(pack);
    }

    [Fact]
    public async Task a_pack_is_not_read_over_other_entries()
    {
        var (client, pack) = await TellAsync();
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync(JournalKey.Treasury(client.Tenant, "acme"));

        (await Should.ThrowAsync<PackException>(() => ImportAsync(ledger, pack))).Message
            .ShouldContain("with other entries");
    }

    private async Task RefusedAsync(string pack)
    {
        if (await OtherVerifier.RunAsync(["--pack", pack]) is var (code, said))
        {
            code.ShouldBe(1, said);
            said.ShouldStartWith("NOT PROVEN: ");
        }

        await using var empty = new TestLedger(await databases.NewAsync());
        await Should.ThrowAsync<PackException>(() => ImportAsync(empty, pack));
        (await HeadExport.ReadAsync(empty.Pool, null, Cancellation)).ShouldBeEmpty();
    }

    private static string Changed(string text, string what, string by)
    {
        var at = text.IndexOf(what, StringComparison.Ordinal);
        at.ShouldBeGreaterThan(-1, what);
        return text[..at] + by + text[(at + what.Length)..];
    }

    /// <summary>Changes a file; if sealed, puts the digest of what it is now into the manifest.</summary>
    private static async Task ChangeAsync(string pack, string file, Func<string, string> change, bool isSealed)
    {
        await using var archive = await ZipFile.OpenAsync(pack, ZipArchiveMode.Update, Cancellation);
        var (before, after) = await ReplaceAsync(archive, file, change);
        if (isSealed)
        {
            await ReplaceAsync(archive, "manifest.json", text => Changed(text, Digest(before), Digest(after)));
        }

        static string Digest(string text) => Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static async Task<(string Before, string After)> ReplaceAsync(
        ZipArchive archive, string file, Func<string, string> change)
    {
        var entry = archive.GetEntry(file).ShouldNotBeNull();
        string before;
        using (var reader = new StreamReader(await entry.OpenAsync(Cancellation)))
        {
            before = await reader.ReadToEndAsync(Cancellation);
        }

        entry.Delete();
        var after = change(before);
        await using var writer = new StreamWriter(await archive.CreateEntry(file).OpenAsync(Cancellation));
        await writer.WriteAsync(after);
        return (before, after);
    }

    /// <summary>A copy of one pack, which is made once.</summary>
    private async Task<(ApiClient Client, string Pack)> TellAsync()
    {
        var pack = Path.Combine(_folder, "pack.zip");
        if (_told is null)
        {
            var client = await host.NewTenantAsync();
            await TellAsync(client);
            await ExportAsync(client, pack);
            _told = (client, await File.ReadAllBytesAsync(pack, Cancellation));
        }

        await File.WriteAllBytesAsync(pack, _told.Value.Pack, Cancellation);
        return (_told.Value.Client, pack);
    }

    private static async Task TellAsync(ApiClient client)
    {
        foreach (var request in Story.Requests)
        {
            (await client.PostAsync(request.Address, request.Example.Json))
                .ShouldBe(System.Net.HttpStatusCode.Created);
        }
    }

    private static async Task ExportAsync(ApiClient client, string file) => await File.WriteAllBytesAsync(
        file, await client.GetFileAsync(ApiClient.Treasury + "/exports/pack?asOf=2026-01-31"), Cancellation);

    private static async Task ImportAsync(TestLedger ledger, string pack)
    {
        await using var file = File.OpenRead(pack);
        await new PackImport(ledger.Tenants).ReadAsync(file, Cancellation);
    }

    private static List<(long Found, long Recorded)> Journals(string json) =>
    [
        .. JsonDocument.Parse(json).RootElement.GetProperty("journals").EnumerateArray()
            .Select(journal => (journal.GetProperty("found").GetInt64(), journal.GetProperty("recorded").GetInt64())),
    ];
}
