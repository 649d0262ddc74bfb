using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Receives what a fold brings forth and does not need any more: rows of lists, in the order of the fold.
/// </summary>
public interface IBookSink
{
    /// <summary>Units left for consideration.</summary>
    void Add(Disposal disposal);

    /// <summary>Units came as income.</summary>
    void Add(Income income);

    /// <summary>Something was spent.</summary>
    void Add(Expense expense);

    /// <summary>Owners put something in.</summary>
    void Add(Contribution contribution);

    /// <summary>A lender seized something.</summary>
    void Add(Liquidation liquidation);

    /// <summary>A lot came in.</summary>
    void Add(Acquisition acquisition);

    /// <summary>A part of a lot went elsewhere and was not disposed of.</summary>
    void Add(LotCarried part);

    /// <summary>Lots went from one place to another.</summary>
    void Add(LotsMoved moved);
}

/// <summary>Keeps every row; made for each entry of a list, most of which have none or one.</summary>
public sealed class BookRows : IBookSink
{
    private static readonly Comparer<Disposal> ByEntry = Comparer<Disposal>.Create((x, y) =>
        x.Entry == y.Entry ? x.Turn.CompareTo(y.Turn) : EntryOrder.Comparer.Compare(x.Waited, y.Waited));

    private List<Disposal>? _disposals;
    private List<Income>? _incomes;
    private List<Expense>? _expenses;
    private List<Contribution>? _contributions;
    private List<Liquidation>? _liquidations;
    private List<Acquisition>? _lots;
    private List<Acquisition>? _acquisitions;
    private List<LotCarried>? _carried;
    private List<LotsMoved>? _moves;

    /// <summary>Disposals in the order of the fold.</summary>
    public IReadOnlyList<Disposal> Disposals => _disposals ?? [];

    /// <summary>Income in the order of the fold.</summary>
    public IReadOnlyList<Income> Incomes => _incomes ?? [];

    /// <summary>Expenses in the order of the fold.</summary>
    public IReadOnlyList<Expense> Expenses => _expenses ?? [];

    /// <summary>Contributions in the order of the fold.</summary>
    public IReadOnlyList<Contribution> Contributions => _contributions ?? [];

    /// <summary>Liquidations in the order of the fold.</summary>
    public IReadOnlyList<Liquidation> Liquidations => _liquidations ?? [];

    /// <summary>Lots that came in, in the order of the fold.</summary>
    public IReadOnlyList<Acquisition> Lots => _lots ?? [];

    /// <summary>Those of them that are not there only because units moved without a lot.</summary>
    public IReadOnlyList<Acquisition> Acquisitions => _acquisitions ?? [];

    /// <summary>Parts of lots that went elsewhere, in the order of the fold.</summary>
    public IReadOnlyList<LotCarried> Carried => _carried ?? [];

    /// <summary>Lots that went from place to place, in the order of the fold.</summary>
    public IReadOnlyList<LotsMoved> Moves => _moves ?? [];

    /// <inheritdoc/>
    public void Add(Disposal disposal) => (_disposals ??= []).Add(disposal);

    /// <inheritdoc/>
    public void Add(Income income) => (_incomes ??= []).Add(income);

    /// <inheritdoc/>
    public void Add(Expense expense) => (_expenses ??= []).Add(expense);

    /// <inheritdoc/>
    public void Add(Contribution contribution) => (_contributions ??= []).Add(contribution);

    /// <inheritdoc/>
    public void Add(Liquidation liquidation) => (_liquidations ??= []).Add(liquidation);

    /// <inheritdoc/>
    public void Add(Acquisition acquisition)
    {
        ArgumentNullException.ThrowIfNull(acquisition);
        (_lots ??= []).Add(acquisition);
        if (acquisition.Origin != LotOrigin.Unexplained)
        {
            (_acquisitions ??= []).Add(acquisition);
        }
    }

    /// <inheritdoc/>
    public void Add(LotCarried part) => (_carried ??= []).Add(part);

    /// <inheritdoc/>
    public void Add(LotsMoved moved) => (_moves ??= []).Add(moved);

    /// <summary>These rows and some disposals that wait.</summary>
    internal BookRows With(IEnumerable<Disposal> waiting)
    {
        var all = new BookRows();
        all.AddAll(this);
        foreach (var disposal in waiting)
        {
            all.Add(disposal);
        }

        return all;
    }

    /// <summary>Disposals in the order of the fold, where some of them were told late.</summary>
    internal static List<Disposal> InOrder(IEnumerable<Disposal> told)
    {
        var rows = told.ToList();
        for (var (from, to) = (0, 0); from < rows.Count; from = to = Math.Max(to, from + 1))
        {
            // Those that waited stand together: where terms change, none waits any more.
            for (to = from; to < rows.Count && rows[to].Waited is not null; to++)
            {
            }

            rows.Sort(from, to - from, ByEntry);
        }

        return rows;
    }

    /// <summary>Puts disposals that were told late to their places.</summary>
    internal void SortDisposals() => _disposals = _disposals is null ? null : InOrder(_disposals);

    /// <summary>Adds the rows of another.</summary>
    public void AddAll(BookRows others)
    {
        ArgumentNullException.ThrowIfNull(others);
        AddAll(ref _disposals, others._disposals);
        AddAll(ref _incomes, others._incomes);
        AddAll(ref _expenses, others._expenses);
        AddAll(ref _contributions, others._contributions);
        AddAll(ref _liquidations, others._liquidations);
        AddAll(ref _lots, others._lots);
        AddAll(ref _acquisitions, others._acquisitions);
        AddAll(ref _carried, others._carried);
        AddAll(ref _moves, others._moves);
    }

    private static void AddAll<T>(ref List<T>? mine, List<T>? others)
    {
        if (others is not null)
        {
            (mine ??= []).AddRange(others);
        }
    }
}
