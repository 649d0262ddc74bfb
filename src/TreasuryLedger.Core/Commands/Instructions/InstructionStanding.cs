using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// What the newest state knows about one instruction: sums only, so that an instruction with thousands of fulfilments
/// stays cheap. Kept by fact: observations may name an instruction that is voided, and they may be voided themselves.
/// </summary>
internal sealed record InstructionStanding
{
    /// <summary>Nothing known.</summary>
    public static InstructionStanding None { get; } = new();

    /// <summary>The instruction's effective instant.</summary>
    public Instant At { get; init; }

    /// <summary>Its terms; absent if it was voided.</summary>
    public InstructionGiven? Given { get; init; }

    /// <summary>How many cancellations stand.</summary>
    public int Cancellations { get; init; }

    private ImmutableDictionary<(AccountId, AssetId), Quantity> Principal { get; init; } =
        ImmutableDictionary<(AccountId, AssetId), Quantity>.Empty;

    private ImmutableDictionary<(AccountId, AssetId), Quantity> Held { get; init; } =
        ImmutableDictionary<(AccountId, AssetId), Quantity>.Empty;

    private ImmutableDictionary<(AccountId, AssetId), Quantity> Owed { get; init; } =
        ImmutableDictionary<(AccountId, AssetId), Quantity>.Empty;

    /// <summary>Whether nothing is known: nothing was counted that still stands.</summary>
    public bool IsNone => Given is null && Cancellations == 0
        && Principal.IsEmpty && Held.IsEmpty && Owed.IsEmpty;

    /// <summary>The standing of a snapshot.</summary>
    public static InstructionStanding Of(InstructionSnapshot snapshot) => new()
    {
        At = snapshot.At,
        Given = snapshot.Given,
        Cancellations = snapshot.Cancellations,
        Principal = Sum(None.Principal, snapshot.Principal, 1),
        Held = Sum(None.Held, snapshot.Held, 1),
        Owed = Sum(None.Owed, snapshot.Owed, 1),
    };

    /// <summary>The standing as plain values.</summary>
    public InstructionSnapshot Snapshot(FactId fact) =>
        new(fact, At, Given, Cancellations, Values(Principal), Values(Held), Values(Owed));

    /// <summary>The standing with an observation that fulfils it, or without it again.</summary>
    /// <remarks>
    /// What is of another kind than intended does not count: the opposite trade would fulfil it. Nor does anything once
    /// the instruction is voided: its fact never becomes an instruction again.
    /// </remarks>
    /// <param name="happened">What happened.</param>
    /// <param name="sign">1 to count it, -1 to take it out.</param>
    public InstructionStanding Count(LedgerEvent happened, int sign) =>
        Given is { } given && InstructionLegs.SameKind(given.Intended, happened)
            ? Sum(happened, sign)
            : this;

    /// <summary>How the instruction has ended by an instant (inclusive); <c>null</c> if it has not.</summary>
    public string? EndAt(InstructionGiven given, Instant at) =>
        Cancellations > 0 ? "cancelled"
        : IsFulfilled(given) ? "fulfilled"
        : given.ExpiresAt <= at ? "expired"
        : null;

    /// <summary>
    /// The units that it still keeps for itself: what will leave accounts and what will be owed more, less what has by
    /// now. Nothing unless it reserves, and nothing once it is fulfilled or cancelled.
    /// </summary>
    public (ImmutableArray<Movement> Held, ImmutableArray<Movement> Owed) Reserved()
    {
        if (Given is not { Reserves: true } given || Cancellations > 0 || IsFulfilled(given))
        {
            return ([], []);
        }

        var intended = None.Sum(given.Intended, 1);
        return (Remaining(intended.Held, Held, -1), Remaining(intended.Owed, Owed, 1));
    }

    private static ImmutableArray<Movement> Values(ImmutableDictionary<(AccountId, AssetId), Quantity> sums) =>
        [.. sums.OrderBy(sum => sum.Key).Select(sum => new Movement(sum.Key.Item1, sum.Key.Item2, sum.Value))];

    private InstructionStanding Sum(LedgerEvent happened, int sign) => this with
    {
        Principal = Sum(Principal, InstructionLegs.Of(happened)
            .Where(leg => leg.Role == LegRole.Principal)
            .Select(leg => new Movement(leg.Leg.Account, leg.Leg.Asset, leg.Leg.Quantity)), sign),
        Held = Sum(Held, Movements.Held(happened), sign),
        Owed = Sum(Owed, Movements.Owed(happened), sign),
    };

    private bool IsFulfilled(InstructionGiven given)
    {
        var (_, leg) = InstructionLegs.Of(given.Intended)[0];
        return Principal.GetValueOrDefault((leg.Account, leg.Asset)) >= leg.Quantity;
    }

    /// <summary>The part of the intended changes with this sign that did not happen yet, with their sign.</summary>
    private static ImmutableArray<Movement> Remaining(
        ImmutableDictionary<(AccountId, AssetId), Quantity> intended,
        ImmutableDictionary<(AccountId, AssetId), Quantity> happened,
        int sign) =>
    [
        .. from change in intended
           where change.Value.Sign == sign
           let left = change.Value - happened.GetValueOrDefault(change.Key)
           where left.Sign == sign
           select new Movement(change.Key.Item1, change.Key.Item2, left),
    ];

    private static ImmutableDictionary<(AccountId, AssetId), Quantity> Sum(
        ImmutableDictionary<(AccountId, AssetId), Quantity> sums, IEnumerable<Movement> changes, int sign)
    {
        foreach (var (account, asset, change) in changes)
        {
            var sum = sums.GetValueOrDefault((account, asset)) + (sign > 0 ? change : -change);
            sums = sum.IsZero ? sums.Remove((account, asset)) : sums.SetItem((account, asset), sum);
        }

        return sums;
    }
}
