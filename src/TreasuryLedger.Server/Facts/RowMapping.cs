using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
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
internal sealed partial class RowMapping
{
    private readonly ImmutableArray<Rule> _rules;
    private readonly ImmutableArray<string> _columns;

    private RowMapping(ImmutableArray<Rule> rules)
    {
        _rules = rules;
        _columns =
        [
            .. rules.SelectMany(rule => rule.When.Keys.Concat(rule.Columns)).Distinct(StringComparer.Ordinal),
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
            if (rule.When.All(wanted => row[wanted.Key] == wanted.Value))
            {
                return rule.Command is null ? ReadRow.None(row) : rule.Read(row);
            }
        }

        return ReadRow.Wrong(row, null, RowProblem.RuleMissing, "No rule of the mapping fits the row.", parked: true);
    }

    /// <summary>The first column that the mapping names and a file of values does not have.</summary>
    public string? MissingIn(RowColumns columns) => _columns.FirstOrDefault(name => columns.IndexOf(name) < 0);

    [GeneratedRegex(@"\{(?<column>[^{}|]+?)(?:\|(?<as>[^{}]+?))?(?<optional>\?)?\}")]
    private static partial Regex Place();

    private sealed record Rule(
        SourceTerms Terms, ImmutableSortedDictionary<string, string> When, JsonElement? Command, int Index)
    {
        private static readonly string[] Readings = ["account", "asset", "instant", "number", "abs", "lower", "upper"];

        public IEnumerable<string> Columns => Command is { } command ? ColumnsOf(command) : [];

        public static Rule Of(SourceTerms terms, MappingRule rule, int index)
        {
            var path = $"$.mapping.rules[{index}].command";
            if (rule.Command is { } command)
            {
                SourceTerms.Require(
                    command.ValueKind == JsonValueKind.Object && command.TryGetProperty("command", out var name)
                    && name.ValueKind == JsonValueKind.String && CommandNames.Find(name.GetString()!) is not null,
                    path, "a command as in a batch, named by its member 'command'");
                SourceTerms.Require(
                    command.TryGetProperty("fact", out _), path, "with a fact, so that it is found again");
                SourceTerms.Require(command.TryGetProperty("effectiveAt", out _), path, "with effectiveAt");
                foreach (Match place in Place().Matches(command.GetRawText()))
                {
                    var reading = place.Groups["as"].Value;
                    SourceTerms.Require(
                        reading.Length == 0 || Readings.Contains(reading.Split(':')[0]), path,
                        $"made of places that are read as one of {string.Join(", ", Readings)}");
                }
            }

            return new Rule(terms, rule.When ?? ImmutableSortedDictionary<string, string>.Empty, rule.Command, index);
        }

        public ReadRow Read(SourceRow row)
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            try
            {
                using (var writer = new Utf8JsonWriter(buffer))
                {
                    Write(writer, Command!.Value, row);
                }

                return ReadRow.Of(row, JsonBody.Read<Command>(buffer.WrittenMemory));
            }
            catch (RowException wrong)
            {
                return ReadRow.Wrong(row, wrong.Column, wrong.Code, wrong.Message, wrong.IsParked);
            }
            catch (ProblemException wrong)
            {
                return ReadRow.Wrong(row, ColumnAt(wrong.Problem), wrong.Problem.Code, wrong.Problem.Detail);
            }
        }

        /// <summary>The column whose value stands where the wire finds something wrong.</summary>
        private string? ColumnAt(Problem problem)
        {
            var at = Command!.Value;
            var path = problem.Numbers.GetValueOrDefault("path") ?? "$";
            foreach (var step in path.Split('.', '[').Skip(1))
            {
                if (at.ValueKind == JsonValueKind.Array && int.TryParse(step.TrimEnd(']'), out var index)
                    && index < at.GetArrayLength())
                {
                    at = at[index];
                }
                else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
                {
                    return null;
                }
            }

            return ColumnsOf(at).FirstOrDefault();
        }

        private static IEnumerable<string> ColumnsOf(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(member => ColumnsOf(member.Value)),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(ColumnsOf),
            JsonValueKind.String => Place().Matches(json.GetString()!).Select(place => place.Groups["column"].Value),
            _ => [],
        };

        private void Write(Utf8JsonWriter writer, JsonElement template, SourceRow row)
        {
            switch (template.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteStartObject();
                    foreach (var member in template.EnumerateObject().Where(member => !IsLeftOut(member.Value, row)))
                    {
                        writer.WritePropertyName(member.Name);
                        Write(writer, member.Value, row);
                    }

                    writer.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in template.EnumerateArray().Where(item => !IsLeftOut(item, row)))
                    {
                        Write(writer, item, row);
                    }

                    writer.WriteEndArray();
                    break;
                case JsonValueKind.String:
                    writer.WriteStringValue(Place().Replace(template.GetString()!, place => ValueOf(place, row)));
                    break;
                default:
                    template.WriteTo(writer);
                    break;
            }
        }

        /// <summary>An optional place without a value takes its member along, or the item of a list it is in.</summary>
        private static bool IsLeftOut(JsonElement template, SourceRow row) => template.ValueKind switch
        {
            JsonValueKind.String => Place().Matches(template.GetString()!).Any(place =>
                place.Groups["optional"].Success && row[place.Groups["column"].Value].Length == 0),
            JsonValueKind.Object => template.EnumerateObject().Any(member =>
                member.Value.ValueKind == JsonValueKind.String && IsLeftOut(member.Value, row)),
            _ => false,
        };

        private string ValueOf(Match place, SourceRow row)
        {
            var column = place.Groups["column"].Value;
            var value = row[column].Trim();
            var reading = place.Groups["as"].Value.Split(':', 2);
            return reading[0] switch
            {
                "account" => Terms.AccountOf(value)?.ToString() ?? throw new RowException(
                    column, RowProblem.AccountUnmapped, $"The source has no account for '{value}'.", true),
                "asset" => Terms.AssetOf(value)?.ToString() ?? throw new RowException(
                    column, RowProblem.AssetUnmapped, $"The source has no asset for '{value}'.", true),
                "instant" => RowText.InstantOf(value, reading.ElementAtOrDefault(1))?.ToString()
                    ?? throw Wrong(column, $"'{value}' is no instant to the microsecond"),
                "number" => (RowText.NumberOf(value) ?? throw Wrong(column, $"'{value}' is no number")).ToString(),
                "abs" => (RowText.NumberOf(value) ?? throw Wrong(column, $"'{value}' is no number")).ToString()
                    .TrimStart('-'),
                "lower" => value.ToLowerInvariant(),
                "upper" => value.ToUpperInvariant(),
                _ => value,
            };
        }

        private static RowException Wrong(string column, string what) =>
            new(column, ErrorRegistry.ValueInvalid, $"{what}.", false);
    }
}
