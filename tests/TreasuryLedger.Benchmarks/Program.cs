using System.Runtime.InteropServices;

// Every result is printed with the machine it was measured on: ratios travel between machines, absolutes do not.
Console.WriteLine(
    $"machine: {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, " +
    $"{Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");
