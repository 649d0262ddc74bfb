using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// A command of a mapping with places for a row's values, taken apart once and written for each row.
/// </summary>
internal abstract partial record RowTemplate
{
    private static readonly string[] Readings = ["account", "asset", "instant", "number", "abs", "lower", "upper"];

    /// <summary>The columns that it takes values of.</summary>
    public abstract IEnumerable<string> Columns { get; }

    /// <summary>An optional place without a value takes its member along, or the item of a list it is in.</summary>
    public virtual bool IsLeftOut(SourceRow row) => false;

    /// <summary>Writes it with the values of a row.</summary>
    /// <exception cref="RowException">A value cannot be read as the place says.</exception>
    public abstract void Write(Utf8JsonWriter writer, SourceRow row);

    /// <summary>What stands at a step of the wire's path: a member, or an item of a list; else <c>null</c>.</summary>
    public virtual RowTemplate? At(string step) => null;

    /// <summary>Takes a template apart.</summary>
    /// <param name="template">As the terms have it.</param>
    /// <param name="terms">Accounts and assets of the source.</param>
    /// <param name="path">Where it stands in the terms.</param>
    /// <param name="without">A member of it that is not written.</param>
    /// <exception cref="ProblemException">A place is read in a way that there is not.</exception>
    public static RowTemplate Of(JsonElement template, SourceTerms terms, string path, string? without = null) =>
        template.ValueKind switch
        {
            JsonValueKind.Object => new Members(
                [.. template.EnumerateObject().Where(member => member.Name != without).Select(member =>
                    (JsonEncodedText.Encode(member.Name), Of(member.Value, terms, path)))]),
            JsonValueKind.Array => new Items([.. template.EnumerateArray().Select(item => Of(item, terms, path))]),
            JsonValueKind.String => OfText(template.GetString()!, terms, path),
            _ => new Constant(template),
        };

    private static Text OfText(string text, SourceTerms terms, string path)
    {
        var parts = ImmutableArray.CreateBuilder<Part>();
        var end = 0;
        foreach (Match place in Place().Matches(text))
        {
            var reading = place.Groups["as"].Value.Split(':', 2);
            SourceTerms.Require(
                reading[0].Length == 0 || Readings.Contains(reading[0]), path,
                $"made of places that are read as one of {string.Join(", ", Readings)}");
            if (place.Index > end)
            {
                parts.Add(new Part(text[end..place.Index], null, "", null, false, terms));
            }

            parts.Add(new Part(
                "", place.Groups["column"].Value, reading[0], reading.ElementAtOrDefault(1),
                place.Groups["optional"].Success, terms));
            end = place.Index + place.Length;
        }

        if (end < text.Length)
        {
            parts.Add(new Part(text[end..], null, "", null, false, terms));
        }

        return new Text(parts.ToImmutable());
    }

    [GeneratedRegex(@"\{(?<column>[^{}|]+?)(?:\|(?<as>[^{}]+?))?(?<optional>\?)?\}")]
    private static partial Regex Place();

    private sealed record Members(ImmutableArray<(JsonEncodedText Name, RowTemplate Value)> All) : RowTemplate
    {
        public override IEnumerable<string> Columns => All.SelectMany(member => member.Value.Columns);

        public override bool IsLeftOut(SourceRow row)
        {
            foreach (var (_, value) in All)
            {
                if (value is Text && value.IsLeftOut(row))
                {
                    return true;
                }
            }

            return false;
        }

        public override RowTemplate? At(string step) =>
            All.FirstOrDefault(member => member.Name.Value == step).Value;

        public override void Write(Utf8JsonWriter writer, SourceRow row)
        {
            writer.WriteStartObject();
            foreach (var (name, value) in All)
            {
                if (!value.IsLeftOut(row))
                {
                    writer.WritePropertyName(name);
                    value.Write(writer, row);
                }
            }

            writer.WriteEndObject();
        }
    }

    private sealed record Items(ImmutableArray<RowTemplate> All) : RowTemplate
    {
        public override IEnumerable<string> Columns => All.SelectMany(item => item.Columns);

        public override RowTemplate? At(string step) =>
            int.TryParse(step, out var index) ? All.ElementAtOrDefault(index) : null;

        public override void Write(Utf8JsonWriter writer, SourceRow row)
        {
            writer.WriteStartArray();
            foreach (var item in All)
            {
                if (!item.IsLeftOut(row))
                {
                    item.Write(writer, row);
                }
            }

            writer.WriteEndArray();
        }
    }

    private sealed record Text(ImmutableArray<Part> Parts) : RowTemplate
    {
        public override IEnumerable<string> Columns => Parts.Select(part => part.Column).OfType<string>();

        public override bool IsLeftOut(SourceRow row)
        {
            foreach (var part in Parts)
            {
                if (part is { IsOptional: true, Column: { } column } && row[column].Length == 0)
                {
                    return true;
                }
            }

            return false;
        }

        public override void Write(Utf8JsonWriter writer, SourceRow row) => writer.WriteStringValue(
            Parts is [var only] ? only.ValueOf(row) : string.Concat(Parts.Select(part => part.ValueOf(row))));
    }

    private sealed record Constant(JsonElement Value) : RowTemplate
    {
        public override IEnumerable<string> Columns => [];

        public override void Write(Utf8JsonWriter writer, SourceRow row) => Value.WriteTo(writer);
    }

    private sealed record Part(
        string Literal, string? Column, string Reading, string? Form, bool IsOptional, SourceTerms Terms)
    {
        public string ValueOf(SourceRow row)
        {
            if (Column is null)
            {
                return Literal;
            }

            var value = row[Column].Trim();
            return Reading switch
            {
                "account" => Terms.AccountOf(value)?.ToString() ?? throw new RowException(
                    Column, RowProblem.AccountUnmapped, $"The source has no account for '{value}'.", true),
                "asset" => Terms.AssetOf(value)?.ToString() ?? throw new RowException(
                    Column, RowProblem.AssetUnmapped, $"The source has no asset for '{value}'.", true),
                "instant" => RowText.InstantOf(value, Form)?.ToString()
                    ?? throw Wrong($"'{value}' is no instant to the microsecond"),
                "number" => NumberOf(value),
                "abs" => NumberOf(value).TrimStart('-'),
                "lower" => value.ToLowerInvariant(),
                "upper" => value.ToUpperInvariant(),
                _ => value,
            };
        }

        private string NumberOf(string value) =>
            (RowText.NumberOf(value) ?? throw Wrong($"'{value}' is no number")).ToString();

        private RowException Wrong(string what) => new(Column, ErrorRegistry.ValueInvalid, $"{what}.", false);
    }
}
