using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal.Proofs;

/// <summary>
/// A thousand stored entries, changed one bit at a time, taken out, put elsewhere, cut off and written anew: copies of
/// the stored rows go through the same check that <c>verify</c> makes.
/// </summary>
public sealed class TamperTests(Databases databases)
{
    /// <summary>With this set to 1, every bit of every row is changed: some eight million, in minutes.</summary>
    private const string Full = "TAMPER_FULL";

    /// <summary>Otherwise one bit in this many, another one in each row.</summary>
    private const int SampleOneIn = 61;

    private static readonly ILookup<long, ExportedHead> NoHeads =
        Array.Empty<ExportedHead>().ToLookup(head => head.Position);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task any_bit_that_is_changed_in_a_thousand_stored_entries_is_found_at_its_entry()
    {
        await using var ledger = await ThousandAsync();
        var rows = await RowsAsync(ledger);
        var chain = new ChainCheck(Main, rows.Count, NoHeads);
        var oneIn = Environment.GetEnvironmentVariable(Full) == "1" ? 1 : SampleOneIn;
        var changed = 0L;

        Parallel.For(0, rows.Count, i =>
        {
            var before = i == 0 ? ChainLink.Origin(Main) : ChainLink.After(rows[i - 1]);
            var count = 0L;
            foreach (var (what, row) in BitFlips(rows[i], i % oneIn, oneIn))
            {
                var fault = chain.Check(before, [row, .. rows.Skip(i + 1).Take(1)]).Fault;
                fault.ShouldNotBeNull($"{what} of entry {i + 1}");
                fault.Position.ShouldBe(i + 1, what);
                count++;
            }

            Interlocked.Add(ref changed, count);
        });

        TestContext.Current.TestOutputHelper!.WriteLine($"{changed} bits changed, one at a time; all found.");
        changed.ShouldBeGreaterThan(rows.Count * 5_000L / oneIn);
        chain.Check(ChainLink.Origin(Main), rows).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task any_entry_that_is_taken_out_or_put_elsewhere_is_found_at_its_place()
    {
        await using var ledger = await ThousandAsync();
        var rows = await RowsAsync(ledger);
        var chain = new ChainCheck(Main, rows.Count, NoHeads);
        for (var i = 0; i < rows.Count; i++)
        {
            FaultOf([.. rows[..i], .. rows[(i + 1)..]], i + 1, "taken out");
            FaultOf([.. rows[..i], .. rows[(i + 1)..].Select(row => Moved(row, -1))], i + 1, "closed up");
            FaultOf([.. rows[..i], rows[i], .. rows[i..].Select(row => Moved(row, 1))], i + 2, "doubled");
            var other = (i + 317) % rows.Count;
            var (low, high) = (Math.Min(i, other), Math.Max(i, other));
            var swapped = rows.ToList();
            (swapped[low], swapped[high]) = (
                rows[high] with { Position = low + 1 }, rows[low] with { Position = high + 1 });
            FaultOf(swapped, low + 1, "swapped");
        }

        Finish(chain, rows).ShouldBeNull();
        Finish(chain, rows[..^1]).ShouldNotBeNull().Position.ShouldBe(rows.Count);

        void FaultOf(List<StoredRow> changed, long position, string what)
        {
            // What stands before the change is right; it is not looked at again a thousand times.
            var from = (int)Math.Max(0, position - 3);
            var before = from == 0 ? ChainLink.Origin(Main) : ChainLink.After(changed[from - 1]);
            var found = chain.Check(before, changed[from..Math.Min(changed.Count, from + 8)]);
            var fault = found.Fault ?? chain.Finish(found.Last, null);
            fault.ShouldNotBeNull(what);
            fault.Position.ShouldBe(position, what);
        }
    }

    [Fact]
    public async Task a_journal_that_was_cut_or_written_anew_with_right_hashes_is_found_by_an_anchor_alone()
    {
        await using var ledger = await ThousandAsync();
        var rows = await RowsAsync(ledger);
        var head = await ledger.Prover.HeadsAsync(Tenant, Cancellation);
        var anchored = HeadExport.Parse(Anchor.After(null, Tenant, head.At, head.Heads).Line() + "\n")
            .ToLookup(exported => exported.Position);
        for (var from = 1; from <= rows.Count; from += 83)
        {
            var anew = WrittenAnew(rows, from);
            Finish(new ChainCheck(Main, anew.Count, NoHeads), anew).ShouldBeNull(); // by itself a right journal
            Finish(new ChainCheck(Main, anew.Count, anchored), anew).ShouldNotBeNull().Position.ShouldBe(rows.Count);

            var cut = rows[..from];
            Finish(new ChainCheck(Main, cut.Count, NoHeads), cut).ShouldBeNull();
            if (from < rows.Count)
            {
                Finish(new ChainCheck(Main, cut.Count, anchored), cut).ShouldNotBeNull().Kind
                    .ShouldBe(FaultKind.ExportedHeadMissing);
            }
        }
    }

    [Fact]
    public async Task a_database_whose_chain_was_written_anew_verifies_but_not_against_its_anchors()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();
        await ledger.BuyAsync(5);
        var anchors = await ledger.AnchorAsync();
        var before = await ledger.Prover.EntryAsync(Main, 8, anchors[0].Heads, Cancellation);

        await WriteAnewAsync(ledger, 8);
        await ledger.BuyAsync(1);

        await ledger.Ledger.ShouldVerifyAsync();
        var exported = HeadExport.Parse(await File.ReadAllTextAsync(ledger.AnchorPath, Cancellation));
        var verdict = (await ledger.Ledger.VerifyAsync([.. exported]))[0];
        verdict.Fault.ShouldNotBeNull().Kind.ShouldBe(FaultKind.ExportedHeadMissing);
        verdict.Fault.Position.ShouldBe(10); // the first anchor behind the first changed entry
        verdict.Position.ShouldBe(9);

        var refused = await Should.ThrowAsync<ProblemException>(() => ledger.AnchorAsync());
        refused.Problem.Code.ShouldBe("journal_damaged");
        refused.Message.ShouldContain("treasury/main at 16 does not begin with what it was at 15: it was rewritten");
        (await ledger.AnchorsAsync()).Count.ShouldBe(2);
        (await Should.ThrowAsync<ProblemException>(
            () => ledger.Prover.EntryAsync(Main, 8, anchors[0].Heads, Cancellation)))
            .Problem.Code.ShouldBe("journal_damaged");
        await ledger.ProvenAsync(before); // what was handed out before still says what was recorded
        (await ledger.RefusedAsync(await ledger.Prover.ConsistencyAsync(Main, 10, 15, Cancellation)))
            .ShouldContain("nobody vouches for it"); // the new chain is consistent in itself, and nobody has seen it
    }

