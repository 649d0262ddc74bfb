using System.CommandLine;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>What a verb works with: settings, the open database, and where it prints.</summary>
/// <param name="Arguments">What was asked.</param>
/// <param name="Database">The database, migrated.</param>
/// <param name="Output">Where results go.</param>
public sealed record CliSession(ParseResult Arguments, Database Database, TextWriter Output)
{
    /// <summary>Runs a verb with the database open; says in a sentence what went wrong if something does.</summary>
    public static async Task<int> RunAsync(
        ParseResult arguments, Func<CliSession, CancellationToken, Task> verb, CancellationToken cancellation)
    {
        var output = arguments.InvocationConfiguration.Output;
        var error = arguments.InvocationConfiguration.Error;
        try
        {
            await using var database = await Database.OpenAsync(SettingsOf(arguments), error.WriteLine, cancellation);
            await verb(new CliSession(arguments, database, output), cancellation);
            return 0;
        }
        catch (ProblemException refused) when (arguments.GetValue(CliOptions.Json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(refused.Problem, Wire.Indented));
        }
        catch (ProblemException refused)
        {
            await error.WriteLineAsync($"{refused.Problem.Code}: {refused.Problem.Detail} {refused.Problem.Next}");
        }
        catch (Exception fault) when (fault is EmbeddedPostgresException or NpgsqlException or CliException)
        {
            await error.WriteLineAsync(fault.Message);
        }

        return 1;
    }

    /// <summary>Settings: <c>appsettings.json</c> beside the program, the environment, then the arguments.</summary>
    public static IConfiguration SettingsOf(ParseResult arguments)
    {
        var settings = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables();
        if (arguments.GetValue(CliOptions.DataDirectory) is { Length: > 0 } directory)
        {
            settings.AddInMemoryCollection([new("Database:DataDirectory", directory)]);
        }

        return settings.Build();
    }

    /// <summary>Services without a web server.</summary>
    public IHost Host()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings());
        builder.AddTreasuryLedger(Database);
        return builder.Build();
    }

    /// <summary>Prints an answer: as JSON, or as tables.</summary>
    public Task PrintAsync(object answer) => Arguments.GetValue(CliOptions.Json)
        ? Output.WriteLineAsync(JsonSerializer.Serialize(answer, answer.GetType(), Wire.Indented))
        : AnswerText.WriteAsync(JsonSerializer.SerializeToElement(answer, answer.GetType(), Wire.Options), Output);
}

/// <summary>A verb cannot go on; the message is for the person at the terminal.</summary>
public sealed class CliException(string message) : Exception(message);
