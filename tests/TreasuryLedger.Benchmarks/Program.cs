using System.Globalization;
using TreasuryLedger.Benchmarks;
using TreasuryLedger.Benchmarks.Journal;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["model" or "write-path", ..])
{
    // Every result is printed with the machine it was measured on: ratios travel between machines, absolutes do not.
    Console.WriteLine($"machine: {Machine.Describe()}");
}

// The default measures the figures to reach (ops/bench/README.md); a first word asks for something else.
switch (args)
{
    case ["model", .. var proof]:
        return ModelProof.Run(proof);
    case ["write-path", .. var rest]:
        await WritePath.RunAsync(rest is [var seconds] ? double.Parse(seconds, CultureInfo.InvariantCulture) : 10);
        return 0;
    case [ColdChild.Verb, ..]:
        return await ColdChild.RunAsync(args);
    default:
        return await Bench.RunAsync(args);
}
