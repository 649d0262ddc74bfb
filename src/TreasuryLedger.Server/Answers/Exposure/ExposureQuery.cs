using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>Reads numbers of exposure questions as the contract has them.</summary>
internal static class ExposureQuery
{
    private const int ValuesMax = 12;

    private static readonly ExactDecimal Most = new(1_000_000, 0);

    /// <summary>A part of one in basis points, between bounds (inclusive); without it what is said.</summary>
    public static int Bps(QueryReader query, string name, ExactDecimal least, ExactDecimal most, int unasked) =>
        query.Text(name) is { } text ? BpsOf(name, text, least, most) : unasked;

    /// <summary>Parts of one in basis points, with commas between them.</summary>
    public static ImmutableArray<int> BpsList(
        QueryReader query, string name, ExactDecimal least, ExactDecimal most, ImmutableArray<int> unasked)
    {
        if (query.Text(name) is not { } text)
        {
            return unasked;
        }

        var parts = text.Split(',');
        return parts.Length <= ValuesMax
            ? [.. parts.Select(part => BpsOf(name, part, least, most))]
            : throw Invalid(name, $"takes at most {ValuesMax} values");
    }

    /// <summary>A number of 0 or more at so many digits, or nothing.</summary>
    public static BigInteger? Number(QueryReader query, string name, int digits, ExactDecimal? least = null)
    {
        if (query.Value<ExactDecimal>(name) is not { } number)
        {
            return null;
        }

        var from = least ?? ExactDecimal.Zero;
        return number >= from && number <= Most && number.TryMantissaAt(digits, out var mantissa)
            ? mantissa
            : throw Invalid(name, $"must be a number from {from} to {Most} with at most {digits} digits");
    }

    /// <summary>
    /// A depth curve: steps of whole tokens sold and impact, as in <c>5000:0.01,20000:0.03</c>; without it a market
    /// that takes everything without impact.
    /// </summary>
    public static Func<int, DepthCurve> Depth(QueryReader query)
    {
        if (query.Text("depth") is not { } text)
        {
            return _ => DepthCurve.Flat(0);
        }

        var steps = text.Split(',').Select(Step).ToList();
        var grows = steps.Zip(steps.Skip(1)).All(two =>
            two.First.Tokens < two.Second.Tokens && two.First.ImpactBps <= two.Second.ImpactBps);
        return steps.Count <= ValuesMax && grows
            ? decimals => new DepthCurve(
                [.. steps.Select(step => new DepthStep(Units(step.Tokens, decimals), step.ImpactBps))])
            : throw Invalid("depth", $"takes at most {ValuesMax} steps, each of more tokens and no less impact");
    }

    /// <summary>Whole tokens as smallest units, down; at least one of them.</summary>
    public static BigInteger Units(ExactDecimal tokens, int decimals) => BigInteger.Max(
        1, tokens.Mantissa * PowerOfTen.Of(decimals) / PowerOfTen.Of(tokens.Scale));

    /// <summary>A problem with a parameter.</summary>
    public static ProblemException Invalid(string name, string why) =>
        ProblemException.Of(ErrorRegistry.QueryInvalid, $"The parameter '{name}' {why}.", ("parameter", name));

    private static (ExactDecimal Tokens, int ImpactBps) Step(string text) =>
        text.Split(':') is [var tokens, var impact]
        && ExactDecimal.TryParse(tokens, out var sold) && sold.Sign > 0 && sold <= ExactDecimal.Parse("1000000000000")
            ? (sold, BpsOf("depth", impact, ExactDecimal.Zero, ExactDecimal.One))
            : throw Invalid("depth", "is made of steps such as 5000:0.01, tokens sold and what they cost");

    private static int BpsOf(string name, string text, ExactDecimal least, ExactDecimal most) =>
        ExactDecimal.TryParse(text, out var part) && part >= least && part <= most
        && part.TryMantissaAt(4, out var bps)
            ? (int)bps
            : throw Invalid(name, $"must be from {least} to {most} with at most four digits after the point");
}
