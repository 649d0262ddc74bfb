using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Reconciliation;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>Holds a statement against what a journal knew at an instant.</summary>
/// <param name="statement">What the source says.</param>
/// <param name="known">Entries that count at the known-at instant, in recorded order.</param>
internal sealed class Reconciler(SourceStatement statement, IReadOnlyList<NarrowEntry> known)
{
    private const int WindowSecondsUnsaid = 3_600;
    private const int WindowSecondsMax = 366 * 24 * 3_600;
    private const int GroupUnsaid = 8;
    private const int GroupMax = 12;
    private const int ReferenceMax = 200;

    private readonly Registers _registers = Registers.Of(known);
    private readonly ImmutableArray<MatchedLines>.Builder _matches = ImmutableArray.CreateBuilder<MatchedLines>();
    private readonly ImmutableArray<Break>.Builder _breaks = ImmutableArray.CreateBuilder<Break>();

    /// <summary>What tells the same, and what does not.</summary>
    /// <exception cref="ProblemException">The statement is not of its form.</exception>
    public (ImmutableArray<MatchedLines> Matches, ImmutableArray<Break> Breaks) Reconcile()
    {
        Check();
        var lines = statement.Lines.ToLookup(line => line.Asset);
        var entries = (
            from entry in known
            where entry.EffectiveAt >= statement.From && entry.EffectiveAt <= statement.Until
            from movement in Movements.Held(entry.Event)
            where movement.Account == statement.Account
            group movement.Change by (movement.Asset, entry) into all
            let change = all.Aggregate(Quantity.Zero, (sum, one) => sum + one)
            where !change.IsZero
            select (all.Key.Asset, Line: new MatchLine(NameOf(all.Key.entry), all.Key.entry.EffectiveAt, change,
                all.Key.entry.Fact))).ToLookup(one => one.Asset, one => one.Line);
        foreach (var asset in lines.Select(all => all.Key).Union(entries.Select(all => all.Key)).Order())
        {
            Match(asset, lines[asset], entries[asset]);
        }

        foreach (var balance in statement.Balances ?? [])
        {
            Weigh(balance);
        }

        return (_matches.ToImmutable(), _breaks.ToImmutable());
    }

    /// <summary>Tellings of facts that stand otherwise and that nobody has decided on in the journal.</summary>
    public static IEnumerable<Break> Conflicts(IReadOnlyList<NarrowEntry> known)
    {
        var at = known.ToDictionary(entry => entry.Position);
        return
            from entry in known
            where entry.Event is BreakOpened
            let opened = (BreakOpened)entry.Event
            select new Break(
                $"entry-{entry.Position}", BreakKind.FactConflict, entry.Source, null, null,
                opened.ClaimedEffectiveAt, [], [opened.Entry, entry.Position], null, null,
                at.ContainsKey(opened.Entry)
                    ? Suggested(new CorrectEntry { EffectiveAt = opened.ClaimedEffectiveAt, Entry = opened.Entry })
                    : null);
    }

    private void Check()
    {
        var rules = statement.Rules ?? new SourceRules();
        Require(IdText.IsId(statement.Source), "source", "an id");
        Require(statement.Until >= statement.From, "until", "no earlier than from");
        Require(rules.WindowSeconds is null or (>= 0 and <= WindowSecondsMax), "rules.windowSeconds",
            $"0 to {WindowSecondsMax}");
        Require(rules.GroupMax is null or (>= 1 and <= GroupMax), "rules.groupMax", $"1 to {GroupMax}");
        Require(rules.Tolerance is not { Sign: < 0 }, "rules.tolerance", "0 or more");
        Require(_registers.Accounts.ContainsKey(statement.Account), "account", "an account of the treasury");
        foreach (var (index, line) in statement.Lines.Index())
        {
            Require(line is { Reference.Length: > 0 and <= ReferenceMax }, $"lines[{index}].reference",
                $"a text of 1 to {ReferenceMax} characters");
            Require(
                line.At >= statement.From && line.At <= statement.Until, $"lines[{index}].at",
                "from `from` to `until`");
        }

        static void Require(bool holds, string member, string expected)
        {
            if (!holds)
            {
                throw ProblemException.Of(
                    ErrorRegistry.ValueInvalid, $"$.{member} must be {expected}.", ("path", $"$.{member}"));
            }
        }
    }

    private void Match(AssetId asset, IEnumerable<SourceLine> lines, IEnumerable<MatchLine> entries)
    {
        var told = lines.Select(line => new MatchLine(
            line.Reference, line.At, Units(asset, line.Change), line.Fact)).ToList();
        var rules = statement.Rules ?? new SourceRules();
        var matching = Matching.Of(told, entries, new MatchRules(
            (rules.WindowSeconds ?? WindowSecondsUnsaid) * 1_000_000L,
            Units(asset, rules.Tolerance ?? ExactDecimal.Zero), rules.GroupMax ?? GroupUnsaid));
        var tolerance = Units(asset, rules.Tolerance ?? ExactDecimal.Zero);
        foreach (var match in matching.Matches)
        {
            var difference = match.Difference;
            if ((difference.Sign < 0 ? -difference : difference) > tolerance)
            {
                Add(BreakKind.QuantityDiffers, asset, match.Statement, match.Ledger);
            }
            else
            {
                _matches.Add(new MatchedLines(
                    match.Kind, asset, [.. match.Statement.Select(line => line.Name)],
                    [.. match.Ledger.Select(PositionOf)], Tokens(asset, difference)));
            }
        }

        foreach (var line in matching.OnlyStatement)
        {
            Add(BreakKind.MissingInLedger, asset, [line], []);
        }

        foreach (var line in matching.OnlyLedger)
        {
            Add(BreakKind.MissingAtSource, asset, [], [line]);
        }
    }

