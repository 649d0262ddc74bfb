using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using TreasuryLedger.Server.Platform.Cli;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>Proofs on the command line: made by whoever holds the database, checked by anybody.</summary>
public static class ProofVerbs
{
    private static readonly Option<FileInfo?> Anchors = new("--anchor")
    {
        Description = "A file of anchors of the tenant.",
    };

    private static readonly Option<string> Journal = new("--journal")
    {
        Description = "The journal: treasury/<id>, prices/<id> or markets/<id>.",
        Required = true,
    };

    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make() => [Prove(), Anchor(), VerifyProof()];

    private static Command Prove() => new(
        "prove", "Write a proof that others check without database: 'verify-proof', or ops/verifier/verify.py.")
    {
        ProveEntry(), ProveGrowth(), ProveAnchors(),
    };

    private static Command ProveEntry()
    {
        var entry = new Argument<long>("entry") { Description = "The position of the entry." };
        var size = new Option<long?>("--size")
        {
            Description = "The size of the tree in which it is proven. Without it: the newest.",
        };
        var verb = new Command("entry", "That an entry stands in a journal, and what it says.")
        {
            entry, Journal, size, Anchors, CliOptions.Tenant,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var (prover, key) = (new Prover(session.Database.Tenants), KeyOf(arguments));
                var position = arguments.GetValue(entry);
                Require(position > 0, "Entries count from 1.");
                Require(arguments.GetValue(size) is null or > 0, "--size counts from 1.");
                Require(
                    arguments.GetValue(size) is null || arguments.GetValue(Anchors) is null,
                    "--size and --anchor both say which tree: give one.");
                var anchors = await AnchorsAsync(arguments, stop);
                var proof = anchors.Length > 0
                    ? await prover.EntryAsync(key, position, anchors[^1].Heads, stop)
                    : await prover.EntryAsync(key, position, arguments.GetValue(size), stop);
                await WriteAsync(session, proof);
            },
            cancellation));
        return verb;
    }

    private static Command ProveGrowth()
    {
        var from = new Option<long>("--from") { Description = "The earlier size.", Required = true };
        var to = new Option<long?>("--to") { Description = "The later size. Without it: the newest." };
        var verb = new Command("growth", "That a journal only grew from one size to another.")
        {
            Journal, from, to, CliOptions.Tenant,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                Require(arguments.GetValue(from) > 0 && arguments.GetValue(to) is null or > 0, "Sizes count from 1.");
                var prover = new Prover(session.Database.Tenants);
                await WriteAsync(
                    session,
                    await prover.ConsistencyAsync(
                        KeyOf(arguments), arguments.GetValue(from), arguments.GetValue(to), stop));
            },
            cancellation));
        return verb;
    }

    private static Command ProveAnchors()
    {
        var from = new Option<int>("--from")
        {
            Description = "The number of the earlier anchor.",
            DefaultValueFactory = _ => 1,
        };
        var to = new Option<int?>("--to") { Description = "The number of the later anchor. Without it: now." };
        var verb = new Command("anchors", "That all journals of a tenant only grew since an anchor.")
        {
            Anchors, from, to, CliOptions.Tenant,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var anchors = await AnchorsAsync(arguments, stop);
                var tenant = arguments.GetRequiredValue(CliOptions.Tenant);
                Require(anchors.Length > 0, "--anchor must name a file with anchors.");
                Require(anchors[0].Tenant == tenant, $"The anchors are those of {anchors[0].Tenant}.");
                var (first, last) = (arguments.GetValue(from), arguments.GetValue(to));
                Require(first >= 1 && first <= anchors.Length, $"There are anchors 1 to {anchors.Length}.");
                Require(last is null || (last >= first && last <= anchors.Length), "--to must name a later anchor.");
                var prover = new Prover(session.Database.Tenants);
                var later = last is { } number
                    ? anchors[number - 1].Heads
                    : (await prover.HeadsAsync(tenant, stop)).Heads;
                await WriteAsync(
                    session, await prover.ConsistencyAsync(tenant, anchors[first - 1].Heads, later, stop));
            },
            cancellation));
        return verb;
    }

    private static Command Anchor()
    {
        var directory = new Option<string?>("--directory")
        {
            Description = "The folder of the files, one a tenant. Without it: Anchors:Directory.",
        };
        var verb = new Command(
            "anchor", "Add the heads of all journals to files outside the database, and to the object store if any.")
        {
            directory, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var options = AnchorOptions.Of(CliSession.SettingsOf(arguments));
                options.Directory = arguments.GetValue(directory) ?? options.Directory;
                Require(options.Directory is not null, "Say --directory, or configure Anchors:Directory.");
                using var http = new HttpClient();
                var objects = options.ObjectStore.Terms is { } terms
                    ? new ObjectStore(http, terms, TimeProvider.System)
                    : null;
                var tenants = new List<Anchored>();
                try
                {
                    var anchoring = new Anchoring(new Prover(session.Database.Tenants), options, objects);
                    await foreach (var anchored in anchoring.AnchorAllAsync(stop))
                    {
                        tenants.Add(anchored);
                    }
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
                    or HttpRequestException)
                {
                    throw new CliException($"Not everything is anchored: {fault.Message}");
                }

                await session.PrintAsync(new AnchoredTenants(tenants));
                if (tenants.Find(tenant => tenant.Fault is not null) is { } changed)
                {
                    throw new CliException($"{changed.Tenant} is not anchored: {changed.Fault}");
                }
            },
            cancellation));
        return verb;
    }

    private static Command VerifyProof()
    {
        var proof = new Argument<FileInfo>("proof") { Description = "The proof file." };
        var root = new Option<string?>("--root")
        {
            Description = "A head of heads that you have from elsewhere, instead of anchors.",
        };
        var verb = new Command("verify-proof", "Check a proof file. Opens no database and asks nobody.")
        {
            proof, Anchors, root, CliOptions.Json,
        };
        verb.SetAction(async (arguments, cancellation) =>
        {
            var configuration = arguments.InvocationConfiguration;
            try
            {
                Require(
                    arguments.GetValue(root) is not null || arguments.GetValue(Anchors) is not null,
                    "By itself a proof proves nothing: say --anchor or --root.");
                var trust = new Trust(await AnchorsAsync(arguments, cancellation), arguments.GetValue(root));
                var finding = ProofCheck.Check(
                    await File.ReadAllTextAsync(arguments.GetRequiredValue(proof).FullName, cancellation), trust);
                await configuration.Output.WriteLineAsync(arguments.GetValue(CliOptions.Json)
                    ? JsonSerializer.Serialize(finding, Wire.Indented)
                    : string.Join(Environment.NewLine, finding.Proven));
                return 0;
            }
            catch (Exception fault) when (fault is ProofException or CliException or IOException
                or UnauthorizedAccessException)
            {
                await configuration.Error.WriteLineAsync($"NOT PROVEN: {fault.Message}");
                return 1;
            }
        });
        return verb;
    }

    private static async Task<ImmutableArray<Anchor>> AnchorsAsync(ParseResult arguments, CancellationToken stop)
    {
        if (arguments.GetValue(Anchors) is not { } file)
        {
            return [];
        }

        try
        {
            Require(file.Exists, $"There is no file {file.Name}.");
            var anchors = await new AnchorFile(file.FullName).ReadAsync(stop);
            Require(anchors.Length > 0, $"{file.Name} has no anchor.");
            return anchors;
        }
        catch (Exception fault) when (fault is ProofException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file.Name} is no file of anchors: {fault.Message}");
        }
    }

    private static JournalKey KeyOf(ParseResult arguments)
    {
        var key = new JournalKey(
            arguments.GetRequiredValue(CliOptions.Tenant), arguments.GetRequiredValue(Journal));
        Require(key.IsValid, "--journal must be treasury/<id>, prices/<id> or markets/<id>.");
        return key;
    }

    private static Task WriteAsync<T>(CliSession session, T proof) =>
        session.Output.WriteLineAsync(JsonSerializer.Serialize(proof, Wire.Indented));

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new CliException(otherwise);
        }
    }

    private sealed record AnchoredTenants(IReadOnlyList<Anchored> Tenants);
}
