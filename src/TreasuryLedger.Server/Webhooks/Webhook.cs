using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>Why an attempt came to no answer.</summary>
public enum WebhookFault
{
    /// <summary>No connection, or it broke before an answer.</summary>
    Unreachable,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The name leads to an address that is not on the public internet.</summary>
    InternalAddress,

    /// <summary>The receiver's certificate is not one to trust.</summary>
    Tls,
}

/// <summary>Why a webhook tells nobody until somebody resumes it.</summary>
public enum WebhookPause
{
    /// <summary>The last time to wait is over, and the receiver failed once more.</summary>
    Failing,

    /// <summary>The receiver said that it is gone (410).</summary>
    Gone,
}

/// <summary>A webhook in its turn: what the next delivery needs.</summary>
/// <param name="Journal">Whose entries.</param>
/// <param name="Id">The webhook.</param>
/// <param name="Url">Where they go.</param>
/// <param name="Kinds">The kinds of entries; none: all.</param>
/// <param name="Secrets">What signs, the newest first.</param>
/// <param name="Position">What the receiver has.</param>
/// <param name="Generation">Raised when somebody sets the position by hand.</param>
/// <param name="Failures">Attempts that failed since one succeeded.</param>
/// <param name="Head">The newest entry of the journal.</param>
internal sealed record Webhook(
    JournalKey Journal,
    string Id,
    Uri Url,
    ImmutableArray<string> Kinds,
    ImmutableArray<byte[]> Secrets,
    long Position,
    long Generation,
    int Failures,
    long Head);

/// <summary>What became of an attempt.</summary>
/// <param name="Status">The receiver's answer, or</param>
/// <param name="Fault">why there was none.</param>
/// <param name="Took">How long it took.</param>
/// <param name="RetryAfter">When the receiver wants to be asked again, if it said so.</param>
internal sealed record WebhookAttempt(int? Status, WebhookFault? Fault, TimeSpan Took, TimeSpan? RetryAfter)
{
    /// <summary>Whether the receiver took it.</summary>
    public bool IsTaken => Status is >= 200 and < 300;
}

/// <summary>What is sent, in the form that the Standard Webhooks specification asks for.</summary>
/// <param name="Type">What happened: <c>entry.</c> and the stored name of the event.</param>
/// <param name="Timestamp">When it was recorded.</param>
/// <param name="Data">The entry.</param>
public sealed record WebhookMessage(string Type, Instant Timestamp, WebhookData Data);

/// <summary>An entry, as it is told.</summary>
/// <param name="Treasury">Whose.</param>
/// <param name="Entry">Exactly as it is stored and hashed; its free text is asked for.</param>
/// <param name="Hash">The chain's hash at it, SHA-256 in lower-case hex.</param>
public sealed record WebhookData(string Treasury, Entry Entry, string Hash);
