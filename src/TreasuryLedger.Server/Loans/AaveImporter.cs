using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Wolverine;

namespace TreasuryLedger.Server.Loans;

/// <summary>Logs of an Aave pool, and who is who in them.</summary>
/// <param name="Terms">chainId, pool, user, position, market, accounts by address; chain, if assets of several chains
/// are registered.</param>
/// <param name="Logs">As eth_getLogs gives them, from the position's first one on: the array, or the whole answer.
/// </param>
/// <param name="Blocks">Blocks with hash and timestamp, where the logs do not tell the time.</param>
public sealed record AaveImportRequest(JsonElement Terms, JsonElement Logs, JsonElement? Blocks);

/// <summary>What an import of logs did.</summary>
/// <param name="Logs">Logs that were given.</param>
/// <param name="Recorded">Entries that are new.</param>
/// <param name="Found">Entries that an earlier import had recorded.</param>
/// <param name="Breaks">Facts that stand with other terms: a person decides.</param>
/// <param name="Voided">Entries voided because their block left the chain.</param>
public sealed record AaveImported(int Logs, int Recorded, int Found, int Breaks, int Voided);

/// <summary>Records what the logs of an Aave pool say of a lending position; a second time adds nothing.</summary>
public static class AaveImporter
{
    /// <summary>Imports. What was recorded before something is refused stands; the next import finds it.</summary>
    /// <param name="services">The program's.</param>
    /// <param name="treasury">The treasury's journal.</param>
    /// <param name="actor">Who is written into the entries.</param>
    /// <param name="given">Logs and terms.</param>
    /// <param name="check">Is asked about every command before the first one is recorded.</param>
    /// <param name="cancellation">Stops between two entries.</param>
    /// <exception cref="AaveImportException">A log cannot be read or right: nothing was recorded.</exception>
    /// <exception cref="ProblemException">An entry was refused, or could not be recorded.</exception>
    public static async Task<AaveImported> ImportAsync(
        IServiceProvider services,
        JournalKey treasury,
        string actor,
        AaveImportRequest given,
        Action<JournalKind, Command>? check,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(given);
        var view = await services.GetRequiredService<AnswerDesk>().Lookout.ReadAsync(treasury, null, 0, cancellation);
        var entries = view.Treasury.Entries;
        var terms = AaveLogFile.Terms(given.Terms, Registers.Of(entries));
        var voided = entries.Select(entry => entry.Voids).ToHashSet();
        var times = given.Blocks is { } blocks
            ? AaveLogFile.Times(blocks)
            : new Dictionary<string, long>(StringComparer.Ordinal);
        var logs = AaveLogFile.Logs(given.Logs, times);
        var read = AaveImport.Of(logs, terms with { Bookings = [.. Bookings(entries, voided, terms.Position)] });
        var markets = new JournalKey(treasury.Tenant, $"markets/{((TreasuryOpened)entries[0].Event).MarketBook}");
        var (recorded, found, breaks, corrected) = (0, 0, 0, 0);
        foreach (var command in read.Treasury)
        {
            check?.Invoke(JournalKind.Treasury, command);
        }

        foreach (var command in read.Markets)
        {
            check?.Invoke(JournalKind.MarketBook, command);
        }

        foreach (var (journal, command, key) in Voids(entries, read, treasury)
            .Concat(Voids(view.Markets.Entries, read, markets))
            .Concat(read.Markets.Select(command => (markets, command, KeyOf(command))))
            .Concat(read.Treasury.Select(command => (treasury, command, KeyOf(command)))))
        {
            await using var scope = services.CreateAsyncScope();
            var answer = await scope.ServiceProvider.GetRequiredService<IMessageBus>().RecordAsync(
                scope.ServiceProvider.GetRequiredService<TenantDatabases>(),
                Submission.One(journal, key, actor, command),
                cancellation);
            var isNew = answer.Entries[0] is { Outcome: RecordedAs.Recorded, Replayed: false };
            breaks += answer.Entries[0].Outcome == RecordedAs.BreakOpened ? 1 : 0;
            corrected += isNew && command is CorrectEntry ? 1 : 0;
            recorded += isNew && command is not CorrectEntry ? 1 : 0;
            found += !isNew && answer.Entries[0].Outcome != RecordedAs.BreakOpened ? 1 : 0;
        }

        return new AaveImported(logs.Length, recorded, found, breaks, corrected);
    }

    /// <summary>Interest that the ledger booked at the position by itself, in the order of time.</summary>
    private static IEnumerable<(Core.Time.Instant At, System.Collections.Immutable.ImmutableArray<IndexTouch> Touches)>
        Bookings(IReadOnlyList<NarrowEntry> entries, HashSet<long?> voided, AccountId position) =>
        from entry in entries
        where !voided.Contains(entry.Position) && entry.Event is PositionTouched { Changes.IsEmpty: true }
        let touches = ((PositionTouched)entry.Event).Touches
        where touches.Any(touch => touch.Position == position)
        orderby entry.EffectiveAt
        select (entry.EffectiveAt, touches);

    /// <summary>Corrections of what stands under facts whose block left the chain, the newest first.</summary>
    private static IEnumerable<(JournalKey Journal, Command Command, string Key)> Voids(
        IReadOnlyList<NarrowEntry> entries, AaveImportResult read, JournalKey journal)
    {
        var voided = entries.Select(entry => entry.Voids).ToHashSet();
        var orphaned = read.Orphaned.Select(fact => fact.ToString()).ToHashSet(StringComparer.Ordinal);
        return entries
            .Where(entry => entry.Event is not (EntryVoided or EvidenceAdded or BreakOpened)
                && !voided.Contains(entry.Position)
                && orphaned.Contains(LogOf(entry.Fact)))
            .Reverse()
            .Select(entry => (journal, (Command)new CorrectEntry
            {
                EffectiveAt = entry.EffectiveAt,
                Entry = entry.Position,
                Reason = $"The block of {LogOf(entry.Fact)} is no longer part of the chain.",
            }, $"aave-void:{entry.Fact}"));
    }

    /// <summary>The fact of the log without a leg: chain, block, transaction, number.</summary>
    private static string LogOf(FactId fact) => string.Join(':', fact.ToString().Split(':').Take(4));

    private static string KeyOf(Command command) => $"aave:{command.Fact}";
}
