using System.Net;
using System.Net.Sockets;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>An address that nobody outside of our own network should make us ask.</summary>
public sealed class InternalAddressException()
    : IOException("The name leads to an address that is not on the public internet.");

/// <summary>
/// Connects to addresses of the public internet alone. The name is resolved here and the connection made to what was
/// found and checked, so that a name cannot be harmless when it is looked at and internal when it is used.
/// </summary>
/// <param name="allowLoopback">Whether this machine may be asked.</param>
public sealed class OutsideOnly(bool allowLoopback)
{
    /// <summary>Special-purpose blocks (IANA registries of RFC 6890), multicast and what is reserved.</summary>
    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(block => IPNetwork.Parse(block)),
    ];

    /// <summary>The one block of IPv6 that is given out; all of ours inside it are closed above.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Whether an address may be asked.</summary>
    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowLoopback && IPAddress.IsLoopback(plain)
            || ((plain.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(plain))
                && !Closed.Any(block => block.Contains(plain)));
    }

    /// <summary>What is wrong with where a webhook shall lead; <c>null</c> if nothing is.</summary>
    public string? Fault(string text) =>
        text.Length > 2_000 || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0
            ? "an absolute address of at most 2000 characters"
        : url.Scheme != Uri.UriSchemeHttps && !(allowLoopback && url.IsLoopback && url.Scheme == Uri.UriSchemeHttp)
            ? "an https address"
        : url.UserInfo.Length > 0 || url.Fragment.Length > 0
            ? "an address without user, password and fragment"
        : (url.IsLoopback && !allowLoopback)
            || (IPAddress.TryParse(url.DnsSafeHost, out var address) && !Allows(address))
            ? "an address on the public internet"
        : null;

    /// <summary>A client that goes nowhere else, follows nobody and keeps nothing.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = ConnectAsync,
        AllowAutoRedirect = false, // a redirect is a failure: it could lead inside
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // a name may move
        MaxConnectionsPerServer = WebhookOptions.AtOnce,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each request says it itself
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var target = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(target.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(target.Host, cancellation);
        if (!Array.TrueForAll(addresses, Allows))
        {
            throw new InternalAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
