using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>Where anchors are kept and how often they are made. Configured under <c>Anchors</c>.</summary>
public sealed class AnchorOptions
{
    /// <summary>The folder of the files, one a tenant. Without it nothing is anchored.</summary>
    public string? Directory { get; set; }

    /// <summary>How often the server anchors; an hour if nothing is said.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Where each anchor is put beside, if anywhere.</summary>
    public ObjectStoreOptions ObjectStore { get; set; } = new();

    /// <summary>What the configuration says.</summary>
    public static AnchorOptions Of(IConfiguration configuration) =>
        configuration.GetSection("Anchors").Get<AnchorOptions>() ?? new AnchorOptions();
}

/// <summary>A bucket, as configured under <c>Anchors:ObjectStore</c> (<see cref="ObjectStoreTerms"/>).</summary>
public sealed class ObjectStoreOptions
{
    /// <summary>The store's address. Without it no object is put.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The bucket.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>The region that signatures name.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>What the names of all objects begin with.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Who signs.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>With what.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>The terms, or <c>null</c> if there is no store.</summary>
    public ObjectStoreTerms? Terms => Endpoint is null
        ? null
        : new ObjectStoreTerms(Endpoint, Bucket, Region, Prefix, AccessKey, SecretKey);
}

/// <summary>What became of anchoring a tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Number">Its newest anchor.</param>
/// <param name="Root">The head of heads in it, lower-case hex.</param>
/// <param name="IsNew">Whether it was made now; not if nothing was recorded since the last.</param>
/// <param name="Objects">How many anchors were put into the object store now.</param>
/// <param name="Fault">
/// Why it has no anchor: a journal or the anchors were changed, or its database does not answer.
/// </param>
public sealed record Anchored(
    string Tenant, long Number, string Root, bool IsNew, int Objects, string? Fault = null);

/// <summary>
/// Anchors heads outside the database. Before an anchor is added, every journal of the last one is proven to have only
/// grown since: a database that was rewritten is found at the next turn, and gets no new anchor.
/// </summary>
/// <param name="prover">Reads heads and proves.</param>
/// <param name="options">Where to.</param>
/// <param name="objects">The object store, or <c>null</c>.</param>
public sealed class Anchoring(Prover prover, AnchorOptions options, ObjectStore? objects)
{
    /// <summary>Anchors every tenant. One that has none does not keep the others.</summary>
    /// <param name="cancellation">Stops it between tenants.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="HttpRequestException">The object store refuses, or cannot be reached.</exception>
    public async IAsyncEnumerable<Anchored> AnchorAllAsync(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var tenant in await prover.TenantsAsync(cancellation))
        {
            Anchored anchored;
            try
            {
                anchored = await AnchorAsync(tenant, cancellation);
            }
            catch (Exception fault) when (fault is ProblemException or ProofException
                or NpgsqlException { IsTransient: true })
            {
                anchored = new Anchored(tenant, 0, "", false, 0, fault.Message);
            }

            yield return anchored;
        }
    }

    /// <summary>Anchors a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">A journal did not only grow since its last anchor.</exception>
    /// <exception cref="ProofException">The file or an object is not the one that was written.</exception>
    public async Task<Anchored> AnchorAsync(string tenant, CancellationToken cancellation)
    {
        var folder = options.Directory ?? throw new ProofException("Anchors:Directory names no folder for anchors.");
        var file = AnchorFile.In(folder, tenant);
        var before = await file.ReadAsync(cancellation);
        var last = before.LastOrDefault();
        ProofException.Require(last is null || last.Tenant == tenant, $"The anchors of {tenant} are {last?.Tenant}'s.");
        var heads = await prover.HeadsAsync(tenant, cancellation);
        var isNew = last?.Root != heads.Root;
        var anchors = before;
        if (isNew)
        {
            if (last is not null)
            {
                await prover.ConsistencyAsync(tenant, last.Heads, heads.Heads, cancellation);
            }

            var anchor = Anchor.After(last, tenant, heads.At, heads.Heads);
            await file.AppendAsync(anchor, cancellation);
            anchors = before.Add(anchor);
        }

        var put = objects is null ? 0 : await PutAsync(objects, anchors, cancellation);
        return new Anchored(tenant, anchors[^1].Number, heads.Root, isNew, put);
    }

    /// <summary>
    /// Puts every anchor that the store does not have yet, oldest first, so that it never has a gap: what failed
    /// yesterday is made good today.
    /// </summary>
    private static async Task<int> PutAsync(
        ObjectStore store, ImmutableArray<Anchor> anchors, CancellationToken cancellation)
    {
        var missing = anchors.Length;
        while (missing > 0 && await store.GetAsync(NameOf(anchors[missing - 1]), cancellation) is var stored)
        {
            if (stored is null)
            {
                missing--;
                continue;
            }

            ProofException.Require(
                stored.AsSpan().SequenceEqual(ContentOf(anchors[missing - 1])),
                $"The object {NameOf(anchors[missing - 1])} is not the anchor in the file: one of them was changed.");
            break;
        }

        foreach (var anchor in anchors[missing..])
        {
            await store.PutAsync(NameOf(anchor), ContentOf(anchor), cancellation);
        }

        return anchors.Length - missing;
    }

    private static string NameOf(Anchor anchor) =>
        string.Create(CultureInfo.InvariantCulture, $"{anchor.Tenant}/{anchor.Number:D10}.json");

    private static byte[] ContentOf(Anchor anchor) => Encoding.UTF8.GetBytes(anchor.Line() + "\n");
}
