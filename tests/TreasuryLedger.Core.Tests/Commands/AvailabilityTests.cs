using CsCheck;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>
/// What instructions may take, on random histories with late, corrected, cancelled and fulfilled entries, against a
/// walk over all entries that stand.
/// </summary>
public sealed class AvailabilityTests
{
    private const int Days = 20;

    private static readonly AccountId[] Accounts =
        [.. new[] { "w1", "w2", "binance", "aave" }.Select(AccountId.Parse)];

    private static readonly AssetId[] Assets = [.. new[] { "ETH", "USDT" }.Select(AssetId.Parse)];

    /// <summary>Steps of a random history with late, corrected, cancelled and fulfilled entries.</summary>
    internal static readonly Gen<Step> Steps = Gen.Select(
        Gen.Int[0, 10], Gen.Int[0, Days - 1], Gen.Int[1, 9], Gen.Int[0, 99], Gen.Bool, Gen.Int[1, Days]).Select(
        (kind, day, units, pick, flag, until) => new Step(kind, day, units, pick, flag, until));

    [Fact]
    public void free_units_are_those_of_a_walk_over_all_entries_and_decide_instructions() =>
        Steps.Array[1, 40].Sample(
            steps =>
            {
                var world = Put(steps);
                var journal = world.Treasury;
                foreach (var (account, asset) in Pairs())
                {
                    var naive = FreeByDay(world.Entries, account, asset);
                    for (var day = 0; day <= Days; day++)
                    {
                        var least = naive[day..].Min();
                        Free(journal, account, asset, day).ShouldBe(least);
                        if (account != Accounts[^1])
                        {
                            CanPay(journal, account, asset, day, Math.Max(1, least)).ShouldBe(least >= 1);
                            CanPay(journal, account, asset, day, Math.Max(1, least + 1)).ShouldBe(false);
                        }
                    }
                }
            },
            iter: 400);

    [Fact]
    public void what_was_known_before_is_not_changed_by_later_entries() =>
        Steps.Array[1, 30].Sample(
            steps =>
            {
                var world = new SpecWorld();
                Open(world);
                var seen = new List<(TreasuryState State, string Answers)>();
                foreach (var (i, step) in steps.Index())
                {
                    seen.Add((world.Treasury, Answers(world.Treasury)));
                    Put(world, step, i);
                }

                seen.ForEach(one => Answers(one.State).ShouldBe(one.Answers));
            },
            iter: 150);

    [Fact]
    public void the_order_of_arrival_of_observations_does_not_matter() =>
        Gen.Select(Steps.Array[1, 20], Gen.Int).Sample(
            (steps, seed) =>
            {
                var observations = steps.Where(step => step.Kind <= 4).Index().ToList();
                var others = observations.OrderBy(one => HashCode.Combine(one.Index, seed)).ToList();

                Answers(Record(observations)).ShouldBe(Answers(Record(others)));
            },
            iter: 300);

    [Fact]
    public void uses_of_what_is_registered_are_those_of_a_walk_over_all_entries() =>
        Steps.Array[1, 60].Sample(
            steps =>
            {
                var world = Put(steps);
                var standing = world.Entries
                    .Where(entry => world.Entries.All(other => other.Voids != entry.Position)).ToList();
                foreach (var account in Accounts)
                {
                    var users = standing.Where(entry => EventContent.Names(entry.Event).Accounts.Contains(account));
                    ShouldBe(world.Treasury.Accounts[account], users.Select(entry => entry.Position).ToList());
                }

                foreach (var asset in Assets)
                {
                    var users = standing.Where(entry => EventContent.Names(entry.Event).Assets.Contains(asset));
                    ShouldBe(world.Treasury.Assets[asset], users.Select(entry => entry.Position).ToList());
                }
            },
            iter: 400);

