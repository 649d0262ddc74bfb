using System.CommandLine;
using System.Text;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Answers.Drill;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>What a verb works with: settings, the open database, and where it prints.</summary>
/// <param name="Arguments">What was asked.</param>
/// <param name="Database">The database, migrated.</param>
/// <param name="Output">Where results go.</param>
public sealed record CliSession(ParseResult Arguments, Database Database, TextWriter Output)
{
    /// <summary>
    /// Runs a verb with the database open; says in one line, a code and a sentence, what went wrong if something does.
    /// </summary>
    /// <param name="arguments">What was asked.</param>
    /// <param name="verb">What to do.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="alone">
    /// The verb lasts, so it needs an embedded PostgreSQL for itself; others work in one that a running server has.
    /// </param>
    public static async Task<int> RunAsync(
        ParseResult arguments,
        Func<CliSession, CancellationToken, Task> verb,
        CancellationToken cancellation,
        bool alone = false)
    {
        var output = arguments.InvocationConfiguration.Output;
        var error = arguments.InvocationConfiguration.Error;
        try
        {
            var settings = SettingsOf(arguments);
            if (Settings.Faults(settings) is { Count: > 0 } wrong)
            {
                throw new CliException(string.Join("\n  ", wrong), CliException.SettingsInvalid);
            }

            await using var database = await Database.OpenAsync(settings, error.WriteLine, cancellation, alone);
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
        catch (CliException stopped)
        {
            await error.WriteLineAsync($"{stopped.Code}: {stopped.Message}");
        }
        catch (Exception fault) when (fault is EmbeddedPostgresException or NpgsqlException)
        {
            await error.WriteLineAsync($"{ErrorRegistry.DatabaseUnavailable}: {fault.Message}");
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

    /// <summary>Does something with the services while they run, so that it can be recorded.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task WithHostAsync(Func<IServiceProvider, Task> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var host = Host();
        await host.StartAsync(cancellation);
        try
        {
            await work(host.Services);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Prints a stream as it comes.</summary>
    public async Task PrintAsync(IAsyncEnumerable<byte[]> stream)
    {
        await foreach (var part in stream)
        {
            await Output.WriteAsync(Encoding.UTF8.GetString(part));
        }
    }

    /// <summary>Prints an answer: as JSON, as lines that are read top down, or as tables.</summary>
    public async Task PrintAsync(object answer)
    {
        if (Arguments.GetValue(CliOptions.Json))
        {
            await Output.WriteLineAsync(JsonSerializer.Serialize(answer, answer.GetType(), Wire.Indented));
        }
        else if (answer is ITold told)
        {
            told.Tell().Write(Output);
        }
        else
        {
            var json = JsonSerializer.SerializeToElement(answer, answer.GetType(), Wire.Options);
            await AnswerText.WriteAsync(json, Output);
        }
    }
}

/// <summary>A verb cannot go on; the message is for the person at the terminal.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="code">The name that scripts may rely on.</param>
public sealed class CliException(string message, string code = CliException.ArgumentInvalid) : Exception(message)
{
    /// <summary>An argument, or a file that it names, is not of its form.</summary>
    public const string ArgumentInvalid = "argument_invalid";

    /// <summary>Settings are not of their form, or are none; each is told.</summary>
    public const string SettingsInvalid = "settings_invalid";

    /// <summary>What an argument names is not there.</summary>
    public const string NotFound = "not_found";

    /// <summary>An auditor's pack is not what it says, or does not fit what is here.</summary>
    public const string PackInvalid = "pack_invalid";

    /// <summary>The server cannot listen where it was told to.</summary>
    public const string AddressUnavailable = "address_unavailable";

    /// <summary>A journal is not what was recorded.</summary>
    public const string JournalDamaged = "journal_damaged";

    /// <summary>The name that scripts may rely on.</summary>
    public string Code { get; } = code;
}
