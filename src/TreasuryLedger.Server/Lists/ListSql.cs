using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Lists;

/// <summary>Between which positions rows are looked for.</summary>
/// <param name="After">Behind this one.</param>
/// <param name="UpTo">Up to this one (inclusive).</param>
public readonly record struct PositionRange(long After, long UpTo);

/// <summary>
/// The statements of lists. Every value is a parameter; what is put together is only which conditions stand there.
/// Pages begin behind a row of an index and end after their rows, so a page costs the same at any depth.
/// </summary>
internal sealed class ListSql
{
    /// <summary>What moved indeed, unless another side is asked for: names and intentions move nothing.</summary>
    private const string MovedIndeed = "m.side in ('held', 'owed')";

    private readonly List<NpgsqlParameter> _parameters = [];
    private readonly ListFilter _filter;
    private readonly int _decimals;
    private readonly string _known;

    /// <param name="key">The journal.</param>
    /// <param name="filter">What is asked for.</param>
    /// <param name="known">The position of the known-at instant: later entries void nothing.</param>
    /// <param name="decimals">Those of the filter's asset.</param>
    public ListSql(JournalKey key, ListFilter filter, long known, int decimals)
    {
        (_filter, _decimals) = (filter, decimals);
        _parameters.AddRange(JournalRows.KeyOf(key));
        _known = Add(NpgsqlDbType.Bigint, known);
    }

    /// <summary>Positions of a page of entries.</summary>
    public NpgsqlCommand Entries(PositionRange range, ListOrder order, int rows) => Make(
        $"""
        select p.position from ({Positions(range, order)}) p
        order by p.position {Direction(order)} limit {Add(NpgsqlDbType.Integer, rows)}
        """);

    /// <summary>How many entries there are.</summary>
    public NpgsqlCommand CountEntries(PositionRange range) => Make(
        $"select count(*) from ({Positions(range, ListOrder.Oldest)}) p");

    /// <summary>What the movements of the entries that match add up to, by side and asset.</summary>
    public NpgsqlCommand SumMovements(PositionRange range) => Make(
        $"""
        select m.side, m.asset, count(*), coalesce(sum(m.units) filter (where m.units > 0), 0)::text,
            coalesce(sum(m.units) filter (where m.units < 0), 0)::text
        from lists.movements m{JoinEntries("m")}
        where m.tenant = $1 and m.journal = $2{Between("m", range)}{OfMovements()}{OfEntries()} and m.units is not null
        group by m.side, m.asset order by m.side, m.asset
        """);

    /// <summary>A page of movements, each with what its entry says of it.</summary>
    public NpgsqlCommand Movements(PositionRange range, (long Position, int Leg)? behind, ListOrder order, int rows) =>
        Make(
            $"""
            select m.position, m.leg, m.side, m.account, m.asset, m.units::text,
                e.effective_at, i.recorded_at, e.event_type, e.fact_id, e.source, e.quality, v.position
            from lists.movements m
            join lists.entries e on e.tenant = $1 and e.journal = $2 and e.position = m.position
            join ledger.entries i on i.tenant = $1 and i.journal = $2 and i.position = m.position
            {JoinVoids("m")}
            where m.tenant = $1 and m.journal = $2{Between("m", range)}{Behind(behind, order)}
                and {Moved}{OfMovements()}{OfEntries()}
            order by m.position {Direction(order)}, m.leg {Direction(order)}
            limit {Add(NpgsqlDbType.Integer, rows)}
            """);

    /// <summary>A page of prices, each with what its entry says of it.</summary>
    public NpgsqlCommand Prices(PositionRange range, ListOrder order, int rows) => Make(
        $"""
        select p.position, p.asset, p.currency, p.price::text,
            e.effective_at, i.recorded_at, e.fact_id, e.source, e.quality, v.position
        from lists.prices p
        join lists.entries e on e.tenant = $1 and e.journal = $2 and e.position = p.position
        join ledger.entries i on i.tenant = $1 and i.journal = $2 and i.position = p.position
        {JoinVoids("p")}
        where p.tenant = $1 and p.journal = $2{Between("p", range)}{OfPrices()}{OfEntries()}
        order by p.position {Direction(order)} limit {Add(NpgsqlDbType.Integer, rows)}
        """);

    /// <summary>
    /// Where movements are asked for, their index leads, because it is the one that is ordered and narrow; entries are
    /// looked up for what it gives. The planner does not find this by itself: it would read all entries in order and
    /// look for a movement of each.
    /// </summary>
    private string Positions(PositionRange range, ListOrder order) => _filter.AsksMovements
        ? $"""
          select m.position from (
              select distinct m.position from lists.movements m
              where m.tenant = $1 and m.journal = $2{Between("m", range)}{OfMovements()}
              order by m.position {Direction(order)}) m{JoinEntries("m")}{WhereEntries()}
          """
        : $"""
          select e.position from lists.entries e
          where e.tenant = $1 and e.journal = $2{Between("e", range)}{OfEntries()}
          """;

