using System.Numerics;
using System.Text;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>The compact form of entries gives back all that folds read, or nothing.</summary>
public sealed class NarrowBlockTests
{
    private static readonly string Goldens = Path.Combine(AppContext.BaseDirectory, "Journal", "goldens");

    /// <summary>Every golden that ever landed.</summary>
    public static TheoryData<string> GoldenFiles => StoredEventTests.GoldenFiles;

    [Fact]
    public void every_pinned_event_is_written_and_read_again_in_one_block()
    {
        var entries = Samples.Events.Select((happened, i) => Samples.FullEntry(happened, i + 2)).ToList();
        Samples.Events.Select(sample => sample.GetType()).ShouldBe(EventNames.All.Select(pinned => pinned.Type));

        ShouldBeTheSame(RoundTrip(entries), entries);
    }

    [Theory]
    [MemberData(nameof(GoldenFiles))]
    public void every_shape_that_was_ever_stored_has_a_narrow_form(string file)
    {
        var entry = StoredJson.Read(Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(Goldens, file))));

        ShouldBeTheSame(RoundTrip([entry]), [entry]);
    }

    [Fact]
    public void an_entry_without_optional_members_comes_back_without_them()
    {
        var bare = Samples.BareEntry(new FeePaid(
            new Leg(AccountId.Parse("a"), AssetId.Parse("b"), new Quantity(BigInteger.One))));

        var narrow = RoundTrip([bare])[0];

        ShouldBeTheSame([narrow], [bare]);
        (narrow.SourceOrder, narrow.Voids, narrow.Fulfils).ShouldBe((null, null, null));
    }

    [Fact]
    public void random_entries_of_every_event_come_back()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var recordedAt = random.NextInt64(1L << 50);
            var entries = Enumerable.Range(1, random.Next(1, 40))
                .Select(i => RandomEntry(random, i, recordedAt += random.NextInt64(1L << random.Next(1, 40))))
                .ToList();

            ShouldBeTheSame(RoundTrip(entries), entries);
        }
    }

    [Fact]
    public void no_changed_bit_and_no_cut_is_read_as_something_else()
    {
        var block = NarrowBlock.Write(
            Main, [.. Samples.Events.Select((happened, i) => Samples.FullEntry(happened, i + 2))]);
        for (var bit = 0; bit < block.Length * 8; bit++)
        {
            var changed = (byte[])block.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<NarrowException>(() => NarrowBlock.Open(Main, changed, new NarrowTexts()));
        }

        for (var length = 0; length < block.Length; length++)
        {
            Should.Throw<NarrowException>(() => NarrowBlock.Open(Main, block[..length], new NarrowTexts()));
        }
    }

    [Fact]
    public void a_block_of_another_journal_or_another_form_is_refused()
    {
        var block = NarrowBlock.Write(Main, [Samples.BareEntry(new EntryVoided())]);
        var newer = (byte[])block.Clone();
        newer[0]++;

        Should.Throw<NarrowException>(() => NarrowBlock.Open(
            JournalKey.Treasury(Tenant, "other"), block, new NarrowTexts()));
        Should.Throw<NarrowException>(() => NarrowBlock.Open(Main, newer, new NarrowTexts()))
            .Message.ShouldContain("form 2");
    }

    [Fact]
    public void the_form_is_the_one_that_is_stored_under_its_version()
    {
        // A failure here means that stored rows are no longer read: raise NarrowBlock.Version, then pin anew.
        // An event that is new changes no row that was stored before it: pin the samples up to it beside those before.
        NarrowBlock.Version.ShouldBe((byte)1);
        Pin(28).ShouldBe("bc03ba1de41c4b6f3a07c22cdfc63380508048a09f16a70999ea5f2ec2ec81cf");
        Pin(29).ShouldBe("bab0b4c64df8f3950d7931c5748fab5b4ac29209d9f42b72dddad3442f631d0d");
        Pin(33).ShouldBe("e0d5c9cca3bf58c85311560ab991a29c63aecade36610b773fc500b898a2117b");
        Pin(37).ShouldBe("5ab2e1fcafe9677956445a296176bffbff5f0d51d12d4a157e8e7d5b6f618c2a");
        Pin(42).ShouldBe("477a8a49ded3fcd99f248d8123f24584d418661b9b57820693f730648e2f1355");
        Pin(52).ShouldBe("cd23699f32586a0a13767e0dd12c533442a1d857614e286b5436db8677d3a5a0");
        Pin(53).ShouldBe("d36ba257e6eb98ca714f07de9e226f3b48dcd50ee27a3accb8f03574d058a0c7");
        Pin(54).ShouldBe("fba963c77051a4af4822fea144101816db1f5843e7bc0c13025827f0f64a2ecd");
        Pin(57).ShouldBe("c5270183486c48dd7bbafc1c1a595be4842755861409dff55cf7900e07df7a6b");
        Pin(59).ShouldBe("74066fa5cabe69d4ba8aae1a9d35da0f5a3f840a22c7c0e1a61adfe9b30adbaa");
        Samples.Events.Count.ShouldBe(59);

        static string Pin(int events) => Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(NarrowBlock.Write(
                Main, [.. Samples.Events.Take(events).Select((happened, i) => Samples.FullEntry(happened, i + 2))])));
    }

    [Fact]
    public void a_long_row_of_entries_comes_in_its_order_whoever_decodes_it()
    {
        var random = new Random(5);
        List<Entry> entries = [.. Enumerable.Range(1, 9_000).Select(i => RandomEntry(random, i, i * 1_000L))];
        var (texts, log) = (new NarrowTexts(), JournalLog.Empty(Main));
        foreach (var part in entries.Chunk(700))
        {
            log = log.With(NarrowBlock.Open(Main, NarrowBlock.Write(Main, part), texts), long.MaxValue);
        }

        foreach (var count in new[] { 0, 1, 2_047, 2_048, 2_049, 2_304, 2_305, 8_999, 9_000 })
        {
            int[] places = [.. Enumerable.Range(0, 9_000).OrderBy(_ => random.Next()).Take(count)];
            log.At(places).Select(entry => entry.Position).ShouldBe(places.Select(place => place + 1L));
        }

        // What another processor meets is told to whoever takes it; and who stops taking leaves nothing behind.
        var beyond = log.At(Enumerable.Range(0, 9_001)).GetEnumerator();
        Enumerable.Range(0, 8_900).Count(_ => beyond.MoveNext()).ShouldBeGreaterThan(8_000);
        Should.Throw<ArgumentOutOfRangeException>(() => Enumerable.Range(0, 101).Count(_ => beyond.MoveNext()));
        log.At(Enumerable.Range(0, 9_001)).Take(2_100).Count().ShouldBe(2_100);
    }

    private static List<NarrowEntry> RoundTrip(List<Entry> entries)
    {
        var block = NarrowBlock.Open(Main, NarrowBlock.Write(Main, entries), new NarrowTexts());
        (block.First, block.Last, block.Count).ShouldBe((entries[0].Position, entries[^1].Position, entries.Count));
        Enumerable.Range(0, block.Count).Select(block.RecordedAt).ShouldBe(entries.Select(entry => entry.RecordedAt));
        List<NarrowEntry> read = [.. Enumerable.Range(0, block.Count).Select(block.Entry)];
        for (var index = 0; index < block.Count; index++)
        {
            var (entry, isPlain) = (read[index], block.IsPlain(index, out var recordedAt, out var effectiveAt));
            isPlain.ShouldBe(entry is { Voids: null, Fulfils: null } && OnlyMoves(entry.Event));
            (recordedAt, effectiveAt).ShouldBe((entry.RecordedAt, entry.EffectiveAt));
        }

        return read;
    }

    private static bool OnlyMoves(LedgerEvent happened) => happened is AssetAcquired or AssetSold or AssetTransferred
        or TransferDispatched or TransferArrived or FeePaid or AssetWrapped or CollateralDeposited
        or CollateralWithdrawn or DebtBorrowed or DebtRepaid or InterestAccrued or LiquidationRecorded
        or PositionTouched or DebtForgiven;

    /// <summary>Compares by the stored text: lists inside events are equal only if they are the same list.</summary>
    private static void ShouldBeTheSame(List<NarrowEntry> narrow, List<Entry> entries)
    {
        narrow.Count.ShouldBe(entries.Count);
        foreach (var (read, entry) in narrow.Zip(entries))
        {
            read.GetType().ShouldBe(typeof(NarrowEntry));
            (read.Source, read.Quality).ShouldBe((entry.Evidence.Source, entry.Evidence.Quality));
            var full = Samples.BareEntry(read.Event) with
            {
                Position = read.Position,
                EffectiveAt = read.EffectiveAt,
                RecordedAt = read.RecordedAt,
                Fact = read.Fact,
                FactIsGiven = read.FactIsGiven,
                SourceOrder = read.SourceOrder,
                Voids = read.Voids,
                Fulfils = read.Fulfils,
            };
            TestLedger.Text(full with
            {
                SourceTimestamp = entry.SourceTimestamp,
                SourceRecordedAt = entry.SourceRecordedAt,
                Actor = entry.Actor,
                IdempotencyKey = entry.IdempotencyKey,
                PayloadHash = entry.PayloadHash,
                Mode = entry.Mode,
                Evidence = entry.Evidence,
                Reason = entry.Reason,
            }).ShouldBe(TestLedger.Text(entry));
        }
    }

    private static Entry RandomEntry(Random random, long position, long recordedAt) =>
        Samples.BareEntry(RandomEvent(random)) with
        {
            Position = position,
            RecordedAt = new Instant(recordedAt),
            EffectiveAt = new Instant(random.NextInt64(1L << random.Next(1, 57))),
            Fact = FactId.Parse(new string('f', random.Next(1, 200))),
            FactIsGiven = random.Next(2) == 0,
            SourceOrder = random.Next(2) == 0
                ? null
                : SourceOrder.Of([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.NextInt64())]),
            Voids = random.Next(3) == 0 ? random.NextInt64() : null,
            Fulfils = random.Next(3) == 0 ? FactId.Parse($"desk:{random.Next()}") : null,
            Evidence = new Evidence($"source-{random.Next(3)}", null, (EvidenceQuality)random.Next(3), null),
        };

    /// <summary>A sample with other legs, money and numbers in the events that have them.</summary>
    private static LedgerEvent RandomEvent(Random random) => random.Next(11) switch
    {
        0 => new AssetSold(RandomLeg(random), RandomLeg(random), [.. RandomLegs(random)]),
        1 => new BalancesOpened(
            [.. RandomLegs(random).Select(leg => new OpeningLot(
                leg, new Instant(random.NextInt64(1L << 50)),
                random.Next(2) == 0 ? null : new CurrencyAmount("EUR", new Amount(RandomNumber(random)))))],
            [.. RandomLegs(random)]),
        2 => new PriceRecorded(
            AssetId.Parse("A"), AssetId.Parse("B"), new ExactDecimal(RandomNumber(random), random.Next(37)), null),
        3 => new InstructionGiven(
            new BreakOpened(
                random.NextInt64(), new Instant(random.NextInt64(1L << 50)), new FeePaid(RandomLeg(random))),
            random.Next(2) == 0, null),
        4 => new LiquidationRecorded(
            RandomLeg(random), RandomLeg(random), new Quantity(RandomNumber(random)),
            new Quantity(RandomNumber(random))),
        5 => new TermsAdopted("tax", PolicyTerms.Starter with
        {
            Conventions = random.Next(2) == 0 ? null : new LotConventions(TransferFee: (TransferFee)random.Next(3)),
            FairValue = random.Next(2) == 0 ? null : FairValueTerms.Starter with { AssetsIn = [AssetId.Parse("A")] },
            Treatments = random.Next(2) == 0
                ? null
                : Treatments.Starter with
                {
                    Staking = (MoveTreatment)random.Next(2),
                    Bridges = (MoveTreatment)random.Next(2),
                },
        }),
        _ => Samples.Events[random.Next(Samples.Events.Count)],
    };

    private static IEnumerable<Leg> RandomLegs(Random random) =>
        Enumerable.Range(0, random.Next(4)).Select(_ => RandomLeg(random));

    private static Leg RandomLeg(Random random) => new(
        AccountId.Parse($"account-{random.Next(5)}"), AssetId.Parse($"asset-{random.Next(5)}"),
        new Quantity(RandomNumber(random)));

    /// <summary>Up to 256 bits, often with zeros at the end or at the edge of 64 bits.</summary>
    private static BigInteger RandomNumber(Random random) => random.Next(5) switch
    {
        0 => new BigInteger(random.NextInt64()) * BigInteger.Pow(10, random.Next(30)),
        1 => new BigInteger(ulong.MaxValue) + random.Next(-2, 3),
        2 => BigInteger.Pow(2, random.Next(256)),
        3 => random.Next(3),
        _ => BigInteger.Pow(10, random.Next(60)) - random.Next(2),
    };
}
