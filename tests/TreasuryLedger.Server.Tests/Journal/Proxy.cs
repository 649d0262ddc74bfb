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

    /// <summary>Nobody can connect.</summary>
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
            var toServer = RelayAsync(client, server, isRequest: true);
            var toClient = RelayAsync(server, client, isRequest: false);
            await Task.WhenAny(toServer, toClient);
        }
    }

    private async Task RelayAsync(Socket from, Socket to, bool isRequest)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var length)
        {
            var part = buffer.AsMemory(0, length);
            if (isRequest && part.Span.IndexOf("COMMIT\0"u8) >= 0 && await BreakAsync(part, to))
            {
                return;
            }

            for (var sent = 0; sent < length;)
            {
                sent += await to.SendAsync(part[sent..], SocketFlags.None);
            }
        }
    }

    /// <summary>Breaks the connection if it is time to.</summary>
    private async Task<bool> BreakAsync(Memory<byte> commit, Socket server)
    {
        var fault = (Fault)Interlocked.Exchange(ref _fault, (int)Fault.None);
        IsGone |= fault is Fault.BeforeCommitAndGone or Fault.AfterCommitAndGone;
        if (fault is Fault.AfterCommit or Fault.AfterCommitAndGone)
        {
            await server.SendAsync(commit, SocketFlags.None);
        }

        return fault != Fault.None;
    }
}
