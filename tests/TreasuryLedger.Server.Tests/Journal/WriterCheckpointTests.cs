using System.Numerics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>A writer starts from a checkpoint if it is its own, and from the entries if it is anything else.</summary>
public sealed class WriterCheckpointTests(Databases databases)
{
    private static readonly WriterOptions Often = new() { CheckpointAfter = 1, CheckpointAtCloseAfter = 1 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_writer_that_closes_leaves_a_checkpoint_and_the_next_one_decides_as_it_would_have()
    {
        var login = await databases.NewAsync();
        await RecordAsync(login);
        (await Database.AskAsync(login, "select count(*) from ledger.writer_checkpoints")).ShouldBe("1");

        await using var after = new TestLedger(login, Often);
        var restored = (await ReadAsync(after)).ShouldNotBeNull();
        var derived = await DerivedAsync(after);

        WriterCheckpoint.AreSame(restored.Treasury.Snapshot(), derived.Treasury.Snapshot()).ShouldBeTrue();
        restored.Hash.ShouldBe(derived.Hash);
        derived.Known.IsWithin(restored.Known).ShouldBeTrue();
        (await CheckAsync(after)).ShouldBeNull();
        await ShouldDecideAsync(after);
    }

    [Fact]
    public async Task a_tail_behind_a_checkpoint_is_taken_in()
    {
        var login = await databases.NewAsync();
        await RecordAsync(login);
        await using (var without = new TestLedger(login))
        {
            await without.RecordAsync("tail", Buy("7", fact: "tail:1"));
        }

        await using var after = new TestLedger(login, Often);
        (await ReadAsync(after)).ShouldNotBeNull().Treasury.Position.ShouldBe(9);
        (await after.RecordAsync("tail", Buy("7", fact: "tail:1"))).ShouldBeOfType<Outcome.Recorded>()
            .Replayed.ShouldBeTrue();
        (await after.RecordAsync("other", Buy("7", fact: "tail:1"))).ShouldBeOfType<Outcome.EvidenceAdded>();
    }

    [Theory]
    [InlineData("hash = sha256('other')", "a hash that the chain does not have")]
    [InlineData("body = set_byte(body, 0, 9)", "another version")]
    [InlineData("body = set_byte(body, 1, 9)", "another version of its parts")]
    [InlineData("body = set_byte(body, 40, get_byte(body, 40) # 1)", "a changed bit")]
    [InlineData("body = set_byte(body, length(body) - 40, get_byte(body, length(body) - 40) # 1)", "a changed name")]
    [InlineData("body = substring(body from 1 for length(body) - 1)", "a lost end")]
    [InlineData("body = ''", "nothing")]
    [InlineData("position = position - 1", "another position")]
    [InlineData("position = position + 1", "a position that the journal does not have")]
    public async Task a_checkpoint_that_is_not_the_journals_changes_no_decision(string change, string what)
    {
        var login = await databases.NewAsync();
        await RecordAsync(login);
        await ChangeAsync(login, $"update ledger.writer_checkpoints set {change}");

        await using var after = new TestLedger(login, Often);
        (await ReadAsync(after)).ShouldBeNull(what);
        (await CheckAsync(after)).ShouldNotBeNull(what);
        await RebuildAsync(login);
        (await CheckAsync(after)).ShouldBeNull(what);
        (await ReadAsync(after)).ShouldNotBeNull(what);

        await ShouldDecideAsync(after);
    }

    [Fact]
    public async Task the_checkpoint_of_another_journal_is_ignored()
    {
        var login = await databases.NewAsync();
        var other = JournalKey.Treasury(Tenant, "other");
        await RecordAsync(login);
        await using (var ledger = new TestLedger(login, Often))
        {
            await ledger.OpenAsync(other);
            await ledger.RecordAsync(Batch("more", Enumerable.Range(0, 4).Select(_ => Buy("9")), other));
        }

        await ChangeAsync(
            login,
            """
            update ledger.writer_checkpoints c set body = (
                select body from ledger.writer_checkpoints where journal <> c.journal)
            """);

        await using var after = new TestLedger(login, Often);
        (await ReadAsync(after)).ShouldBeNull();
        (await CheckAsync(after)).ShouldNotBeNull();
        await ShouldDecideAsync(after);
    }

    [Fact]
    public async Task a_checkpoint_that_fits_but_lies_is_found_by_the_check()
    {
        var login = await databases.NewAsync();
        await RecordAsync(login);
        await using var ledger = new TestLedger(login);
        var state = (await ReadAsync(ledger)).ShouldNotBeNull();
        var snapshot = state.Treasury.Snapshot();
        await StoreAsync(login, WriterCheckpoint.Write(
            Main, state.Hash, snapshot with { Units = snapshot.Units.RemoveAt(0) }, state.Known.Slots));
        (await CheckAsync(ledger)).ShouldNotBeNull().ShouldContain("differs");

        await StoreAsync(login, WriterCheckpoint.Write(Main, state.Hash, snapshot, new KnownNames().Slots));
        (await CheckAsync(ledger)).ShouldNotBeNull().ShouldContain("misses");
    }

    /// <summary>
    /// What this state is of these entries is stored. If this test fails, either the change was not meant, or
    /// <see cref="WriterCheckpoint.Version"/> must be raised together with the digest here.
    /// </summary>
    [Fact]
    public void the_bytes_of_a_version_are_pinned()
    {
        var (state, names) = (TreasuryState.Empty(JournalKind.Treasury), new KnownNames());
        foreach (var happened in Samples.Events)
        {
            var entry = Entry(happened, state.Position + 1);
            state = state.Evolve(entry);
            names.AddKey(entry.IdempotencyKey);
            names.AddFact(entry);
        }

        var body = WriterCheckpoint.Write(Main, new string('0', 64), state.Snapshot(), names.Slots);
        var (snapshot, read) = WriterCheckpoint.Read(Main, new string('0', 64), body);

        WriterCheckpoint.AreSame(snapshot, state.Snapshot()).ShouldBeTrue();
        read.Count.ShouldBe(names.Count);
        $"{WriterCheckpoint.Version} {NarrowBlock.Version} {Convert.ToHexStringLower(SHA256.HashData(body))}"
            .ShouldBe("7 1 3ea9811a657a5c463a83568ba9d9f688ff7b3d7da895edc83be08f3b5c298948");
    }

    [Fact]
    public void units_of_every_width_are_read_as_they_were_written()
    {
        for (var bits = 0; bits < 127; bits++)
        {
            var most = (Int128.One << bits) - 1;
            UnitsSnapshot Units(params ReadOnlySpan<Int128> changes) => new(
                AreOwed: bits % 2 == 0, AccountId.Parse("a"), AssetId.Parse("ETH"),
                [.. Enumerable.Range(0, changes.Length).Select(i => (i + 1L) << (bits * 60 / 126))],
                [.. changes], []);
            var wide = Units() with
            {
                Instants = [5, long.MaxValue],
                Wide = [(BigInteger)most << bits, -((BigInteger)most << 127) - 1],
            };
            UnitsSnapshot[] all = [Units(most), Units(~most, 1, -1), Units(most, ~most, most, -most, 3), wide];
            var to = new NarrowWriter();
            Array.ForEach(all, units => UnitsColumns.Write(to, units));

            var from = new NarrowReader(to.Written, [.. to.Texts.Select(text => new KnownText(text))]);
            foreach (var units in all)
            {
                var read = UnitsColumns.Read(ref from);
                (read.AreOwed, read.Account, read.Asset).ShouldBe((units.AreOwed, units.Account, units.Asset));
                read.Instants.ShouldBe(units.Instants);
                read.Changes.ShouldBe(units.Changes);
                read.Wide.ShouldBe(units.Wide);
            }

            from.IsAtEnd.ShouldBeTrue();
        }
    }

    [Fact]
    public void every_cut_of_a_checkpoint_is_refused()
    {
        var state = TreasuryState.Empty(JournalKind.Treasury).Evolve(Entry(Samples.Events[0], 1));
        var body = WriterCheckpoint.Write(Main, "", state.Snapshot(), new KnownNames().Slots);

        for (var length = 0; length < body.Length; length++)
        {
            Should.Throw<NarrowException>(() => WriterCheckpoint.Read(Main, "", body.AsMemory(0, length)));
        }
    }

    [Fact]
    public void known_names_are_never_missed()
    {
        var known = new KnownNames();
        for (var i = 0; i < 20_000; i++)
        {
            known.MayHaveKey($"k{i}").ShouldBeFalse();
            known.AddKey($"k{i}");
            known.AddFact(Entry(Samples.Events[^3], i + 1) with
            {
                Fact = FactId.Parse(i % 2 == 0 ? $"f{i}" : $"request:k{i}"),
                FactIsGiven = i % 2 == 0,
            });
        }

        for (var i = 0; i < 20_000; i++)
        {
            known.MayHaveKey($"k{i}").ShouldBeTrue();
            known.MayHaveFact(FactId.Parse($"request:k{i}")).ShouldBeTrue();
            known.MayHaveFact(FactId.Parse($"f{i}")).ShouldBe(i % 2 == 0);
        }
    }

    private static Entry Entry(LedgerEvent happened, long position) => Samples.FullEntry(happened, position) with
    {
        RecordedAt = Day.Plus(position),
        IdempotencyKey = $"k{position}",
        Voids = null,
    };

    /// <summary>Entries 1 to 9: a purchase, its correction, an instruction that reserves, a part of it done.</summary>
    private static async Task RecordAsync(string login)
    {
        await using var ledger = new TestLedger(login, Often);
        await ledger.OpenAsync();
        await ledger.RecordAsync("buy", Buy("10", fact: "binance:1", reason: "long"));
        await ledger.RecordAsync("correct", new CorrectEntry
        {
            EffectiveAt = Day,
            Entry = 6,
            Replacement = Buy("8"),
        });
        await ledger.RecordAsync("sell", Sell("5") with { Mode = EntryMode.Instruction, Reserves = true });
        await ledger.RecordAsync("sold", Sell("2") with { Fulfils = FactId.Parse("request:sell") });
    }

    private static async Task ShouldDecideAsync(TestLedger ledger)
    {
        (await ledger.RecordAsync("buy", Buy("10", fact: "binance:1", reason: "long")))
            .ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        (await ledger.RecordAsync("again", Buy("8", fact: "binance:1"))).ShouldBeOfType<Outcome.EvidenceAdded>()
            .Fact.ShouldBe(7);
        (await ledger.RecordAsync("much", Sell("4") with { Mode = EntryMode.Instruction }))
            .ShouldBeOfType<Outcome.Refused>().Refusal.Numbers["available"].ShouldBe("3");
        (await ledger.RecordAsync("asset", Registrations().First())).ShouldBeOfType<Outcome.Refused>()
            .Refusal.Numbers["entry"].ShouldBe("2");
        (await ledger.RecordAsync("cancel", new CancelInstruction
        {
            EffectiveAt = Day,
            Instruction = FactId.Parse("request:sell"),
        })).ShouldBeOfType<Outcome.Recorded>();
        (await ledger.RecordAsync("all", Sell("6") with { Mode = EntryMode.Instruction }))
            .ShouldBeOfType<Outcome.Recorded>();
        await ledger.ShouldVerifyAsync();
    }

    private static SellToExchange Sell(string quantity) => new()
    {
        EffectiveAt = Day.Plus(1),
        Account = AccountId.Parse("exchange"),
        Asset = AssetId.Parse("ETH"),
        Quantity = ExactDecimal.Parse(quantity),
        ProceedsAsset = AssetId.Parse("USD"),
        ProceedsQuantity = ExactDecimal.Parse("1"),
    };

    private static async Task<WriterState?> ReadAsync(TestLedger ledger)
    {
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        var row = await JournalRows.HeadAsync(connection, Main, Cancellation);
        return await new WriterCheckpoints(ledger.Pool, Main, Often, NullLogger.Instance)
            .ReadAsync(connection, row!.Head);
    }

    private static async Task<WriterState> DerivedAsync(TestLedger ledger)
    {
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        var row = await JournalRows.HeadAsync(connection, Main, Cancellation);
        return await WriterState.Empty(Main).WithTailAsync(
            connection, Main, row!.Head, new WriterTail(connection, Main).StoredAsync);
    }

    private static async Task<string?> CheckAsync(TestLedger ledger)
    {
        var verdicts = await Derived.CheckAsync(ledger.Pool, Main, Cancellation).ToListAsync(Cancellation);
        verdicts.ShouldAllBe(verdict => verdict.Fault == null || verdict.Part == "writer checkpoints");
        return verdicts.Single(verdict => verdict.Part == "writer checkpoints").Fault?.Detail;
    }

    private static async Task RebuildAsync(string login)
    {
        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        (await new WriterCheckpointPart().RebuildAsync(owner, Main, Cancellation)).ShouldBe(9);
    }

    private static async Task StoreAsync(string login, byte[] body)
    {
        await using var connection = new NpgsqlConnection(Logins.Of(login).Owner);
        await connection.OpenAsync(Cancellation);
        await using var update = new NpgsqlCommand("update ledger.writer_checkpoints set body = $1", connection);
        update.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = body });
        await update.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task ChangeAsync(string login, string sql)
    {
        await using var connection = new NpgsqlConnection(Logins.Of(login).Owner);
        await connection.OpenAsync(Cancellation);
#pragma warning disable CA2100 // the tests' own
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        (await command.ExecuteNonQueryAsync(Cancellation)).ShouldBeGreaterThan(0);
    }
}
