using System.Text;

namespace TreasuryLedger.Server.Tests.Fuzz;

/// <summary>A request that was made from the OpenAPI document, and then spoilt.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Address">Path and query.</param>
/// <param name="Headers">Headers, some of them odd.</param>
/// <param name="ContentType">What its body says that it is; <c>null</c>: nothing.</param>
/// <param name="Body">Its body; <c>null</c>: none.</param>
internal sealed record FuzzedRequest(
    string Method,
    string Address,
    IReadOnlyList<(string Name, string Value)> Headers,
    string? ContentType,
    byte[]? Body)
{
    /// <summary>The request to send.</summary>
    public HttpRequestMessage Message()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), new Uri(Address, UriKind.Relative));
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            if (ContentType is not null)
            {
                message.Content.Headers.ContentType = null;
                message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }
        }

        return message;
    }

    /// <summary>All of it, for whoever must repeat it.</summary>
    public override string ToString()
    {
        var body = Body is null ? "" : Encoding.UTF8.GetString(Body);
        return $"{Method} {Address}\n{string.Join('\n', Headers.Select(header => $"{header.Name}: {header.Value}"))}\n"
            + $"Content-Type: {ContentType}\n\n{(body.Length > 1_000 ? body[..1_000] + "…" : body)}";
    }
}
