using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What deciding a command gives: the event to record, or a named refusal. Never an exception.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>The event may be recorded.</summary>
    /// <param name="Event">What happened, or was instructed.</param>
    public sealed record Accepted(LedgerEvent Event) : Decision
    {
        /// <summary>From when on it counts, where that is not what the command says.</summary>
        public Instant? EffectiveAt { get; init; }
    }

    /// <summary>Nothing is recorded.</summary>
    /// <param name="Refusal">Why, with the numbers that matter.</param>
    public sealed record Refused(Refusal Refusal) : Decision;
}

/// <summary>Why a command was not accepted.</summary>
/// <param name="Code">One of <see cref="RefusalCode"/>.</param>
/// <param name="Message">A sentence for a person, with the numbers and what to do next.</param>
/// <param name="Numbers">The numbers that matter, by name, as text.</param>
public sealed record Refusal(RefusalCode Code, string Message, ImmutableSortedDictionary<string, string> Numbers)
{
    /// <summary>A refusal with its numbers as pairs.</summary>
    public static Refusal Of(RefusalCode code, string message, params ReadOnlySpan<(string Name, object Value)> numbers)
    {
        var named = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in numbers)
        {
            named[name] = value.ToString() ?? "";
        }

        return new Refusal(code, message, named.ToImmutable());
    }
}