    [Fact]
    public void a_registration_rests_on_the_first_standing_use_after_earlier_ones_were_voided() =>
        Gen.Select(Steps.Array[1, 60], Gen.Int[2, 7]).Sample(
            (steps, registration) =>
            {
                var world = Put(steps);
                var registered = world.Entries[registration - 1].Event;
                var first = world.Entries.FirstOrDefault(entry =>
                    world.Entries.All(other => other.Voids != entry.Position)
                    && (registered is AccountRegistered account
                        ? EventContent.Names(entry.Event).Accounts.Contains(account.Account)
                        : EventContent.Names(entry.Event).Assets.Contains(((AssetRegistered)registered).Asset)));

                var decision = Say(world, $"correction - of entry {registration}");

                if (first is null)
                {
                    decision.ShouldBeOfType<Decision.Accepted>();
                    return;
                }

                var refusal = decision.ShouldBeOfType<Decision.Refused>().Refusal;
                refusal.Code.ShouldBe(RefusalCode.EntryNotCorrectable);
                refusal.Numbers["restingEntry"].ShouldBe($"{first.Position}");
            },
            iter: 300);

    private static void ShouldBe(RegisteredUse use, List<long> users)
    {
        use.Count.ShouldBe(users.Count);
        if (users.Count > 0)
        {
            users[0].ShouldBeGreaterThanOrEqualTo(use.First);
            (!use.IsExact || use.First == users[0]).ShouldBeTrue();
        }
    }

    private static TreasuryState Record(IEnumerable<(int Index, Step Step)> steps)
    {
        var world = new SpecWorld();
        Open(world);
        foreach (var (index, step) in steps)
        {
            Put(world, step, index);
        }

        return world.Treasury;
    }

    private static SpecWorld Put(Step[] steps)
    {
        var world = new SpecWorld();
        Open(world);
        foreach (var (i, step) in steps.Index())
        {
            Put(world, step, i);
        }

        return world;
    }

    /// <summary>Opens a treasury for such a history.</summary>
    internal static void Open(SpecWorld world)
    {
        string[] lines =
        [
            "open-treasury - Acme", "asset - ETH token 0", "asset - USDT token 0", "account - w1 wallet",
            "account - w2 wallet", "account - binance exchange", "account - aave lending-position",
        ];
        foreach (var line in lines)
        {
            Say(world, line).ShouldBeOfType<Decision.Accepted>();
        }
    }

    /// <summary>One step of a history, as a sentence; what is refused leaves no trace.</summary>
    internal static void Put(SpecWorld world, Step step, int index)
    {
        var (units, asset, day) = (step.Units, Assets[step.Pick % 2], Date(step.Day));
        var (from, to) = step.Flag ? ("w1", "w2") : ("w2", "w1");
        var reserve = step.Flag ? $"reserve until {Date(step.Until)}" : step.Pick % 3 > 0 ? "reserve" : "";
        var instructions = world.Entries.Where(entry => entry.Event is InstructionGiven).ToList();
        var instruction = instructions.Count == 0 ? "none" : $"{instructions[step.Pick % instructions.Count].Fact}";
        var target = 8 + (step.Pick % Math.Max(1, world.Treasury.Position - 7));
        var sentence = step.Kind switch
        {
            0 => $"{day} contribution f{index} of {units * 3} {asset} at {from}",
            1 => $"{day} transfer f{index} of {units} {asset} from {from} to {to}{(step.Flag ? " in transit" : "")}",
            2 => $"{day} acquire f{index} of {units} ETH at {from} for {units} USDT at {to} fee 1 {asset} at w1",
            3 => $"{day} deposit f{index} of {units} {asset} from {from} into aave",
            4 => $"{day} borrow f{index} of {units} {asset} on aave to {to}",
            5 => $"{day} transfer i{index} of {units} {asset} from {from} to {to} instruct {reserve}",
            6 => $"{day} acquire i{index} of {units} ETH at w1 for {units} USDT at {to} instruct {reserve}",
            7 when step.Pick % 5 == 0 =>
                $"{day} acquire f{index} of {units} ETH at w1 for {units} USDT at {to} fulfils {instruction}",
            7 => $"{day} transfer f{index} of {units} {asset} from {from} to {to} fulfils {instruction}",
            8 => $"{day} cancel - {instruction}",
            9 => $"{day} correction - of entry {target}",
            _ => $"{day} correction - of entry {target} by {day} fee-payment - of {units} {asset} at {from}",
        };
        Say(world, sentence);
    }

