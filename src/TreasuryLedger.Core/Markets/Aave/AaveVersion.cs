namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>The versions of Aave v3 whose arithmetic is known here; every other one is refused by name.</summary>
public enum AaveVersion
{
    /// <summary>3.5: scaled rounding in the protocol's favour; an asset's own terms beat those of an e-mode.</summary>
    V35,

    /// <summary>3.6: an e-mode's terms stand for themselves.</summary>
    V36,

    /// <summary>3.7: liquidation rounds against the liquidator; e-modes may be isolated; no isolated assets.</summary>
    V37,
}

/// <summary>How versions are written.</summary>
public static class AaveVersions
{
    /// <summary>All that are known, as written, the oldest first.</summary>
    public const string Known = "3.5, 3.6, 3.7";

    /// <summary>Reads a version such as <c>3.6</c> or <c>3.6.0</c>.</summary>
    /// <returns><c>false</c> for every version whose arithmetic is not known here.</returns>
    public static bool TryParse(string? text, out AaveVersion version)
    {
        var parts = (text ?? "").Split('.');
        var known = parts is ["3", "5" or "6" or "7"] or ["3", "5" or "6" or "7", "0"];
        version = known && parts[1] == "7" ? AaveVersion.V37 : known && parts[1] == "6" ? AaveVersion.V36 : default;
        return known;
    }

    /// <summary>Reads a version that somebody relies on.</summary>
    /// <exception cref="NotSupportedException">Its arithmetic is not known here; the message names it.</exception>
    public static AaveVersion Parse(string text) => TryParse(text, out var version)
        ? version
        : throw new NotSupportedException(
            $"The arithmetic of Aave version '{text}' is not known; known are {Known}.");

    /// <summary>The version as written, e.g. <c>3.6</c>.</summary>
    public static string Text(this AaveVersion version) => version switch
    {
        AaveVersion.V35 => "3.5",
        AaveVersion.V36 => "3.6",
        AaveVersion.V37 => "3.7",
        _ => throw new ArgumentOutOfRangeException(nameof(version)),
    };
}
