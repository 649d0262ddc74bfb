using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Reconciliation;

/// <summary>A change of units that one side tells: a line of a statement, or what an entry does.</summary>
/// <param name="Name">Names it on its side: the statement's own reference, or the entry with its asset.</param>
/// <param name="At">When.</param>
/// <param name="Change">Smallest units, more than zero in, less than zero out.</param>
/// <param name="Fact">The fact it is about, if its side says so.</param>
public sealed record MatchLine(string Name, Instant At, Quantity Change, FactId? Fact = null);

/// <summary>When lines of both sides are taken to be the same.</summary>
/// <param name="Window">How far apart in time they may be (microseconds, inclusive).</param>
/// <param name="Tolerance">How far apart their units may be (smallest units, inclusive).</param>
/// <param name="GroupMax">How many lines of one side may make up one of the other (inclusive); 1: none.</param>
public sealed record MatchRules(long Window, Quantity Tolerance, int GroupMax);

/// <summary>How lines were matched.</summary>
public enum MatchKind
{
    /// <summary>They name the same fact.</summary>
    Fact,

    /// <summary>One line of each side.</summary>
    One,

    /// <summary>One line of one side and several of the other.</summary>
    Several,

    /// <summary>Several of both sides, which add up to the same within one stretch of time.</summary>
    Many,
}

/// <summary>Lines of both sides that tell the same.</summary>
/// <param name="Kind">How they were matched.</param>
/// <param name="Statement">Those of the statement.</param>
/// <param name="Ledger">Those of the ledger.</param>
public sealed record Match(MatchKind Kind, ImmutableArray<MatchLine> Statement, ImmutableArray<MatchLine> Ledger)
{
    /// <summary>Units of the statement less those of the ledger.</summary>
    public Quantity Difference => Matching.Sum(Statement) - Matching.Sum(Ledger);
}

/// <summary>
/// Matches the lines of a statement with those of the ledger, of one account and asset. Each line is in one match or in
/// none. What comes out does not depend on the order in which lines are given.
/// </summary>
public sealed class Matching
{
    /// <summary>Lines nearest in time of which sums are tried (inclusive): 2^16 sums at most.</summary>
    private const int CandidatesMax = 16;

    private readonly MatchRules _rules;
    private readonly ImmutableArray<Match>.Builder _matches = ImmutableArray.CreateBuilder<Match>();
    private readonly List<MatchLine> _statement;
    private readonly List<MatchLine> _ledger;

    private Matching(IEnumerable<MatchLine> statement, IEnumerable<MatchLine> ledger, MatchRules rules) =>
        (_rules, _statement, _ledger) = (rules, InOrder(statement), InOrder(ledger));

    /// <summary>What tells the same on both sides.</summary>
    public ImmutableArray<Match> Matches { get; private set; }

    /// <summary>Lines that only the statement tells.</summary>
    public IReadOnlyList<MatchLine> OnlyStatement => _statement;

    /// <summary>Lines that only the ledger tells.</summary>
    public IReadOnlyList<MatchLine> OnlyLedger => _ledger;

    /// <summary>Matches.</summary>
    public static Matching Of(IEnumerable<MatchLine> statement, IEnumerable<MatchLine> ledger, MatchRules rules)
    {
        var matching = new Matching(statement, ledger, rules);
        matching.ByFact();
        matching.OneByOne();
        matching.OneBySeveral(matching._statement, matching._ledger, isReversed: false);
        matching.OneBySeveral(matching._ledger, matching._statement, isReversed: true);
        matching.ManyByMany();
        matching.Matches = matching._matches.ToImmutable();
        return matching;
    }

    /// <summary>The units of lines together.</summary>
    public static Quantity Sum(IEnumerable<MatchLine> lines) =>
        lines.Aggregate(Quantity.Zero, (sum, line) => sum + line.Change);

    private static Quantity Absolute(Quantity change) => change.Sign < 0 ? -change : change;

    private static List<MatchLine> InOrder(IEnumerable<MatchLine> lines) =>
        [.. lines.OrderBy(line => line.At).ThenBy(line => line.Name, StringComparer.Ordinal)
            .ThenBy(line => line.Change.Units)];

