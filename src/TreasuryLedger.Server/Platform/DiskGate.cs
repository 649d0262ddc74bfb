using System.Diagnostics.Metrics;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// Takes nothing more in while the disk of the database has little room left, so that what is there stays whole and
/// can be read, and the database has room to put itself in order. Where the disk is another machine's nobody here
/// knows; the database's own word (SQLSTATE 53100) comes later and does no harm either. Settings:
/// <c>Disk:Directory</c> (that of an embedded PostgreSQL, if it is left out) and <c>Disk:LeastFreeMegabytes</c>.
/// </summary>
public sealed class DiskGate
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Disk";

    /// <summary>The meter's name.</summary>
    public const string MeterName = "TreasuryLedger.Disk";

    private const long MegabytesDefault = 512;
    private const long Megabyte = 1 << 20;

    private static readonly Meter Meter = new(MeterName);
    private static volatile DiskGate? _watched;

    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(1);

    private readonly DriveInfo? _disk;
    private readonly TimeProvider _time;
    private volatile Reading? _read;

    static DiskGate() => Meter.CreateObservableGauge(
        "treasury.disk.free", Measured, "By", "Bytes that are free on the disk of the database.");

    /// <summary>A gate before a disk.</summary>
    /// <param name="directory">A folder on it; absent: nobody knows.</param>
    /// <param name="leastFree">Bytes below which nothing is taken in.</param>
    /// <param name="time">Says when to look again.</param>
    public DiskGate(string? directory, long leastFree, TimeProvider time) =>
        (_disk, LeastFree, _time) = (directory is null ? null : new DriveInfo(directory), leastFree, time);

    /// <summary>Bytes below which nothing is taken in.</summary>
    public long LeastFree { get; }

    /// <summary>Bytes that are free, as of a second ago at most; absent: nobody knows.</summary>
    public long? Free
    {
        get
        {
            if (_disk is null)
            {
                return null;
            }

            var now = _time.GetTimestamp();
            if (_read is not { } read || _time.GetElapsedTime(read.At, now) > ReadAgainAfter)
            {
                _read = read = new Reading(now, _disk.AvailableFreeSpace);
            }

            return read.Free;
        }
    }

    /// <summary>The gate that the configuration names.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="embedded">The folder of an embedded PostgreSQL, if there is one.</param>
    /// <exception cref="InvalidOperationException">A setting is not of its form.</exception>
    public static DiskGate From(IConfiguration configuration, string? embedded)
    {
        var (directory, least) = (configuration[$"{Section}:Directory"] ?? embedded, configuration.GetValue(
            $"{Section}:LeastFreeMegabytes", MegabytesDefault));
        return directory is not null && !Directory.Exists(directory)
                ? throw new InvalidOperationException($"{Section}:Directory is '{directory}', which is no folder here.")
            : least < 0
                ? throw new InvalidOperationException($"{Section}:LeastFreeMegabytes is {least}; it must be 0 or more.")
            : new DiskGate(directory, checked(least * Megabyte), TimeProvider.System);
    }

    /// <summary>Refuses what would be stored. Keys can be revoked all the same, and everything can be read.</summary>
    /// <exception cref="ProblemException">There is too little room.</exception>
    public void Check(HttpRequest request)
    {
        var stores = (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
            && !request.Path.StartsWithSegments("/v1/keys", StringComparison.Ordinal);
        if (stores && Free is { } free && free < LeastFree)
        {
            throw ProblemException.Of(
                ErrorRegistry.NotRecorded,
                $"The disk of the database has {free} bytes left; below {LeastFree} nothing is taken in. Nothing was "
                + "recorded.",
                ("freeBytes", free),
                ("leastFreeBytes", LeastFree));
        }
    }

    /// <summary>Puts the gate before a server, and maps what health and metrics say of it.</summary>
    public static void Use(WebApplication app)
    {
        var gate = app.Services.GetRequiredService<DiskGate>();
        _watched = gate._disk is null ? _watched : gate;
        app.Use((http, next) =>
        {
            gate.Check(http.Request);
            return next(http);
        });
        app.MapGet("/health/disk", () => Results.Ok(new Health(
            gate.Free is not { } free ? "unknown" : free < gate.LeastFree ? "low" : "ok", gate.Free, gate.LeastFree)))
            .ExcludeFromDescription();
    }

    private static Measurement<long>[] Measured() => _watched?.Free is { } free ? [new(free)] : [];

    /// <summary>One object, so that who looks meanwhile never sees half of it.</summary>
    private sealed record Reading(long At, long Free);

    private sealed record Health(string Status, long? FreeBytes, long LeastFreeBytes);
}
