using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using TreasuryLedger.Server.Platform;
using Wolverine.Http.Transport;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>Marks a request as coming from another node.</summary>
internal sealed class FromNode;

/// <summary>
/// Nodes may ask in anybody's name, so a request is theirs only if it is signed (HMAC-SHA256 over the body) with the
/// secret that lies in the database: who can read that is a node. A request that is sent a second time by somebody who
/// saw it repeats an idempotency key and changes nothing.
/// </summary>
public static class NodeGate
{
    private const string Prefix = "/nodes";
    private const string Signature = "X-Node-Signature";

    /// <summary>Largest signed body (bytes, inclusive): a batch with every member written out.</summary>
    private const int BodyBytesMax = 4 * Platform.Http.BatchBytesMax;

    /// <summary>Where a node takes submissions of others.</summary>
    public static Uri EndpointOf(Uri node) => new(node, $"{Prefix}/invoke");

    /// <summary>Signs what is sent to other nodes.</summary>
    public static void AddSignatures(this IServiceCollection services, NodeOptions options)
    {
        services.AddSingleton<NodeSecret>();
        services.AddTransient<SigningHandler>();
        services.AddHttpClient(HttpTransport.HttpClientName, client => client.Timeout = NodeOptions.AnswerWithin)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = options.HealthCheckInterval,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2), // an address may move
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
            })
            .AddHttpMessageHandler<SigningHandler>()
            .RemoveAllLoggers();
    }

    /// <summary>Lets signed requests of other nodes pass, and nothing else under their address.</summary>
    public static void UseNodeGate(this WebApplication app) => app.Use(async (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = BodyBytesMax;
        }

        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var secret = await http.RequestServices.GetRequiredService<NodeSecret>().GetAsync();
        if (!IsSigned(http.Request.Headers[Signature].ToString(), secret, body))
        {
            throw ProblemException.Of(ErrorRegistry.KeyInvalid, "Only nodes of this database are served here.");
        }

        body.Position = 0;
        http.Request.Body = body;
        http.Features.Set(new FromNode());
        await next(http);
    });

    /// <summary>The address at which other nodes send what is to be decided here.</summary>
    public static void MapNodes(this WebApplication app) =>
        app.MapWolverineHttpTransportEndpoints(Prefix).ExcludeFromDescription();

    private static bool IsSigned(string signature, byte[] secret, MemoryStream body)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return signature.Length == 2 * given.Length
            && Convert.FromHexString(signature, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(
                given, HMACSHA256.HashData(secret, body.GetBuffer().AsSpan(0, (int)body.Length)));
    }

    /// <summary>What all nodes of a database know, read once.</summary>
    private sealed class NodeSecret(TenantDatabases databases)
    {
        private byte[]? _secret;

        public async ValueTask<byte[]> GetAsync()
        {
            if (_secret is null)
            {
                await using var ask = databases.Main.CreateCommand("select secret from ledger.node_secret");
                _secret = (byte[]?)await ask.ExecuteScalarAsync()
                    ?? throw new InvalidOperationException("The database has no secret of its nodes.");
            }

            return _secret;
        }
    }

    private sealed class SigningHandler(NodeSecret secret) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            request.Headers.Add(
                Signature, Convert.ToHexStringLower(HMACSHA256.HashData(await secret.GetAsync(), body)));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
