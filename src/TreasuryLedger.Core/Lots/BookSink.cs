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
}

/// <summary>Keeps every row.</summary>
public sealed class BookRows : IBookSink
{
    private readonly List<Disposal> _disposals = [];
    private readonly List<Income> _incomes = [];
    private readonly List<Expense> _expenses = [];
    private readonly List<Contribution> _contributions = [];
    private readonly List<Liquidation> _liquidations = [];

    /// <summary>Disposals in the order of the fold.</summary>
    public IReadOnlyList<Disposal> Disposals => _disposals;

    /// <summary>Income in the order of the fold.</summary>
    public IReadOnlyList<Income> Incomes => _incomes;

    /// <summary>Expenses in the order of the fold.</summary>
    public IReadOnlyList<Expense> Expenses => _expenses;

    /// <summary>Contributions in the order of the fold.</summary>
    public IReadOnlyList<Contribution> Contributions => _contributions;

    /// <summary>Liquidations in the order of the fold.</summary>
    public IReadOnlyList<Liquidation> Liquidations => _liquidations;

    /// <inheritdoc/>
    public void Add(Disposal disposal) => _disposals.Add(disposal);

    /// <inheritdoc/>
    public void Add(Income income) => _incomes.Add(income);

    /// <inheritdoc/>
    public void Add(Expense expense) => _expenses.Add(expense);

    /// <inheritdoc/>
    public void Add(Contribution contribution) => _contributions.Add(contribution);

    /// <inheritdoc/>
    public void Add(Liquidation liquidation) => _liquidations.Add(liquidation);

    /// <summary>Adds the rows of another.</summary>
    public void AddAll(BookRows others)
    {
        ArgumentNullException.ThrowIfNull(others);
        _disposals.AddRange(others._disposals);
        _incomes.AddRange(others._incomes);
        _expenses.AddRange(others._expenses);
        _contributions.AddRange(others._contributions);
        _liquidations.AddRange(others._liquidations);
    }
}