    /// <summary>The same fact is matched whatever it says: what differs is a difference and no missing line.</summary>
    private void ByFact()
    {
        foreach (var line in _statement.Where(line => line.Fact is not null).ToList())
        {
            if (_ledger.Find(other => other.Fact == line.Fact) is { } other)
            {
                Take(MatchKind.Fact, [line], [other]);
            }
        }
    }

    /// <summary>The nearest pairs first: in units, then in time.</summary>
    private void OneByOne()
    {
        var pairs =
            from line in _statement
            from other in _ledger
            where IsNear(line, other) && IsAlike(line.Change, other.Change)
            let differ = Absolute(line.Change - other.Change)
            orderby differ, Apart(line, other), line.At, line.Name, other.At, other.Name
            select (line, other);
        foreach (var (line, other) in pairs.ToList())
        {
            if (_statement.Contains(line) && _ledger.Contains(other))
            {
                Take(MatchKind.One, [line], [other]);
            }
        }
    }

    private void OneBySeveral(List<MatchLine> ones, List<MatchLine> others, bool isReversed)
    {
        foreach (var one in ones.ToList())
        {
            var near = others.Where(other => IsNear(one, other)).OrderBy(other => Apart(one, other))
                .ThenBy(other => other.Name, StringComparer.Ordinal).Take(CandidatesMax).ToList();
            for (var size = 2; size <= Math.Min(_rules.GroupMax, near.Count); size++)
            {
                if (Group(near, 0, size, one.Change) is { } group)
                {
                    Take(MatchKind.Several, isReversed ? group : [one], isReversed ? [one] : group);
                    break;
                }
            }
        }
    }

    /// <summary>The first lines, of so many, that add up.</summary>
    private ImmutableList<MatchLine>? Group(List<MatchLine> near, int from, int size, Quantity wanted)
    {
        if (size == 0)
        {
            return IsAlike(wanted, Quantity.Zero) ? [] : null;
        }

        for (var index = from; index <= near.Count - size; index++)
        {
            if (Group(near, index + 1, size - 1, wanted - near[index].Change) is { } rest)
            {
                return rest.Insert(0, near[index]);
            }
        }

        return null;
    }

    /// <summary>Stretches of time without a gap wider than the window, whose sides add up to the same.</summary>
    private void ManyByMany()
    {
        if (_rules.GroupMax < 2)
        {
            return;
        }

        var stretches = new List<List<(MatchLine Line, bool IsLedger)>>();
        var all = _statement.Select(line => (line, false)).Concat(_ledger.Select(line => (line, true)))
            .OrderBy(one => one.line.At);
        foreach (var (line, isLedger) in all)
        {
            if (stretches.Count == 0 || line.At.Microseconds - stretches[^1][^1].Line.At.Microseconds > _rules.Window)
            {
                stretches.Add([]);
            }

            stretches[^1].Add((line, isLedger));
        }

        foreach (var stretch in stretches)
        {
            var statement = stretch.Where(one => !one.IsLedger).Select(one => one.Line).ToList();
            var ledger = stretch.Where(one => one.IsLedger).Select(one => one.Line).ToList();
            if (statement.Count > 1 && ledger.Count > 1 && statement.Count <= _rules.GroupMax
                && ledger.Count <= _rules.GroupMax && IsAlike(Sum(statement), Sum(ledger)))
            {
                Take(MatchKind.Many, statement, ledger);
            }
        }
    }

    private void Take(MatchKind kind, IReadOnlyList<MatchLine> statement, IReadOnlyList<MatchLine> ledger)
    {
        _matches.Add(new Match(kind, [.. statement], [.. ledger]));
        foreach (var line in statement)
        {
            _statement.Remove(line);
        }

        foreach (var line in ledger)
        {
            _ledger.Remove(line);
        }
    }

    private bool IsAlike(Quantity left, Quantity right) => Absolute(left - right) <= _rules.Tolerance;

    private bool IsNear(MatchLine left, MatchLine right) => Apart(left, right) <= _rules.Window;

    private static long Apart(MatchLine left, MatchLine right) =>
        Math.Abs(left.At.Microseconds - right.At.Microseconds);
}
