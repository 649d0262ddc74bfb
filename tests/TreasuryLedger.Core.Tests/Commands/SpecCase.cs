using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>
/// One case of a specification. "given" lines must be accepted; "when" lines are decided, and "then" lines speak of the
/// last of them. A case begins in the standard treasury (see <see cref="Standard"/>) unless it says "empty".
/// </summary>
internal sealed class SpecCase(string name, IReadOnlyList<SpecLine> lines)
{
    /// <summary>What most cases stand on: accounts of every kind and the usual assets.</summary>
    private static readonly string[] Standard =
    [
        "open-treasury - Acme max-ltv 0.7 min-health 1.2",
        "asset usd USD currency 2",
        "asset eur EUR currency 2",
        "asset eth ETH token 18 chain ethereum",
        "asset weth WETH token 18 chain ethereum contract 0xC02a wraps ETH",
        "asset btc BTC token 8",
        "asset usdt USDT stablecoin 6 par USD",
        "account w1 w1 wallet",
        "account w2 w2 wallet",
        "account custody custody custodian",
        "account binance binance exchange venue binance",
        "account bank bank bank",
        "account aave aave lending-position venue aave market aave-v3",
    ];

    public string Name => name;

    public SpecWorld World { get; } = new();

    public static IEnumerable<SpecCase> Parse(string file)
    {
        var all = File.ReadLines(file)
            .Select((text, index) => new SpecLine(index + 1, text.Split('#')[0]))
            .Where(line => !line.AtEnd)
            .ToList();
        while (all.Count > 0)
        {
            all[0].Expect("case");
            var next = all.FindIndex(1, line => line.Peek == "case");
            var body = all[1..(next < 0 ? all.Count : next)];
            yield return new SpecCase(all[0].Rest(), body);
            all = next < 0 ? [] : all[next..];
        }
    }

    public void Run()
    {
        var isEmpty = lines[0].Take("empty");
        foreach (var text in isEmpty ? [] : Standard)
        {
            var line = new SpecLine(0, text);
            World.Must(JournalKind.Treasury, SpecVerbs.Read(line, World), line);
        }

        if (!isEmpty)
        {
            Open(JournalKind.PriceBook);
            Open(JournalKind.MarketBook);
        }

        foreach (var line in lines.Skip(isEmpty ? 1 : 0))
        {
            Read(line);
            line.End();
        }
    }

    private void Open(JournalKind kind) => World.Must(
        kind, new OpenBook { EffectiveAt = SpecWorld.Start, Name = "main" }, new SpecLine(0, "open"));

    private void Read(SpecLine line)
    {
        switch (line.Word())
        {
            case "given":
                var given = Journal(line);
                World.Must(given, SpecVerbs.Read(line, World), line);
                break;
            case "when":
                var journal = Journal(line);
                World.Put(journal, SpecVerbs.Read(line, World));
                break;
            case "then":
                Then(line);
                break;
            default:
                throw new FormatException($"Nothing begins like this: {line}");
        }
    }

    private static JournalKind Journal(SpecLine line) =>
        line.Take("in", "prices") ? JournalKind.PriceBook
        : line.Take("in", "markets") ? JournalKind.MarketBook
        : JournalKind.Treasury;

    private void Then(SpecLine line)
    {
        switch (line.Word())
        {
            case "recorded":
                var what = line.Rest();
                World.Last.ShouldBeOfType<Decision.Accepted>(Say(line));
                SpecText.Of(World.LastEntry!, World.Treasury).ShouldBe(what, Say(line));
                break;
            case "refused":
                Refused(line);
                break;
            case "says":
                ((Decision.Refused)World.Last!).Refusal.Message.ShouldContain(line.Rest(), Case.Sensitive);
                break;
            case "holder":
                var (fact, expected) = (line.Fact(), line.Rest());
                SpecText.Of(World.HolderOf(fact)!, World.Treasury).ShouldBe(expected, Say(line));
                break;
            case "header":
                SpecText.Header(World.LastEntry!).ShouldBe(line.Rest(), Say(line));
                break;
            case "free":
                var (tokens, asset) = line.Tokens();
                line.Expect("at");
                var (account, from) = (line.Account(), line.Take("from") ? line.Instant() : SpecWorld.Start);
                Free(account, asset, from).ShouldBe(tokens, Say(line));
                break;
            case "instruction":
                var (instruction, at) = (line.Fact(), line.Instant());
                SpecText.Of(Progress(instruction, at), World).ShouldBe(line.Rest(), Say(line));
                break;
            default:
                throw new FormatException($"Nothing is expected like this: {line}");
        }
    }

    private void Refused(SpecLine line)
    {
        var refusal = World.Last.ShouldBeOfType<Decision.Refused>($"{Say(line)} {SpecWorld.Text(World.Last!)}").Refusal;
        refusal.Code.ShouldBe(System.Enum.Parse<RefusalCode>(line.Word()), $"{refusal.Message} {Say(line)}");
        refusal.Message.ShouldEndWith(".");
        while (!line.AtEnd)
        {
            var (number, value) = (line.Word(), line.Word().Replace("_", "", StringComparison.Ordinal));
            refusal.Numbers.ShouldContainKey(number, Say(line));
            refusal.Numbers[number].ShouldBe(value, Say(line));
        }
    }

    private ExactDecimal Free(AccountId account, AssetId asset, Instant from) => Timeline
        .LowestFrom(World.Treasury.Free.GetValueOrDefault(account)?.GetValueOrDefault(asset), from)
        .ToTokens(World.Treasury.Registers.DecimalsOf(asset));

    private InstructionProgress Progress(FactId fact, Instant at) => InstructionProgress
        .At(VisibleEntries.KnownAt(World.Entries, Instant.Max), at)
        .Single(progress => progress.Given.Fact == fact);

    private string Say(SpecLine line) => $"{Name}, {line}";
}
