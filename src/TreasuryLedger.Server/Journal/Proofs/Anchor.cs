using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>
/// All heads of a tenant at one moment, as a line of a file that only grows (PROOFS.md, section 3). Whoever has it can
/// prove later that every journal still begins with exactly what it held then.
/// </summary>
/// <param name="Format">Always <see cref="Name"/>.</param>
/// <param name="Number">1 for the first of a tenant, then one more for each.</param>
/// <param name="Previous">The hash of the anchor before, or 64 zeros.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="At">The database's clock when the heads were read.</param>
/// <param name="Root">The head of heads, lower-case hex.</param>
/// <param name="Heads">The heads, in the order of their journals.</param>
/// <param name="Hash">SHA-256 over the canonical bytes of everything else, lower-case hex.</param>
public sealed record Anchor(
    string Format,
    long Number,
    string Previous,
    string Tenant,
    Instant At,
    string Root,
    ImmutableArray<TreeHead> Heads,
    string Hash)
{
    /// <summary>The format's name, its version included.</summary>
    public const string Name = "treasury-ledger-anchor-v1";

    private static readonly string NoPrevious = new('0', 2 * HashChain.Length);

    /// <summary>The anchor that comes after another.</summary>
    /// <param name="last">The last one of the tenant, or <c>null</c>.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="at">The database's clock when the heads were read.</param>
    /// <param name="heads">All heads of the tenant.</param>
    public static Anchor After(Anchor? last, string tenant, Instant at, IEnumerable<TreeHead> heads)
    {
        var sorted = TreeHead.InOrder(heads).ToImmutableArray();
        var number = checked((last?.Number ?? 0) + 1);
        var unsealed = new Anchor(
            Name, number, last?.Hash ?? NoPrevious, tenant, at, TreeHead.RootOf(sorted), sorted, Hash: "");
        return unsealed with { Hash = HashOf(JsonSerializer.SerializeToNode(unsealed, Wire.Options)!) };
    }

    /// <summary>The line of the file, without its end.</summary>
    public string Line() => JsonSerializer.Serialize(this, Wire.Options);

    /// <summary>Reads the lines of one tenant's file, and derives its chain and its roots again.</summary>
    /// <exception cref="ProofException">A line was changed, or does not follow the one before.</exception>
    public static ImmutableArray<Anchor> ReadAll(string text)
    {
        var anchors = ImmutableArray.CreateBuilder<Anchor>();
        var lines = text.Split('\n');
        Require(lines[^1].Length == 0, $"Line {lines.Length} of the anchors was not written to its end.");
        foreach (var line in lines.AsSpan(0, lines.Length - 1))
        {
            anchors.Add(Read(line, anchors.Count == 0 ? null : anchors[^1]));
        }

        return anchors.ToImmutable();
    }

    private static Anchor Read(string line, Anchor? last)
    {
        var number = (last?.Number ?? 0) + 1;
        var anchor = ProofReading.Read<Anchor>(line, $"Anchor {number}");
        Require(anchor.Format == Name, $"Anchor {number} has the format '{anchor.Format}', which is not known here.");
        Require(anchor.Number == number, $"Where anchor {number} must stand, {anchor.Number} stands.");
        Require(anchor.Previous == (last?.Hash ?? NoPrevious), $"Anchor {number} does not follow the one before it.");
        Require(anchor.Tenant == (last?.Tenant ?? anchor.Tenant), $"Anchor {number} is of another tenant.");
        Require(anchor.At >= (last?.At ?? default), $"Anchor {number} is earlier than the one before it.");
        Require(!anchor.Heads.IsDefaultOrEmpty, $"Anchor {number} has no heads.");
        foreach (var head in anchor.Heads)
        {
            ProofReading.Check(head, anchor.Tenant);
        }

        Require(anchor.Root == ProofReading.RootOf(anchor.Heads), $"Anchor {number} has not the root of its heads.");
        Require(anchor.Hash == HashOf(JsonNode.Parse(line)!), $"Anchor {number} was changed: its hash is another.");
        return anchor;
    }

    private static string HashOf(JsonNode line)
    {
        line.AsObject().Remove("hash");
        return HashChain.DigestOf(JsonSerializer.SerializeToUtf8Bytes(line));
    }

    private static void Require(bool holds, string otherwise) => ProofException.Require(holds, otherwise);
}