    private void Weigh(SourceBalance balance)
    {
        var held = known.Where(entry => entry.EffectiveAt <= balance.At)
            .SelectMany(entry => Movements.Held(entry.Event))
            .Where(movement => movement.Account == statement.Account && movement.Asset == balance.Asset)
            .Aggregate(Quantity.Zero, (sum, movement) => sum + movement.Change);
        var difference = Units(balance.Asset, balance.Quantity) - held;
        if ((difference.Sign < 0 ? -difference : difference)
            > Units(balance.Asset, statement.Rules?.Tolerance ?? ExactDecimal.Zero))
        {
            _breaks.Add(new Break(
                IdOf(BreakKind.BalanceDiffers, balance.Asset, balance.At.ToString()), BreakKind.BalanceDiffers,
                statement.Source, statement.Account, balance.Asset, balance.At, [], [], balance.Quantity,
                Tokens(balance.Asset, held), null));
        }
    }

    private void Add(
        BreakKind kind, AssetId asset, ImmutableArray<MatchLine> told, ImmutableArray<MatchLine> recorded)
    {
        var first = told.Concat(recorded).First();
        _breaks.Add(new Break(
            IdOf(kind, asset, first.Name), kind, statement.Source, statement.Account, asset, first.At,
            [.. told.Select(line => line.Name)], [.. recorded.Select(PositionOf)],
            told.IsEmpty ? null : Tokens(asset, Matching.Sum(told)),
            recorded.IsEmpty ? null : Tokens(asset, Matching.Sum(recorded)),
            Suggested(Suggestion(kind, asset, told, recorded))));
    }

    /// <summary>What would mend it if nothing else is known; a person knows more.</summary>
    private Command Suggestion(
        BreakKind kind, AssetId asset, ImmutableArray<MatchLine> told, ImmutableArray<MatchLine> recorded)
    {
        if (kind != BreakKind.MissingInLedger)
        {
            return new CorrectEntry
            {
                EffectiveAt = recorded[0].At,
                Entry = PositionOf(recorded[0]),
                Reason = $"{statement.Source} tells it otherwise.",
            };
        }

        var line = told[0];
        var fact = line.Fact ?? FactId.Parse($"statement:{IdOf(kind, asset, line.Name)}");
        var evidence = new Evidence(statement.Source, line.Name, EvidenceQuality.Fact, null);
        var arrived = known.FirstOrDefault(entry => entry.Event is TransferDispatched sent
            && sent.To == statement.Account && sent.Sent.Asset == asset && sent.Sent.Quantity == line.Change
            && !known.Any(other => other.Event is TransferArrived there && there.Transfer == entry.Fact));
        return line.Change.Sign < 0
            ? new PayFee
            {
                EffectiveAt = line.At,
                Fact = fact,
                Evidence = evidence,
                Account = statement.Account,
                Asset = asset,
                Quantity = Tokens(asset, -line.Change),
            }
            : arrived is not null
            ? new ConfirmArrival
            {
                EffectiveAt = line.At,
                Fact = fact,
                Evidence = evidence,
                Transfer = arrived.Fact,
                Account = statement.Account,
                Quantity = Tokens(asset, line.Change),
            }
            : new ReceiveYield
            {
                EffectiveAt = line.At,
                Fact = fact,
                Evidence = evidence,
                Account = statement.Account,
                Asset = asset,
                Quantity = Tokens(asset, line.Change),
            };
    }

    private static JsonElement Suggested(Command command) => JsonSerializer.SerializeToElement(command, Wire.Options);

    private string IdOf(BreakKind kind, AssetId asset, string name) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\n', statement.Source, statement.Account, asset, kind, name))))[..16];

    private static string NameOf(NarrowEntry entry) => entry.Position.ToString(CultureInfo.InvariantCulture);

    private static long PositionOf(MatchLine line) => long.Parse(line.Name, CultureInfo.InvariantCulture);

    private Quantity Units(AssetId asset, ExactDecimal tokens) =>
        _registers.Assets.ContainsKey(asset)
        && Quantity.TryFromTokens(tokens, _registers.DecimalsOf(asset), out var units)
            ? units
            : throw ProblemException.Of(
                ErrorRegistry.ValueInvalid, $"'{tokens}' {asset} is no quantity of an asset of the treasury.",
                ("path", "$.lines"));

    private ExactDecimal Tokens(AssetId asset, Quantity units) => units.ToTokens(_registers.DecimalsOf(asset));
}
