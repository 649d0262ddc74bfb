using System.Collections.Concurrent;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Periods;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Prices and markets as known now, for instructions of a treasury that has limits, each book followed from where it
/// was asked last; and what is to be sealed.
/// </summary>
internal sealed class DecisionContexts(JournalReader reader)
{
    private readonly ConcurrentDictionary<JournalKey, Followed> _books = new();

    /// <summary>
    /// What would be sealed by the commands of a submission, derived before the head is locked: it follows from what
    /// was recorded up to a closing and changes no more.
    /// </summary>
    public async ValueTask<IReadOnlyDictionary<Command, FrozenStatement>?> FreezeAsync(
        Submission submission, CancellationToken cancellation)
    {
        var seals = submission.Commands.OfType<SealPeriod>().ToList();
        var treasury = submission.Journal;
        if (seals.Count == 0
            || await reader.ReadTreasuryAsync(treasury.Tenant, treasury.Id!, null, 0, cancellation)
                is not ReadOutcome<TreasuryView>.Found { View: var view })
        {
            return null;
        }

        var frozen = new Dictionary<Command, FrozenStatement>();
        foreach (var seal in seals)
        {
            if (OfficialBooks.Frozen(view, seal.Book, seal.Until) is { } statement)
            {
                frozen[seal] = statement;
            }
        }

        return frozen;
    }

    /// <summary>What a command of a treasury may read beside its journal.</summary>
    /// <param name="pending">Its submission.</param>
    /// <param name="state">The state that it is decided on.</param>
    /// <param name="command">The command.</param>
    /// <param name="accepted">What the same commit has accepted before it.</param>
    public async ValueTask<DecisionContext> ForAsync(
        Pending pending, TreasuryState state, Command command, IReadOnlyList<AcceptedEntry> accepted)
    {
        var mayInstruct = command.Mode == EntryMode.Instruction || command is ApproveProposal;
        if (!mayInstruct && command is not IAsksWho)
        {
            return DecisionContext.Empty;
        }

        var asked = DecisionContext.Empty with
        {
            Actor = pending.Submission.Actor,
            Frozen = pending.Frozen?.GetValueOrDefault(command),
        };
        if (!mayInstruct || !state.HasLimits || state.Registers.Treasury is not { } treasury)
        {
            return asked;
        }

        var tenant = pending.Submission.Journal.Tenant;
        var prices = await FollowAsync(JournalKey.Prices(tenant, treasury.PriceBook));
        var markets = await FollowAsync(JournalKey.Markets(tenant, treasury.MarketBook));
        var context = asked with { Prices = prices.Prices.Newest, Markets = markets.Markets.Newest };
        return command is WithdrawCollateral or Borrow or ApproveProposal
            ? context with
            {
                FactsAt = await FactsAsync(pending.Submission.Journal, JournalKey.Prices(tenant, treasury.PriceBook)),
                Pending = [.. accepted.Select(one => one.Entry)],
            }
            : context;
    }

    /// <summary>
    /// What a journal says of its lending positions. Its head is locked meanwhile, so what is read is all there is.
    /// </summary>
    private async ValueTask<Func<Instant, PositionFacts>> FactsAsync(JournalKey treasury, JournalKey prices)
    {
        if (await reader.ReadAsync(treasury, knownAt: null, minPosition: 0, CancellationToken.None)
            is not ReadOutcome<JournalView>.Found { View: var view })
        {
            return _ => PositionFacts.None; // everything about it is of the same commit
        }

        BookHistory books;
        var known = 0L;
        if (await reader.ReadAsync(prices, knownAt: null, minPosition: 0, CancellationToken.None)
            is ReadOutcome<JournalView>.Found { View: var beside })
        {
            (books, known) = (
                view.Log.Memory.Books(view.Log, beside.Log.Memory.Prices(beside.Log)), beside.Head.Position);
        }
        else
        {
            books = new BookHistory(new PriceHistory(), CheckpointBudget.None);
            books.Append(view.Entries);
        }

        return at => books.At(new BookQuestion(at, view.Head.Position, known)).State.Facts;
    }

    private async ValueTask<Followed> FollowAsync(JournalKey book)
    {
        var read = await reader.ReadAsync(book, knownAt: null, minPosition: 0, CancellationToken.None);
        var entries = read is ReadOutcome<JournalView>.Found { View: var found } ? found.Entries : [];
        return _books.AddOrUpdate(
            book, _ => new Followed().Through(entries), (_, followed) => followed.Through(entries));
    }

    /// <summary>One book as far as it was read. A price book has no markets and a market book no prices.</summary>
    private sealed class Followed
    {
        private readonly Lock _appending = new();
        private NarrowEntry? _last;

        public PriceHistory Prices { get; } = new();

        public MarketHistory Markets { get; } = new();

        /// <summary>This, with the entries that are new; or a new one if they are not those of before.</summary>
        public Followed Through(IReadOnlyList<NarrowEntry> entries)
        {
            lock (_appending)
            {
                var known = (int)(_last?.Position ?? 0);
                if (known > entries.Count || (known > 0 && entries[known - 1] != _last))
                {
                    // Another caller read later and was here first, or the database was put back to an earlier state.
                    return new Followed().Through(entries);
                }

                for (; known < entries.Count; known++)
                {
                    _last = entries[known];
                    Prices.Append(_last);
                    Markets.Append(_last);
                }

                return this;
            }
        }
    }
}
