using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>A text beside an entry, with what is needed to see that it is the one that was digested.</summary>
/// <param name="Salt">In lower-case hex.</param>
/// <param name="Text">The text.</param>
public sealed record ProofText(string Salt, string Text);

/// <summary>How a tree head stands in the head of heads.</summary>
/// <param name="Root">The head of heads, lower-case hex.</param>
/// <param name="Index">Where the tree head stands among all of the tenant, counted from 0.</param>
/// <param name="Count">How many tree heads there are.</param>
/// <param name="Path">The hashes from there up to the root.</param>
public sealed record TenantTree(string Root, long Index, long Count, ImmutableArray<string> Path);

/// <summary>
/// That an entry stands in a journal: what a third party checks without database (PROOFS.md, section 4).
/// </summary>
/// <param name="Format">Always <see cref="Name"/>.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Journal">The journal, kind and id.</param>
/// <param name="Entry">The entry exactly as it is stored and hashed, its evidence included.</param>
/// <param name="Text">The free text whose digest the entry holds; absent if it has none, or it was erased.</param>
/// <param name="PreviousHash">The chain's hash before the entry.</param>
/// <param name="Path">The hashes from the entry up to the root of the journal's tree.</param>
/// <param name="Head">Where that tree stands.</param>
/// <param name="TenantTree">How that head stands in the head of heads; absent for a head of another time.</param>
public sealed record EntryProof(
    string Format,
    string Tenant,
    string Journal,
    JsonElement Entry,
    ProofText? Text,
    string PreviousHash,
    ImmutableArray<string> Path,
    TreeHead Head,
    TenantTree? TenantTree)
{
    /// <summary>The format's name, its version included.</summary>
    public const string Name = "treasury-ledger-entry-proof-v1";
}

/// <summary>That journals only grew between two times: none was rewritten, cut or removed.</summary>
/// <param name="Format">Always <see cref="Name"/>.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="From">The earlier heads.</param>
/// <param name="To">The later heads; every journal of the earlier ones is among them.</param>
/// <param name="Paths">For each of the earlier heads the hashes that lead to both roots.</param>
public sealed record ConsistencyProof(
    string Format,
    string Tenant,
    ImmutableArray<TreeHead> From,
    ImmutableArray<TreeHead> To,
    ImmutableArray<ImmutableArray<string>> Paths)
{
    /// <summary>The format's name, its version included.</summary>
    public const string Name = "treasury-ledger-consistency-proof-v1";
}
