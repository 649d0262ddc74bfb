using System.Globalization;

namespace TreasuryLedger.Benchmarks;

/// <summary>What the proofs that are large or small take: <c>[--full] [--seed N]</c>.</summary>
internal static class ProofArguments
{
    /// <summary>The size and the seed; <c>null</c> if the arguments mean nothing.</summary>
    public static (bool IsFull, int Seed)? Of(IReadOnlyList<string> arguments)
    {
        var (isFull, seed) = (arguments.Contains("--full"), 20260201);
        var rest = arguments.Where(argument => argument != "--full").ToList();
        return rest is [] || (rest is ["--seed", var text]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed))
                ? (isFull, seed)
                : null;
    }
}