    private static Decision Say(SpecWorld world, string sentence)
    {
        var line = new SpecLine(0, sentence);
        return world.Put(JournalKind.Treasury, SpecVerbs.Read(line, world));
    }

    private static bool CanPay(TreasuryState state, AccountId account, AssetId asset, int day, long units) =>
        Decider.Decide(
            state,
            new PayFee
            {
                EffectiveAt = Day(day),
                Account = account,
                Asset = asset,
                Quantity = new ExactDecimal(units, 0),
                Mode = EntryMode.Instruction,
            },
            DecisionContext.Empty) is Decision.Accepted;

    /// <summary>Free units at the end of each day, by looking at every entry that stands.</summary>
    private static long[] FreeByDay(IReadOnlyList<Entry> entries, AccountId account, AssetId asset)
    {
        var standing = entries.Where(entry => entries.All(other => other.Voids != entry.Position)).ToList();
        var free = new long[Days + 1];
        for (var day = 0; day <= Days; day++)
        {
            free[day] = standing.Where(entry => entry.EffectiveAt <= Day(day))
                    .Sum(entry => Change(entry.Event, account, asset))
                - standing.Sum(entry => Reserved(entry, standing, account, asset, Day(day)));
        }

        return free;
    }

    private static long Reserved(
        Entry entry, List<Entry> standing, AccountId account, AssetId asset, Instant at)
    {
        if (entry.Event is not InstructionGiven { Reserves: true } given || entry.EffectiveAt > at
            || given.ExpiresAt <= at
            || standing.Exists(other => other.Event is InstructionCancelled end && end.Instruction == entry.Fact))
        {
            return 0;
        }

        // Of one kind are an acquisition and an acquisition, or a transfer and a transfer, in transit or not.
        var done = standing.Where(other => other.Fulfils == entry.Fact
            && other.Event is AssetAcquired == given.Intended is AssetAcquired).ToList();
        var principal = Principal(given.Intended);
        var units = done.Select(other => Principal(other.Event))
            .Where(leg => (leg.Account, leg.Asset) == (principal.Account, principal.Asset))
            .Sum(leg => (long)leg.Quantity.Units);
        var left = -Change(given.Intended, account, asset) + done.Sum(other => Change(other.Event, account, asset));
        return units >= (long)principal.Quantity.Units || Change(given.Intended, account, asset) >= 0
            ? 0
            : Math.Max(0, left);
    }

    private static Leg Principal(LedgerEvent happened) => happened switch
    {
        AssetAcquired acquired => acquired.Received,
        AssetTransferred transfer => transfer.Sent,
        TransferDispatched transfer => transfer.Sent,
        _ => throw new InvalidOperationException($"{happened}"),
    };

    private static long Change(LedgerEvent happened, AccountId account, AssetId asset) => (long)Movements.Held(happened)
        .Where(movement => movement.Account == account && movement.Asset == asset)
        .Aggregate(Quantity.Zero, (sum, movement) => sum + movement.Change).Units;

    private static string Answers(TreasuryState state) => string.Join(' ', Pairs().SelectMany(pair =>
        Enumerable.Range(0, Days + 1).Select(day => Free(state, pair.Account, pair.Asset, day))));

    private static IEnumerable<(AccountId Account, AssetId Asset)> Pairs() =>
        Accounts.SelectMany(account => Assets.Select(asset => (account, asset)));

    private static long Free(TreasuryState state, AccountId account, AssetId asset, int day) => (long)Timeline
        .LowestFrom(state.Free.GetValueOrDefault(account)?.GetValueOrDefault(asset), Day(day)).Units;

    private static string Date(int day) => Day(day).ToString()[..10];

    private static Instant Day(int day) => SpecWorld.Start.Plus(day * 86_400_000_000L);

    /// <summary>One step; the numbers say what it is.</summary>
    internal sealed record Step(int Kind, int Day, int Units, int Pick, bool Flag, int Until);
}
