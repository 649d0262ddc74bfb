using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>What a <see cref="Proxy"/> does to the next commit that passes it.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The request arrives, the answer does not: the connection breaks in between.</summary>
    AfterCommit,

    /// <summary>The connection breaks before the request arrives.</summary>
    BeforeCommit,

    /// <summary>As <see cref="BeforeCommit"/>, and nobody can connect any more.</summary>
    BeforeCommitAndGone,

    /// <summary>As <see cref="AfterCommit"/>, and nobody can connect any more.</summary>
    AfterCommitAndGone,
}

/// <summary>A TCP proxy before PostgreSQL's Unix socket that breaks connections at commits.</summary>
internal sealed class Proxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _socket;
    private int _fault;

    public Proxy(string login)
    {
        var server = new NpgsqlConnectionStringBuilder(login);
        _socket = Path.Combine(server.Host!, $".s.PGSQL.{server.Port}");
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>What happens to the next commit; then nothing again.</summary>
    public Fault Next
    {
        set => Volatile.Write(ref _fault, (int)value);
    }

    /// <summary>Nobody can connect, and whoever asks on an old connection loses it.</summary>
    public bool IsGone { get; set; }

    /// <summary>
    /// A connection string through the proxy. Nothing is prepared, so that each COMMIT passes in words.
    /// </summary>
    public string Through(string connection) => new NpgsqlConnectionStringBuilder(connection)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        MaxAutoPrepare = 0,
    }.ConnectionString;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(_stop.Token);
            client.NoDelay = true;
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            if (IsGone)
            {
                client.Close(0);
                return;
            }

            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket));
            using var broken = new CancellationTokenSource();
            var toServer = RequestsAsync(client, server, broken);
            var toClient = AnswersAsync(server, client, broken.Token);
            await Task.WhenAny(toServer, toClient);
        }
    }

    private async Task RequestsAsync(Socket client, Socket server, CancellationTokenSource broken)
    {
        var buffer = new byte[64 * 1024];
        // Whoever connected before the database was gone is not answered either: it could still be asked.
        while (await client.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var length && !IsGone)
        {
            var part = buffer.AsMemory(0, length);
            if (part.Span.IndexOf("COMMIT\0"u8) >= 0 && await BreakAsync(part, server, broken))
            {
                return;
            }

            await SendAsync(part, server);
        }
    }

    private static async Task AnswersAsync(Socket server, Socket client, CancellationToken broken)
    {
        var buffer = new byte[64 * 1024];
        while (await server.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var length
            && !broken.IsCancellationRequested)
        {
            await SendAsync(buffer.AsMemory(0, length), client);
        }
    }

    private static async Task SendAsync(Memory<byte> part, Socket to)
    {
        for (var sent = 0; sent < part.Length;)
        {
            sent += await to.SendAsync(part[sent..], SocketFlags.None);
        }
    }

    /// <summary>Breaks the connection if it is time to: before the database can answer, however busy we are.</summary>
    private async Task<bool> BreakAsync(Memory<byte> commit, Socket server, CancellationTokenSource broken)
    {
        var fault = (Fault)Interlocked.Exchange(ref _fault, (int)Fault.None);
        if (fault == Fault.None)
        {
            return false;
        }

        await broken.CancelAsync();
        IsGone |= fault is Fault.BeforeCommitAndGone or Fault.AfterCommitAndGone;
        if (fault is Fault.AfterCommit or Fault.AfterCommitAndGone)
        {
            await SendAsync(commit, server);
        }

        return true;
    }
}
