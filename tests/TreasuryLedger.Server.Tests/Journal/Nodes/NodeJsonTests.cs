using System.Text;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Nodes;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

public sealed class NodeJsonTests
{
    private static readonly JournalHead Head =
        new(TestLedger.Main, 31, Instant.Parse("2026-02-04T10:00:00.000001Z"), new string('e', 64), true);

    [Fact]
    public void every_documented_command_arrives_as_it_was_sent()
    {
        var commands = Story.All
            .Select(request => (Command)JsonBody.Read(
                Encoding.UTF8.GetBytes(request.Example.Json), request.Route.Command))
            .Select(command => command with { Reason = "why, with \n and «Ä»" })
            .ToList();
        commands.Select(command => command.GetType()).Distinct().Count().ShouldBe(CommandNames.All.Length);
        var sent = new Submission(
            TestLedger.Main, "key", "actor", [.. commands], Atomic: true, DryRun: true, Head.RecordedAt);

        var arrived = AfterTravel(sent);

        (arrived with { Commands = sent.Commands }).ShouldBe(sent);
        arrived.Commands.Select(Text).ShouldBe(commands.Select(Text));
        arrived.Commands.Select(command => PayloadHash.Of(command, 3))
            .ShouldBe(commands.Select(command => PayloadHash.Of(command, 3)));
        AfterTravel(Submission.One(TestLedger.Main, "key", "actor", commands[0])).ScriptedRecordedAt.ShouldBeNull();
    }

    [Fact]
    public void every_entry_arrives_as_it_is_stored()
    {
        var entries = Samples.Events.Select(happened => Samples.FullEntry(happened))
            .Concat(Samples.Events.Select(Samples.BareEntry)).ToList();
        var items = entries.SelectMany(entry => new Outcome[]
        {
            new Outcome.Recorded(entry, Replayed: true),
            new Outcome.EvidenceAdded(entry, 7, Replayed: false),
            new Outcome.BreakOpened(entry, 8, Replayed: true),
        }).ToList();

        var arrived = AfterTravel<SubmissionOutcome>(new SubmissionOutcome.Decided([.. items], Head))
            .ShouldBeOfType<SubmissionOutcome.Decided>();

        arrived.Head.ShouldBe(Head);
        arrived.Items.Select(Shown).ShouldBe(items.Select(Shown));
    }

    [Fact]
    public void every_refusal_arrives_with_its_words_and_numbers_in_their_order()
    {
        var refusals = Enum.GetValues<RefusalCode>().Select(code => Refusal.Of(
            code,
            new string('x', 5_000) + "\n\u0001\"",
            ("b", "1"), ("B", 2), ("ä", 3), ("a-b", 4), ("aB", 5), ("ab", 6))).ToList();

        var arrived = AfterTravel<SubmissionOutcome>(
            new SubmissionOutcome.Decided([.. refusals.Select(refusal => new Outcome.Refused(refusal))], Head));

        arrived.ShouldBeOfType<SubmissionOutcome.Decided>().Items
            .Select(item => Text(Problem.Of(((Outcome.Refused)item).Refusal)))
            .ShouldBe(refusals.Select(refusal => Text(Problem.Of(refusal))));
    }

    [Fact]
    public void what_was_not_decided_arrives_too()
    {
        SubmissionOutcome[] outcomes =
        [
            new SubmissionOutcome.ClockBehind(Head.RecordedAt, Head.RecordedAt.Plus(1)),
            new SubmissionOutcome.NotRecorded("Retry."),
            new SubmissionOutcome.Unknown(TestLedger.Main, "key"),
        ];

        outcomes.Select(AfterTravel).ShouldBe(outcomes);
    }

    [Fact]
    public void logs_show_nothing_of_what_was_submitted()
    {
        var command = TestLedger.Buy(reason: "Jane Doe asked");

        ForwardedSubmission.Of(TestLedger.Alone("key", command)).ToString().ShouldBe("ForwardedSubmission");
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, Wire.Options);

    private static string Shown(Outcome item) => item switch
    {
        Outcome.Recorded it => $"recorded {TestLedger.Text(it.Entry)} {it.Replayed}",
        Outcome.EvidenceAdded it => $"evidence {TestLedger.Text(it.Entry)} {it.Fact} {it.Replayed}",
        Outcome.BreakOpened it => $"break {TestLedger.Text(it.Entry)} {it.Fact} {it.Replayed}",
        _ => throw new InvalidOperationException(item.GetType().Name),
    };

    /// <summary>As bytes through the serializer of the bus, which knows nothing of ours.</summary>
    private static T AfterTravel<T>(T value)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new ForwardedSubmission(NodeJson.Write(value)));
        return NodeJson.Read<T>(JsonSerializer.Deserialize<ForwardedSubmission>(bytes)!.Json);
    }
}
