using System.IO.Pipelines;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// For libraries that write while they draw or zip, which the body of a request does not allow: they write into a pipe
/// that holds little, and wait while it is full.
/// </summary>
internal static class SyncWriting
{
    /// <summary>Writes on another thread, and passes on what comes.</summary>
    /// <param name="write">Writes, forward only; looks at the cancellation by itself.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="cancellation">Stops both.</param>
    public static async Task CopyAsync(
        Action<Stream, CancellationToken> write, Stream output, CancellationToken cancellation)
    {
        var pipe = new Pipe();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = Task.Run(() => Write(write, pipe.Writer, stop.Token), CancellationToken.None);
        try
        {
            await pipe.Reader.CopyToAsync(output, cancellation);
        }
        finally
        {
            // Nobody reads any more, so nobody needs to write.
            await stop.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static void Write(
        Action<Stream, CancellationToken> write, PipeWriter writer, CancellationToken cancellation)
    {
        Exception? fault = null;
        try
        {
            using var buffer = new BufferedStream(writer.AsStream(leaveOpen: true), 1 << 16);
            using var forward = new ForwardStream(buffer);
            write(forward, cancellation);
        }
#pragma warning disable CA1031 // it is thrown where the pipe is read
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            fault = thrown;
        }

        writer.Complete(fault);
    }
}
