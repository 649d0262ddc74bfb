using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Exports;

/// <summary>What an auditor's pack says of itself: its last file.</summary>
/// <param name="Format">Always <see cref="Name"/>.</param>
/// <param name="Viewpoint">Where everything in it stands.</param>
/// <param name="Heads">Where its journals end. They follow from the journals alone, and prove them complete.</param>
/// <param name="Files">Every other file.</param>
public sealed record PackManifest(
    string Format, Standpoint Viewpoint, ImmutableArray<TreeHead> Heads, ImmutableArray<PackFile> Files)
{
    /// <summary>The format's name, its version included.</summary>
    public const string Name = "treasury-ledger-pack-v1";

    /// <summary>The name of its file.</summary>
    public const string FileName = "manifest.json";
}

/// <summary>A file of a pack.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, lower-case hex.</param>
public sealed record PackFile(string Name, long Bytes, string Sha256);

/// <summary>An entry in a pack, with all that is stored of it.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Hash">The chain's hash there, lower-case hex.</param>
/// <param name="Entry">The entry exactly as it is stored and hashed.</param>
/// <param name="Text">The free text whose digest it holds; absent if it has none, or it was erased.</param>
public sealed record PackEntry(long Position, string Hash, JsonElement Entry, Journal.Proofs.ProofText? Text);
