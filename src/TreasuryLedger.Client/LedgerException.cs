using System.Net;

namespace TreasuryLedger.Client;

/// <summary>The ledger did not do what was asked, and said why.</summary>
public sealed class LedgerException : Exception
{
    internal LedgerException(Problem problem)
        : base($"{problem.Code}: {problem.Detail} {problem.Next}") => Problem = problem;

    /// <summary>Why: a code that programs may rely on, the numbers that matter, what to do next.</summary>
    public Problem Problem { get; }
}

/// <summary>
/// Nobody could say whether a request was recorded, however often it was asked. Send the same command again with the
/// <b>same</b> key, today or in a month: it is recorded once. A new key could record it twice.
/// </summary>
public sealed class OutcomeUnknownException : Exception
{
    internal OutcomeUnknownException(string idempotencyKey, Exception? inner)
        : base($"Whether '{idempotencyKey}' was recorded is not known. Send it again with the same key.", inner) =>
        IdempotencyKey = idempotencyKey;

    /// <summary>The key to send again.</summary>
    public string IdempotencyKey { get; }
}

/// <summary>What came was no answer of a ledger.</summary>
public sealed class UnexpectedAnswerException : Exception
{
    internal UnexpectedAnswerException(HttpStatusCode status)
        : base($"The status {(int)status} came without an answer or a problem of the ledger.") => Status = status;

    /// <summary>The status.</summary>
    public HttpStatusCode Status { get; }
}
