using System.Text;
using TreasuryLedger.Server.Journal.Nodes;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>
/// Lets a request pass only with a key. Without one the server answers health and nothing else, not even whether an
/// address exists.
/// </summary>
public static class KeyGate
{
    /// <summary>What is answered without a key.</summary>
    private static readonly PathString Health = "/health";

    /// <summary>
    /// The documentation page and its document: a browser cannot send a bearer key there by itself, so here, and only
    /// here, the key may come as the password of HTTP Basic, for which browsers ask.
    /// </summary>
    private static readonly PathString[] Documentation = ["/docs", "/openapi"];

    /// <summary>Asks every request for its key.</summary>
    public static void UseKeyGate(this WebApplication app) => app.Use(async (http, next) =>
    {
        if (http.Request.Path.StartsWithSegments(Health, StringComparison.Ordinal)
            // Messages of custodians come with a signature, which their route verifies.
            || http.Request.Path.StartsWithSegments(Facts.MessageRoute.Prefix, StringComparison.Ordinal)
            || http.Features.Get<FromNode>() is not null)
        {
            await next(http);
            return;
        }

        var isDocumentation =
            Documentation.Any(page => http.Request.Path.StartsWithSegments(page, StringComparison.Ordinal));
        var text = KeyOf(http.Request, isDocumentation);
        var caller = ApiKey.TryParse(text, out var key)
            ? await http.RequestServices.GetRequiredService<KeyStore>().FindAsync(key, http.RequestAborted)
            : text is not null && http.RequestServices.GetService<IssuedTokens>() is { } tokens
                ? await tokens.FindAsync(text, http.RequestAborted)
                : null;
        if (caller is null)
        {
            http.Response.Headers.WWWAuthenticate = isDocumentation
                ? "Basic realm=\"Treasury Ledger documentation: any name, the key as password\", charset=\"UTF-8\""
                : "Bearer realm=\"Treasury Ledger\"";
            throw text is null
                ? ProblemException.Of(ErrorRegistry.KeyMissing, "The request has no Authorization header with a key.")
                : ProblemException.Of(ErrorRegistry.KeyInvalid, "The key is not known, or it was revoked.");
        }

        http.Features.Set(caller);
        http.RequestServices.GetRequiredService<RateLimits>().Check(http);
        await next(http);
    });

    private static string? KeyOf(HttpRequest request, bool basicToo)
    {
        const string bearer = "Bearer ";
        const string basic = "Basic ";
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
        {
            return header[bearer.Length..].Trim();
        }

        if (!basicToo || !header.StartsWith(basic, StringComparison.OrdinalIgnoreCase))
        {
            return header.Length == 0 ? null : "";
        }

        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[basic.Length..].Trim(), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2).Last()
            : "";
    }
}
