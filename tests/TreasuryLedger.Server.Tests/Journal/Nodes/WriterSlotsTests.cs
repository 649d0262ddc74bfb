using Microsoft.Extensions.Configuration;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Nodes;
using Wolverine.Runtime.Agents;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

public sealed class WriterSlotsTests
{
    private static readonly NodeOptions Options = new(new Uri("http://10.0.0.5:8080"), TimeSpan.FromSeconds(2));

    /// <summary>A slot that moved between versions would have two writers while nodes are updated one by one.</summary>
    [Theory]
    [InlineData("acme", "treasury/main", 33)]
    [InlineData("acme", "prices/main", 56)]
    [InlineData("other", "treasury/main", 14)]
    public void the_slot_of_a_journal_never_changes(string tenant, string journal, int slot) =>
        WriterSlots.Of(new JournalKey(tenant, journal)).ShouldBe(slot);

    [Fact]
    public void journals_spread_over_all_slots() =>
        Enumerable.Range(0, 6_400).GroupBy(i => WriterSlots.Of(JournalKey.Treasury("acme", $"t{i}")))
            .Select(slot => slot.Count()).ShouldAllBe(count => count > 50 && count < 150);

    [Fact]
    public async Task nodes_get_like_shares_and_no_slot_moves_without_need()
    {
        var (one, two, three) = (new Taker(), new Taker(), new Taker());
        (await AssignAsync(one)).ShouldBe([64]);
        (await AssignAsync(one, two)).ShouldBe([32, 32]);
        var before = two.Slots.ToHashSet();

        (await AssignAsync(one, two)).ShouldBe([32, 32]);
        two.Slots.ShouldBe(before, ignoreOrder: true);
        (await AssignAsync(one, two, three)).ShouldBe([22, 22, 20]);
        two.Slots.ShouldBeSubsetOf(before);
        before = [.. two.Slots];
        (await AssignAsync(two, three)).ShouldBe([32, 32]);
        before.ShouldBeSubsetOf(two.Slots);
    }

    [Fact]
    public async Task a_process_that_takes_no_writers_gets_none_and_moves_none()
    {
        var (one, two, visitor) = (new Taker(), new Taker(), new Taker { Takes = false });
        await AssignAsync(one, two);
        var before = one.Slots.ToHashSet();

        (await AssignAsync(visitor, one, two)).ShouldBe([0, 32, 32]);
        one.Slots.ShouldBe(before, ignoreOrder: true);
        (await AssignAsync(visitor)).ShouldBe([0]);
    }

    [Theory]
    [InlineData(false, 64)]
    [InlineData(true, 0)]
    public void a_node_tells_its_address_and_its_slots_if_its_clock_is_right(bool isOff, int slots)
    {
        var node = new WolverineNode();
        node.Capabilities.AddRange(
            WriterSlots.CapabilitiesOf(Options, isOff).Select(uri => new Uri(uri.ToString())));

        WriterSlots.AddressOf(node).ShouldBe(Options.Address);
        node.Capabilities.Count(WriterSlots.IsSlot).ShouldBe(slots);
        WriterSlots.AddressOf(new WolverineNode()).ShouldBeNull();
    }

    [Fact]
    public async Task a_process_without_an_address_has_no_slots_to_tell_of()
    {
        var alone = new WriterSlots(null, null!, null!);

        (await alone.SupportedAgentsAsync()).ShouldBeEmpty();
        (await alone.AllKnownAgentsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10.0.0.5:8080", "2")]
    [InlineData("ftp://10.0.0.5", "2")]
    [InlineData("http://10.0.0.5/path", "2")]
    [InlineData("http://10.0.0.5?query", "2")]
    [InlineData("http://10.0.0.5", "0.1")]
    [InlineData("http://10.0.0.5", "61")]
    [InlineData("http://10.0.0.5", "NaN")]
    public void settings_that_make_no_sense_are_said(string address, string seconds) =>
        Should.Throw<ArgumentException>(() => NodeOptions.From(Settings(address, seconds))).Message
            .ShouldContain("Nodes:");

    [Fact]
    public void a_process_is_alone_unless_it_has_an_address()
    {
        NodeOptions.From(Settings(null, null)).ShouldBeNull();
        NodeOptions.From(Settings("http://10.0.0.5:8080", null)).ShouldBe(Options);
    }

    private static IConfiguration Settings(string? address, string? seconds) =>
        new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Nodes:Address", address), new("Nodes:HealthCheckSeconds", seconds),
        ]).Build();

    /// <summary>Assigns over these nodes as they are; gives how many slots each has then.</summary>
    private static async Task<int[]> AssignAsync(params Taker[] takers)
    {
        var family = new WriterSlots(Options, null!, null!);
        var capabilities = WriterSlots.CapabilitiesOf(Options, isOff: false);
        var grid = new AssignmentGrid();
        grid.WithAgents([.. await family.AllKnownAgentsAsync()]);
        var nodes = takers.Select((taker, index) =>
        {
            var node = new WolverineNode { NodeId = taker.Id, AssignedNodeNumber = index + 1 };
            node.Capabilities.AddRange(taker.Takes ? capabilities : []);
            node.AssignAgents(taker.Slots);
            return grid.WithNode(node);
        }).ToList();

        await family.EvaluateAssignmentsAsync(grid);

        foreach (var (taker, node) in takers.Zip(nodes))
        {
            taker.Slots = [.. node.Agents.Select(agent => agent.Uri)];
        }

        return [.. takers.Select(taker => taker.Slots.Length)];
    }

    private sealed class Taker
    {
        public Guid Id { get; } = Guid.NewGuid();

        public bool Takes { get; init; } = true;

        public Uri[] Slots { get; set; } = [];
    }
}
