using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Exports;

/// <summary>
/// What an archive is written to on its way to a caller. An archive ends each file with bytes that it writes at once,
/// however it is asked, and a web server takes nothing at once: they wait for the next ones.
/// </summary>
/// <param name="inner">Where the bytes go; it stays open.</param>
internal sealed class ArchiveStream(Stream inner) : ForwardStream(inner)
{
    private readonly MemoryStream _waiting = new();

    public override void Write(ReadOnlySpan<byte> buffer) => _waiting.Write(buffer);

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await PassOnAsync(cancellationToken);
        await base.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush()
    {
        // Nothing is passed on at once.
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await PassOnAsync(cancellationToken);
        await base.FlushAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await PassOnAsync(CancellationToken.None);
        await base.DisposeAsync();
    }

    public override long Position
    {
        get => base.Position + _waiting.Length;
        set => base.Position = value;
    }

    private async ValueTask PassOnAsync(CancellationToken cancellation)
    {
        if (_waiting.Length > 0)
        {
            await base.WriteAsync(_waiting.GetBuffer().AsMemory(0, (int)_waiting.Length), cancellation);
            _waiting.SetLength(0);
        }
    }
}
