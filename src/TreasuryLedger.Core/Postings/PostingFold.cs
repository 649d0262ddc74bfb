using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Postings;

/// <summary>
/// Turns what each entry brought forth in a book into postings (SPEC.md), from the first entry on: of earlier entries
/// only what debt is carried at matters.
/// </summary>
public sealed partial class PostingFold
{
    private readonly Registers _registers;
    private readonly PriceBookView _prices;
    private readonly Dictionary<(AccountId Position, AssetId Asset), OwedByPosition> _owed = [];
    private readonly PostingLines _lines = new();

    private BookPolicy _policy;
    private EntryValues _values;

    /// <summary>Postings of a book.</summary>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="policy">The policy of the book before its first entry.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    public PostingFold(Registers registers, BookPolicy policy, PriceBookView prices)
    {
        ArgumentNullException.ThrowIfNull(registers);
        ArgumentNullException.ThrowIfNull(policy);
        (_registers, _policy, _prices) = (registers, policy, prices);
        _values = new EntryValues(registers, policy, prices);
    }

    /// <summary>What another one left behind, for a knowledge under which everything so far was the same.</summary>
    /// <param name="before">The other one; it stays as it is.</param>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    public PostingFold(PostingFold before, Registers registers, PriceBookView prices)
        : this(registers, (before ?? throw new ArgumentNullException(nameof(before)))._policy, prices)
    {
        foreach (var (key, owed) in before._owed)
        {
            _owed.Add(key, owed.Copy());
        }
    }

    private bool IsPerAccount => _policy.IsPerAccount;

    /// <summary>The postings of entries, made while they are read.</summary>
    /// <param name="answer">The book; its registers and prices count.</param>
    /// <param name="happened">Its entries from the first one on, as a <see cref="BookHistory"/> gives them.</param>
    public static IEnumerable<EntryPostings> Of(BookAnswer answer, IEnumerable<EntryRows> happened)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(happened);
        PostingFold? fold = null;
        return happened.Select(rows =>
            (fold ??= new PostingFold(answer.Registers, rows.State().Policy, answer.Prices)).Apply(rows));
    }

    /// <summary>The postings of the next entry.</summary>
    /// <exception cref="InvalidOperationException">
    /// They do not add up to zero though every value is known: the books stop rather than hide it.
    /// </exception>
    public EntryPostings Apply(EntryRows happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var (entry, rows) = (happened.Entry, happened.Rows);
        _lines.Clear();
        if (entry.Event is TermsAdopted && happened.State() is var state && state.Policy != _policy)
        {
            Adopt(entry, state);
        }

        Post(entry);
        PostTransit(entry);
        PostLots(entry, rows);
        PostFlows(rows);
        if (entry.Event is BalancesOpened opened)
        {
            PostOpening(entry, opened, rows);
        }
        else if (entry.Event is UnitsHandedOver handover)
        {
            PostHandover(entry, handover.Sent, rows);
        }
        else if (entry.Event is UnitsTakenOver taken)
        {
            PostCash(entry, taken.Received, ChartAccount.ContributedCapital);
            PostOrigin(rows, ChartAccount.ContributedCapital);
        }

        foreach (var (asset, pool, units) in _lines.UnitsLeft())
        {
            _lines.Add(new PostingKey(ChartAccount.UnitsExchanged, default, default, asset), pool, units, default);
        }

        Close(entry);
        return new EntryPostings(entry, _lines.ToPostings());
    }

    /// <summary>Units of an event, and of one that is made of several those of each: debt and its interest.</summary>
    private void Post(NarrowEntry entry)
    {
        if (entry.Event is PositionTouched touched)
        {
            foreach (var part in touched.Parts())
            {
                Post(entry with { Event = part });
            }

            return;
        }

        var movements = new Moving(this, entry);
        Movements.Tell(entry.Event, ref movements);
    }

    /// <summary>What known sides differ by while a value is missing waits with that value (SPEC 5.3).</summary>
    private void Close(NarrowEntry entry)
    {
        var left = _lines.AmountLeft();
        if (left.IsZero)
        {
            return;
        }

        if (_lines.First(ChartAccount.UnvaluedSuspense) is not var (key, pool))
        {
            throw new InvalidOperationException(
                $"The postings of entry {entry.Position} differ from zero by {new Amount(-left)}.");
        }

        _lines.Add(key, pool, default, left);
    }

    private void Add(ChartAccount account, AccountId place, AssetId asset, BigInteger units, BigInteger attos) =>
        _lines.Add(new PostingKey(account, place, default, asset), _values.Terms(asset).Pool, units, attos);

    private ChartAccount AccountOf(AccountId place, FactId transfer, bool isCash) =>
        transfer != default ? isCash ? ChartAccount.CashInTransit : ChartAccount.DigitalAssetsInTransit
        : _registers.Accounts.TryGetValue(place, out var account) && account.Kind == AccountKind.LendingPosition
            ? isCash ? ChartAccount.CashPledged : ChartAccount.DigitalAssetsPledged
            : isCash ? ChartAccount.Cash : ChartAccount.DigitalAssetsHeld;

    /// <summary>Units that an account or a transfer holds more or fewer; only cash has its amount with it.</summary>
    private void Hold(NarrowEntry entry, AccountId place, FactId transfer, AssetId asset, Quantity units, bool isOut)
    {
        var terms = _values.Terms(asset);
        var attos = terms.IsCash ? _values.Of(asset, units, entry.EffectiveAt).Amount!.Value.Attos : BigInteger.Zero;
        _lines.Add(
            new PostingKey(AccountOf(place, transfer, terms.IsCash), place, transfer, asset), terms.Pool,
            isOut ? -units.Units : units.Units, isOut ? -attos : attos);
    }

    private void PostTransit(NarrowEntry entry)
    {
        if (entry.Event is TransferDispatched { Sent: var sent })
        {
            Hold(entry, default, entry.Fact, sent.Asset, sent.Quantity, isOut: false);
        }
        else if (entry.Event is TransferArrived { Received: var received, Transfer: var transfer })
        {
            Hold(entry, default, transfer, received.Asset, received.Quantity, isOut: true);
        }
    }

    /// <summary>Takes the movements of one entry.</summary>
    private readonly struct Moving(PostingFold fold, NarrowEntry entry) : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut) =>
            fold.Hold(entry, account, default, asset, units, isOut);

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut)
        {
            if (isOut)
            {
                fold.Repay(entry, position, asset, units);
            }
            else
            {
                fold.Owe(entry, position, asset, units);
            }
        }
    }
}
