using System.Text.Json;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform.Json;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Proofs;

/// <summary>A recorded ledger of two journals, and a folder for its proof files.</summary>
internal sealed class ProofLedger : IAsyncDisposable
{
    public static readonly JournalKey Second = JournalKey.Treasury(TestLedger.Tenant, "second");

    private ProofLedger(string login)
    {
        Login = login;
        Ledger = new TestLedger(login);
        Prover = new Prover(Ledger.Tenants);
        Folder = Directory.CreateTempSubdirectory("proofs-").FullName;
        Anchoring = new Anchoring(Prover, new AnchorOptions { Directory = Folder }, objects: null);
    }

    public string Login { get; }

    public TestLedger Ledger { get; }

    public NpgsqlDataSource Pool => Ledger.Pool;

    public Prover Prover { get; }

    public Anchoring Anchoring { get; }

    public string Folder { get; }

    public string AnchorPath => Path.Combine(Folder, $"{TestLedger.Tenant}.ndjson");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Entries 1 to 5 open each journal; the main one buys with reasons at 6 and 7, up to 10.</summary>
    public static async Task<ProofLedger> RecordedAsync(Databases databases)
    {
        var made = await OpenedAsync(databases);
        await made.Ledger.OpenAsync(Second);
        await made.Ledger.RecordAsync("six", TestLedger.Buy(reason: "naïve \"quotes\" and \\"));
        await made.Ledger.RecordAsync("seven", TestLedger.Buy(reason: "🙂"));
        await made.BuyAsync(3);
        return made;
    }

    /// <summary>Entries 1 to 5 open the main journal.</summary>
    public static async Task<ProofLedger> OpenedAsync(Databases databases)
    {
        var made = new ProofLedger(await databases.NewAsync());
        await made.Ledger.OpenAsync();
        return made;
    }

    /// <summary>Records more, in one batch.</summary>
    public async Task BuyAsync(int count, JournalKey? journal = null) => await Ledger.RecordAsync(TestLedger.Batch(
        $"more-{Guid.NewGuid():n}", Enumerable.Repeat<Command>(TestLedger.Buy(), count), journal));

    /// <summary>Anchors, and gives the file's anchors.</summary>
    public async Task<IReadOnlyList<Anchor>> AnchorAsync()
    {
        await Anchoring.AnchorAsync(TestLedger.Tenant, Cancellation);
        return await AnchorsAsync();
    }

    /// <summary>The file's anchors.</summary>
    public async Task<IReadOnlyList<Anchor>> AnchorsAsync() => await new AnchorFile(AnchorPath).ReadAsync(Cancellation);

    /// <summary>Changes rows as somebody who may do everything.</summary>
    public Task TamperAsync(string sql) => Database.AskAsync(Login, sql);

    /// <summary>Erases the text of an entry.</summary>
    public async Task EraseAsync(long position)
    {
        await using var owner = NpgsqlDataSource.Create(TreasuryLedger.Server.Platform.Logins.Of(Login).Owner);
        (await Texts.EraseAsync(owner, TestLedger.Main, position, Cancellation)).ShouldBeTrue();
    }

    /// <summary>What both verifiers say of a proof: the program's sentences, and that the other agrees.</summary>
    public async Task<string> ProvenAsync<T>(T proof, string? root = null)
    {
        var json = JsonSerializer.Serialize(proof, Wire.Indented);
        var trust = new Trust(root is null ? [.. await AnchorsAsync()] : [], root);
        var proven = string.Join('\n', ProofCheck.Check(json, trust).Proven);
        await OtherVerifier.ShouldSayAsync(Folder, json, root is null ? AnchorPath : null, root, proven);
        return proven;
    }

    /// <summary>Why neither verifier takes a proof.</summary>
    public async Task<string> RefusedAsync<T>(T proof, string? root = null)
    {
        var json = JsonSerializer.Serialize(proof, Wire.Indented);
        var trust = new Trust(root is null ? [.. await AnchorsAsync()] : [], root);
        var reason = Should.Throw<ProofException>(() => ProofCheck.Check(json, trust)).Message;
        await OtherVerifier.ShouldRefuseAsync(Folder, json, root is null ? AnchorPath : null, root);
        return reason;
    }

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
