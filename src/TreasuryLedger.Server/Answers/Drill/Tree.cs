using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>A line that a person reads, and what stands under it.</summary>
/// <param name="Text">The line.</param>
/// <param name="Below">What it consists of or rests on.</param>
public sealed record Tree(string Text, IReadOnlyList<Tree> Below)
{
    /// <summary>A line alone.</summary>
    public Tree(string text)
        : this(text, [])
    {
    }

    /// <summary>A line over those that there are; <c>null</c> ones are left out.</summary>
    public static Tree Of(string text, params IEnumerable<Tree?> below) => new(text, [.. below.OfType<Tree>()]);

    /// <summary>An amount, or a question mark if nobody knows it.</summary>
    public static string Known(Amount? amount) => amount?.ToString() ?? "?";

    /// <summary>Writes it, each level further to the right.</summary>
    public void Write(TextWriter output, int depth = 0)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(new string(' ', depth * 2));
        output.WriteLine(Text);
        foreach (var below in Below)
        {
            below.Write(output, depth + 1);
        }
    }
}

/// <summary>An answer that is read top down.</summary>
public interface ITold
{
    /// <summary>The answer as lines.</summary>
    Tree Tell();
}
