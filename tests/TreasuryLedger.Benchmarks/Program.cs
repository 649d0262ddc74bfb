using System.Globalization;
using TreasuryLedger.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["model" or "lists" or "saved" or "fuzz" or "chaos" or "tenants", ..])
{
    // Every result is printed with the machine it was measured on: ratios travel between machines, absolutes do not.
    Console.WriteLine($"machine: {Machine.Describe()}");
}

// The default measures the figures to reach (ops/bench/README.md); a first word asks for something else.
switch (args)
{
    case ["model", .. var proof]:
        return ModelProof.Run(proof);
    case ["lists", .. var lists]:
        return await ListProofRun.RunAsync(lists);
    case ["saved", .. var saved]:
        return await SavedRun.RunAsync(saved);
    case ["fuzz", .. var fuzz]:
        return await FuzzProof.RunAsync(fuzz);
    case ["chaos", .. var chaos]:
        return await ChaosProof.RunAsync(chaos);
    case ["tenants", .. var tenants]:
        return await TenantFuzzRun.RunAsync(tenants);
    case [ColdChild.Verb, ..]:
        return await ColdChild.RunAsync(args);
    default:
        return await Bench.RunAsync(args);
}
