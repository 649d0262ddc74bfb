namespace TreasuryLedger.Core.Journal;

/// <summary>How much a figure may rest on an entry.</summary>
public enum EvidenceQuality
{
    /// <summary>A source states it.</summary>
    Fact,

    /// <summary>Arithmetic on facts.</summary>
    Derived,

    /// <summary>Chosen, so that the books can be kept at all.</summary>
    Assumed,
}

/// <summary>Why an entry is believed.</summary>
/// <param name="Source">Who says so: a system, venue, tracker or person; an id-like word.</param>
/// <param name="Reference">Where it can be read again: an address, transaction hash or document number, if there is
/// one.</param>
/// <param name="Quality">Fact, derived or assumed.</param>
/// <param name="PayloadHash">SHA-256 (hex) of the raw document that was received, if one was.</param>
public sealed record Evidence(string Source, string? Reference, EvidenceQuality Quality, string? PayloadHash);

/// <summary>
/// Free text in an entry: the chain holds only this salted digest, the text lies beside it and can be erased without
/// breaking the chain (SPEC.md 2.4).
/// </summary>
/// <param name="Sha256">Lower-case hex of SHA-256(salt bytes, then UTF-8 text).</param>
public sealed record TextDigest(string Sha256);
