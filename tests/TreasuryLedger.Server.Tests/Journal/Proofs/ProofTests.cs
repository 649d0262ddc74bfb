using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal.Proofs;

/// <summary>
/// What is proven to somebody who has files and nothing else. Every proof, and every refusal, is held against both
/// verifiers: the program's own, and the one in another language.
/// </summary>
public sealed class ProofTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task every_entry_is_proven_against_an_anchor_with_its_content_and_text()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var anchor = (await ledger.AnchorAsync()).ShouldHaveSingleItem();
        await ledger.BuyAsync(3);

        for (var position = 1; position <= 10; position++)
        {
            var proof = await ledger.Prover.EntryAsync(Main, position, anchor.Heads, Cancellation);

            var proven = await ledger.ProvenAsync(proof);
            proven.ShouldStartWith($"Entry {position} of acme:treasury/main");
            proven.ShouldContain($"in the journal of 10 entries recorded up to {anchor.Heads[0].RecordedAt}");
            proven.ShouldEndWith($"for which anchor 1 of {anchor.At} vouches.");
            proof.Entry.GetProperty("position").GetInt64().ShouldBe(position);
            (proof.Text is not null).ShouldBe(position is 6 or 7);
            proven.Contains("with its text", StringComparison.Ordinal).ShouldBe(position is 6 or 7);
        }
    }

    [Fact]
    public async Task one_value_of_32_bytes_is_enough_to_check_an_entry_of_any_journal()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var root = (await ledger.Prover.HeadsAsync(Tenant, Cancellation)).Root;

        foreach (var journal in new[] { Main, ProofLedger.Second })
        {
            var proof = await ledger.Prover.EntryAsync(journal, 3, null, Cancellation);
            (await ledger.ProvenAsync(proof, root)).ShouldContain($"the trusted head of heads {root} vouches");
        }
    }

    [Fact]
    public async Task a_proof_that_no_anchor_vouches_for_proves_nothing()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();
        await ledger.BuyAsync(1);

        var proof = await ledger.Prover.EntryAsync(Main, 11, null, Cancellation);

        (await ledger.RefusedAsync(proof)).ShouldContain("nobody vouches for it");
        (await ledger.RefusedAsync(proof, new string('0', 64))).ShouldContain("nobody vouches for it");
    }

    [Fact]
    public async Task an_entry_can_be_proven_in_the_tree_of_any_anchored_size()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var anchor = (await ledger.AnchorAsync())[0];
        await ledger.BuyAsync(5);

        var proof = await ledger.Prover.EntryAsync(Main, 7, 10, Cancellation);

        proof.TenantTree.ShouldBeNull();
        proof.Head.ShouldBe(anchor.Heads[0]);
        await ledger.ProvenAsync(proof);
    }

    [Fact]
    public async Task a_text_that_was_erased_is_gone_from_the_proof_and_the_entry_is_proven_as_before()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var anchor = (await ledger.AnchorAsync())[0];
        var before = await ledger.Prover.EntryAsync(Main, 6, anchor.Heads, Cancellation);

        await ledger.EraseAsync(6);
        var after = await ledger.Prover.EntryAsync(Main, 6, anchor.Heads, Cancellation);

        after.Text.ShouldBeNull();
        await ledger.ProvenAsync(after);
        await ledger.ProvenAsync(before); // who was given the text before can still show that it is the one
        (await ledger.RefusedAsync(before with { Text = before.Text! with { Text = "another" } }))
            .ShouldContain("not the one whose digest");
        (await ledger.RefusedAsync(before with { Text = before.Text! with { Salt = "00" } }))
            .ShouldContain("not the one whose digest");
    }

    [Fact]
    public async Task two_anchors_prove_that_every_journal_only_grew()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();
        for (var turn = 0; turn < 2; turn++)
        {
            await ledger.BuyAsync(3);
            await ledger.BuyAsync(turn, turn % 2 == 0 ? null : ProofLedger.Second);
            await ledger.AnchorAsync();
        }

        var anchors = await ledger.AnchorsAsync();
        anchors.Select(anchor => anchor.Number).ShouldBe([1, 2, 3]);
        foreach (var from in anchors)
        {
            foreach (var to in anchors.Where(to => to.Number >= from.Number))
            {
                var proof = await ledger.Prover.ConsistencyAsync(Tenant, from.Heads, to.Heads, Cancellation);
                (await ledger.ProvenAsync(proof)).ShouldEndWith(
                    $"The heads lead from {from.Root} to {to.Root}, for which anchor {to.Number} of {to.At} vouches.");
            }
        }

        await OtherVerifier.ShouldSayAsync(
            ledger.Folder, null, ledger.AnchorPath, null,
            $"3 anchors of acme follow one another, from {anchors[0].At} to {anchors[^1].At}.");
    }

    [Fact]
    public async Task the_growth_of_one_journal_is_proven_between_any_two_sizes()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();
        await ledger.BuyAsync(7);

        var proof = await ledger.Prover.ConsistencyAsync(Main, 10, null, Cancellation);

        (await ledger.ProvenAsync(proof)).ShouldStartWith(
            "acme:treasury/main with 17 entries begins with exactly the 10 for which anchor 1");
        (await ledger.ProvenAsync(proof)).ShouldEndWith("for which only the file vouches.");
        (await ledger.RefusedAsync(await ledger.Prover.ConsistencyAsync(Main, 9, 17, Cancellation)))
            .ShouldContain("nobody vouches");
    }

    [Fact]
    public async Task a_proof_of_which_any_bit_was_changed_is_refused()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();
        await ledger.BuyAsync(6);
        var anchors = await ledger.AnchorAsync();
        var trust = new Trust([.. anchors], Root: null);
        object[] proofs =
        [
            await ledger.Prover.EntryAsync(Main, 6, anchors[0].Heads, Cancellation),
            await ledger.Prover.ConsistencyAsync(Tenant, anchors[0].Heads, anchors[1].Heads, Cancellation),
        ];

        foreach (var proof in proofs)
        {
            var file = JsonSerializer.SerializeToUtf8Bytes(proof, proof.GetType(), Wire.Options);
            var proven = ProofCheck.Check(Encoding.UTF8.GetString(file), trust).Proven[^1];
            for (var bit = 0; bit < file.Length * 8; bit++)
            {
                file[bit / 8] ^= (byte)(1 << (bit % 8));
                var changed = Encoding.UTF8.GetString(file);
                file[bit / 8] ^= (byte)(1 << (bit % 8));
                if (Claims(changed, trust) is { } still)
                {
                    // Later heads may be anybody's; then nobody else is said to vouch for them.
                    still.ShouldNotBe(proven, $"bit {bit}");
                    still.ShouldEndWith("for which only the file vouches.");
                }
                else if (bit % 4_001 == 0)
                {
                    await OtherVerifier.ShouldRefuseAsync(ledger.Folder, changed, ledger.AnchorPath, null);
                }
            }
        }
    }

    [Fact]
    public async Task anchors_of_which_any_bit_was_changed_or_any_line_moved_are_refused()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();
        await ledger.BuyAsync(1);
        await ledger.AnchorAsync();
        await ledger.BuyAsync(1);
        await ledger.AnchorAsync();
        var file = await File.ReadAllBytesAsync(ledger.AnchorPath, Cancellation);
        var lines = Encoding.UTF8.GetString(file).Split('\n');

        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            var changed = Encoding.UTF8.GetString(file);
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<ProofException>(() => Anchor.ReadAll(changed), $"bit {bit}");
            if (bit % 6_007 == 0)
            {
                var path = Path.Combine(ledger.Folder, "changed");
                await File.WriteAllTextAsync(path, changed, Cancellation);
                await OtherVerifier.ShouldRefuseAsync(ledger.Folder, null, path, null);
            }
        }

        string[][] moved = [[lines[1], lines[2]], [lines[0], lines[2]], [lines[1], lines[0], lines[2]]];
        foreach (var order in moved)
        {
            Should.Throw<ProofException>(() => Anchor.ReadAll(string.Concat(order.Select(line => line + "\n"))));
        }

        Should.Throw<ProofException>(() => Anchor.ReadAll(Encoding.UTF8.GetString(file)[..^1]));
        Anchor.ReadAll($"{lines[0]}\n{lines[1]}\n").Length.ShouldBe(2); // a cut end is for whoever kept more
    }

    private const string Blocks = "select string_agg(block::text, ',' order by block) from ledger.subtrees";

    private const string Growth = "{\"format\":\"treasury-ledger-consistency-proof-v1\",\"tenant\":\"a\",";

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":7}")]
    [InlineData("{\"format\":\"treasury-ledger-entry-proof-v2\"}")]
    [InlineData("{\"format\":\"treasury-ledger-entry-proof-v1\"}")]
    [InlineData(Growth + "\"from\":[],\"to\":[],\"paths\":[]}")]
    [InlineData(Growth + "\"from\":[null],\"to\":[],\"paths\":[[]]}")]
    [InlineData(Growth + "\"from\":null,\"to\":[],\"paths\":[[]]}")]
    [InlineData(Growth + "\"from\":[],\"to\":[],\"paths\":[null]}")]
    public async Task what_is_no_proof_is_refused_by_both_verifiers(string text)
    {
        var folder = Directory.CreateTempSubdirectory("no-proof-").FullName;
        try
        {
            Should.Throw<ProofException>(() => ProofCheck.Check(text, new Trust([], new string('0', 64))));
            await OtherVerifier.ShouldRefuseAsync(folder, text, null, new string('0', 64));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task sizes_and_entries_that_are_not_there_are_named()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);

        (await CodeAsync(() => ledger.Prover.EntryAsync(Main, 11, null, Cancellation))).ShouldBe("entry_unknown");
        (await CodeAsync(() => ledger.Prover.EntryAsync(Main, 7, 6, Cancellation))).ShouldBe("entry_unknown");
        (await CodeAsync(() => ledger.Prover.EntryAsync(Main, 7, 11, Cancellation))).ShouldBe("position_not_reached");
        (await CodeAsync(() => ledger.Prover.ConsistencyAsync(Main, 11, null, Cancellation)))
            .ShouldBe("position_not_reached");
        (await CodeAsync(() => ledger.Prover.HeadsAsync("nobody", Cancellation))).ShouldBe("journal_not_opened");
        (await CodeAsync(() => ledger.Prover.EntryAsync(
            TreasuryLedger.Server.Journal.JournalKey.Treasury(Tenant, "none"), 1, null, Cancellation)))
            .ShouldBe("journal_not_opened");

        static async Task<string> CodeAsync<T>(Func<Task<T>> ask) =>
            (await Should.ThrowAsync<ProblemException>(ask)).Problem.Code;
    }

    [Fact]
    public async Task the_tree_over_several_blocks_is_the_tree_over_their_entries_and_is_derived_once()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.BuyAsync(3_000);
        var leaves = (await LeavesAsync(ledger)).ToList();
        await ledger.AnchorAsync();

        foreach (var size in new[] { 1, 1_023, 1_024, 1_025, 2_048, 2_050, 3_010 })
        {
            var proof = await ledger.Prover.EntryAsync(Main, 1, size, Cancellation);
            proof.Head.Root.ShouldBe(Convert.ToHexStringLower(MerkleTree.Root(leaves[..size])), $"{size}");
        }

        (await Database.AskAsync(ledger.Login, Blocks))
            .ShouldBe("0,1");
        await ledger.TamperAsync("delete from ledger.subtrees where block = 0");
        await ledger.BuyAsync(1_100);
        foreach (var position in new[] { 1, 1_024, 1_025, 3_000 })
        {
            await ledger.ProvenAsync(await ledger.Prover.EntryAsync(Main, position, 3_010, Cancellation));
        }

        await ledger.ProvenAsync(await ledger.Prover.ConsistencyAsync(Main, 3_010, 4_110, Cancellation));
        (await Database.AskAsync(ledger.Login, Blocks))
            .ShouldBe("0,1,2,3");
    }

    /// <summary>The last sentence of what a file proves; <c>null</c> if it is refused.</summary>
    private static string? Claims(string json, Trust trust)
    {
        try
        {
            return ProofCheck.Check(json, trust).Proven[^1];
        }
        catch (ProofException)
        {
            return null;
        }
    }

    private static async Task<ImmutableArray<byte[]>> LeavesAsync(ProofLedger ledger)
    {
        await using var select = new TenantCommand(
            ledger.Pool,
            TestLedger.Tenant,
            "select hash from ledger.entries where journal = 'treasury/main' order by position");
        await using var rows = await select.ExecuteReaderAsync(Cancellation);
        var leaves = ImmutableArray.CreateBuilder<byte[]>();
        while (await rows.ReadAsync(Cancellation))
        {
            leaves.Add(MerkleTree.Leaf(rows.GetFieldValue<byte[]>(0)));
        }

        return leaves.ToImmutable();
    }
}
