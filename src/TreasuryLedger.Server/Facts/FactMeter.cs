using System.Diagnostics.Metrics;

namespace TreasuryLedger.Server.Facts;

/// <summary>Metrics of what comes in by files and messages, by this process.</summary>
public static class FactMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "TreasuryLedger.Facts";

    private static readonly Meter Meter = new(Name);

    private static long _recorded;
    private static long _known;
    private static long _refused;
    private static long _breaks;
    private static int _waiting;

    static FactMeter()
    {
        Meter.CreateObservableCounter(
            "treasury.imports.rows", Rows, "{row}", "Rows of files and messages that were decided, by outcome.");
        Meter.CreateObservableCounter(
            "treasury.imports.breaks", () => Volatile.Read(ref _breaks), "{break}",
            "Rows that tell a recorded fact otherwise.");
        Meter.CreateObservableGauge(
            "treasury.payloads.waiting", () => Volatile.Read(ref _waiting), "{payload}",
            "Messages that were taken and not recorded yet, as of the last look.");
    }

    /// <summary>Takes how many messages wait.</summary>
    internal static void Wait(int payloads) => Volatile.Write(ref _waiting, payloads);

    /// <summary>Takes a row that is recorded now.</summary>
    internal static void Record() => Interlocked.Increment(ref _recorded);

    /// <summary>Takes a row that was known before.</summary>
    internal static void Know() => Interlocked.Increment(ref _known);

    /// <summary>Takes a row that was refused, or is put aside.</summary>
    internal static void Refuse() => Interlocked.Increment(ref _refused);

    /// <summary>Takes a row that tells a fact otherwise.</summary>
    internal static void Break() => Interlocked.Increment(ref _breaks);

    private static IEnumerable<Measurement<long>> Rows() =>
    [
        Of(ref _recorded, "recorded"), Of(ref _known, "known"), Of(ref _refused, "refused"), Of(ref _breaks, "break"),
    ];

    private static Measurement<long> Of(ref long rows, string outcome) =>
        new(Volatile.Read(ref rows), new KeyValuePair<string, object?>("outcome", outcome));
}
