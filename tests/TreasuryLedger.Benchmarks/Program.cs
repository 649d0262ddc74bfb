using System.Globalization;
using System.Runtime.InteropServices;
using TreasuryLedger.Benchmarks;
using TreasuryLedger.Benchmarks.Journal;

// Every result is printed with the machine it was measured on: ratios travel between machines, absolutes do not.
Console.WriteLine(
    $"machine: {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, " +
    $"{Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");

switch (args)
{
    case ["model", .. var proof]:
        return ModelProof.Run(proof);
    case ["write-path", .. var rest]:
        await WritePath.RunAsync(rest is [var seconds] ? double.Parse(seconds, CultureInfo.InvariantCulture) : 10);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Which? model [...] | write-path [seconds for each row]");
        return 2;
}
