using System.Runtime.InteropServices;
using TreasuryLedger.Benchmarks;

// Every result is printed with the machine it was measured on: ratios travel between machines, absolutes do not.
Console.WriteLine(
    $"machine: {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, " +
    $"{Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");

return args is ["model", .. var proof] ? ModelProof.Run(proof) : 0;
