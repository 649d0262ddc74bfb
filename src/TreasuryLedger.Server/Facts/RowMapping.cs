using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Makes commands of rows by a mapping: each rule is a command as the wire has it, with places for the row's values.
/// <c>{Column}</c> stands for the value as it is; behind a bar stands how it is read: <c>account</c> and <c>asset</c>
/// by the source's terms, <c>instant</c> (<c>instant:FORM</c>), <c>number</c>, <c>abs</c>, <c>lower</c>, <c>upper</c>.
/// A member whose place ends with <c>?</c> is left out where the row has nothing.
/// </summary>
internal sealed class RowMapping
{
    private readonly ImmutableArray<Rule> _rules;
    private readonly ImmutableArray<string> _columns;

    private RowMapping(ImmutableArray<Rule> rules)
    {
        _rules = rules;
        _columns =
        [
            .. rules.SelectMany(rule => rule.When.Keys.Concat(rule.Command?.Columns ?? []))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>The mapping of a source's terms.</summary>
    /// <exception cref="ProblemException">It cannot be followed.</exception>
    public static RowMapping Of(SourceTerms terms)
    {
        var mapping = terms.Mapping!;
        SourceTerms.Require(mapping.Delimiter is null or { Length: 1 }, "$.mapping.delimiter", "one character");
        SourceTerms.Require(!mapping.Rules.IsDefaultOrEmpty, "$.mapping.rules", "a list of at least one");
        return new RowMapping([.. mapping.Rules.Select((rule, index) => Rule.Of(terms, rule, index))]);
    }

    /// <summary>What a row says.</summary>
    public ReadRow Read(SourceRow row)
    {
        if (row.Problem is { } problem)
        {
            return new ReadRow(row, null, problem);
        }

        foreach (var rule in _rules)
        {
            if (rule.Fits(row))
            {
                return rule.Command is null ? ReadRow.None(row) : rule.Read(row, rule.Command);
            }
        }

        return ReadRow.Wrong(row, null, RowProblem.RuleMissing, "No rule of the mapping fits the row.", parked: true);
    }

    /// <summary>The first column that the mapping names and a file of values does not have.</summary>
    public string? MissingIn(RowColumns columns) => _columns.FirstOrDefault(name => columns.IndexOf(name) < 0);

    private sealed record Rule(ImmutableSortedDictionary<string, string> When, RowTemplate? Command, Type? Kind)
    {
        private readonly KeyValuePair<string, string>[] _when = [.. When];
        private readonly ArrayBufferWriter<byte> _buffer = new(512);

        public static Rule Of(SourceTerms terms, MappingRule rule, int index)
        {
            var path = $"$.mapping.rules[{index}].command";
            Type? kind = null;
            if (rule.Command is { } command)
            {
                kind = command.ValueKind == JsonValueKind.Object
                    && command.TryGetProperty(Wire.CommandMember, out var name)
                    && name.ValueKind == JsonValueKind.String ? CommandNames.Find(name.GetString()!) : null;
                SourceTerms.Require(
                    kind is not null, path, "a command as in a batch, named by its member 'command'");
                SourceTerms.Require(
                    command.TryGetProperty("fact", out _), path, "with a fact, so that it is found again");
                SourceTerms.Require(command.TryGetProperty("effectiveAt", out _), path, "with effectiveAt");
            }

            return new Rule(
                rule.When ?? ImmutableSortedDictionary<string, string>.Empty,
                // Which command it is need not be found out again for each row.
                rule.Command is { } template ? RowTemplate.Of(template, terms, path, Wire.CommandMember) : null,
                kind);
        }

        public bool Fits(SourceRow row)
        {
            foreach (var (column, value) in _when)
            {
                if (row[column] != value)
                {
                    return false;
                }
            }

            return true;
        }

        public ReadRow Read(SourceRow row, RowTemplate template)
        {
            _buffer.ResetWrittenCount();
            try
            {
                using (var writer = new Utf8JsonWriter(_buffer))
                {
                    template.Write(writer, row);
                }

                return ReadRow.Of(row, (Command)JsonBody.Read(_buffer.WrittenMemory, Kind!));
            }
            catch (RowException wrong)
            {
                return ReadRow.Wrong(row, wrong.Column, wrong.Code, wrong.Message, wrong.IsParked);
            }
            catch (ProblemException wrong)
            {
                return ReadRow.Wrong(
                    row, ColumnAt(template, wrong.Problem), wrong.Problem.Code, wrong.Problem.Detail);
            }
        }

        /// <summary>The column whose value stands where the wire finds something wrong.</summary>
        private static string? ColumnAt(RowTemplate template, Problem problem)
        {
            RowTemplate? at = template;
            foreach (var step in (problem.Numbers.GetValueOrDefault("path") ?? "$").Split('.', '[').Skip(1))
            {
                at = at?.At(step.TrimEnd(']'));
            }

            return at?.Columns.FirstOrDefault();
        }
    }
}
