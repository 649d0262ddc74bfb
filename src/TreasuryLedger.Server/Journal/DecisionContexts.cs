using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Periods;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Prices, markets and lending positions as known now, for instructions of a treasury that has limits, from what reads
/// keep in memory; and what is to be sealed.
/// </summary>
internal sealed class DecisionContexts(JournalReader reader)
{
    /// <summary>A tail of a treasury's journal that is folded while its head is locked.</summary>
    private const long TailMax = 1_000;

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
        var mayInstruct = MayInstruct(command);
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
        var prices = await reader.LogAsync(JournalKey.Prices(tenant, treasury.PriceBook));
        var markets = await reader.LogAsync(JournalKey.Markets(tenant, treasury.MarketBook));
        var context = asked with
        {
            Prices = prices.Memory.Prices(prices).At(prices.Count),
            Markets = markets.Memory.Markets(markets).At(markets.Count),
        };
        return IsOfPositions(command)
            ? context with
            {
                FactsAt = FactsOf(await reader.LogAsync(pending.Submission.Journal), prices),
                Pending = [.. accepted.Select(one => one.Entry)],
            }
            : context;
    }

    /// <summary>
    /// Whether a group asks for what is not in memory, so that deriving it would keep the head locked for long.
    /// </summary>
    /// <param name="treasury">The journal.</param>
    /// <param name="state">Its state.</param>
    /// <param name="group">What is to be decided on it.</param>
    public bool IsToPrepare(JournalKey treasury, TreasuryState state, IReadOnlyCollection<Pending> group) =>
        state.HasLimits && state.Registers.Treasury is { } opened && Asks(group, MayInstruct)
        && (!reader.Holds(JournalKey.Prices(treasury.Tenant, opened.PriceBook), 0)
            || !reader.Holds(JournalKey.Markets(treasury.Tenant, opened.MarketBook), 0)
            || (Asks(group, IsOfPositions) && !reader.Holds(treasury, state.Position - TailMax)));

    /// <summary>Brings it into memory; the treasury itself only where a command asks what its positions are.</summary>
    /// <param name="treasury">The journal.</param>
    /// <param name="state">Its state.</param>
    /// <param name="group">What is to be decided on it.</param>
    public async ValueTask PrepareAsync(
        JournalKey treasury, TreasuryState state, IReadOnlyCollection<Pending> group)
    {
        var opened = state.Registers.Treasury!;
        var markets = await reader.LogAsync(JournalKey.Markets(treasury.Tenant, opened.MarketBook));
        markets.Memory.Markets(markets);
        var prices = await reader.LogAsync(JournalKey.Prices(treasury.Tenant, opened.PriceBook));
        var recorded = prices.Memory.Prices(prices);
        if (Asks(group, IsOfPositions))
        {
            var journal = await reader.LogAsync(treasury);
            journal.Memory.Refresh(journal, recorded, prices.Count);
        }
    }

    private static bool Asks(IEnumerable<Pending> group, Func<Command, bool> what) =>
        group.Any(pending => pending.Submission.Commands.Any(command => MayInstruct(command) && what(command)));

    private static bool MayInstruct(Command command) =>
        command.Mode == EntryMode.Instruction || command is ApproveProposal;

    private static bool IsOfPositions(Command command) => command is WithdrawCollateral or Borrow or ApproveProposal;

    /// <summary>
    /// What a journal says of its lending positions. Its head is locked meanwhile, so what is read is all there is.
    /// </summary>
    private static Func<Instant, PositionFacts> FactsOf(JournalLog journal, JournalLog prices)
    {
        if (journal.Count == 0)
        {
            return _ => PositionFacts.None; // everything about it is of the same commit
        }

        var books = journal.Memory.Books(journal, prices.Memory.Prices(prices));
        return at => books.At(new BookQuestion(at, journal.Count, prices.Count)).State.Facts;
    }
}
