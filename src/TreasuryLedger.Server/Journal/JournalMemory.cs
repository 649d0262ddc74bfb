using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// What was derived of one journal in memory, kept as long as its entries are: grows with them, and goes with them when
/// nobody reads the journal or the database was put back.
/// </summary>
internal sealed class JournalMemory
{
    /// <summary>How many books with terms of their own are kept up to date beside the official one.</summary>
    private const int RefreshedMax = 4;

    private readonly Lock _growing = new();
    private PriceHistory? _prices;
    private MarketHistory? _markets;
    private BookHistory? _books;
    private (int, int) _refreshed;

    /// <summary>Instructions, and entries that may touch one, in recorded order.</summary>
    private List<NarrowEntry> _instructions = [];

    /// <summary>The prices of a price book, up to a log of it at least.</summary>
    public PriceHistory Prices(JournalLog log)
    {
        lock (_growing)
        {
            _prices ??= new PriceHistory();
            Grow(log, _prices.Position, _prices.Append);
            return _prices;
        }
    }

    /// <summary>The markets of a market book, up to a log of it at least.</summary>
    public MarketHistory Markets(JournalLog log)
    {
        lock (_growing)
        {
            _markets ??= new MarketHistory();
            Grow(log, _markets.Position, _markets.Append);
            return _markets;
        }
    }

    /// <summary>The books of a treasury, up to a log of it at least.</summary>
    /// <param name="log">The treasury's log.</param>
    /// <param name="prices">The history of its price book; another one than before begins the books anew.</param>
    public BookHistory Books(JournalLog log, PriceHistory prices)
    {
        lock (_growing)
        {
            if (_books?.Prices != prices)
            {
                (_books, _instructions) = (new BookHistory(prices, told: JournalMeter.Fold), []);
            }

            if (_books.Log.Count < log.Count)
            {
                _books.Follow(log, Note);
            }

            return _books;
        }
    }

    /// <summary>Checkpoints of the books.</summary>
    public int Checkpoints => Volatile.Read(ref _books)?.CheckpointCount ?? 0;

    /// <summary>Whether books were asked for.</summary>
    public bool HasBooks => Volatile.Read(ref _books) is not null;

    /// <summary>
    /// Folds the official book to its end, and the first few by name that adopt terms, so that questions find
    /// checkpoints; nothing, if it was done already.
    /// </summary>
    public void Refresh(JournalLog log, PriceHistory prices, int pricePosition)
    {
        var books = Books(log, prices);
        var stand = (log.Count, pricePosition);
        if (stand != _refreshed)
        {
            var adopted = books.Log.Adoptions(log.Count)
                .Select(entry => ((IOfBook)entry.Event).Book)
                .Distinct().Order(StringComparer.Ordinal).Take(RefreshedMax);
            foreach (var book in adopted.Prepend(StarterBooks.Official))
            {
                books.At(new BookQuestion(Instant.Max, log.Count, pricePosition, new BookChoice(book)));
            }

            _refreshed = stand;
        }
    }

    /// <summary>Instructions, and entries that may touch one, as far as the books know.</summary>
    public List<NarrowEntry> Instructions()
    {
        lock (_growing)
        {
            return [.. _instructions];
        }
    }

    private void Note(NarrowEntry entry)
    {
        if (entry is { Event: InstructionGiven or InstructionCancelled } or { Fulfils: not null }
            or { Voids: not null })
        {
            _instructions.Add(entry);
        }
    }

    private static void Grow(JournalLog log, long known, Action<NarrowEntry> append)
    {
        for (var index = (int)known; index < log.Count; index++)
        {
            append(log[index]);
        }
    }
}
