using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Says that a limit is broken since an instant: a person, or a system that watches and may say so again and again.
/// While an alert about the same limit of the same subject is not resolved, it is not raised again.
/// </summary>
public sealed record RaiseAlert : Command
{
    /// <summary>Which limit.</summary>
    public required LimitKind Limit { get; init; }

    /// <summary>Of what: a lending position, an asset, a venue or a counterparty.</summary>
    public required string Subject { get; init; }

    /// <summary>The limit; absent where it is no number.</summary>
    public ExactDecimal? Allowed { get; init; }

    /// <summary>What it is; absent where it is no number, or without bound.</summary>
    public ExactDecimal? Is { get; init; }

    /// <summary>Up to which position the price book was known, 0 or more.</summary>
    public long PricePosition { get; init; }

    /// <summary>Up to which position the market book was known, 0 or more.</summary>
    public long MarketPosition { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Texts.IsName(Subject), "subject", Texts.NameExpected);
        check.Term(PricePosition >= 0, "pricePosition", "must be 0 or more");
        check.Term(MarketPosition >= 0, "marketPosition", "must be 0 or more");
        var open = state.OpenAlert(Limit, Subject);
        check.That(open is null, () => Refusal.Of(
            RefusalCode.AlertOpen,
            $"Alert {open!.Fact} (entry {open.By}) about the same is not resolved.",
            ("alert", open.Fact),
            ("entry", open.By)));
        return check.Accept(new AlertRaised(Limit, Subject, Allowed, Is, PricePosition, MarketPosition));
    }
}

/// <summary>Takes notice of an alert: somebody is at it.</summary>
public sealed record AcknowledgeAlert : Command
{
    /// <summary>The fact by which it was raised.</summary>
    public required FactId Alert { get; init; }

    internal override IEnumerable<FactId> NamedFacts => base.NamedFacts.Append(Alert);

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.OpenAlert(Alert);
        return check.Accept(new AlertAcknowledged(Alert));
    }
}

/// <summary>Resolves an alert: by what was done, because it is over, or because somebody accepts it.</summary>
public sealed record ResolveAlert : Command
{
    /// <summary>The fact by which it was raised.</summary>
    public required FactId Alert { get; init; }

    internal override IEnumerable<FactId> NamedFacts => base.NamedFacts.Append(Alert);

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.OpenAlert(Alert);
        return check.Accept(new AlertResolved(Alert));
    }
}
