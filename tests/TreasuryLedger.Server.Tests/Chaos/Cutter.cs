using System.Net.Sockets;

namespace TreasuryLedger.Server.Tests.Chaos;

/// <summary>
/// A network of one caller that cuts the connection of every write once: in turns when its answer has begun, so that it
/// is surely recorded, and at a moment by chance. What is sent again under the same key passes.
/// </summary>
internal sealed class Cutter : DelegatingHandler
{
    private const int LatestMilliseconds = 12;

    private readonly Random _random;
    private Socket? _socket;
    private string? _last;

    public Cutter(int seed)
    {
        _random = new Random(seed);
        InnerHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (to, cancellation) =>
            {
                _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await _socket.ConnectAsync(to.DnsEndPoint, cancellation);
                return new NetworkStream(_socket, ownsSocket: true);
            },
        };
    }

    /// <summary>How often it did.</summary>
    public int Cuts { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var key = request.Headers.GetValues("Idempotency-Key").Single();
        var sending = base.SendAsync(request, cancellationToken);
        if (key == _last)
        {
            return await sending;
        }

        _last = key;
        await (Cuts++ % 2 == 0 ? sending : Task.Delay(_random.Next(LatestMilliseconds), cancellationToken));
        _socket?.Close(0);
        try
        {
            (await sending).Dispose();
        }
        catch (HttpRequestException)
        {
            // It was cut while it was sent, or recorded.
        }

        throw new IOException("The connection was cut.");
    }
}
