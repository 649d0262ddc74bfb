using System.Collections.Concurrent;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Prices and markets as known now, for instructions of a treasury that has limits. Views are kept while their book
/// does not change.
/// </summary>
internal sealed class DecisionContexts(JournalReader reader)
{
    private readonly ConcurrentDictionary<JournalKey, (string Hash, object View)> _views = new();

    /// <summary>What a command of a treasury may read beside its journal.</summary>
    public async ValueTask<DecisionContext> ForAsync(string tenant, Registers registers, Command command)
    {
        if (command.Mode != EntryMode.Instruction
            || registers.Treasury is not { Limits: not { LoanToValueMax: null, HealthFactorMin: null } } treasury)
        {
            return DecisionContext.Empty;
        }

        return new DecisionContext(
            await ViewAsync(JournalKey.Prices(tenant, treasury.PriceBook), PriceBookView.Of),
            await ViewAsync(JournalKey.Markets(tenant, treasury.MarketBook), MarketBookView.Of));
    }

    private async ValueTask<TView> ViewAsync<TView>(JournalKey book, Func<IEnumerable<Entry>, TView> make)
        where TView : class
    {
        var entries = await reader.ReadAsync(book, knownAt: null, minPosition: 0, CancellationToken.None) is
            ReadOutcome<JournalView>.Found { View: var found }
            ? found
            : null;
        var hash = entries?.Head.Hash ?? "";
        if (_views.TryGetValue(book, out var kept) && kept.Hash == hash)
        {
            return (TView)kept.View;
        }

        var view = make(entries is null ? [] : VisibleEntries.KnownAt(entries.Entries, entries.KnownAt));
        _views[book] = (hash, view);
        return view;
    }
}
