using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// The official book of the case is universal up to February 2026 and per account from then on. Two persons allocate
/// its lots and adopt the terms the day before, on the eve of the unwind. The figures stand here and nowhere in the
/// program.
/// </summary>
public sealed class CaseScopeTests
{
    private const string Why = "Rev. Proc. 2024-28";

    private static readonly AccountId Wallet = AccountId.Parse("own-wallets");
    private static readonly Instant Decided = Instant.Parse("2026-01-31T13:00:00Z");
    private static readonly Instant Change = Instant.Parse("2026-02-01T00:00:00Z");
    private static readonly Instant EndOfFebruary = Instant.Parse("2026-02-28T23:59:59.999999Z");
    private static readonly Lazy<Task<TreasuryView>> Treasury = new(Replay);

    [Fact]
    public async Task up_to_the_day_it_is_the_universal_book_and_from_it_on_lots_lie_where_the_units_are()
    {
        var view = await Treasury.Value;
        var (before, after) = (At(view, Change.Plus(-1)), At(view, Change));
        var universal = At(view, Change.Plus(-1), BasisScope.Universal);

        before.State.Policy.Terms.BasisScope.ShouldBe(BasisScope.Universal);
        before.State.RealizedGain.ShouldBe(universal.State.RealizedGain);
        after.State.Policy.Terms.BasisScope.ShouldBe(BasisScope.PerAccount);
        (after.State.CostOpen, after.State.CostAcquired).ShouldBe((before.State.CostOpen, before.State.CostAcquired));
        after.Book.IsConserved.ShouldBeTrue();
        after.Book.Pools.Length.ShouldBeGreaterThan(1);
        foreach (var pool in after.Book.Pools)
        {
            (pool.Account ?? default).ShouldNotBe(default);
            (pool.Open, pool.Deficit).ShouldBe((pool.Balance, Quantity.Zero));
        }

        // The wallet has what it was given by name, and of the dearest lot as much as it still held.
        var wallet = after.Book.OpenLots.Where(lot => lot.Account == Wallet).ToList();
        wallet.Select(lot => lot.Remaining.ToTokens(18).ToString()).ShouldBe(["87", "500"]);
        wallet[1].LotId.ShouldBe(NewestLot(view));
    }

    [Fact]
    public async Task both_scopes_and_the_change_between_them_end_at_the_same_loss()
    {
        var view = await Treasury.Value;
        var changed = At(view, EndOfFebruary);
        var midway = Instant.Parse("2026-02-01T23:59:59Z");

        foreach (var end in new[]
        {
            changed, At(view, EndOfFebruary, BasisScope.Universal), At(view, EndOfFebruary, BasisScope.PerAccount),
        })
        {
            // All units were sold in the end: whichever lots went first, the same cost is gone.
            Text(end.State.RealizedGain).ShouldBe("-746838053.99");
            end.State.CostOpen.ShouldBe(Amount.Zero);
            end.Book.IsConserved.ShouldBeTrue();
        }

        Text(At(view, midway).State.RealizedGain)
            .ShouldNotBe(Text(At(view, midway, BasisScope.Universal).State.RealizedGain));
        changed.Book.Disposals.Where(disposal => disposal.At >= Change)
            .ShouldAllBe(disposal => disposal.WithoutLot == Quantity.Zero);
    }

    private static LotId NewestLot(TreasuryView view) =>
        At(view, Decided).Book.OpenLots.MaxBy(lot => lot.AcquiredAt)!.LotId;

    /// <summary>The case, in which two persons decide once its clock has come to their day.</summary>
    private static async Task<TreasuryView> Replay()
    {
        var folder = CaseFolder.Read(Path.Combine(AppContext.BaseDirectory, "cases", "trend-research"));
        var (journals, id) = (new InMemoryJournals(), folder.File.Audit.Treasury);
        var journal = JournalKey.Treasury("test", id);
        var isDecided = false;
        await new CaseRecorder(Submit, "test", "test").Record(CasePlan.Of(folder).Steps, (_, _) => { }, default);
        return journals.Read(id);

        async Task<SubmissionOutcome> Submit(Submission submission, CancellationToken cancellation)
        {
            if (!isDecided && submission.Journal == journal && submission.ScriptedRecordedAt > Decided)
            {
                isDecided = true;
                await Decide(journals, journal);
            }

            return await journals.Submit(submission, cancellation);
        }
    }

    private static async Task Decide(InMemoryJournals journals, JournalKey journal)
    {
        var lot = NewestLot(journals.Read(journal.Id!));
        var allocation = new AllocateBasis
        {
            EffectiveAt = Change,
            Reason = Why,
            Book = StarterBooks.Official,
            Units = [new(Wallet, lot, AssetId.Parse("ETH"), ExactDecimal.Parse("500"))],
            Method = LotMethod.Hifo,
            Accounts = [Wallet],
        };
        var terms = new AdoptTerms
        {
            EffectiveAt = Change,
            Reason = Why,
            Book = StarterBooks.Official,
            Terms = At(journals.Read(journal.Id!), Decided).State.Policy.Terms with
            {
                BasisScope = BasisScope.PerAccount,
            },
        };
        await Refused("ann", terms, RefusalCode.AllocationMissing);
        var proposed = await Recorded("ann", allocation);
        await Refused("ann", allocation with { Proposal = proposed }, RefusalCode.SecondPersonNeeded);
        await Recorded("bob", allocation with { Proposal = proposed });
        proposed = await Recorded("bob", terms);
        await Refused("bob", terms with { Proposal = proposed }, RefusalCode.SecondPersonNeeded);
        await Recorded("ann", terms with { Proposal = proposed });

        async Task<long> Recorded(string actor, Command command) =>
            (await Submit(actor, command)).ShouldBeOfType<Outcome.Recorded>().Entry.Position;

        async Task Refused(string actor, Command command, RefusalCode code) =>
            (await Submit(actor, command)).ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(code);

        async Task<Outcome> Submit(string actor, Command command) =>
            (await journals.Submit(
                Submission.One(journal, $"{actor}-{command.GetType().Name}", actor, command) with
                {
                    ScriptedRecordedAt = Decided,
                },
                default)).ShouldBeOfType<SubmissionOutcome.Decided>().Items.Single();
    }

    private static TreasuryAt At(TreasuryView view, Instant asOf, BasisScope? scope = null) => TreasuryAt.Of(
        view.Treasury.Entries, view.Prices.Entries, view.Markets.Entries, new Viewpoint(asOf, view.KnownAt),
        new BookChoice { Scope = scope });

    private static string Text(Amount amount) => amount.RoundTo(2).ToString();
}