    [Theory]
    [InlineData(
        """
        delete from journal.mt_events where version > 8; delete from ledger.entries where position > 8;
        delete from ledger.narrow; update journal.mt_streams set version = 8 where version > 8;
        update ledger.heads h set position = 8, hash = e.hash, recorded_at = e.recorded_at
        from ledger.entries e where e.position = 8 and e.journal = h.journal
        """,
        "treasury/main had 10 entries and has 8: it was cut.")]
    [InlineData(
        """
        delete from journal.mt_events where stream_id = 'treasury/second'; delete from journal.mt_streams
        where id = 'treasury/second'; delete from ledger.entries where journal = 'treasury/second';
        delete from ledger.heads where journal = 'treasury/second'
        """,
        "treasury/second is not among the later heads: it was removed.")]
    public async Task a_journal_that_was_cut_or_removed_gets_no_further_anchor(string change, string reason)
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.AnchorAsync();

        await ledger.TamperAsync(change);

        (await Should.ThrowAsync<ProblemException>(() => ledger.AnchorAsync())).Message.ShouldBe(reason);
        var anchored = new List<Anchored>();
        await foreach (var tenant in ledger.Anchoring.AnchorAllAsync(Cancellation))
        {
            anchored.Add(tenant);
        }

        anchored.ShouldHaveSingleItem().Fault.ShouldBe(reason);
    }

    [Fact]
    public async Task bits_that_a_superuser_changes_in_the_database_are_found_and_named()
    {
        await using var ledger = await ThousandAsync();
        var random = new Random(20261122);
        (string Table, string Column, string Key, int Bits)[] columns =
        [
            ("ledger.entries", "hash", "position", 256), ("ledger.entries", "payload_hash", "position", 256),
            ("journal.mt_events", "data", "version", 0), ("ledger.entries", "fact_id", "position", 0),
        ];
        for (var turn = 0; turn < 8; turn++)
        {
            var (table, column, key, bits) = columns[turn % columns.Length];
            var position = random.Next(6, 1_001);
            var bit = random.Next(256);
            var flip = column switch
            {
                "data" => "jsonb_set(data, '{actor}', to_jsonb((data->>'actor') || 'x'))",
                "fact_id" => "fact_id || 'x'",
                _ => $"set_bit({column}, {bit}, 1 - get_bit({column}, {bit}))",
            };
            var login = ledger.Login;
            await Database.AskAsync(login, $"create table kept as select * from {table} where {key} = {position}");
            await Database.AskAsync(login, $"update {table} set {column} = {flip} where {key} = {position}");

            var fault = (await ledger.Ledger.VerifyAsync()).ShouldHaveSingleItem().Fault.ShouldNotBeNull();
            fault.Position.ShouldBe(position, $"{table}.{column}, {bits} bits: {fault.Detail}");

            await Database.AskAsync(
                login, $"update {table} t set {column} = k.{column} from kept k where t.{key} = k.{key}");
            await Database.AskAsync(login, "drop table kept");
        }

        await ledger.Ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task a_root_that_is_kept_for_proofs_and_was_changed_is_found_and_made_anew_once_deleted()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        await ledger.BuyAsync(2_100);
        var heads = (await ledger.AnchorAsync())[0].Heads;
        await ledger.TamperAsync("update ledger.subtrees set root = sha256(root) where block = 1");

        var fault = (await ledger.Ledger.VerifyAsync())[0].Fault.ShouldNotBeNull();
        (fault.Position, fault.Kind).ShouldBe((1_025, FaultKind.SubtreeWrong));
        (await Should.ThrowAsync<ProblemException>(() => ledger.Prover.EntryAsync(Main, 1, heads, Cancellation)))
            .Problem.Code.ShouldBe("journal_damaged");

        await ledger.TamperAsync("delete from ledger.subtrees");
        await ledger.ProvenAsync(await ledger.Prover.EntryAsync(Main, 1, heads, Cancellation));
        await ledger.Ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task an_anchor_with_a_root_that_the_journal_never_had_is_found()
    {
        await using var ledger = await ProofLedger.RecordedAsync(databases);
        var heads = (await ledger.Prover.HeadsAsync(Tenant, Cancellation)).Heads;
        var wrong = heads.SetItem(0, heads[0] with { Root = heads[1].Root });
        var line = Anchor.After(null, Tenant, new Instant(1), wrong).Line() + "\n";

        var right = Anchor.After(null, Tenant, new Instant(1), heads).Line() + "\n";
        (await ledger.Ledger.VerifyAsync([.. HeadExport.Parse(right)]))
            .ShouldAllBe(verdict => verdict.Fault == null);
        var fault = (await ledger.Ledger.VerifyAsync([.. HeadExport.Parse(line)]))[0].Fault.ShouldNotBeNull();
        (fault.Position, fault.Kind).ShouldBe((10, FaultKind.ExportedHeadMissing));
    }

    /// <summary>A thousand entries of several kinds, some with texts, some that void others.</summary>
    private async Task<ProofLedger> ThousandAsync()
    {
        var ledger = await ProofLedger.OpenedAsync(databases);
        List<Command> commands = [];
        for (var i = 0; i < 900; i++)
        {
            commands.Add((i % 3) switch
            {
                0 => Buy($"{i}.25", fact: $"binance:{i}", reason: $"why {i}: naïve"),
                1 => Buy($"{i}.5"),
                _ => new AnnotateEntry { EffectiveAt = Day, Entry = 1 + (i % 5), Reason = $"note {i}" },
            });
        }

        await ledger.Ledger.RecordAsync(Batch("first", commands));
        await ledger.Ledger.RecordAsync(Batch("second", Enumerable.Range(0, 95).Select(Command (i) => new CorrectEntry
        {
            EffectiveAt = Day,
            Entry = 6 + (3 * i),
            Replacement = i % 2 == 0 ? Buy("7", fact: $"binance:{3 * i}") : null,
            Reason = "wrong",
        })));
        return ledger;
    }

    private static async Task<List<StoredRow>> RowsAsync(ProofLedger ledger)
    {
        await using var select = new TenantCommand(ledger.Pool, Main, StoredRow.Select);
        select.Parameters.Add(JournalRows.Number(0));
        select.Parameters.Add(JournalRows.Number(2_000));
        await using var reader = await select.ExecuteReaderAsync(Cancellation);
        var rows = new List<StoredRow>();
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(StoredRow.Read(reader));
        }

        rows.Count.ShouldBe(1_000);
        return rows;
    }

    private static Server.Journal.Fault? Finish(ChainCheck chain, List<StoredRow> rows)
    {
        var found = chain.Check(ChainLink.Origin(Main), rows);
        return found.Fault ?? chain.Finish(found.Last, new JournalHead(
            Main, found.Last.Position, found.Last.RecordedAt, Convert.ToHexStringLower(found.Last.Hash), false));
    }

    private static StoredRow Moved(StoredRow row, int by) => row with { Position = row.Position + by };

    /// <summary>The journal as somebody writes it who changes an entry and then hashes everything anew.</summary>
    private static List<StoredRow> WrittenAnew(List<StoredRow> rows, int from)
    {
        var anew = rows[..(from - 1)];
        foreach (var row in rows.Skip(from - 1))
        {
            var json = row.Position == from ? Renamed(row.Json!) : row.Json!;
            var before = anew.Count == 0 ? ChainLink.Origin(Main) : ChainLink.After(anew[^1]);
            anew.Add(row with { Json = json, Index = row.Index! with { Hash = HashChain.Next(before.Hash, json) } });
        }

        return anew;
    }

    private static byte[] Renamed(byte[] json)
    {
        var entry = JsonNode.Parse(json)!;
        entry["actor"] = "mallory";
        return Encoding.UTF8.GetBytes(entry.ToJsonString());
    }

    private static async Task WriteAnewAsync(ProofLedger ledger, int from)
    {
        var rows = new List<StoredRow>();
        await using (var select = new TenantCommand(ledger.Pool, Main, StoredRow.Select))
        {
            select.Parameters.Add(JournalRows.Number(0));
            select.Parameters.Add(JournalRows.Number(2_000));
            await using var reader = await select.ExecuteReaderAsync(Cancellation);
            while (await reader.ReadAsync(Cancellation))
            {
                rows.Add(StoredRow.Read(reader));
            }
        }

        var sql = new StringBuilder();
        foreach (var row in WrittenAnew(rows, from).Skip(from - 1))
        {
            sql.Append(CultureInfo.InvariantCulture,
                $"""
                update ledger.entries set hash = '\x{Convert.ToHexStringLower(row.Index!.Hash)}'
                where journal = 'treasury/main' and position = {row.Position};
                update journal.mt_events set data = '{Encoding.UTF8.GetString(row.Json!)}'
                where stream_id = 'treasury/main' and version = {row.Position};

                """);
        }

        sql.Append(
            """
            update ledger.heads h set hash = e.hash from ledger.entries e
            where h.journal = 'treasury/main' and e.journal = h.journal and e.position = h.position
            """);
        await ledger.TamperAsync(sql.ToString());
    }

    /// <summary>A row once for each bit of it, that bit changed; every n-th of them.</summary>
    private static IEnumerable<(string What, StoredRow Row)> BitFlips(StoredRow row, int offset, int oneIn)
    {
        var index = row.Index!;
        (string What, int Bits, Func<int, StoredRow> Flip)[] columns =
        [
            ("content", row.Json!.Length * 8, bit => row with { Json = Flip(row.Json, bit) }),
            ("position", 62, bit => row with { Position = row.Position ^ (1L << bit) }),
            ("event's type", row.Type!.Length * 8, bit => row with { Type = Flip(row.Type, bit) }),
            ("event's timestamp", 62, bit => row with { Timestamp = Flip(row.Timestamp!.Value, bit) }),
            ("archived", 1, _ => row with { IsArchived = true }),
            Column("key", index.IdempotencyKey.Length * 8, bit => index with
            {
                IdempotencyKey = Flip(index.IdempotencyKey, bit),
            }),
            Column("payload hash", 256, bit => index with { PayloadHash = Flip(index.PayloadHash, bit) }),
            Column("fact", index.Fact.Length * 8, bit => index with { Fact = Flip(index.Fact, bit) }),
            Column("type", index.EventType.Length * 8, bit => index with { EventType = Flip(index.EventType, bit) }),
            Column("effective at", 62, bit => index with { EffectiveAt = Flip(index.EffectiveAt, bit) }),
            Column("recorded at", 62, bit => index with { RecordedAt = Flip(index.RecordedAt, bit) }),
            Column("voids", 62, bit => index with { Voids = (index.Voids ?? 0) ^ (1L << bit) }),
            Column("hash", 256, bit => index with { Hash = Flip(index.Hash, bit) }),
            ("salt", (row.Text?.Salt?.Length ?? 0) * 8, bit => row with
            {
                Text = row.Text! with { Salt = Flip(row.Text.Salt!, bit) },
            }),
            ("text", (row.Text?.Text?.Length ?? 0) * 8, bit => row with
            {
                Text = row.Text! with { Text = Flip(row.Text.Text!, bit) },
            }),
        ];
        var at = 0;
        foreach (var (what, bits, flip) in columns)
        {
            for (var bit = 0; bit < bits; bit++, at++)
            {
                if (at % oneIn == offset)
                {
                    yield return ($"bit {bit} of the {what}", flip(bit));
                }
            }
        }

        (string, int, Func<int, StoredRow>) Column(string what, int bits, Func<int, StoredIndex> flip) =>
            (what, bits, bit => row with { Index = flip(bit) });
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var changed = bytes.ToArray();
        changed[bit / 8] ^= (byte)(1 << (bit % 8));
        return changed;
    }

    private static string Flip(string text, int bit)
    {
        var changed = text.ToCharArray();
        changed[bit / 8] ^= (char)(1 << (bit % 8));
        return new string(changed);
    }

    private static Instant Flip(Instant instant, int bit) => new(instant.Microseconds ^ (1L << bit));
}
