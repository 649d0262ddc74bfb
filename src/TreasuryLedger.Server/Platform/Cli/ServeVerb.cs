using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Runs the server. It listens on this machine only, unless the configuration says otherwise.</summary>
public static class ServeVerb
{
    private const int FirstPort = 5080;
    private const int PortsTried = 20;

    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    private static readonly string[] AddressSettings = ["urls", "http_ports", "https_ports"];

    /// <summary>Where to listen.</summary>
    public static Option<string?> Url { get; } = new("--url")
    {
        Description = "Where to listen, such as http://127.0.0.1:8080. Without it: on this machine only, at the first "
            + $"free port from {FirstPort} on.",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command("serve", "Run the server: the API and its documentation page.") { Url };
        verb.SetAction(RunAsync);
        return verb;
    }

    /// <summary>Runs until it is stopped.</summary>
    public static Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation) => CliSession.RunAsync(
        arguments,
        (session, stop) => ServeAsync(session, UrlOf(arguments), stop),
        cancellation,
        alone: true);

    /// <summary>Where the arguments say; <c>null</c> if they do not, or if their verb has no such option.</summary>
    public static string? UrlOf(ParseResult arguments) =>
        arguments.GetResult(Url) is null ? null : arguments.GetValue(Url);

    /// <summary>Serves over an open database until it is stopped.</summary>
    /// <param name="session">The open database.</param>
    /// <param name="url">Where to listen; <c>null</c> means where the configuration says, else a free port.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task ServeAsync(CliSession session, string? url, CancellationToken cancellation)
    {
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not "http"))
        {
            throw new CliException($"'{url}' is no address to listen on. Write one such as http://127.0.0.1:8080.");
        }

        await ShowFirstKeyAsync(session, cancellation);
        var builder = ServerHost.Web(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }, session.Database);
        var chosen = url ?? (IsConfigured(builder.Configuration) ? null : FreeUrl(session.Output));
        if (chosen is not null)
        {
            builder.WebHost.UseUrls(chosen);
        }

        // Why a start is refused is told in one line below; the host would put all that it called above it.
        var told = LogLevel.Critical;
        builder.Logging.AddFilter(HostCategory, level => level >= told);
        await using var app = builder.Build();
        ServerHost.Serve(app);
        try
        {
            await app.StartAsync(cancellation);
            told = LogLevel.Error;
        }
        catch (Exception fault)
        {
            told = LogLevel.None; // what else ends, ends because of it
            if (fault is SocketException or IOException { InnerException: AddressInUseException })
            {
                throw new CliException(
                    $"The server cannot listen at {chosen ?? "the configured address"}: {fault.Message.TrimEnd('.')}. "
                    + "Stop what listens there, or choose another --url.",
                    CliException.AddressUnavailable);
            }

            throw;
        }

        foreach (var listening in app.Urls)
        {
            await session.Output.WriteLineAsync(
                $"Listening on {listening}; the documentation is at {listening}/docs (any name, the key as password).");
        }

        var ended = await Task.WhenAny(app.WaitForShutdownAsync(cancellation), session.Database.Lost);
        await app.StopAsync(CancellationToken.None);
        await ended; // a database that was lost ends the server with its reason
    }

    private static async Task ShowFirstKeyAsync(CliSession session, CancellationToken cancellation)
    {
        var first = await new KeyAdministration(session.Database.Logins.Owner).CreateFirstAsync(cancellation);
        if (first is not null)
        {
            await session.Output.WriteLineAsync(
                $"The first key, of tenant {KeyNames.DefaultTenant} and actor {KeyAdministration.AdminActor}. It is "
                + $"shown this once and stored only as a hash:\n\n    {first}\n");
        }
    }

    private static bool IsConfigured(ConfigurationManager configuration) =>
        AddressSettings.Any(name => !string.IsNullOrEmpty(configuration[name]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    /// <summary>The first free port; says so if it is not the usual one.</summary>
    private static string FreeUrl(TextWriter output)
    {
        for (var port = FirstPort; port < FirstPort + PortsTried; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                if (port != FirstPort)
                {
                    output.WriteLine($"Port {FirstPort} is taken; using {port}.");
                }

                return $"http://127.0.0.1:{port}";
            }
            catch (SocketException)
            {
                // taken: the next one
            }
        }

        throw new CliException(
            $"The ports {FirstPort} to {FirstPort + PortsTried - 1} are taken. Choose one with --url.",
            CliException.AddressUnavailable);
    }
}
