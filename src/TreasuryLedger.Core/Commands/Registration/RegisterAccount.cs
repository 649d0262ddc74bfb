using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Registers a place where units can be.</summary>
public sealed record RegisterAccount : Command
{
    /// <summary>Its id, new in the treasury.</summary>
    public required AccountId Account { get; init; }

    /// <summary>What kind of place; decides what can be done there.</summary>
    public required AccountKind Kind { get; init; }

    /// <summary>Who runs it, e.g. binance; 1 to 200 characters.</summary>
    public required string Venue { get; init; }

    /// <summary>For a lending position only: the market in the market book whose terms it has; an id.</summary>
    public string? Market { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Texts.IsName(Venue), "venue", Texts.NameExpected);
        check.Term(Market is null || IdText.IsId(Market), "market", Texts.IdExpected);
        check.That(Market is null || Kind == AccountKind.LendingPosition, () => Refusal.Of(
            RefusalCode.AccountKindWrong,
            $"Only a lending position has a market; account {Account} is of kind {Kind}.",
            ("account", Account),
            ("kind", Kind)));
        check.That(!state.Registers.Accounts.ContainsKey(Account), () =>
        {
            var position = state.Accounts[Account].By;
            return Refusal.Of(
                RefusalCode.AccountAlreadyRegistered,
                $"Account {Account} is registered by entry {position}; correct that one if its terms are wrong.",
                ("account", Account),
                ("entry", position));
        });
        return check.Accept(new AccountRegistered(Account, Kind, Venue, Market));
    }
}
