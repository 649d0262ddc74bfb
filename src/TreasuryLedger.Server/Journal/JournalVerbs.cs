using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Cli;

namespace TreasuryLedger.Server.Journal;

/// <summary>What whoever holds the database does with journals: verify, export heads, erase a text.</summary>
public static class JournalVerbs
{
    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make() => [Verify(), Heads(), EraseText(), Check(), Rebuild()];

    private static Command Verify()
    {
        var journal = JournalOption();
        var against = new Option<FileInfo?>("--against")
        {
            Description = "Heads or anchors that were exported before; each must be contained.",
        };
        var verb = new Command("verify", "Derive journals again from their stored rows; name the first fault of each.")
        {
            journal, CliOptions.Tenant, against, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var key = KeyOf(arguments, journal);
                var heads = arguments.GetValue(against) is { } file ? await ParseAsync(file, stop) : [];
                var verdicts = new List<JournalVerdict>();
                await foreach (var verdict in VerifyAsync(session.Database.Tenants, key, heads, stop))
                {
                    verdicts.Add(verdict);
                }

                await session.PrintAsync(new Verdicts(verdicts));
                await RefuseStrangersAsync(session.Database.Tenants, key, stop);
                if (verdicts.Find(verdict => verdict.Fault is not null) is { Fault: { } fault } wrong)
                {
                    throw new CliException(
                        $"{wrong.Journal} is damaged at {fault.Position}: {fault.Detail}",
                        CliException.JournalDamaged);
                }
            },
            cancellation));
        return verb;
    }

    /// <summary>Each exported head must be contained in the database that has its tenant.</summary>
    private static async IAsyncEnumerable<JournalVerdict> VerifyAsync(
        TenantDatabases databases,
        JournalKey? key,
        IReadOnlyList<ExportedHead> against,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var database in await databases.ForAsync(key?.Tenant, cancellation))
        {
            var here = new List<ExportedHead>();
            foreach (var head in against)
            {
                if (await databases.FindAsync(head.Tenant, cancellation) == database)
                {
                    here.Add(head);
                }
            }

            await foreach (var verdict in new Verification(database.App).VerifyAsync(key, here, cancellation))
            {
                yield return verdict;
            }
        }
    }

    /// <summary>Nobody reads a journal in a database that is not its tenant's: it was put there by hand.</summary>
    private static async Task RefuseStrangersAsync(
        TenantDatabases databases, JournalKey? key, CancellationToken cancellation)
    {
        foreach (var database in await databases.ForAsync(key?.Tenant, cancellation))
        {
            foreach (var head in await HeadExport.ReadAsync(database.App, key?.Tenant, cancellation))
            {
                if (await databases.FindAsync(head.Tenant, cancellation) != database)
                {
                    throw new CliException(
                        $"{head.Key} lies in database {database.Name}, which does not have its tenant.",
                        CliException.JournalDamaged);
                }
            }
        }
    }

    private static Command Check()
    {
        var journal = JournalOption();
        var verb = new Command(
            "check",
            "Verify journals, derive again what is stored of them, compare; name the first bad position of each.")
        {
            journal, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var verdicts = new List<DerivedVerdict>();
                var key = KeyOf(arguments, journal);
                foreach (var database in await session.Database.Tenants.ForAsync(key?.Tenant, stop))
                {
                    await foreach (var verdict in Derived.CheckAsync(database.App, key, stop))
                    {
                        verdicts.Add(verdict);
                    }
                }

                await session.PrintAsync(new Checked(verdicts));
                await RefuseStrangersAsync(session.Database.Tenants, key, stop);
                if (verdicts.Find(verdict => verdict.Fault is not null) is { Fault: { } fault } wrong)
                {
                    var isStored = Derived.Parts.Any(part => part.Name == wrong.Part);
                    throw new CliException($"{wrong.Part} of {wrong.Journal} is wrong at {fault.Position}: "
                        + $"{fault.Detail}{(isStored ? " 'rebuild' makes it anew." : "")}");
                }
            },
            cancellation));
        return verb;
    }

    private static Command Rebuild()
    {
        var journal = JournalOption();
        var verb = new Command(
            "rebuild",
            "Make anew what is stored and derived from journals. Readers and writers go on; servers that run keep what "
            + "they have read.")
        {
            journal, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var key = KeyOf(arguments, journal);
                var rebuilt = new List<RebuiltPart>();
                foreach (var database in await session.Database.Tenants.ForAsync(key?.Tenant, stop))
                {
                    await using var owner = NpgsqlDataSource.Create(session.Database.OwnerOf(database));
                    await foreach (var part in Derived.RebuildAsync(owner, key, stop))
                    {
                        rebuilt.Add(part);
                    }
                }

                await session.PrintAsync(new Rebuilt(rebuilt));
            },
            cancellation));
        return verb;
    }

    private static Option<string?> JournalOption() => new("--journal")
    {
        Description = "One journal of the tenant, such as treasury/main. Without it: all journals of all tenants.",
    };

    private static JournalKey? KeyOf(ParseResult arguments, Option<string?> journal) =>
        arguments.GetValue(journal) is { Length: > 0 } one
            ? new JournalKey(arguments.GetRequiredValue(CliOptions.Tenant), one)
            : null;

    private static Command Heads()
    {
        var verb = new Command(
            "heads", "Print the head of every journal as JSON. Keep it elsewhere: 'verify --against' proves from it.");
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var heads = new List<ExportedHead>();
                foreach (var database in await session.Database.Tenants.ForAsync(tenant: null, stop))
                {
                    heads.AddRange(await HeadExport.ReadAsync(database.App, tenant: null, stop));
                }

                await session.Output.WriteLineAsync(HeadExport.Write(heads));
            },
            cancellation));
        return verb;
    }

    private static Command EraseText()
    {
        var journal = new Option<string>("--journal") { Description = "Such as treasury/main.", Required = true };
        var entry = new Argument<long>("entry") { Description = "The position of the entry." };
        var verb = new Command("erase-text", "Erase the free text of an entry for ever. The chain still verifies.")
        {
            entry, journal, CliOptions.Tenant,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var key = new JournalKey(
                    arguments.GetRequiredValue(CliOptions.Tenant), arguments.GetRequiredValue(journal));
                var position = arguments.GetValue(entry);
                var database = (await session.Database.Tenants.ForAsync(key.Tenant, stop))[0];
                await using var owner = NpgsqlDataSource.Create(session.Database.OwnerOf(database));
                if (!await Texts.EraseAsync(owner, key, position, stop))
                {
                    throw new CliException($"Entry {position} of {key} has no text.", CliException.NotFound);
                }

                await session.Output.WriteLineAsync($"The text of entry {position} of {key} is erased.");
            },
            cancellation));
        return verb;
    }

    private static async Task<IReadOnlyList<ExportedHead>> ParseAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return HeadExport.Parse(await File.ReadAllTextAsync(file.FullName, cancellation));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException
            or ProofException)
        {
            throw new CliException($"{file.Name} is no file of heads or anchors: {fault.Message}");
        }
    }

    private sealed record Verdicts(IReadOnlyList<JournalVerdict> Journals);

    private sealed record Checked(IReadOnlyList<DerivedVerdict> Parts);

    private sealed record Rebuilt(IReadOnlyList<RebuiltPart> Parts);
}
