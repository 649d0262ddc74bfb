using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>What is stored is for ever: names and shapes are held by files that never change once landed.</summary>
public sealed class StoredEventTests(Databases databases)
{
    private static readonly string Goldens = Path.Combine(AppContext.BaseDirectory, "Journal", "goldens");

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = StoredJson.Options.Encoder };

    /// <summary>The pinned names, one a line, so that runner output says which one failed.</summary>
    public static TheoryData<string> Names { get; } = new(EventNames.All.Select(pinned => pinned.Name));

    /// <summary>Every golden that ever landed, retired ones too.</summary>
    public static TheoryData<string> GoldenFiles { get; } =
        new(Directory.GetFiles(Goldens, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void every_event_has_a_pinned_name_a_sample_and_a_golden()
    {
        var family = typeof(LedgerEvent).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(LedgerEvent)) && !type.IsAbstract)
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .ToList();

        var pinned = EventNames.All.Select(pin => pin.Type).ToList();
        pinned.OrderBy(type => type.Name, StringComparer.Ordinal).ShouldBe(family);
        Samples.Events.Select(sample => sample.GetType()).ShouldBe(pinned);
        EventNames.All.Select(pin => $"{pin.Name}.json").Except(GoldenFiles.Select(row => row.Data)).ShouldBeEmpty();
    }

    [Fact]
    public void names_are_lower_case_with_a_version_and_none_is_used_twice()
    {
        EventNames.All.ShouldAllBe(pinned => Regex.IsMatch(pinned.Name, "^[a-z_]+_v[1-9]$"));
        EventNames.All.Select(pinned => pinned.Name).ShouldBeUnique();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void an_event_is_written_as_its_golden_says(string name)
    {
        var entry = Samples.FullEntry(Samples.Events.Single(sample => EventNames.Of(sample).Name == name));

        Pretty(StoredJson.Write(entry)).ShouldBe(File.ReadAllText(Path.Combine(Goldens, $"{name}.json")));
    }

    [Theory]
    [MemberData(nameof(GoldenFiles))]
    public void every_shape_that_was_ever_stored_is_read_and_nothing_in_it_is_lost(string file)
    {
        var golden = File.ReadAllText(Path.Combine(Goldens, file));

        var entry = StoredJson.Read(Encoding.UTF8.GetBytes(golden));

        Pretty(StoredJson.Write(entry)).ShouldBe(golden);
    }

    [Fact]
    public void an_entry_without_optional_members_stores_none_of_them()
    {
        var bare = Samples.BareEntry(new EntryVoided());

        var json = Encoding.UTF8.GetString(StoredJson.Write(bare));

        json.ShouldBe(
            """
            {"position":1,"effectiveAt":"2026-02-01T00:00:00Z","recordedAt":"2026-02-01T00:00:00.000001Z",
            "fact":"request:open-1","factIsGiven":false,"actor":"tester","idempotencyKey":"open-1",
            "payloadHash":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","mode":"observation",
            "evidence":{"source":"tester","reference":null,"quality":"fact","payloadHash":null},
            "type":"entry_voided_v1","event":{}}
            """.ReplaceLineEndings(""));
        StoredJson.Read(Encoding.UTF8.GetBytes(json)).ShouldBe(bare);
    }

    [Theory]
    [InlineData("\"position\":31,", "")] // missing
    [InlineData("\"position\":31", "\"position\":\"31\"")] // another type
    [InlineData("\"position\":31", "\"position\":31,\"extra\":1")] // unknown
    [InlineData("\"mode\":\"instruction\"", "\"mode\":\"wish\"")]
    [InlineData("asset_sold_v1", "asset_sold_v9")]
    [InlineData("\"quantity\":\"300000\"", "\"quantity\":300000")] // a JSON number for units
    [InlineData("\"quantity\":\"300000\"", "\"quantity\":\"3e5\"")]
    [InlineData("\"fees\":[]", "\"fees\":null")]
    [InlineData(",\"fees\":[]", "")]
    [InlineData("\"fees\":[]", "\"fees\":[],\"note\":\"x\"")]
    [InlineData("2026-02-04T10:00:00.000001Z", "2026-02-04T10:00:00.0000010Z")]
    public void what_is_not_exactly_a_known_shape_is_not_read(string part, string replaced)
    {
        var json = TestLedger.Text(Samples.FullEntry(Samples.Events.OfType<AssetSold>().Single()));
        json.ShouldContain(part);

        var changed = Encoding.UTF8.GetBytes(json.Replace(part, replaced, StringComparison.Ordinal));

        Should.Throw<JsonException>(() => StoredJson.Read(changed));
    }

    [Fact]
    public async Task the_store_keeps_pinned_names_and_the_exact_content_and_gives_it_back()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var key = JournalKey.Treasury(TestLedger.Tenant, "samples");
        var entries = Samples.Events
            .Select((sample, i) => Samples.FullEntry(sample, i + 1) with
            {
                IdempotencyKey = $"import-7#{i}",
                Fact = FactId.Parse($"ethereum:0xabc/{i}"),
                Voids = sample is AssetSold or ProposalDeclined ? i : null, // not what two persons decide
            })
            .ToList();
        await using (var connection = await ledger.Pool.OpenConnectionAsync(Cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            var head = await HeadLock.TakeAsync(connection, key);
            var accepted = entries.ConvertAll(entry => new AcceptedEntry(entry, Reason: null));
            await new Append(key, head.Head, accepted).CommitAsync(transaction, replayedClock: false);
        }

        await using var query = ledger.Documents.QuerySession(TestLedger.Tenant);
        var stored = await query.Events.FetchStreamAsync("treasury/samples", token: Cancellation);
        stored.Select(one => one.EventTypeName).ShouldBe(EventNames.All.Select(pinned => pinned.Name));
        foreach (var (one, entry) in stored.Zip(entries))
        {
            TestLedger.Text(one.Data.ShouldBeAssignableTo<IStored>()!.Entry).ShouldBe(TestLedger.Text(entry));
        }

        await using var rows = new TenantCommand(
            ledger.Pool,
            TestLedger.Tenant,
            "select type, data from journal.mt_events where stream_id = 'treasury/samples' order by version");
        await using var reader = await rows.ExecuteReaderAsync(Cancellation);
        foreach (var entry in entries)
        {
            (await reader.ReadAsync(Cancellation)).ShouldBeTrue();
            reader.GetString(0).ShouldBe(EventNames.Of(entry.Event).Name);
            HashChain.DigestOf(reader.GetFieldValue<byte[]>(1)).ShouldBe(HashChain.DigestOf(StoredJson.Write(entry)));
        }
    }

    private static string Pretty(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Indented) + "\n";
    }
}