    private string Moved => _filter.Side is null ? MovedIndeed : "m.units is not null";

    // A limit keeps this a look-up by position. Left to choose, the planner, which knows little of tables that grow by
    // the second, read a whole journal for a page of it.
    private string JoinEntries(string other) => _filter.AsksEntries
        ? $"""
           cross join lateral (
              select * from lists.entries
              where tenant = $1 and journal = $2 and position = {other}.position limit 1) e
          """
        : "";

    private string WhereEntries() => OfEntries() is { Length: > 0 } conditions ? $" where true{conditions}" : "";

    private string JoinVoids(string other) =>
        $"""
        left join ledger.entries v
            on v.voids = {other}.position and v.journal = $2 and v.tenant = $1 and v.position <= {_known}
        """;

    private string Between(string table, PositionRange range) =>
        $" and {table}.position > {Add(NpgsqlDbType.Bigint, range.After)}"
        + $" and {table}.position <= {Add(NpgsqlDbType.Bigint, range.UpTo)}";

    private string Behind((long Position, int Leg)? behind, ListOrder order) => behind is { } row
        ? $" and (m.position, m.leg) {(order == ListOrder.Oldest ? '>' : '<')} "
            + $"({Add(NpgsqlDbType.Bigint, row.Position)}, {Add(NpgsqlDbType.Smallint, (short)row.Leg)})"
        : "";

    private string OfMovements() => All(
        _filter.Account is { } account ? $"m.account = {Text(account.ToString())}" : null,
        _filter.Asset is { } asset ? $"m.asset = {Text(asset.ToString())}" : null,
        _filter.Side is { } side ? $"m.side = {Text(ListRows.Word(side))}" : null,
        _filter.QuantityMin is { } min ? $"abs(m.units) >= {Number(min, _decimals)}" : null,
        _filter.QuantityMax is { } max ? $"abs(m.units) <= {Number(max, _decimals)}" : null);

    private string OfPrices() => All(
        _filter.Asset is { } asset ? $"p.asset = {Text(asset.ToString())}" : null,
        _filter.Currency is { } currency ? $"p.currency = {Text(currency.ToString())}" : null,
        _filter.PriceMin is { } min ? $"p.price >= {Number(min, 0)}" : null,
        _filter.PriceMax is { } max ? $"p.price <= {Number(max, 0)}" : null);

    private string OfEntries() => All(
        _filter.Types switch
        {
            [] => null,
            [var one] => $"e.event_type = {Text(one)}",
            var several => $"e.event_type = any({Add(NpgsqlDbType.Array | NpgsqlDbType.Text, several)})",
        },
        _filter.Mode is { } mode ? $"e.mode = {Text(ListRows.Word(mode))}" : null,
        _filter.Quality is { } quality ? $"e.quality = {Text(ListRows.Word(quality))}" : null,
        _filter.Actor is { } actor ? $"e.actor = {Text(actor)}" : null,
        _filter.Source is { } source ? $"e.source = {Text(source)}" : null,
        // Every character of a fact id is smaller than this last one of ASCII.
        _filter.FactPrefix is { } prefix
            ? $"e.fact_id >= {Text(prefix)} and e.fact_id < {Text(prefix + '\x7f')}"
            : null,
        _filter.EffectiveFrom is { } from ? $"e.effective_at >= {Add(NpgsqlDbType.TimestampTz, from.ToUtc())}" : null,
        _filter.EffectiveUntil is { } until ? $"e.effective_at < {Add(NpgsqlDbType.TimestampTz, until.ToUtc())}" : null,
        _filter.Voided is { } voided
            ? "(select v.position from ledger.entries v where v.voids = e.position and v.journal = $2 "
                + $"and v.tenant = $1 and v.position <= {_known} limit 1) is {(voided ? "not " : "")}null"
            : null);

    private static string All(params ReadOnlySpan<string?> conditions)
    {
        var all = new StringBuilder();
        foreach (var condition in conditions)
        {
            if (condition is not null)
            {
                all.Append(" and ").Append(condition);
            }
        }

        return all.ToString();
    }

    private static string Direction(ListOrder order) => order == ListOrder.Oldest ? "asc" : "desc";

    /// <summary>A number of tokens as one of smallest units; it need not be whole.</summary>
    private string Number(ExactDecimal number, int decimals) => Text(string.Create(
        CultureInfo.InvariantCulture, $"{number.Mantissa}e{decimals - number.Scale}")) + "::numeric";

    private string Text(string value) => Add(NpgsqlDbType.Text, value);

    private string Add(NpgsqlDbType type, object value)
    {
        _parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
        return string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}");
    }

    private NpgsqlCommand Make(string sql)
    {
#pragma warning disable CA2100 // conditions of this file; every value is a parameter
        var command = new NpgsqlCommand(sql);
#pragma warning restore CA2100
        foreach (var parameter in _parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
