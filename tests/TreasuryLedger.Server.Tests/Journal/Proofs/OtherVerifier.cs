using System.ComponentModel;
using System.Diagnostics;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Journal.Proofs;

/// <summary>
/// The verifier in another language. Where that language is not installed a test says so, and holds the program's own
/// verifier alone.
/// </summary>
internal static class OtherVerifier
{
    private const string Language = "python3";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>It takes a proof (or anchors alone), and says exactly this.</summary>
    public static async Task ShouldSayAsync(string folder, string? proof, string? anchors, string? root, string proven)
    {
        if (await RunAsync(folder, proof, anchors, root) is { } run)
        {
            run.ShouldBe((0, proven));
        }
    }

    /// <summary>It does not take a proof (or anchors alone), and says why in a line.</summary>
    public static async Task ShouldRefuseAsync(string folder, string? proof, string? anchors, string? root)
    {
        if (await RunAsync(folder, proof, anchors, root) is var (code, said))
        {
            code.ShouldBe(1, said);
            said.ShouldStartWith("NOT PROVEN: ");
            said.ShouldNotContain("Traceback");
        }
    }

    private static async Task<(int Code, string Said)?> RunAsync(
        string folder, string? proof, string? anchors, string? root)
    {
        var arguments = new List<string>();
        if (proof is not null)
        {
            var file = Path.Combine(folder, "proof.json");
            await File.WriteAllTextAsync(file, proof, Cancellation);
            arguments.Add(file);
        }

        arguments.AddRange(anchors is null ? [] : ["--anchors", anchors]);
        arguments.AddRange(root is null ? [] : ["--root", root]);
        return await RunAsync(arguments);
    }

    /// <summary>What it says; absent where the language is not installed.</summary>
    public static async Task<(int Code, string Said)?> RunAsync(IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Language, [Script(), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["PYTHONIOENCODING"] = "utf-8" },
            })!;
            var output = process.StandardOutput.ReadToEndAsync(Cancellation);
            var error = process.StandardError.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            return (process.ExitCode, (await output + await error).Trim());
        }
        catch (Win32Exception)
        {
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{Language} is not installed: held against the program's own verifier alone.");
            return null;
        }
    }

    private static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TreasuryLedger.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests lie outside the repository.");
        }

        return Path.Combine(folder.FullName, "ops", "verifier", "verify.py");
    }
}
