using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records, in a market book, which version of its contracts a lending market runs from now on.</summary>
public sealed record SetMarketVersion : Command
{
    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>The version, e.g. 3.6; one whose arithmetic is known.</summary>
    public required string Version { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.MarketBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(IdText.IsId(Market), "market", Texts.IdExpected);
        var isKnown = AaveVersions.TryParse(Version, out var version);
        check.That(isKnown, () => Refusal.Of(
            RefusalCode.VersionUnknown,
            $"The arithmetic of version '{Version}' is not known; known are {AaveVersions.Known}.",
            ("market", Market),
            ("version", Version),
            ("known", AaveVersions.Known)));
        return check.Accept(new MarketVersionSet(Market, isKnown ? version.Text() : ""));
    }
}
