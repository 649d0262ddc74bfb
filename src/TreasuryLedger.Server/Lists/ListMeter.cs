using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TreasuryLedger.Server.Lists;

/// <summary>Metrics of the tables of lists, as this process last saw them.</summary>
public static class ListMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "TreasuryLedger.Lists";

    private static readonly Meter Meter = new(Name);

    private static readonly ConcurrentDictionary<string, ListState> States = new(StringComparer.Ordinal);

    /// <summary>Entries whose rows were added, by this process.</summary>
    public static Counter<long> Applied { get; } =
        Meter.CreateCounter<long>("treasury.lists.applied", "{entry}", "Entries whose rows were added.");

    /// <summary>How far the tables are behind.</summary>
    public static ObservableGauge<long> Behind { get; } = Meter.CreateObservableGauge(
        "treasury.lists.behind", () => Seen.Behind, "{entry}", "Entries whose rows are not there yet.");

    /// <summary>For how long.</summary>
    public static ObservableGauge<double> BehindFor { get; } = Meter.CreateObservableGauge(
        "treasury.lists.behind.time", () => Seen.BehindFor.TotalSeconds, "s",
        "How long some journal has been behind without a break.");

    /// <summary>Journals that cannot go on.</summary>
    public static ObservableGauge<int> Stopped { get; } = Meter.CreateObservableGauge(
        "treasury.lists.stopped", () => Seen.Stopped, "{journal}",
        "Journals whose rows end before an entry that cannot be applied.");

    /// <summary>What was last seen of all databases.</summary>
    public static ListState Seen => States.Values.Aggregate(
        new ListState(0, 0, 0, TimeSpan.Zero),
        (all, one) => new ListState(
            all.Journals + one.Journals,
            all.Behind + one.Behind,
            all.Stopped + one.Stopped,
            all.BehindFor > one.BehindFor ? all.BehindFor : one.BehindFor));

    /// <summary>Keeps what was just seen of a database.</summary>
    public static void See(string database, ListState state) => States[database] = state;
}

/// <summary>How the tables of lists stand, all journals of all tenants together.</summary>
/// <param name="Journals">Journals that are behind, stopped ones included.</param>
/// <param name="Behind">Entries whose rows are not there yet.</param>
/// <param name="Stopped">Journals that cannot go on.</param>
/// <param name="BehindFor">How long there has been one behind without a break.</param>
public sealed record ListState(int Journals, long Behind, int Stopped, TimeSpan BehindFor);
