using System.Security.Cryptography;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Exports;

/// <summary>Passes bytes on and digests them.</summary>
/// <param name="inner">Where they go; it ends with this one.</param>
internal sealed class DigestingStream(Stream inner) : ForwardStream(inner)
{
    private readonly Stream _inner = inner;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>What was written so far.</summary>
    public PackFile Of(string name) => new(name, Position, Convert.ToHexStringLower(_hash.GetCurrentHash()));

    protected override void See(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
